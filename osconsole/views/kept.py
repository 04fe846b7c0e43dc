"""Kept: values made of an object and of what stands below it, forgotten as soon as any of that changes.

The views are pure, so a value is never wrong for the Snapshot that it was made from; this only saves making it again.
What changed between two Snapshots is found by identity: mappings that are the same hold nothing new.
"""

from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Generic, TypeVar

from osconsole.model.ref import Ref
from osconsole.model.resource import Resource
from osconsole.model.snapshot import Snapshot

V = TypeVar("V")
_MANY = 2_000  # changes; more are forgotten all at once


class Kept(Generic[V]):
    """Values by uid as of one Snapshot; `turn` brings them to another."""

    def __init__(self, around: frozenset[str] = frozenset()) -> None:
        """`around` names kinds that others are judged by without owning them: `asked` says if one of these changed."""
        self._around = around
        self._world = Snapshot()
        self._now = 0.0
        self._asked: set[str] = set()
        self._values: dict[str, V] = {}

    def turn(self, snapshot: Snapshot, now: float) -> None:
        """Forget what is other in this Snapshot, and everything above it; all when the clock went back."""
        old = self._world
        if now < self._now:
            self._clear()
        self._now = now
        if old is snapshot:
            return
        self._world = snapshot
        if not self._values:
            return
        if _lines(old) != _lines(snapshot):
            self._clear()
            return
        changed = list(_changed(old, snapshot))
        if len(changed) > _MANY:
            self._clear()
            return
        if any(resource.ref.kind in self._around for resource, _ in changed):
            self._asked.clear()
        for resource, world in changed:
            self._forget(resource, world)

    def get(self, resource: Resource) -> V | None:
        """What is kept of an object."""
        return self._values.get(resource.uid)

    def asked(self, resource: Resource) -> bool:
        """It was looked at since anything around it has changed."""
        return resource.uid in self._asked

    def put(self, resource: Resource, value: V) -> V:
        """Keep a value, made of this Snapshot."""
        self._asked.add(resource.uid)
        self._values[resource.uid] = value
        return value

    def _clear(self) -> None:
        self._values.clear()
        self._asked.clear()

    def _forget(self, resource: Resource, world: Snapshot) -> None:
        """The object and its owners, up to the top."""
        above, seen = [resource], set()
        while above:
            found = above.pop()
            seen.add(found.uid)
            self._values.pop(found.uid, None)
            for owner in found.owners:
                held = world.get(owner.ref) or world.get(owner.ref._replace(namespace=""))
                self._values.pop(owner.uid, None)
                if held is not None and held.uid == owner.uid and held.uid not in seen:
                    above.append(held)


def _lines(snapshot: Snapshot) -> dict[object, str]:
    return {key: line.state for key, line in snapshot.lines.items()}


def _changed(old: Snapshot, new: Snapshot) -> Iterator[tuple[Resource, Snapshot]]:
    """What was and is no longer so, and what is and was not so, each with the world it belongs to."""
    for kind in old.objects.keys() | new.objects.keys():
        before, after = old.objects.get(kind, {}), new.objects.get(kind, {})
        if before is not after:
            yield from ((resource, new if is_new else old) for resource, is_new in _different(before, after))


def _different(before: Mapping[Ref, Resource], after: Mapping[Ref, Resource]) -> Iterator[tuple[Resource, bool]]:
    """Old and new Resources that the other side has not. A mapping that was changed in place keeps its order."""
    for (ref, was), (again, found) in zip(before.items(), after.items(), strict=False):
        if was is found:
            continue
        if ref != again:  # something went: nothing from here on stands side by side
            yield from ((r, True) for ref, r in after.items() if before.get(ref) is not r)
            yield from ((r, False) for ref, r in before.items() if after.get(ref) is not r)
            return
        yield found, True
        yield was, False
    yield from ((found, True) for found in islice(after.values(), len(before), None))
    yield from ((was, False) for was in islice(before.values(), len(after), None))
