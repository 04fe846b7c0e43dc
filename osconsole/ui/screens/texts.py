"""A sheet of text to read and scroll: help, whole messages, diffs."""

from collections.abc import Callable, Sequence

from osconsole.ui.lines.rule import rule
from osconsole.ui.lines.source import Lines
from osconsole.ui.lines.span import Line
from osconsole.ui.widgets.text import TextWidget
from osconsole.views.rows import Line as TextLine

_MOVES: dict[str, Callable[[TextWidget, int], None]] = {
    "down": lambda t, _: t.move(1),
    "j": lambda t, _: t.move(1),
    "up": lambda t, _: t.move(-1),
    "k": lambda t, _: t.move(-1),
    "pagedown": lambda t, page: t.move(page),
    " ": lambda t, page: t.move(page),
    "pageup": lambda t, page: t.move(-page),
    "home": lambda t, _: t.end(top=True),
    "g": lambda t, _: t.end(top=True),
    "end": lambda t, _: t.end(top=False),
    "G": lambda t, _: t.end(top=False),
    "right": lambda t, _: t.sideways(8),
    "left": lambda t, _: t.sideways(-8),
}


class TextSheet:
    """Lines under a title; any key that does not scroll closes it."""

    def __init__(self, title: str, lines: Sequence[TextLine], *, wrap: bool = False) -> None:
        self.hints: Sequence[tuple[str, str]] = (("↑↓", "scroll"), ("Esc", "close"))
        self.text = TextWidget(Lines(lines))
        self.text.wrap = wrap
        self._title = title
        self._count = len(lines)
        self._page = 1
        self._rule: Line = rule([(title, True)], 0)

    def wants(self, width: int, most: int) -> int:
        """All lines and the rule."""
        return min(most, self._count + 1 + (4 if self.text.wrap else 0))

    def resize(self, width: int, height: int) -> None:
        """Its place."""
        self._page = max(1, height - 2)
        self._rule = rule([(self._title, True)], width)
        self.text.resize(width, height - 1)

    def lines(self, now: float) -> list[Line]:
        """The rule, the text."""
        return [self._rule, *self.text.lines(now)]

    def due(self, now: float) -> float:
        """It does not age."""
        return self.text.due(now)

    def key(self, key: str, character: str | None) -> bool:
        """Scroll, or close."""
        move = _MOVES.get(character or "") or _MOVES.get(key)
        if move is None:
            return False
        move(self.text, self._page)
        return True
