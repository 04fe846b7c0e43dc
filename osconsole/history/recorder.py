"""Recorder: from what moves the world to what is kept of it.

It gets every Change and every Transition once, in batches and in a thread. A storm costs precision, not time: of the
versions that wait only the newest of each object is kept, so many in a batch.
"""

from collections.abc import Iterable

import msgspec

from osconsole.history import masking, runs
from osconsole.history.entries import Entries
from osconsole.history.versions import Versions
from osconsole.history.watched import BEAT_S, Span, Watched
from osconsole.model.changes import Change, Denied, Gone, Listed, Live, Lost, Progressed, Put
from osconsole.model.entry import Entry, of_event, of_transition
from osconsole.model.ref import KindKey, Ref
from osconsole.model.resource import Resource
from osconsole.model.run import Run
from osconsole.model.transitions import Transition, failures, transitions

MOST = 250  # versions in a batch; a batch every two seconds costs some percent of a core
MOST_NEWS = 1_000  # entries in a batch; of more the newest are kept
PRUNED_EACH_S = 600.0
UNSEEN = "while no console watched"


class Recorder:
    """Keeps what one console hears."""

    def __init__(self, versions: Versions, watched: Watched, entries: Entries, most: int = MOST) -> None:
        self._versions = versions
        self._watched = watched
        self._entries = entries
        self._most = self._bound = most
        self._heads: dict[Ref, tuple[str, str]] | None = None
        self._now: dict[Ref, Resource] = {}
        self._runs: dict[Ref, Run] = {}
        self._run_kept: dict[Ref, float] = {}
        self._lines: dict[tuple[KindKey, str], float] = {}
        self._seen: set[tuple[KindKey, str]] = set()
        self._waiting: list[tuple[float, Ref, Resource | None]] = []
        self._fresh: list[Entry] = []
        self._joined: list[Resource] = []
        self._beaten = self._pruned = 0.0
        self._spoken = 0  # lines in the last beat

    @property
    def waiting(self) -> int:
        """Versions that are not kept yet."""
        return len(self._waiting)

    def take(self, changes: Iterable[Change], news: Iterable[Transition], now: float) -> None:
        """One batch; blocks for the disk."""
        if self._heads is None:
            self._heads = self._versions.heads()
        for change in changes:
            self._hear(change)
        self._fresh.extend(of_transition(one) for one in list(news)[-MOST_NEWS:])
        fresh, self._fresh = self._fresh[-MOST_NEWS:], []
        joined, self._joined = self._joined, []
        self._entries.add(fresh, joined)
        self._keep()
        self._beat(now)
        if now - self._pruned > PRUNED_EACH_S:
            self._pruned = now
            self._entries.prune(now)
            self._versions.prune(now)

    def _hear(self, change: Change) -> None:
        match change:
            case Put(resource=found, at=at):
                self._put(found, at)
            case Gone(ref=ref, at=at):
                self._drop(ref, at)
            case Listed():
                self._list(change)
            case Live(kind=kind, namespace=namespace, at=at):
                self._lines.setdefault((kind, namespace), at)
            case Lost(kind=kind, namespace=namespace, at=at) | Denied(kind=kind, namespace=namespace, at=at):
                self._end(kind, namespace, at)
            case Progressed(ref=ref, run=run, at=at):
                self._progress(ref, run, at)

    def _put(self, found: Resource, at: float) -> None:
        if found.ref.kind == "Event":
            if entry := of_event(found):
                self._fresh.append(entry)
            return
        before = self._now.get(found.ref)
        self._now[found.ref] = found
        if before is None or before.owners != found.owners:
            self._joined.append(found)
        if self._heads is not None and self._heads.get(found.ref) != (found.uid, found.version):
            self._heads[found.ref] = (found.uid, found.version)
            self._waiting.append((at, found.ref, found))

    def _drop(self, ref: Ref, at: float) -> None:
        self._now.pop(ref, None)
        heads, run = self._heads or {}, runs.ref_of(ref)
        if ref.kind == "Pod" and (ref in self._runs or run in heads):
            self._waiting.append((at, run, None))
            for known in (self._runs, self._run_kept):
                known.pop(ref, None)
            heads.pop(run, None)
        if ref in heads:
            del heads[ref]
            self._waiting.append((at, ref, None))

    def _list(self, listed: Listed) -> None:
        place = (listed.kind, listed.namespace)
        self._lines.setdefault(place, listed.at)
        if place not in self._seen:
            self._seen.add(place)
            self._catch_up(listed)
        there = {found.ref for found in listed.resources}
        for found in listed.resources:
            self._put(found, listed.at)
        for ref in self._missing(listed, there):
            self._drop(ref, listed.at)

    def _missing(self, listed: Listed, there: set[Ref]) -> list[Ref]:
        return [
            ref
            for ref in self._heads or ()
            if (ref.group, ref.kind) == listed.kind
            and ref not in there
            and (not listed.namespace or ref.namespace == listed.namespace)
        ]

    def _catch_up(self, listed: Listed) -> None:
        """What became different while nobody watched: known by comparing with what was kept last."""
        heads = self._heads or {}
        missing = self._missing(listed, {found.ref for found in listed.resources})
        changed = {
            r.ref: r for r in listed.resources if r.ref in heads and heads[r.ref] != (r.uid, r.version)
        }  # fmt: skip
        if listed.kind.kind in masking.NEVER | masking.NAMES_ONLY or not (changed or missing):
            return
        names = [*changed, *missing]
        for start in range(0, len(names), 500):
            for kept in self._versions.at(listed.at, names[start : start + 500]):
                for one in transitions(kept.found, changed.get(kept.ref), listed.at):
                    self._fresh.append(of_transition(_unseen(one, changed.get(kept.ref))))

    def _progress(self, ref: Ref, run: Run, at: float) -> None:
        """A run that was over before we looked at it is not among the transitions."""
        before, pod = self._runs.get(ref), self._now.get(ref)
        self._runs[ref] = run
        if run.ended or at - self._run_kept.get(ref, 0.0) >= runs.EVERY_S:
            self._run_kept[ref] = at
            self._waiting.append((at, runs.ref_of(ref), runs.kept(ref, run, at)))
        if before is None and run.ended and pod is not None:
            ended = max((c.since for c in pod.conditions), default=0.0) or at
            self._fresh.extend(of_transition(one) for one in failures(None, run, pod, ended))

    def _keep(self) -> None:
        if len(self._waiting) > self._bound:
            newest = {ref: (at, ref, found) for at, ref, found in self._waiting}
            self._waiting = list(newest.values())
            # To look through all of them at every turn would cost more than to keep them.
            self._bound = max(self._most, len(self._waiting) * 9 // 8)
        now, self._waiting = self._waiting[: self._most], self._waiting[self._most :]
        self._versions.add(now)

    def _end(self, kind: KindKey, namespace: str, at: float) -> None:
        since = self._lines.pop((kind, namespace), None)
        if since is not None:
            self._watched.add([Span(kind, namespace, since, at)])

    def _beat(self, now: float) -> None:
        if now - self._beaten >= BEAT_S or len(self._lines) != self._spoken:
            self._beaten, self._spoken = now, len(self._lines)
            self._watched.add(Span(*place, since, now) for place, since in self._lines.items())


def _unseen(one: Transition, found: Resource | None) -> Transition:
    """Told as of the time that the object itself gives, where it gives one; and how we came to know."""
    since = next((c.since for c in found.conditions if c.type == one.what), 0.0) if found else 0.0
    text = f"{one.message} ({UNSEEN})" if one.message else UNSEEN
    return msgspec.structs.replace(one, at=since or one.at, message=text)
