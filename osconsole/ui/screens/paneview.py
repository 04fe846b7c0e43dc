"""One pane on screen: its widget, what belongs to it, and rows that are made in slices where all of them are needed.

The rows that are looked at are made as they are painted. A filter or an order needs all: these are made between keys,
and what came is shown when that is done.
"""

from collections.abc import Iterator
from itertools import islice

import msgspec

from osconsole.model.ref import Ref
from osconsole.model.snapshot import Snapshot
from osconsole.ui.lines.grid import Slot
from osconsole.ui.widgets.table import TableWidget
from osconsole.views import columns, single
from osconsole.views import layout as layouts
from osconsole.views import pane as panes
from osconsole.views.ondemand import OnDemand
from osconsole.views.rows import Table
from osconsole.views.table import Memo

MANY = 100  # rows that are made in one go
SLICE_ROWS = 16  # rows in a slice of work, about a millisecond
GROWN = frozenset(64 * 4**power for power in range(8))  # rows after which those that were made are shown


class _Growth(msgspec.Struct):
    """Rows that are being made, and the table that is shown when they are."""

    rows: OnDemand
    table: Table
    left: Iterator[Ref | None]
    count: int = 0


class PaneView:
    """One pane on screen.

    Attributes:
        behind: what came last could not be shown, because rows of what came before are still being made.
    """

    def __init__(self, pane: layouts.Pane) -> None:
        self.pane = pane
        self.table = TableWidget()
        self.slot = Slot(self.table, pane.title, pane.weight)
        self.folds: dict[Ref, bool] = {}
        self.memo = Memo()
        self.behind = False
        self._by_name = msgspec.structs.replace(pane, sort="") if pane.show == "table" else pane
        self._order = pane.sort if pane.show == "table" else ""  # that has still to be brought about
        self._growth: _Growth | None = None
        self._complete: OnDemand | None = None  # of these every row was made
        self._warm = False  # every row was made once, so that a filter finds what it looks for at once

    def refresh(self, snapshot: Snapshot, scope: str, now: float, about: Ref | None = None) -> None:
        """The pane's content as of now."""
        self.behind = False
        if about and self.pane.show in single.PANES:
            self._put(single.rows(self.pane.show, snapshot, scope, now, about))
            return
        found = panes.content(snapshot, self._by_name, scope, now, folds=self.folds, memo=self.memo)
        rows = found.rows
        if not isinstance(rows, OnDemand) or self.table.list.whole or rows is self._complete:
            self._put(found)
        elif self._growth is not None:
            self.behind = True
        else:
            self._grow(rows, found)

    def _put(self, found: Table) -> None:
        if found is not self.table.table:
            self.table.put(found)
        elif isinstance(found.rows, OnDemand):
            self.table.renew()
        if self._order and found.rows:
            self._sort(found)
        self.note()

    def _sort(self, found: Table) -> None:
        """Bring the layout's order about; from then on it is the person's to change."""
        order, self._order = self._order, ""
        column = columns.COLUMNS.get(order.lstrip("-"))
        if column and column.column in found.columns and order != "name":
            self.table.list.sort(found.columns.index(column.column), descending=order.startswith("-"))

    def _grow(self, rows: OnDemand, found: Table) -> None:
        """Begin to make the rows that are missing; those of a small table are made at once."""
        self._growth = _Growth(rows, found, rows.late(once=self.table.list.whole))
        if len(rows) <= MANY:
            self._advance(self._growth, MANY + 1)

    def work(self) -> bool:
        """A slice of making rows; whether there was something to do."""
        if self._growth is None:
            rows, whole = self.table.list.rows, self.table.list.whole
            if not isinstance(rows, OnDemand) or not rows or rows is self._complete or (whole and self._warm):
                return False
            self._grow(rows, self.table.table)
        if self._growth is not None:
            self._advance(self._growth, SLICE_ROWS)
        return True

    def _advance(self, growth: _Growth, most: int) -> None:
        steps = 0
        for ref in islice(growth.left, most):
            steps += 1
            if ref is None:
                continue
            growth.rows.row(ref)
            growth.count += 1
            if growth.count in GROWN and not self._warm:
                self.table.renew()
                self.note()
        if steps < most:
            self._growth, self._complete, self._warm = None, growth.rows, True
            self._put(self.table.table if self.table.list.whole else growth.table)

    def note(self) -> None:
        """Count and filter beside the title."""
        listing = self.table.list
        count = f"{len(listing.rows) - listing.hidden} of {len(listing.rows)}" if listing.needle else len(listing.rows)
        filtered = f"  /{listing.needle}" if listing.needle else ""
        marked = f"  {len(listing.marked)} marked" if listing.marked else ""
        self.slot.note = f"{count}{filtered}{marked}"
