"""Rows of a pane as printed lines: columns as wide as they must be, indented where they are a tree."""

import time

from osconsole.cli.glyphs import utf8
from osconsole.views.plain import ASCII
from osconsole.views.rows import Cell, Row, Table
from osconsole.views.text import age

INDENT = "  "


def text(table: Table, now: float = 0.0) -> str:
    """The table; columns in which nothing stands are left out."""
    if not table.rows:
        return table.empty or "none"
    now = now or time.time()
    lines = [[_cell(cell, row, at, now) for at, cell in enumerate(row.cells)] for row in table.rows]
    used = [at for at in range(len(table.columns)) if any(line[at] for line in lines)]
    wide = {at: max(len(table.columns[at].title), *(len(line[at]) for line in lines)) for at in used}
    out = [[column.title for column in table.columns], *lines]
    placed = ((_placed(line[at], wide[at], table.columns[at].align) for at in used) for line in out)
    return "\n".join("  ".join(line).rstrip() for line in placed)


def _cell(cell: Cell, row: Row, at: int, now: float) -> str:
    said = age(now - cell.instant) if cell.instant and not cell.text else cell.text
    if not utf8():
        said = said.translate(ASCII)
    return f"{INDENT * row.depth}{said}" if at == 0 else said


def _placed(text: str, width: int, align: str) -> str:
    return text.rjust(width) if align == ">" else text.ljust(width)
