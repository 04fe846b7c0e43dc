"""Who read what: the index by which the engine finds the objects that a change wakes; and what has changed."""

from collections.abc import Iterable, Iterator
from typing import TypeVar

from osconsole.model.ref import KindKey, Ref
from osconsole.model.snapshot import Snapshot
from osconsole.reconcile.decide import World

Scope = tuple[KindKey, str]
K = TypeVar("K", Ref, Scope)


class Readers:
    """For every object decided on, the refs and kinds that its last decision read; and the reverse."""

    def __init__(self) -> None:
        self._read: dict[Ref, World] = {}
        self._of_ref: dict[Ref, set[Ref]] = {}
        self._of_kind: dict[Scope, set[Ref]] = {}

    def note(self, reader: Ref, world: World) -> None:
        """Replace what `reader` depends on by what this decision read."""
        self.forget(reader)
        self._read[reader] = world
        for ref in world.refs:
            self._of_ref.setdefault(ref, set()).add(reader)
        for scope in world.kinds:
            self._of_kind.setdefault(scope, set()).add(reader)

    def watch(self, ref: Ref, reader: Ref) -> None:
        """Also wake `reader` when `ref` changes, until its next decision."""
        world = self._read.get(reader)
        if world is not None:
            world.refs.add(ref)
            self._of_ref.setdefault(ref, set()).add(reader)

    def forget(self, reader: Ref) -> None:
        """The object is gone, or about to be noted anew."""
        world = self._read.pop(reader, None)
        if world is None:
            return
        for ref in world.refs:
            _drop(self._of_ref, ref, reader)
        for scope in world.kinds:
            _drop(self._of_kind, scope, reader)

    def of(self, ref: Ref) -> Iterable[Ref]:
        """Everyone whose last decision depended on this object."""
        kind = KindKey(ref.group, ref.kind)
        return (
            self._of_ref.get(ref, set())
            | self._of_kind.get((kind, ref.namespace), set())
            | self._of_kind.get((kind, ""), set())
        )

    def of_scope(self, kind: KindKey, namespace: str) -> set[Ref]:
        """Everyone who read a list of this kind in a scope that overlaps with `namespace` ("" is all)."""
        found: set[Ref] = set()
        for (key, scope), readers in self._of_kind.items():
            if key == kind and (not namespace or not scope or scope == namespace):
                found |= readers
        return found


def _drop(index: dict[K, set[Ref]], key: K, reader: Ref) -> None:
    left = index.get(key)
    if left is not None:
        left.discard(reader)
        if not left:
            del index[key]


def changed(old: Snapshot, new: Snapshot) -> Iterator[Ref]:
    """The refs whose object came, went or became another version."""
    for kind, objects in new.objects.items():
        before = old.objects.get(kind, {})
        if objects is before:
            continue
        for ref, resource in objects.items():
            if before.get(ref) is not resource:
                yield ref
        yield from (ref for ref in before if ref not in objects)


def moved(old: Snapshot, new: Snapshot) -> Iterator[Scope]:
    """The lines that became something else: listed for the first time, lost, installed."""
    if old.lines is new.lines:
        return
    for scope, line in new.lines.items():
        before = old.lines.get(scope)
        if before is None or before.state != line.state:
            yield scope
