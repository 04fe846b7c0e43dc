"""Footer: one line with the keys that matter here, or for a while with what the program has to say."""

import time
from collections.abc import Sequence

from osconsole.ui.lines.span import ACCENT, PLAIN, QUIET, Line, Look, Span, blank, line
from osconsole.ui.lines.width import width_of

SHOWN_S = 10.0  # how long a message stays


class FooterWidget:
    """A `Part` of one line. `hints` are (key, words) pairs, the most important first.

    How long a message stays is for a person to read it: it goes by this machine's clock, also in a recording.
    """

    def __init__(self) -> None:
        self.hints: Sequence[tuple[str, str]] = ()
        self.message: tuple[str, str] = ("", "")  # text, role
        self._until = 0.0
        self._width = 0
        self._drawn: tuple[object, Line] = (None, blank(0))

    def say(self, text: str, role: str) -> None:
        """Show a message instead of the keys."""
        self.message = (text, role)
        self._until = time.monotonic() + SHOWN_S + len(text) / 20

    def hush(self) -> bool:
        """Take the message away; False when there was none."""
        had = bool(self.message[0])
        self.message = ("", "")
        return had

    def resize(self, width: int, height: int) -> None:
        """The width of the terminal."""
        self._width = width

    def due(self, now: float) -> float:
        """When the message goes."""
        return now + max(self._until - time.monotonic(), 0.01) if self.message[0] else 0.0

    def lines(self, now: float) -> list[Line]:
        """The message, else the keys."""
        if self.message[0] and time.monotonic() >= self._until:
            self.message = ("", "")
        wants = (self.message, tuple(self.hints), self._width)
        if self._drawn[0] != wants:
            self._drawn = (wants, self._said() if self.message[0] else self._keys())
        return [self._drawn[1]]

    def _said(self) -> Line:
        text, role = self.message
        return line([(" ", PLAIN), (text, Look(role, bold=True))], self._width)

    def _keys(self) -> Line:
        spans: list[Span] = [(" ", PLAIN)]
        left = self._width - 1
        for key, words in self.hints:
            size = width_of(key) + width_of(words) + 3
            if size > left + 2:
                continue
            spans += [(key, ACCENT), (" ", PLAIN), (words, QUIET), ("  ", PLAIN)]
            left -= size
        return line(spans, self._width)
