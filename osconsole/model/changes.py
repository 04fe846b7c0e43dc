"""Change: the only way the world moves. Reflectors and the session make them, `Snapshot.apply` folds them."""

import msgspec

from osconsole.model.ref import KindKey, Ref
from osconsole.model.resource import Resource
from osconsole.model.run import Expected, Run


class Listed(msgspec.Struct, frozen=True):
    """Everything of a kind in a scope: whoever is not in it is gone. Also says that the line is live."""

    kind: KindKey
    namespace: str
    resources: tuple[Resource, ...]
    at: float


class Put(msgspec.Struct, frozen=True, gc=False):
    """An object was added or modified."""

    resource: Resource
    at: float


class Gone(msgspec.Struct, frozen=True, gc=False):
    """An object was deleted."""

    ref: Ref
    at: float


class Live(msgspec.Struct, frozen=True):
    """The line of a kind is up: an event, a bookmark or a fresh watch arrived."""

    kind: KindKey
    namespace: str
    at: float


class Lost(msgspec.Struct, frozen=True):
    """The line of a kind is down; what is known stays known and grows old. `idle`: we ended it, nobody looks at it."""

    kind: KindKey
    namespace: str
    why: str
    at: float
    idle: bool = False


class Denied(msgspec.Struct, frozen=True):
    """A kind cannot be seen: rights are missing (`missing` names verb and resource) or it is not installed."""

    kind: KindKey
    namespace: str
    missing: str
    at: float
    installed: bool = True


class Unrecorded(msgspec.Struct, frozen=True):
    """A kind of which a recording knows nothing, not even that there is none."""

    kind: KindKey
    namespace: str
    at: float


class Progressed(msgspec.Struct, frozen=True):
    """An Ansible run got further; `ref` is the Pod."""

    ref: Ref
    run: Run
    at: float


class Learned(msgspec.Struct, frozen=True):
    """How long runs of services took before: service -> what to expect; replaces what was known of them."""

    expected: dict[str, Expected]
    at: float


Change = Listed | Put | Gone | Live | Lost | Denied | Unrecorded | Progressed | Learned
