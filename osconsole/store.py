"""Store: the one mutable variable. Changes go in, the latest Snapshot comes out.

Changes are folded when somebody looks, at most `TICK_S` apart for those who follow, so that a storm of events costs
one copy of a mapping per tick and not one per event. A slow reader skips revisions, never the last one.
"""

import asyncio
from collections.abc import AsyncGenerator, Iterable
from itertools import takewhile
from typing import NamedTuple

from msgspec import structs

from osconsole.model.changes import Change, Gone, Live, Put
from osconsole.model.ref import Ref
from osconsole.model.snapshot import Snapshot
from osconsole.model.transitions import Transition

TICK_S = 0.05
_MOST = 20_000  # changes waiting while nobody looks


class Heard(NamedTuple):
    """What came in a while: every change (in a storm only the newest of each object), every transition."""

    changes: list[Change]
    news: list[Transition]


class Store:
    """Lives in one event loop."""

    def __init__(self, snapshot: Snapshot | None = None) -> None:
        self._snapshot = snapshot or Snapshot()
        self._pending: list[Change] = []
        self._stirred = False  # more waits than that lines live
        self._changed = asyncio.Event()
        self._ears: list[Heard] = []

    def apply(self, changes: Iterable[Change]) -> None:
        """Take changes in, in their order. That a line which is live still lives is nobody's news."""
        fresh = list(changes)
        quiet = not self._stirred and all(self._still(one) for one in fresh)
        self._stirred = not quiet
        self._pending.extend(fresh)
        if len(self._pending) > _MOST:
            self._fold()
        if not quiet:
            self._wake()

    def _still(self, change: Change) -> bool:
        line = self._snapshot.lines.get((change.kind, change.namespace)) if isinstance(change, Live) else None
        return line is not None and line.state == "live"

    def reset(self) -> None:
        """Forget everything: another cluster comes."""
        self._pending.clear()
        self._snapshot = Snapshot(revision=self._snapshot.revision + 1)
        self._wake()

    def turn(self, snapshot: Snapshot) -> None:
        """Another world from now on, as when time is turned back."""
        self._pending.clear()
        self._snapshot = structs.replace(snapshot, revision=self._snapshot.revision + 1)
        self._wake()

    @property
    def snapshot(self) -> Snapshot:
        """The world with every change so far."""
        self._fold()
        return self._snapshot

    async def follow(self, tick_s: float = TICK_S) -> AsyncGenerator[Snapshot, None]:
        """The snapshot now, and again after changes, at most one per `tick_s`."""
        seen = self.snapshot
        yield seen
        while True:
            changed = self._changed
            if self.snapshot is seen:
                await changed.wait()
                await asyncio.sleep(tick_s)
            seen = self.snapshot
            yield seen

    async def listen(self, tick_s: float, idle_s: float) -> AsyncGenerator[Heard, None]:
        """What waits and all that comes, at most once per `tick_s`; nothing, every `idle_s`, when nothing comes."""
        ear = Heard([], [])
        self._ears.append(ear)
        try:
            while True:
                await asyncio.sleep(tick_s)
                self._fold()
                if not ear.changes and not ear.news:
                    await self._anything(idle_s)
                    self._fold()
                heard = Heard(ear.changes[:], ear.news[:])
                ear.changes.clear()
                ear.news.clear()
                yield heard
        finally:
            self._ears.remove(ear)

    async def _anything(self, within_s: float) -> None:
        try:
            async with asyncio.timeout(within_s):
                await self._changed.wait()
        except TimeoutError:
            pass

    def nudge(self) -> None:
        """Let those who follow look again although nothing changed here (a new revision of the same world)."""
        self._snapshot = self.snapshot.apply(())
        self._wake()

    def _fold(self) -> None:
        if self._pending:
            pending, self._pending, self._stirred = self._pending, [], False
            before = self._snapshot.recent[-1:]
            self._snapshot = self._snapshot.apply(pending)
            if self._ears:
                self._tell(pending, before)

    def _tell(self, pending: list[Change], before: tuple[Transition, ...]) -> None:
        news = takewhile(lambda one: not before or one is not before[0], reversed(self._snapshot.recent))
        fresh = list(news)[::-1]
        for ear in self._ears:
            ear.changes.extend(pending)
            ear.news.extend(fresh)
            if len(ear.changes) > _MOST:
                ear.changes[:] = _newest(ear.changes)

    def _wake(self) -> None:
        self._changed.set()
        self._changed = asyncio.Event()


def _newest(changes: list[Change]) -> list[Change]:
    """Of each object only the newest change; all others as they are, before them."""
    objects: dict[Ref, Change] = {}
    others: list[Change] = []
    for change in changes:
        if isinstance(change, Put):
            objects[change.resource.ref] = change
        elif isinstance(change, Gone):
            objects[change.ref] = change
        else:
            others.append(change)
    return [*others, *objects.values()]
