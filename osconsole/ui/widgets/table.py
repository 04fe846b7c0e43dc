"""Table and tree-table: rows of any number, of which only the visible ones cost anything."""

import time
from collections.abc import Hashable

from osconsole.ui.lines import bar, rowpaint
from osconsole.ui.lines.columns import SAMPLE, allot, wanted
from osconsole.ui.lines.listing import Listing
from osconsole.ui.lines.rowlists import Plain
from osconsole.ui.lines.rowpaint import Condition, Shape
from osconsole.ui.lines.span import QUIET, Line, blank, line
from osconsole.ui.lines.wrap import wrapped
from osconsole.views.ondemand import OnDemand
from osconsole.views.rows import Row, Table

_LOADING = Table((), (), "loading")
CACHE = 512  # painted rows that are kept

_Key = tuple[Hashable, Condition, bool]


class TableWidget:
    """A `Part` over a `Listing`: one line of titles, rows, a scroll bar.

    Ages go by the `now` that is shown; what flashes or vanishes does so by this machine's clock, because in a recording
    `now` may stand still or go back.
    """

    def __init__(self) -> None:
        self.list = Listing()
        self.table = _LOADING
        self.focused = True
        self._width = self._height = 0
        self._shape = Shape((), (), 0)
        self._sizes: list[int] = []
        self._head: Line = blank(0)
        self._head_for: tuple[object, ...] = ()
        self._kept: dict[_Key, tuple[Row, tuple[str, ...], Line]] = {}
        self._empty: tuple[str, int, list[Line]] = ("", 0, [])

    @property
    def row(self) -> Row | None:
        """The selected row."""
        return self.list.row

    def put(self, table: Table) -> None:
        """Another content."""
        if table is self.table:
            return
        if table.columns != self.table.columns:
            self._sizes = []
        self.table = table
        self.list.put(table.rows, time.monotonic())
        self._measure(all_over=not isinstance(table.rows, OnDemand) or not self._sizes)

    def renew(self) -> None:
        """More rows have been made: those that pass a filter belong here, and columns may need more room."""
        if not self.list.whole:
            self.list.arrange()
        self._measure()

    def _measure(self, *, all_over: bool = True) -> None:
        """Column widths only ever grow while a table is shown, so that nothing trembles."""
        rows = self.list.rows
        tree = isinstance(rows, Plain) and any(row.fold or row.depth for row in rows)
        seen = (*(rows.sample(SAMPLE) if all_over else ()), *self.list.window)
        found = wanted(self.table.columns, seen, rowpaint.TREE_INDENT if tree else 0)
        self._sizes = [max(pair) for pair in zip(found, self._sizes, strict=True)] if self._sizes else found
        widths = allot(self.table.columns, self._sizes, self._width - 2)
        shape = Shape(self.table.columns, tuple(widths), max(0, self._width - 1), tree)
        if shape != self._shape:
            self._shape = shape
            self._kept.clear()

    def resize(self, width: int, height: int) -> None:
        """Another place; columns may come or go."""
        if (width, height) != (self._width, self._height):
            self._width, self._height = width, height
            self._sizes = []
            self.list.resize(height - 1)
            self._measure()

    def lines(self, now: float) -> list[Line]:
        """Titles, rows, blanks."""
        self.list.settle(time.monotonic())
        window = list(self.list.window)
        rows = self._height - 1
        thumb = bar.thumb(self.list.top, rows, len(self.list.shown))
        out = [self._heading()]
        if not window and rows > 0:
            out += self._nothing()
        for place, row in enumerate(window):
            out.append(self._line(row, now, selected=self.list.top + place == self.list.at, on=place in thumb))
        out.extend([blank(self._width)] * (self._height - len(out)))
        return out[: self._height]

    def _line(self, row: Row, now: float, *, selected: bool, on: bool) -> Line:
        listing = self.list
        condition = Condition(selected and self.focused, row.key in listing.marked, row.key in listing.flash)
        key = (row.key, condition, on)
        texts = rowpaint.ages(row, now)
        kept = self._kept.get(key)
        if kept is not None and kept[1] == texts and rowpaint.alike(kept[0], row):
            return kept[2]
        if len(self._kept) > CACHE:
            self._kept.clear()
        painted = bar.with_bar(rowpaint.paint(row, self._shape, now, condition), on=on)
        self._kept[key] = (row, texts, painted)
        return painted

    def _heading(self) -> Line:
        wants = (self._shape, self.list.order)
        if self._head_for != wants:
            self._head = bar.with_bar(rowpaint.heading(self._shape, self.list.order), on=False)
            self._head_for = wants
        return self._head

    def _nothing(self) -> list[Line]:
        """Why there is nothing to see."""
        why = self.table.empty or "none"
        if self.table.rows:
            why = f"filtered out: {len(self.table.rows)}"
        if self._empty[:2] != (why, self._width):
            texts = wrapped([(why, QUIET)], max(1, self._width - 3))
            self._empty = (why, self._width, [line((("  ", QUIET), *text), self._width) for text in texts])
        return self._empty[2]

    def due(self, now: float) -> float:
        """The next age, ghost or flash."""
        clock = time.monotonic()
        beat = self.list.settle(clock)
        found = [at for at in (rowpaint.due(self.list.window, now), beat and now + beat - clock) if at]
        return min(found, default=0.0)

    def sort_by(self, title: str) -> bool:
        """Sort by the column of that title; False when there is none."""
        for at, column in enumerate(self.table.columns):
            if column.title == title:
                self.list.sort(at)
                return True
        return False

    def shift_sort(self, by: int) -> None:
        """Sort by the shown column next to the one that is sorted now."""
        shown = [at for at, width in enumerate(self._shape.widths) if width]
        if not shown:
            return
        now = self.list.order[0] if self.list.order else shown[0 if by > 0 else -1] - by
        place = shown.index(now) if now in shown else -1
        self.list.sort(shown[(place + by) % len(shown)], descending=False)
