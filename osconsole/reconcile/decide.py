"""Deciders and their four outcomes.

A decider reads what is and returns the next step; it keeps nothing. `World` is the view of the Snapshot that it gets:
it records what was read, and the engine wakes the object when one of those changes.
"""

from collections.abc import Callable, Iterable, Iterator

import msgspec

from osconsole.model.ref import KindKey, Ref
from osconsole.model.resource import Resource
from osconsole.model.snapshot import Snapshot
from osconsole.reconcile.actions import Action


class Act(msgspec.Struct, frozen=True):
    """Write this now. All actions are independent of each other; `SetStatus` of the object itself comes last.

    `again_s`: look again after so long even if nothing that was read changes; 0 for never.
    """

    actions: tuple[Action, ...]
    why: str = ""
    again_s: float = 0.0


class Wait(msgspec.Struct, frozen=True):
    """Nothing to write; `what` is awaited, at the latest until `until` (Unix seconds; 0: until something changes)."""

    what: str
    until: float = 0.0


class Done(msgspec.Struct, frozen=True):
    """The object is as it should be."""


class Blocked(msgspec.Struct, frozen=True):
    """Nothing moves until a person does `what`."""

    what: str


Outcome = Act | Wait | Done | Blocked


class World:
    """A Snapshot that remembers what was asked of it.

    Attributes:
        refs: objects read by name (also those that were missing).
        kinds: (kind, namespace) pairs whose whole list was read.
    """

    def __init__(self, snapshot: Snapshot) -> None:
        self._snapshot = snapshot
        self.refs: set[Ref] = set()
        self.kinds: set[tuple[KindKey, str]] = set()

    def get(self, ref: Ref) -> Resource | None:
        """The object, None when it is not there."""
        self.refs.add(ref)
        return self._snapshot.get(ref)

    def find(self, kind: KindKey, namespace: str, name: str) -> Resource | None:
        """`get` by parts."""
        return self.get(kind.ref(namespace, name))

    def all(self, kind: KindKey, namespace: str) -> Iterator[Resource]:
        """Every object of a kind in a namespace ("" for all)."""
        self.kinds.add((kind, namespace))
        return self._snapshot.all(kind, namespace)

    def served(self, kind: KindKey, namespace: str = "") -> bool:
        """Whether the cluster has this kind at all; False only when that is known."""
        self.kinds.add((kind, namespace))
        return self._snapshot.line(kind, namespace).state != "absent"

    def seen(self, kinds: Iterable[KindKey], namespace: str) -> Snapshot:
        """The Snapshot itself, for a judgement that reads nothing but these kinds in this namespace."""
        self.kinds.update((kind, namespace) for kind in kinds)
        return self._snapshot

    def owned(self, parent: Resource, kind: KindKey) -> list[Resource]:
        """What `parent` owns of a kind, by name."""
        return sorted(
            (r for r in self.all(kind, parent.ref.namespace) if any(o.uid == parent.uid for o in r.owners)),
            key=lambda r: r.ref.name,
        )


Decide = Callable[[Resource, World, float], Outcome]


class Decider(msgspec.Struct, frozen=True):
    """How one kind is reconciled.

    Attributes:
        kind: the kind whose objects are decided on.
        group: the name `operator --groups` knows it by: "controlplane", "dataplane", "network".
        decide: (object, world, now) -> outcome; pure.
        reads: the kinds that must be listed before the first decision.
    """

    kind: KindKey
    group: str
    decide: Decide
    reads: tuple[KindKey, ...] = ()
