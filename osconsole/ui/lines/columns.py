"""Geometry of a table: how wide each column is, and which ones give way when the place is too small."""

from collections.abc import Sequence

from osconsole.ui.lines.width import width_of
from osconsole.views.rows import Column, Row

GAP = 1
SAMPLE = 256  # rows to look at for widths; more would only cost time


def wanted(columns: Sequence[Column], rows: Sequence[Row], indent: int = 0) -> list[int]:
    """The width that each column's content asks for, inside its own bounds; the first one has room for `indent`."""
    sizes = [max(column.least, width_of(column.title)) for column in columns]
    for row in rows:
        for at, cell in enumerate(row.cells[: len(sizes)]):
            size = 4 if cell.instant else width_of(cell.text)
            if at == 0 and indent:
                size += indent + 2 * row.depth
            sizes[at] = max(sizes[at], size)
    return [
        min(size, max(column.most, column.least) + (indent * 3 if at == 0 else 0))
        for at, (size, column) in enumerate(zip(sizes, columns, strict=True))
    ]


def allot(columns: Sequence[Column], sizes: Sequence[int], available: int) -> list[int]:
    """Widths that fit into `available` cells with a gap between; 0 is a column that is not shown.

    A column that may give way (`yields`) first shrinks to its least width, then goes: the highest number first. What
    is left is shared by those that stay, the smallest wish first.
    """
    here = [True] * len(columns)

    def least(at: int) -> int:
        return min(columns[at].least, sizes[at]) if columns[at].yields else sizes[at]

    def total() -> int:
        return sum(least(at) + GAP for at in range(len(columns)) if here[at]) - GAP

    for at in sorted(range(len(columns)), key=lambda at: -columns[at].yields):
        if total() <= available or not columns[at].yields:
            break
        here[at] = False
    out = [least(at) if here[at] else 0 for at in range(len(columns))]
    spare = available - total()
    for at in sorted(range(len(columns)), key=lambda at: sizes[at] - out[at]):
        if out[at] and spare > 0:
            more = min(spare, sizes[at] - out[at])
            out[at] += more
            spare -= more
    return _squeezed(columns, out, -spare) if spare < 0 else out


def _squeezed(columns: Sequence[Column], out: list[int], over: int) -> list[int]:
    """Widths made smaller by `over` cells in all, the widest first, none below its least as long as that helps."""
    for at in sorted(range(len(out)), key=lambda at: -out[at]):
        if over <= 0:
            break
        less = min(over, max(0, out[at] - columns[at].least))
        out[at] -= less
        over -= less
    return out
