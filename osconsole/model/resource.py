"""Resource: one object as the API server last said it was.

Metadata and conditions are decoded once; the rest stays as JSON bytes (without managedFields, packed sooner or later
where the kind has a Packing) and is decoded on demand by `body`, so that ten thousand pods are not ten thousand dict
trees. Identity is version: what a Resource says never changes, and rows computed from it may be cached by `is`.
"""

from typing import Any

import msgspec

from osconsole.model.conditions import READY, Condition, find, instant, read
from osconsole.model.gist import Gist
from osconsole.model.packing import Body
from osconsole.model.ref import KindKey, Ref


class Owner(msgspec.Struct, frozen=True, gc=False):
    """One owner reference."""

    ref: Ref
    uid: str
    controller: bool = False


class Writer(msgspec.Struct, frozen=True, gc=False):
    """Who wrote, from managedFields: manager, Apply or Update, subresource, when (Unix seconds).

    `fields` is the FieldsV1 of what it owns, as JSON; only a fresh read of one object has it (`model.authors`).
    """

    manager: str
    operation: str
    subresource: str
    at: float
    fields: bytes = b""


class Resource(msgspec.Struct, frozen=True, eq=False, gc=False):
    """One object.

    Attributes:
        version: its resourceVersion, opaque text.
        observed: status.observedGeneration, 0 when the kind has none.
        created, deleted: Unix seconds; deleted is 0 unless a deletion is under way.
        kept: what `raw` is read from.
        gist: what was read of it for `model.phases`; None: nobody has.
    """

    ref: Ref
    uid: str
    version: str
    kept: Body
    api_version: str = ""
    generation: int = 0
    observed: int = 0
    created: float = 0.0
    deleted: float = 0.0
    labels: dict[str, str] = {}
    owners: tuple[Owner, ...] = ()
    conditions: tuple[Condition, ...] = ()
    writers: tuple[Writer, ...] = ()
    gist: Gist | None = None

    @property
    def raw(self) -> bytes:
        """The object's JSON without managedFields; Secret data was emptied by the mirror's policy."""
        return self.kept.raw

    @property
    def kind(self) -> KindKey:
        """The kind's key."""
        return KindKey(self.ref.group, self.ref.kind)

    @property
    def controller(self) -> Owner | None:
        """The owner that controls this object."""
        return next((o for o in self.owners if o.controller), None)

    @property
    def caught_up(self) -> bool:
        """The controller has seen this generation (or the kind does not say)."""
        return self.observed == 0 or self.observed >= self.generation

    @property
    def ready(self) -> bool:
        """Condition Ready is True and the controller has seen this generation."""
        condition = find(self.conditions, READY)
        return bool(condition and condition.ok and self.caught_up)

    def body(self) -> dict[str, Any]:
        """The whole object, decoded anew at each call: keep the result, or what you need of it."""
        found: dict[str, Any] = msgspec.json.decode(self.raw)
        return found

    def get(self, *path: str, default: Any = None) -> Any:
        """The value at a path of keys, `default` when any of them is missing."""
        return dig(self.body(), *path, default=default)


def dig(value: Any, *path: str, default: Any = None) -> Any:
    """The value at a path of keys in nested dicts."""
    for part in path:
        if not isinstance(value, dict) or part not in value:
            return default
        value = value[part]
    return value


def resource(body: dict[str, Any]) -> Resource:
    """A Resource from a decoded object; `kube.mirror` has a faster way from bytes, tests and replay use this one."""
    meta = body.get("metadata") or {}
    status = body.get("status")
    status = status if isinstance(status, dict) else {}
    api_version = str(body.get("apiVersion", ""))
    group = api_version.rpartition("/")[0]
    left = {key: value for key, value in meta.items() if key != "managedFields"}
    namespace = str(meta.get("namespace") or "")
    return Resource(
        ref=Ref(group, str(body.get("kind", "")), namespace, str(meta.get("name", ""))),
        uid=str(meta.get("uid", "")),
        version=str(meta.get("resourceVersion", "")),
        kept=Body(msgspec.json.encode({**body, "metadata": left})),
        api_version=api_version,
        generation=int(meta.get("generation") or 0),
        observed=_int(status.get("observedGeneration")),
        created=instant(meta.get("creationTimestamp")),
        deleted=instant(meta.get("deletionTimestamp")),
        labels=meta.get("labels") or {},
        owners=owners_of(meta.get("ownerReferences") or [], namespace),
        conditions=read(status.get("conditions")),
        writers=writers_of(meta.get("managedFields") or []),
    )


def owners_of(entries: list[dict[str, Any]], namespace: str) -> tuple[Owner, ...]:
    """Owner references as values; the owner is looked for in the same namespace."""
    return tuple(
        Owner(
            Ref(
                str(e.get("apiVersion", "")).rpartition("/")[0],
                str(e.get("kind", "")),
                namespace,
                str(e.get("name", "")),
            ),
            str(e.get("uid", "")),
            controller=bool(e.get("controller")),
        )
        for e in entries
    )


def writers_of(entries: list[dict[str, Any]]) -> tuple[Writer, ...]:
    """The writers that managedFields name."""
    return tuple(
        Writer(
            str(e.get("manager", "")),
            str(e.get("operation", "")),
            str(e.get("subresource") or ""),
            instant(e.get("time")),
        )
        for e in entries
    )


def _int(value: Any) -> int:
    return value if isinstance(value, int) else 0
