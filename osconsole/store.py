"""Store: the one mutable variable. Changes go in, the latest Snapshot comes out.

Changes are folded when somebody looks, at most `TICK_S` apart for those who follow, so that a storm of events costs
one copy of a mapping per tick and not one per event. A slow reader skips revisions, never the last one.
"""

import asyncio
from collections.abc import AsyncGenerator, Iterable

from osconsole.model.changes import Change
from osconsole.model.snapshot import Snapshot

TICK_S = 0.05
_MOST = 20_000  # changes waiting while nobody looks


class Store:
    """Lives in one event loop."""

    def __init__(self, snapshot: Snapshot | None = None) -> None:
        self._snapshot = snapshot or Snapshot()
        self._pending: list[Change] = []
        self._changed = asyncio.Event()

    def apply(self, changes: Iterable[Change]) -> None:
        """Take changes in, in their order."""
        before = len(self._pending)
        self._pending.extend(changes)
        if len(self._pending) == before:
            return
        if len(self._pending) > _MOST:
            self._fold()
        self._wake()

    def reset(self) -> None:
        """Forget everything: another cluster comes."""
        self._pending.clear()
        self._snapshot = Snapshot(revision=self._snapshot.revision + 1)
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

    def nudge(self) -> None:
        """Let those who follow look again although nothing changed here (a new revision of the same world)."""
        self._snapshot = self.snapshot.apply(())
        self._wake()

    def _fold(self) -> None:
        if self._pending:
            pending, self._pending = self._pending, []
            self._snapshot = self._snapshot.apply(pending)

    def _wake(self) -> None:
        self._changed.set()
        self._changed = asyncio.Event()
