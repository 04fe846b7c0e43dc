"""New pods: what the spec of one comes to is what that of the next replica comes to, and is found out once."""

from typing import Any

import msgspec

from osconsole.embedded.api.causes import Cause
from osconsole.embedded.api.failures import invalid
from osconsole.embedded.api.kinds import naming, strategy
from osconsole.embedded.api.kinds.shape import fill, schema_of
from osconsole.embedded.api.ownership import initial, ownership
from osconsole.embedded.api.protocol.options import WriteOptions
from osconsole.embedded.api.rules import table as rules
from osconsole.embedded.api.schema.recall import recalled
from osconsole.embedded.api.types import ResourceType


class Replica(msgspec.Struct, frozen=True):
    """What a spec comes to. Its JSON is that of all replicas, so nobody can write into it.

    Attributes:
        spec: with its defaults, and with what admission adds.
        status: that of a new pod.
        fields: what the author of the pod owns of its spec, by step.
        causes: the rules that the spec breaks.
    """

    spec: msgspec.Raw
    status: msgspec.Raw
    fields: dict[str, msgspec.Raw]
    causes: tuple[Cause, ...]


def complete(kind: ResourceType, obj: dict[str, Any], author: WriteOptions) -> bool:
    """Complete, in place, a new pod: its defaults, who owns what, what admission adds, every rule.

    Returns:
        False, and nothing was done, where the object is no pod that is like others.

    Raises:
        Failure: 422 with all causes.
    """
    if kind.kind != "Pod" or kind.custom or type(obj.get("spec")) is not dict or obj["metadata"].get("managedFields"):
        return False
    known = _replica(msgspec.json.encode(obj["spec"]), kind)
    obj["spec"], obj["status"] = known.spec, known.status
    fill(kind, obj)
    ownership.begin(kind, obj, author, known.fields)
    causes = [*naming.check(kind, obj["metadata"]), *known.causes]
    if causes:
        raise invalid(kind, obj["metadata"].get("name", ""), causes)
    return True


@recalled
def _replica(raw: bytes, kind: ResourceType) -> Replica:
    obj: dict[str, Any] = {"metadata": {}, "spec": msgspec.json.decode(raw)}
    schema = schema_of(kind)
    fill(kind, obj)
    # Nobody owns what is added after the defaults.
    fields = initial.struct({"spec": obj["spec"]}, schema)
    strategy.on_create(kind, obj)
    return Replica(
        spec=_raw(obj["spec"]),
        status=_raw(obj["status"]),
        fields={step: _raw(below) for step, below in fields.items()},
        causes=tuple(rules.broken(kind.kind, obj, schema)),
    )


def _raw(value: Any) -> msgspec.Raw:
    return msgspec.Raw(msgspec.json.encode(value))
