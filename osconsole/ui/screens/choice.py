"""A sheet to choose one of several: type to narrow, Enter to take. What cannot be taken is dimmed and says why."""

from collections.abc import Callable, Sequence

import msgspec

from osconsole.ui.lines.rule import rule
from osconsole.ui.lines.span import Line
from osconsole.ui.widgets.prompt import PromptWidget
from osconsole.ui.widgets.table import TableWidget
from osconsole.views.rows import Cell, Column, Row, Table

_HEADS = (Column("", least=12, most=44), Column("", least=8, most=200, yields=1))


class Choice(msgspec.Struct, frozen=True):
    """One thing to choose: a name, some words, why it cannot be taken ("" when it can)."""

    name: str
    words: str = ""
    forbidden: str = ""


class ChoiceSheet:
    """`taken` gets the name of what was chosen."""

    def __init__(self, title: str, choices: Sequence[Choice], taken: Callable[[str], None]) -> None:
        self.hints: Sequence[tuple[str, str]] = (("⏎", "take"), ("↑↓", "choose"), ("type", "narrow"), ("Esc", "close"))
        self._title = title
        self._taken = taken
        self._prompt = PromptWidget("/")
        self._table = TableWidget()
        self._width = 0
        self.choices: dict[str, Choice] = {}
        self.put(choices)

    def put(self, choices: Sequence[Choice]) -> None:
        """Other choices, e.g. when rights have become known."""
        self.choices = {choice.name: choice for choice in choices}
        self._table.put(Table(_HEADS, tuple(map(_row, choices)), "nothing to choose"))

    def wants(self, width: int, most: int) -> int:
        """All choices, rule and prompt."""
        return min(most, max(6, len(self.choices) + 3))

    def resize(self, width: int, height: int) -> None:
        """Its place."""
        self._width = width
        self._table.resize(width, height - 1)
        self._prompt.resize(width, 1)

    def lines(self, now: float) -> list[Line]:
        """The rule, what was typed, the choices."""
        painted = self._table.lines(now)
        return [rule([(self._title, True)], self._width), *self._prompt.lines(now), *painted[1:]]

    def due(self, now: float) -> float:
        """It does not age."""
        return 0.0

    def key(self, key: str, character: str | None) -> bool:
        """Choose, narrow, take or close."""
        listing = self._table.list
        moves = {"down": 1, "up": -1, "pagedown": listing.height, "pageup": -listing.height, "tab": 1, "shift+tab": -1}
        if key in moves:
            listing.move(moves[key])
            return True
        said = self._prompt.key(key, character)
        if said == "done":
            return not self._take()
        listing.filter(self._prompt.text)
        return said != "left"

    def _take(self) -> bool:
        row = self._table.row
        if row is None or self.choices[str(row.key)].forbidden:
            return False
        self._taken(str(row.key))
        return True


def _row(choice: Choice) -> Row:
    role = "quiet" if choice.forbidden else ""
    words = choice.forbidden or choice.words
    cells = (Cell(choice.name, role), Cell(words, "quiet"))
    return Row(choice.name, cells, text=f"{choice.name} {words}".lower())
