"""Listing: the rows of a table as a person sees them: filtered, sorted, scrolled, one of them selected.

The selection follows the object: it is a key, never a position. Pure: `now` is an argument, nothing is drawn here.
"""

from collections.abc import Hashable, Sequence
from typing import Any

import msgspec

from osconsole.ui.lines.match import matcher
from osconsole.ui.lines.rowlists import Haunted, Plain, Rows, listed
from osconsole.views.rows import Cell, Row

BEAT_S = 1.0  # how long a vanished row stays, struck through
FLASH_S = 2.0  # how long a changed row is bold
_NOTHING = Cell()


class Listing:
    """Rows in, the visible window out. `height` is the number of rows that the window holds."""

    def __init__(self) -> None:
        self.rows: Rows = Plain()
        self.shown: Rows = self.rows
        self.top = 0
        self.at = 0
        self.height = 1
        self.needle = ""
        self.order: tuple[int, bool] | None = None  # column, descending
        self.marked: set[Hashable] = set()
        self.flash: dict[Hashable, float] = {}
        self._chosen = False  # a person has moved; before that the first row stays selected
        self._ghosts: dict[Hashable, tuple[Row, Hashable | None, float]] = {}
        self._given: Sequence[Row] = ()
        self._passed = 0  # how many rows the filter lets through

    @property
    def row(self) -> Row | None:
        """The selected row."""
        return self.shown[self.at] if 0 <= self.at < len(self.shown) else None

    @property
    def window(self) -> Sequence[Row]:
        """The rows that are on screen."""
        return self.shown[self.top : self.top + self.height]

    @property
    def hidden(self) -> int:
        """How many rows the filter keeps away."""
        return len(self.rows) - self._passed if self.needle else 0

    @property
    def whole(self) -> bool:
        """All rows are shown in the order in which they came, so that only those on screen need be made."""
        return not self.needle and self.order is None

    def put(self, rows: Sequence[Row], now: float) -> None:
        """Other rows; the selected object stays where it is on screen as far as there is room."""
        if rows is self._given:
            return
        before = {row.key: row for row in self.window}
        first, old = not self.rows, self.rows
        self._given, self.rows = rows, listed(rows)
        steady = old.keys is self.rows.keys or old.keys == self.rows.keys
        if before and not first and not steady:
            self._remember(before, now)
        if steady and self.whole and not self._ghosts:
            self.shown = self.rows  # everything stands where it stood
        else:
            self.arrange()
        if not first:
            self._flash(before, now)

    def _remember(self, before: dict[Hashable, Row], now: float) -> None:
        """Rows of the window that have vanished stay for a beat behind their old neighbour."""
        above: Hashable | None = None
        for key, row in before.items():
            if self.rows.place(key) is not None:
                above = key
            elif key not in self._ghosts:
                self._ghosts[key] = (msgspec.structs.replace(row, gone=True), above, now + BEAT_S)
        for key in [key for key in self._ghosts if self.rows.place(key) is not None]:
            del self._ghosts[key]

    def _flash(self, before: dict[Hashable, Row], now: float) -> None:
        for row in self.window:
            old = before.get(row.key)
            if not row.gone and (old is None or (old is not row and old.cells != row.cells)) and before:
                self.flash[row.key] = now + FLASH_S

    def settle(self, now: float) -> float:
        """Let go of what has had its time; the next moment at which something is due, 0 for none."""
        due = [until for _, _, until in self._ghosts.values()]
        if any(until <= now for until in due):
            self._ghosts = {key: ghost for key, ghost in self._ghosts.items() if ghost[2] > now}
            self.arrange()
        self.flash = {key: until for key, until in self.flash.items() if until > now}
        return min([*(until for _, _, until in self._ghosts.values()), *self.flash.values()], default=0.0)

    def filter(self, needle: str) -> None:
        """Show only rows with these words."""
        if needle != self.needle:
            self.needle = needle
            self.arrange()

    def sort(self, column: int, *, descending: bool | None = None) -> None:
        """Sort by a column; the same one again turns the direction unless it is given."""
        if descending is None:
            descending = not self.order[1] if self.order and self.order[0] == column else False
        self.order = (column, descending)
        self.arrange()

    def arrange(self) -> None:
        """Filter and sort anew what has been made, then find the selected object again."""
        key = self.row.key if self.row else None
        offset = self.at - self.top
        found = self.rows if self.whole else self._filtered(self.rows.known())
        self._passed = len(found)
        self.shown = (
            Haunted(found, [(row, above) for row, above, _ in self._ghosts.values()]) if self._ghosts else found
        )
        place = self.place(key) if self._chosen and key is not None else None
        if place is not None:
            self.at, self.top = place, place - offset
        elif not self._chosen:
            self.at = self.top = 0
        self.clamp()

    def _filtered(self, rows: Sequence[Row]) -> Plain:
        """The rows that pass the filter, in the order that a person has chosen."""
        test = matcher(self.needle)
        if test is not None:
            rows = _with_parents(rows, [row for row in rows if test(row.text)])
        if self.order is not None and not any(row.depth for row in rows[:64]):
            at, descending = self.order
            keys = _sort_keys(rows, at)
            rows = [rows[place] for place in sorted(range(len(rows)), key=keys.__getitem__, reverse=descending)]
        return Plain(rows)

    def place(self, key: Hashable) -> int | None:
        """Where the object stands now, None when it is not shown."""
        return self.shown.place(key)

    def clamp(self) -> None:
        """Keep selection and window inside the rows."""
        last = len(self.shown) - 1
        self.at = max(0, min(self.at, last))
        self.top = max(min(self.top, self.at), self.at - self.height + 1)
        self.top = max(0, min(self.top, len(self.shown) - self.height))

    def move(self, by: int) -> None:
        """Select the row so many lines away."""
        self.go(self.at + by)

    def go(self, at: int) -> None:
        """Select the row at a position."""
        self._chosen = True
        self.at = at
        self.clamp()

    def select(self, key: Hashable) -> bool:
        """Select an object; False when it is not shown."""
        place = self.place(key)
        if place is None:
            return False
        self.go(place)
        return True

    def resize(self, height: int) -> None:
        """A window of another height."""
        self.height = max(1, height)
        self.clamp()

    @property
    def chosen(self) -> list[Row]:
        """The marked rows that there are, in their order."""
        places = [place for key in self.marked if (place := self.rows.place(key)) is not None]
        return [self.rows[place] for place in sorted(places)]

    def mark(self) -> None:
        """Mark or unmark the selected row."""
        if self.row is not None:
            self.marked.symmetric_difference_update({self.row.key})


def _sort_keys(rows: Sequence[Row], at: int) -> Sequence[Any]:
    """What rows are sorted by; values of different types side by side by the names of these."""
    cells = [row.cells[at] if at < len(row.cells) else _NOTHING for row in rows]
    values = [cell.text if cell.sort is None else cell.sort for cell in cells]
    return values if len(set(map(type, values))) < 2 else [(type(value).__name__, value) for value in values]


def _with_parents(rows: Sequence[Row], found: list[Row]) -> Sequence[Row]:
    """In a tree, the matching rows with the rows above them; in a table just these."""
    if not any(row.depth for row in found):
        return found
    keep = {row.key for row in found}
    out: list[Row] = []
    path: list[Row] = []
    for row in rows:
        del path[row.depth :]
        if row.key in keep:
            out.extend(parent for parent in path if parent.key not in keep)
            keep.update(parent.key for parent in path)
            out.append(row)
        path.append(row)
    return out
