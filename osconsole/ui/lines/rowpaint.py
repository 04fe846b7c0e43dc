"""A row of cells as a painted line: column widths, the indent of a tree, ages as of now, the marks of its condition."""

from collections.abc import Iterator, Sequence

import msgspec

from osconsole.ui.lines.span import ACCENT, PLAIN, QUIET, Line, Look, Span, line
from osconsole.ui.lines.width import fit
from osconsole.views.rows import Cell, Column, Row
from osconsole.views.state import WORDS
from osconsole.views.text import age

FOLDS = {"open": "▾ ", "shut": "▸ ", "": "  "}
TREE_INDENT = 4  # cells in front of the first cell of a tree's row at depth 0: fold sign, state


class Shape(msgspec.Struct, frozen=True):
    """How rows are laid out: columns with their widths (0: not shown), the whole width, and if it is a tree."""

    columns: tuple[Column, ...]
    widths: tuple[int, ...]
    width: int
    tree: bool = False


class Condition(msgspec.Struct, frozen=True, gc=False):
    """What befell a row: selected (in the pane that has the keys), marked, changed lately."""

    selected: bool = False
    marked: bool = False
    flash: bool = False


def heading(shape: Shape, order: tuple[int, bool] | None) -> Line:
    """The line of column titles; the sorted one carries an arrow."""
    spans: list[Span] = [(" ", QUIET)]
    for at, (column, width) in enumerate(zip(shape.columns, shape.widths, strict=True)):
        if not width:
            continue
        title = column.title
        if order and order[0] == at:
            title += "↓" if order[1] else "↑"
            spans.append((fit(title, width, column.align), ACCENT))
        else:
            spans.append((fit(title, width, column.align), QUIET))
        spans.append((" ", QUIET))
    return line(spans, shape.width)


def ages(row: Row, now: float) -> tuple[str, ...]:
    """The texts of a row that change with time alone; a line stays valid as long as they do."""
    return tuple(age(now - cell.instant) for cell in row.cells if cell.instant)


def alike(old: Row, new: Row) -> bool:
    """Two rows of an object look the same, whatever version they are of."""
    looks = (old.cells, old.state, old.depth, old.fold, old.gone)
    return old is new or looks == (new.cells, new.state, new.depth, new.fold, new.gone)


def next_age(instant: float, now: float) -> float:
    """The moment at which the printed age of an instant becomes another."""
    passed = max(0.0, now - instant)
    for size in (86400, 3600, 60):
        if passed >= size:
            return instant + (passed // size + 1) * size
    return instant + int(passed) + 1


def paint(row: Row, shape: Shape, now: float, condition: Condition) -> Line:
    """The row as a line of `shape.width` cells."""
    marks = Look("", condition.flash and not condition.selected, condition.selected, row.gone)
    spans: list[Span] = [("*" if condition.marked else " ", marks._replace(role="accent"))]
    for at, (cell, column) in enumerate(zip(row.cells, shape.columns, strict=False)):
        width = shape.widths[at]
        if not width:
            continue
        if at == 0 and shape.tree:
            spans.extend(_first(row, cell, width, marks))
        else:
            text = cell.text or (age(now - cell.instant) if cell.instant else "")
            spans.append((fit(text, width, column.align), _look(cell.role, marks)))
        spans.append((" ", marks))
    return line(spans, shape.width, marks)


def _first(row: Row, cell: Cell, width: int, marks: Look) -> Iterator[Span]:
    """The first cell of a tree: indent, fold sign, state, name."""
    state = WORDS.get(row.state)
    before = "  " * row.depth + FOLDS[row.fold]
    yield before, _look("quiet", marks)
    size = len(before)
    if state:
        yield state.glyph + " ", _look(state.role, marks)
        size += 2
    yield fit(cell.text, width - size), _look(cell.role, marks)


def _look(role: str, marks: Look) -> Look:
    """The role with the row's marks; a selected row has no colours of its own, so that it reads on any terminal."""
    if marks == PLAIN:
        return Look(role)
    return marks if marks.reverse else marks._replace(role=role)


def due(rows: Sequence[Row], now: float) -> float:
    """When an age among these rows changes next; 0 when there are none."""
    found = [next_age(cell.instant, now) for row in rows for cell in row.cells if cell.instant]
    return min(found, default=0.0)
