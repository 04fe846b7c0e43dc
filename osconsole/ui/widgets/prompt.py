"""Prompt: the line that a person types into after `:`, `/` or a question.

A plain value of text, so that it takes keys from the moment it is opened, before anything is drawn.
"""

from collections.abc import Callable, Sequence

from osconsole.ui.lines.span import ACCENT, PLAIN, QUIET, Line, Look, blank, line

Complete = Callable[[str], Sequence[str]]


class PromptWidget:
    """A `Part` of one line. `sign` stands before the text; `complete` gives the words that the text may become."""

    def __init__(
        self, sign: str, text: str = "", *, complete: Complete | None = None, past: Sequence[str] = ()
    ) -> None:
        self.sign = sign
        self.text = text
        self.at = len(text)
        self._complete = complete
        self._past = [*past, text]
        self._place = len(self._past) - 1
        self._width = 0
        self._drawn: tuple[object, Line] = (None, blank(0))

    def key(self, key: str, character: str | None) -> str:
        """Take a key: "done" and "left" end the prompt, "changed" and "" go on."""
        before = self.text
        if key == "enter":
            return "done"
        if key in {"escape", "ctrl+c"} or (key in {"backspace", "ctrl+h"} and not self.text):
            return "left"
        edit = _EDITS.get(key)
        if edit is not None:
            edit(self)
        elif character and character.isprintable():
            self.insert(character)
        return "changed" if self.text != before else ""

    def insert(self, text: str) -> None:
        """Text at the cursor, e.g. pasted; only its first line."""
        clean = "".join(char for char in text.split("\n")[0] if char.isprintable())
        self.text = self.text[: self.at] + clean + self.text[self.at :]
        self.at += len(clean)

    @property
    def hint(self) -> Sequence[str]:
        """What the text may become."""
        return self._complete(self.text) if self._complete and self.text else ()

    def complete(self) -> None:
        """The first completion."""
        for found in self.hint:
            self.text, self.at = found, len(found)
            break

    def recall(self, by: int) -> None:
        """Earlier or later input."""
        self._place = max(0, min(self._place + by, len(self._past) - 1))
        self.text = self._past[self._place]
        self.at = len(self.text)

    def delete(self, start: int) -> None:
        """What stands between there and the cursor."""
        start = max(0, start)
        self.text, self.at = self.text[:start] + self.text[self.at :], start

    def resize(self, width: int, height: int) -> None:
        """The width of the terminal."""
        self._width = width

    def due(self, now: float) -> float:
        """A prompt does not age, and its cursor does not blink."""
        return 0.0

    def lines(self, now: float) -> list[Line]:
        """Sign, text with a cursor, what it may become."""
        wants = (self.text, self.at, self._width, tuple(self.hint[:6]))
        if self._drawn[0] != wants:
            sign, room = self._shares()
            start = max(0, self.at + 1 - room)  # the cursor is always seen
            shown, at = self.text[start : start + room], self.at - start
            under = shown[at : at + 1] or " "
            rest = "  ".join(self.hint[:6])
            spans = [
                (sign, ACCENT), (shown[:at], PLAIN), (under, Look(reverse=True)),
                (shown[at + 1 :], PLAIN), (f"  {rest}" if rest else "", QUIET),
            ]  # fmt: skip
            self._drawn = (wants, line(spans, self._width))
        return [self._drawn[1]]

    def _shares(self) -> tuple[str, int]:
        """The sign, and the characters left for the text; a long sign gives way to a long text, down to half."""
        sign = f" {self.sign}"
        most = max(self._width // 2, self._width - len(self.text) - 2)
        if len(sign) > most > 1:
            sign = f"{sign[: most - 2]}… "
        return sign, max(1, self._width - len(sign) - 1)


def _go(to: Callable[[PromptWidget], int]) -> Callable[[PromptWidget], None]:
    def edit(prompt: PromptWidget) -> None:
        prompt.at = max(0, min(to(prompt), len(prompt.text)))

    return edit


_EDITS: dict[str, Callable[[PromptWidget], None]] = {
    "backspace": lambda p: p.delete(p.at - 1),
    "ctrl+h": lambda p: p.delete(p.at - 1),
    "ctrl+u": lambda p: p.delete(0),
    "ctrl+w": lambda p: p.delete(p.text[: p.at].rstrip().rfind(" ") + 1),
    "left": _go(lambda p: p.at - 1),
    "right": _go(lambda p: p.at + 1),
    "home": _go(lambda _: 0),
    "ctrl+a": _go(lambda _: 0),
    "end": _go(lambda p: len(p.text)),
    "ctrl+e": _go(lambda p: len(p.text)),
    "tab": lambda p: p.complete(),
    "up": lambda p: p.recall(-1),
    "down": lambda p: p.recall(1),
}
