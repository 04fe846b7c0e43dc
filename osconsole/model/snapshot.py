"""Snapshot: the world at one revision. Frozen; `apply` gives the next one and copies only what it touches."""

from collections.abc import Iterable, Iterator, Mapping

import msgspec

from osconsole.model.changes import Change, Denied, Gone, Learned, Listed, Live, Lost, Progressed, Put, Unrecorded
from osconsole.model.ref import KindKey, Ref
from osconsole.model.resource import Resource
from osconsole.model.run import Expected, Run
from osconsole.model.standing import Standing, alike, stand, stands
from osconsole.model.transitions import Transition, failures, transitions

RECENT = 500  # transitions kept in memory; history keeps more on disk


class Freshness(msgspec.Struct, frozen=True):
    """How well one kind in one scope is known.

    state: "loading", "live", "lost" (since `at`, because of `why`), "idle" (nobody looks at it), "denied" (`why` is the
    missing right), "absent" (kind not installed) or "unrecorded". `seen` is when the line was last known to be live, 0
    for never.
    """

    state: str = "loading"
    at: float = 0.0
    why: str = ""
    seen: float = 0.0


LOADING = Freshness()


class Snapshot(msgspec.Struct, frozen=True, eq=False):
    """The world as known.

    Attributes:
        revision: counts applies.
        objects: per kind, per Ref.
        children: uid of an owner -> Refs of what it owns.
        lines: (kind, namespace; "" is all) -> freshness.
        runs: Pod -> its Ansible run.
        expected: service -> what earlier runs of it let us expect.
        standings: what objects have earned by lasting.
        recent: newest last.
    """

    revision: int = 0
    objects: Mapping[KindKey, Mapping[Ref, Resource]] = {}
    children: Mapping[str, frozenset[Ref]] = {}
    lines: Mapping[tuple[KindKey, str], Freshness] = {}
    runs: Mapping[Ref, Run] = {}
    expected: Mapping[str, Expected] = {}
    standings: Mapping[Ref, Standing] = {}
    recent: tuple[Transition, ...] = ()

    def get(self, ref: Ref) -> Resource | None:
        """The object, None when it is not known."""
        kind = self.objects.get(KindKey(ref.group, ref.kind))
        return kind.get(ref) if kind else None

    def all(self, kind: KindKey, namespace: str = "") -> Iterator[Resource]:
        """Every object of a kind, in one namespace or ("") in all."""
        for found in self.objects.get(kind, {}).values():
            if not namespace or found.ref.namespace == namespace:
                yield found

    def owned(self, parent: Resource) -> list[Resource]:
        """What an object owns directly, by owner references, sorted by kind and name."""
        found = (self.get(ref) for ref in self.children.get(parent.uid, ()))
        return sorted((r for r in found if r), key=lambda r: (r.ref.kind, r.ref.name))

    def owner(self, child: Resource) -> Resource | None:
        """The object's controller, None when it has none or it is not known."""
        owner = child.controller
        found = self.get(owner.ref) if owner else None
        if owner and not found:
            found = self.get(owner.ref._replace(namespace=""))
        return found if found and owner and found.uid == owner.uid else None

    def root(self, child: Resource) -> Resource:
        """The topmost controller: the object whose spec a person edits (`domain.md` §6.1)."""
        seen = {child.uid}
        while (parent := self.owner(child)) and parent.uid not in seen:
            seen.add(parent.uid)
            child = parent
        return child

    def line(self, kind: KindKey, namespace: str = "") -> Freshness:
        """How well a kind is known in a scope: by its own line, or by the cluster-wide one if only that is live."""
        own, wide = self.lines.get((kind, namespace)), self.lines.get((kind, ""))
        if own and wide and own.state != "live" and wide.state == "live":
            return wide
        return own or wide or LOADING

    def apply(self, changes: Iterable[Change]) -> "Snapshot":
        """The next snapshot."""
        edit = _Edit(self)
        for change in changes:
            edit.fold(change)
        return edit.done()


class _Edit:
    """The copy under construction; a mapping is copied when first written."""

    def __init__(self, old: Snapshot) -> None:
        self._old = old
        self._objects = dict(old.objects)
        self._copied: dict[KindKey, dict[Ref, Resource]] = {}
        self._children: dict[str, frozenset[Ref]] | None = None
        self._lines: dict[tuple[KindKey, str], Freshness] | None = None
        self._runs: dict[Ref, Run] | None = None
        self._expected = old.expected
        self._standings: dict[Ref, Standing] | None = None
        self._recent: list[Transition] = []

    def fold(self, change: Change) -> None:
        match change:
            case Put(resource=found, at=at):
                self._put(found, at)
            case Gone(ref=ref, at=at):
                self._drop(ref, at)
            case Listed():
                self._replace(change)
            case Live(kind=kind, namespace=namespace, at=at):
                self._line(kind, namespace, Freshness("live", at, "", at))
            case Lost(kind=kind, namespace=namespace, why=why, at=at, idle=idle):
                before = (self._old.lines if self._lines is None else self._lines).get((kind, namespace), LOADING)
                state = "idle" if idle else "lost"
                since = before.at if before.state == state else at
                self._line(kind, namespace, Freshness(state, since, why, before.seen))
            case Denied(kind=kind, namespace=namespace, missing=missing, at=at, installed=installed):
                self._line(kind, namespace, Freshness("denied" if installed else "absent", at, missing, 0.0))
            case Unrecorded(kind=kind, namespace=namespace, at=at):
                self._line(kind, namespace, Freshness("unrecorded", at, "this recording does not hold it", 0.0))
            case Progressed():
                self._progress(change)
            case Learned(expected=expected):
                self._expected = {**self._expected, **expected}

    def _progress(self, change: Progressed) -> None:
        self._runs = dict(self._old.runs) if self._runs is None else self._runs
        before = self._runs.get(change.ref)
        self._runs[change.ref] = change.run
        pod = self._objects.get(KindKey(change.ref.group, change.ref.kind), {}).get(change.ref)
        if pod and (before or not change.run.ended):  # a log that is read when all is over is not news
            self._recent.extend(failures(before, change.run, pod, change.at))

    def _kind(self, kind: KindKey) -> dict[Ref, Resource]:
        if kind not in self._copied:
            self._copied[kind] = self._objects[kind] = dict(self._objects.get(kind, {}))
        return self._copied[kind]

    def _put(self, found: Resource, at: float, *, new: bool = True) -> None:
        kind = self._kind(found.kind)
        before = kind.get(found.ref)
        if before is not None and before.uid == found.uid and before.version == found.version:
            return
        kind[found.ref] = found
        self._recent.extend(transitions(before, found, at))
        self._stand(before, found, at, new=new)
        if before is None or before.owners != found.owners or before.uid != found.uid:
            if before is not None:
                self._unlink(before)
            for owner in found.owners:
                self._link(owner.uid, found.ref)

    def _drop(self, ref: Ref, at: float) -> None:
        before = self._kind(KindKey(ref.group, ref.kind)).pop(ref, None)
        if before is None:
            return
        self._unlink(before)
        self._stand(before, None, at, new=False)
        self._recent.extend(transitions(before, None, at))
        if ref in (self._runs if self._runs is not None else self._old.runs):
            self._runs = dict(self._old.runs) if self._runs is None else self._runs
            del self._runs[ref]

    def _replace(self, listed: Listed) -> None:
        keep = {r.ref for r in listed.resources}
        current = self._kind(listed.kind)
        scope = listed.namespace
        for ref in [r for r in current if r not in keep and (not scope or r.namespace == scope)]:
            self._drop(ref, listed.at)
        first = self._old.lines.get((listed.kind, scope), LOADING).seen == 0
        mark = len(self._recent)
        for found in listed.resources:
            self._put(found, listed.at, new=False)
        if first:  # what was there before we looked is not news
            del self._recent[mark:]
        self._line(listed.kind, scope, Freshness("live", listed.at, "", listed.at))

    def _stand(self, before: Resource | None, found: Resource | None, at: float, *, new: bool) -> None:
        some = found or before
        if some is None or not stands(some):
            return
        earlier = before if before is not None and found is not None and before.uid == found.uid else None
        if earlier is not None and found is not None and alike(earlier, found):
            return
        self._standings = dict(self._old.standings) if self._standings is None else self._standings
        old = self._standings.pop(some.ref, None)
        if found is not None and (now := stand(old if earlier else None, found, at, new=new)):
            self._standings[found.ref] = now

    def _line(self, kind: KindKey, namespace: str, state: Freshness) -> None:
        self._lines = dict(self._old.lines) if self._lines is None else self._lines
        self._lines[kind, namespace] = state

    def _link(self, uid: str, ref: Ref) -> None:
        self._children = dict(self._old.children) if self._children is None else self._children
        self._children[uid] = self._children.get(uid, frozenset()) | {ref}

    def _unlink(self, before: Resource) -> None:
        self._children = dict(self._old.children) if self._children is None else self._children
        for owner in before.owners:
            left = self._children.get(owner.uid, frozenset()) - {before.ref}
            if left:
                self._children[owner.uid] = left
            else:
                self._children.pop(owner.uid, None)

    def done(self) -> Snapshot:
        old = self._old
        return Snapshot(
            revision=old.revision + 1,
            objects=self._objects,
            children=old.children if self._children is None else self._children,
            lines=old.lines if self._lines is None else self._lines,
            runs=old.runs if self._runs is None else self._runs,
            expected=self._expected,
            standings=old.standings if self._standings is None else self._standings,
            recent=(*old.recent, *self._recent)[-RECENT:] if self._recent else old.recent,
        )
