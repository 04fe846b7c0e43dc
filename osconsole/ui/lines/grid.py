"""Grid: panes in columns, parted by rules. On a small terminal panes become tabs instead of shrinking to nothing."""

from collections.abc import Sequence
from itertools import pairwise

from osconsole.ui.lines.part import Part
from osconsole.ui.lines.rule import crossing, rule
from osconsole.ui.lines.span import QUIET, Line, blank

NARROW = 100  # columns of the terminal below which columns of panes are not shown side by side
LEAST_HEIGHT = 5  # lines that a pane must have, its rule included


class Slot:
    """One pane: what it shows, its title and a note beside it, its share of the height."""

    def __init__(self, part: Part, title: str, weight: int = 1) -> None:
        self.part = part
        self.title = title
        self.note = ""
        self.weight = max(1, weight)


class _Cell:
    """A place in a column; with several slots these are tabs and one of them is shown."""

    def __init__(self, slots: Sequence[Slot]) -> None:
        self.slots = list(slots)
        self.weight = slots[0].weight if len(slots) == 1 else max(slot.weight for slot in slots)
        self.shown = self.slots[0]
        self.height = 0
        self.drawn: tuple[object, Line] = (None, blank(0))

    def heading(self, focus: Slot, width: int) -> Line:
        shown = self.shown
        wants = (tuple(slot.title for slot in self.slots), shown.title, shown.note, focus is shown, width)
        if self.drawn[0] != wants:
            tabs = len(self.slots) > 1
            titles = [(slot.title, slot is shown and (focus is slot or tabs)) for slot in self.slots]
            self.drawn = (wants, rule(titles, width, shown.note))
        return self.drawn[1]


class Grid:
    """A `Part` of panes; one of them has the focus."""

    def __init__(self, columns: Sequence[Sequence[Slot]], widths: Sequence[int] = ()) -> None:
        self.columns = [list(column) for column in columns]
        self.slots = [slot for column in self.columns for slot in column]
        self.focus = self.slots[0]
        self._shares = list(widths) if len(widths) == len(self.columns) else [1] * len(self.columns)
        self._width = self._height = 0
        self._cells: list[list[_Cell]] = []
        self._sizes: list[int] = []
        self._joined: dict[int, tuple[tuple[Line, ...], str, Line]] = {}

    def move_focus(self, by: int) -> None:
        """To the next or the previous pane."""
        self.focus = self.slots[(self.slots.index(self.focus) + by) % len(self.slots)]
        self._show_focus()

    def _show_focus(self) -> None:
        for cell in (cell for column in self._cells for cell in column):
            if self.focus in cell.slots and cell.shown is not self.focus:
                cell.shown = self.focus
                self._place()

    def resize(self, width: int, height: int) -> None:
        """Another place: which panes are side by side, above each other, or tabs."""
        if (width, height) == (self._width, self._height):
            return
        self._width, self._height = width, height
        self._joined.clear()
        self._cells = self._arranged()
        spare = width - (len(self._cells) - 1)
        whole = sum(self._shares[: len(self._cells)])
        self._sizes = [spare * share // whole for share in self._shares[: len(self._cells)]]
        self._sizes[-1] += spare - sum(self._sizes)
        self._show_focus()
        self._place()

    def _arranged(self) -> list[list[_Cell]]:
        columns = [[_Cell([slot]) for slot in column] for column in self.columns]
        if len(columns) > 1 and self._width < NARROW:
            columns = [[*columns[0], _Cell([slot for column in self.columns[1:] for slot in column])]]
        if max(len(column) for column in columns) * LEAST_HEIGHT > self._height:
            columns = [[_Cell(self.slots)]]
        return columns

    def _place(self) -> None:
        for column, width in zip(self._cells, self._sizes, strict=True):
            left, weight = self._height, sum(cell.weight for cell in column)
            for cell in column:
                cell.height = left * cell.weight // weight if weight > cell.weight else left
                left -= cell.height
                weight -= cell.weight
                cell.shown.part.resize(width, max(0, cell.height - 1))

    def lines(self, now: float) -> list[Line]:
        """All panes with their rules."""
        stacks = [self._stack(at, now) for at in range(len(self._cells))]
        if len(stacks) == 1:
            return [painted for painted, _ in stacks[0]][: self._height]
        return [self._row(y, [stack[y] for stack in stacks]) for y in range(self._height)]

    def _stack(self, at: int, now: float) -> list[tuple[Line, bool]]:
        """The lines of a column, each with whether it is a rule."""
        out: list[tuple[Line, bool]] = []
        for cell in self._cells[at]:
            if cell.height:
                out.append((cell.heading(self.focus, self._sizes[at]), True))
                out.extend((painted, False) for painted in cell.shown.part.lines(now))
        out.extend([(blank(self._sizes[at]), False)] * (self._height - len(out)))
        return out

    def _row(self, y: int, pieces: list[tuple[Line, bool]]) -> Line:
        lines = tuple(painted for painted, _ in pieces)
        signs = "".join(crossing(left=left, right=right, top=y == 0) for (_, left), (_, right) in pairwise(pieces))
        kept = self._joined.get(y)
        if kept is not None and kept[1] == signs and all(a is b for a, b in zip(kept[0], lines, strict=True)):
            return kept[2]
        spans = list(lines[0].spans)
        for sign, painted in zip(signs, lines[1:], strict=True):
            spans += [(sign, QUIET), *painted.spans]
        joined = Line(tuple(spans), self._width)
        self._joined[y] = (lines, signs, joined)
        return joined

    def due(self, now: float) -> float:
        """The soonest of the panes on screen."""
        found = [cell.shown.part.due(now) for column in self._cells for cell in column]
        return min((at for at in found if at), default=0.0)

    @property
    def visible(self) -> list[Slot]:
        """The panes that are on screen now."""
        return [cell.shown for column in self._cells for cell in column]
