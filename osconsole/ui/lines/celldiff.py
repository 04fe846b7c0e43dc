"""Cell differences: what must be written so that a terminal that shows one frame shows the next one.

Pure: rows of cells in, terminal sequences out. A row is (characters, styles); the second cell of a wide character is
"". A style is its SGR parameters, e.g. "1;32", "" for none. Backgrounds are never set, so erasing is always right.
"""

from collections.abc import Sequence

Row = tuple[list[str], list[str]]

NEAR = 7  # unchanged cells between two changes that are cheaper written again than jumped over
LEAST_SCROLL = 6  # changed lines below which looking for a scroll is not worth it
LEAST_ERASE = 5  # blanks at the end of a line from which erasing is shorter
_KEEPS_BLANK = frozenset({"", "2", "1"})  # styles that do not show on a blank


class CellDiff:
    """Keeps what the terminal shows."""

    def __init__(self, width: int, height: int) -> None:
        self.width = width
        self.height = height
        self.shown: list[Row | None] = [None] * height
        self._style = ""
        self._at: tuple[int, int] | None = None
        self._out: list[str] = []

    def update(self, rows: dict[int, Row]) -> str:
        """The sequences that bring these rows on screen; "" when they are there already."""
        changed = {y: row for y, row in rows.items() if 0 <= y < self.height and self.shown[y] != row}
        if not changed:
            return ""
        self._out, self._style, self._at = [], "", None
        shift = find_shift(self.shown, changed)
        if shift:
            changed = self._scroll(*shift, changed)
        for y in sorted(changed):
            self._line(y, changed[y])
        self._to_style("")
        return "".join(self._out)

    def _scroll(self, by: int, top: int, bottom: int, changed: dict[int, Row]) -> dict[int, Row]:
        """Let the terminal move lines; gives what still differs then."""
        empty: Row = ([" "] * self.width, [""] * self.width)
        fill: list[Row | None] = [empty] * abs(by)
        self._out.append(f"\x1b[{top + 1};{bottom + 1}r\x1b[{top + 1}H\x1b[{abs(by)}{'M' if by > 0 else 'L'}\x1b[r")
        wanted = [changed.get(y, self.shown[y]) for y in range(top, bottom + 1)]
        block = self.shown[top : bottom + 1]
        self.shown[top : bottom + 1] = block[by:] + fill if by > 0 else fill + block[:by]
        rest = {y: row for y, row in changed.items() if not top <= y <= bottom}
        rest |= {y: row for y, row in enumerate(wanted, top) if row is not None and row != self.shown[y]}
        return rest

    def _line(self, y: int, row: Row) -> None:
        chars, styles = row
        end = self._blank_from(row)
        for start, stop in self._runs(self.shown[y], row):
            while start > 0 and chars[start] == "":
                start -= 1
            self._go(y, start)
            self._write(chars, styles, start, min(stop, max(end, start)))
            if stop > end:
                self._to_style("")
                self._out.append("\x1b[K")
                break
            self._at = (y, stop) if stop < self.width else None
        self.shown[y] = row

    def _blank_from(self, row: Row) -> int:
        """Where the blanks at the end of the line begin; the line's length when erasing them does not pay."""
        chars, styles = row
        end = self.width
        while end > 0 and chars[end - 1] == " " and styles[end - 1] in _KEEPS_BLANK:
            end -= 1
        return end if self.width - end >= LEAST_ERASE else self.width

    def _runs(self, old: Row | None, new: Row) -> Sequence[tuple[int, int]]:
        """Stretches of cells to write; small gaps are written too."""
        if old is None:
            return [(0, self.width)]
        zipped = enumerate(zip(old[0], new[0], old[1], new[1], strict=True))
        places = [at for at, (a, b, c, d) in zipped if a != b or c != d]
        runs: list[tuple[int, int]] = []
        for at in places:
            if runs and at - runs[-1][1] <= NEAR:
                runs[-1] = (runs[-1][0], at + 1)
            else:
                runs.append((at, at + 1))
        return runs

    def _go(self, y: int, x: int) -> None:
        if self._at == (y, x):
            return
        if self._at and self._at[0] == y and 0 < x - self._at[1] < 100:
            self._out.append(f"\x1b[{x - self._at[1]}C")
        elif x == 0:
            self._out.append(f"\x1b[{y + 1}H")
        else:
            self._out.append(f"\x1b[{y + 1};{x + 1}H")

    def _write(self, chars: list[str], styles: list[str], start: int, stop: int) -> None:
        at = start
        while at < stop:
            end = at + 1
            while end < stop and styles[end] == styles[at]:
                end += 1
            self._to_style(styles[at])
            self._out.append("".join(chars[at:end]))
            at = end

    def _to_style(self, style: str) -> None:
        if style == self._style:
            return
        if not style:
            self._out.append("\x1b[m")
        elif not self._style:
            self._out.append(f"\x1b[{style}m")
        else:
            self._out.append(f"\x1b[0;{style}m")
        self._style = style


def find_shift(shown: Sequence[Row | None], changed: dict[int, Row]) -> tuple[int, int, int] | None:
    """(lines, first row, last row) of a scroll that most changed rows agree with; None when there is none."""
    if len(changed) < LEAST_SCROLL:
        return None
    top, bottom = min(changed), max(changed)
    places: dict[str, list[int]] = {}
    for y in range(top, bottom + 1):
        row = shown[y]
        if row is None:
            return None
        places.setdefault(_text(row), []).append(y)
    votes: dict[int, int] = {}
    for y, row in changed.items():
        for old in places.get(_text(row), ())[:2]:
            if old != y:
                votes[old - y] = votes.get(old - y, 0) + 1
    best = max(votes, key=lambda by: votes[by], default=0)
    if best == 0 or votes[best] < max(4, len(changed) // 2) or abs(best) > (bottom - top) // 2:
        return None
    return best, top, bottom


def _text(row: Row) -> str:
    """What identifies a line: its characters without the scroll bar."""
    return "".join(row[0][:-1])
