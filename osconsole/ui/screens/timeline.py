"""The timeline of a subtree, or of everything in scope: what is known live, joined with what was kept."""

import asyncio

from osconsole.model.entry import Entry, Query
from osconsole.model.ref import KindKey, Ref
from osconsole.model.snapshot import Snapshot
from osconsole.ui.desk import Desk
from osconsole.ui.screens.layout import LayoutScreen
from osconsole.views import layout, timeline
from osconsole.views.layout import Layout, Pane

RELOAD_S = 10.0  # how often what was kept is read again while things happen
RANKS = ("all", "warnings and errors", "errors")


class TimelineScreen(LayoutScreen):
    """A `Place` of what happened; `/` searches what was kept too, `v` leaves out what is harmless."""

    context = "timeline"

    def __init__(self, desk: Desk, under: Ref | None = None) -> None:
        title = f"timeline of {under.short}" if under else "timeline"
        super().__init__(desk, Layout(version=1, title=title, columns=((Pane(show="transitions", title=title),),)))
        self.query = Query(under)
        self._kept: tuple[Entry, ...] = ()
        self._rows: dict[object, float] = {}
        self._read = 0.0
        self._seen = -1
        self._asked: Query | None = None
        self._reading: asyncio.Task[None] | None = None

    def kinds(self) -> frozenset[KindKey]:
        """What every screen needs, and Events."""
        found = layout.watched(self.layout)
        return found | {KindKey(self.query.under.group, self.query.under.kind)} if self.query.under else found

    def refresh(self, snapshot: Snapshot, now: float) -> None:
        """What is known now; what was kept is read again when the question or the world is another."""
        scope = self._desk.session.status.namespace
        query = Query(self.query.under, scope, self.query.rank, self.query.grep)
        moved = snapshot.revision != self._seen and abs(now - self._read) > RELOAD_S
        if (query != self._asked or moved) and (self._reading is None or self._reading.done()):
            self._asked, self._read, self._seen = query, now, snapshot.revision
            self._reading = self._desk.start(self._load(query), "reading what was kept")
        found = timeline.merged(self._kept, timeline.live(snapshot, query, self._known(snapshot)))
        found = [entry for entry in found if entry.at <= now + 1 and query.matches(entry, self._below)]
        shown = timeline.table(found, now)
        self._rows = {row.key: row.cells[1].sort for row in shown.rows}
        self.table.put(shown)
        self.view.note()
        if query.rank:
            self.view.slot.note += f"  {RANKS[query.rank]}"

    def _known(self, snapshot: Snapshot) -> frozenset[Ref]:
        """The subtree, with what history knows to have belonged to it."""
        under = self.query.under
        kept = frozenset(entry.ref for entry in self._kept)
        self._below = kept | timeline.subtree(under, snapshot) if under else frozenset()
        return self._below

    async def _load(self, query: Query) -> None:
        self._kept = await self._desk.session.past.timeline(query)
        self._reading = None
        if self._desk.place is self:
            self._desk.renew()

    def filter(self, needle: str) -> None:
        """Narrow what is shown, and look in what was kept."""
        super().filter(needle)
        self.query = Query(self.query.under, "", self.query.rank, needle)
        self._desk.renew()

    def do_severity(self) -> None:
        """All, without what is harmless, errors only."""
        rank = (self.query.rank + 1) % len(RANKS)
        self._kept = tuple(entry for entry in self._kept if entry.rank >= rank)
        self.query = Query(self.query.under, "", rank, self.query.grep)
        self._desk.renew()

    def moment(self) -> float:
        """The time of the selected line, 0 when there is none."""
        row = self.table.row
        return self._rows.get(row.key, 0.0) if row else 0.0

    def leave(self) -> None:
        """Nothing is read for a screen that is not shown."""
        if self._reading:
            self._reading.cancel()
            self._reading = None
            self._asked = None
