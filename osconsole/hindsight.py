"""Hindsight: what a session knows of the past: the timeline, the world at a moment, and that moment shown as if now.

While a moment is looked at, the session's snapshot and clock are of that moment; what is live goes on being recorded
behind it. It writes nothing.
"""

import asyncio
import time
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from typing import Protocol

import msgspec

from osconsole import journal
from osconsole.errors import NotFound, Refused
from osconsole.model.connection import Status
from osconsole.model.entry import Entry, Query
from osconsole.model.ref import Ref
from osconsole.model.snapshot import Snapshot
from osconsole.store import Store
from osconsole.views import moments, timeline

PAST = "past"  # the state of the line while a moment is looked at
NOWHERE = Ref("", "Session", "", "")
_ACTIONS = 1000  # of the journal, the newest


class Kept(Protocol):
    """What is known of the past: `history.History`, or a recording."""

    @property
    def trouble(self) -> str:
        """Why it cannot be used at the moment."""

    def snapshot(self, at: float) -> Snapshot:
        """The world at a moment; without objects when nothing is known of it."""

    def search(self, query: Query, limit: int = 1000) -> tuple[Entry, ...]:
        """The newest entries that match, newest first."""

    def below(self, ref: Ref) -> frozenset[Ref]:
        """An object and all that it owns or ever owned."""


class Hindsight:
    """The past of a session over its live store; `history` is None while there is no connection."""

    def __init__(
        self,
        live: Store,
        history: Callable[[], Kept | None],
        acts: Callable[[int], tuple[journal.Entry, ...]],
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._live = self._shown = live
        self._history = history
        self._acts = acts
        self._clock = clock
        self.at = 0.0  # the moment that is looked at, 0 for now

    @property
    def snapshot(self) -> Snapshot:
        """The world that is shown."""
        return self._shown.snapshot

    @property
    def trouble(self) -> str:
        """Why nothing is kept of what happens now, "" when it is."""
        history = self._history()
        return history.trouble if history else ""

    def now(self) -> float:
        """The moment that is shown."""
        return self.at or self._clock()

    def told(self, status: Status) -> Status:
        """The status of the line, or of the moment that is looked at."""
        if not self.at:
            return status
        why = f"as of {moments.written(self.at, self._clock())}, read-only: ':at now' comes back"
        return msgspec.structs.replace(status, state=PAST, why=why, since=0.0, read_only=True, rtt_ms=0.0)

    def refuse(self) -> None:
        """Say that nothing can be asked of the past.

        Raises:
            Refused: a moment is looked at.
        """
        if self.at:
            when = moments.written(self.at, self._clock())
            raise Refused(f"this is the state of {when}, which cannot be asked or changed: ':at now' comes back")

    def present(self) -> float:
        """The moment that it is, whatever is shown."""
        return self._clock()

    async def follow(self) -> AsyncGenerator[Snapshot, None]:
        """The world that is shown, again whenever it is another."""
        while True:
            shown = self._shown
            async with aclosing(shown.follow()) as snapshots:
                async for snapshot in snapshots:
                    if shown is not self._shown:
                        break
                    yield snapshot

    async def look(self, at: float) -> None:
        """Show the world of a moment, 0 for now.

        Raises:
            NotFound: nothing is kept of that moment.
        """
        before, at = self._shown, float(int(at))
        self._shown = Store(await self.world(at)) if at else self._live
        self.at = at
        before.nudge()

    async def world(self, at: float) -> Snapshot:
        """The world of a moment.

        Raises:
            NotFound: nothing is kept of that moment.
        """
        history = self._history()
        found = await asyncio.to_thread(history.snapshot, at) if history else Snapshot()
        if not any(found.objects.values()):
            why = history.trouble if history else "there is no connection yet"
            raise NotFound(f"nothing is kept of that moment: {why or 'no console has watched this context then'}")
        return found

    async def timeline(self, query: Query, limit: int = 1000) -> tuple[Entry, ...]:
        """What history, the journal and the snapshot tell, newest first; nothing younger than what is shown."""
        if self.at and not query.until:
            query = Query(query.under, query.namespace, query.rank, query.grep, query.since, self.at)
        history = self._history()
        kept = await asyncio.to_thread(history.search, query, limit) if history else ()
        below = await asyncio.to_thread(history.below, query.under) if history and query.under else frozenset()
        below |= timeline.subtree(query.under, self.snapshot) if query.under else frozenset()
        acts = [entry for entry in map(acted, self._acts(_ACTIONS)) if query.matches(entry, below)]
        return tuple(timeline.merged(kept, timeline.live(self.snapshot, query, below), acts)[:limit])


def acted(found: journal.Entry) -> Entry:
    """The entry of an action of ours."""
    who = f"{found.user}@{found.origin}" + (f" as {found.login}" if found.login else "")
    bad = found.result not in {"begun", "done"}
    severity = "Warning" if bad else ""
    return Entry(
        found.at, found.ref or NOWHERE, "action", "did", "", found.result, severity, found.did, who, key=found.id
    )
