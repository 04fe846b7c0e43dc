"""The sheet before a write: what will be written and why there, what rolls, what was checked, how to take it back."""

from collections.abc import Callable, Iterator, Sequence

from osconsole.model.preview import Preview
from osconsole.ui.lines.rule import rule
from osconsole.ui.lines.source import Lines
from osconsole.ui.lines.span import Line
from osconsole.ui.lines.wrap import wrapped
from osconsole.ui.widgets.prompt import PromptWidget
from osconsole.ui.widgets.text import TextWidget
from osconsole.views.rows import Line as TextLine
from osconsole.views.text import clean

_LEVELS = {"ok": ("● ", "good"), "warn": ("! ", "warn"), "refused": ("✗ ", "bad")}


class PreviewSheet:
    """`apply` is called once, with the preview that is on screen. What is dangerous asks for a typed name."""

    def __init__(self, preview: Preview, apply: Callable[[Preview], None], note: str = "") -> None:
        self._preview = preview
        self._apply = apply
        self._whole = False
        self._note = note
        self._text = TextWidget(Lines(self._said()))
        self._text.wrap = True
        self._prompt = PromptWidget(f"type {preview.confirm} to confirm: ") if preview.confirm else None
        self._width = 0

    @property
    def hints(self) -> Sequence[tuple[str, str]]:
        """Keys for the footer."""
        more = [("d", "whole diff")] if self._preview.diff and not self._prompt else []
        if self._preview.refused:
            return [*more, ("Esc", "leave")]
        return [("⏎", "apply"), *more, ("Esc", "leave")]

    def _said(self) -> list[TextLine]:
        lines = list(summary(self._preview, self._note))
        return [*lines, *diff(self._preview)] if self._whole else lines

    def wants(self, width: int, most: int) -> int:
        """All of it, long lines wrapped."""
        rows = sum(len(wrapped(line.spans, max(1, width - 2))) for line in self._said())
        return min(most, rows + 1 + (1 if self._prompt else 0))

    def resize(self, width: int, height: int) -> None:
        """Its place."""
        self._width = width
        self._text.resize(width, height - (2 if self._prompt else 1))
        if self._prompt:
            self._prompt.resize(width, 1)

    def lines(self, now: float) -> list[Line]:
        """Rule, text, the line to type into."""
        below = self._prompt.lines(now) if self._prompt else []
        return [rule([(clean(self._preview.title), True)], self._width), *self._text.lines(now), *below]

    def due(self, now: float) -> float:
        """It does not age."""
        return 0.0

    def key(self, key: str, character: str | None) -> bool:
        """Enter applies, d shows the diff, arrows scroll, anything else leaves."""
        moves = {"down": 1, "up": -1, "pagedown": 10, "pageup": -10}
        if key in moves:
            self._text.move(moves[key])
            return True
        if self._prompt and key != "enter":
            return self._prompt.key(key, character) != "left"
        if key == "enter":
            return not self._submit()
        if character == "d" and self._preview.diff:
            self._whole = not self._whole
            self._text.replace(Lines(self._said()))
            return True
        return False

    def _submit(self) -> bool:
        if self._preview.refused or (self._prompt and self._prompt.text.strip() != self._preview.confirm):
            return False
        self._apply(self._preview)
        return True


def summary(preview: Preview, note: str = "") -> Iterator[TextLine]:
    """What a person must know before they say yes."""
    if note:
        yield _line("note", note, "warn")
    tried = "" if preview.refused else ", accepted by the server's dry run"
    seen = f"  (version {preview.version}{tried})" if preview.version else ""
    if not preview.touches:
        yield _line("object", f"{preview.target}{seen}")
    for touched in preview.touches:
        yield _line("writes", f"{preview.target.short}   {touched}{seen}")
    if preview.because:
        yield _line("because", preview.because)
    for rolls in preview.rolls:
        yield _line("rolls", rolls)
    for finding in preview.findings:
        sign, role = _LEVELS.get(finding.level, ("? ", "warn"))
        yield _line("check", sign + finding.text, role if finding.level != "ok" else "")
    for warning in preview.warnings:
        yield _line("server", warning, "warn")
    if preview.undo:
        yield _line("undo", preview.undo)
    if preview.refused:
        yield _line("refused", preview.refused, "bad")


def diff(preview: Preview) -> Iterator[TextLine]:
    """The diff that the server's dry run gave."""
    yield TextLine((("", ""),))
    for line in preview.diff:
        role = {"+": "good", "-": "bad", "@": "accent"}.get(line[:1], "quiet")
        yield TextLine(((clean(line), role),))


def _line(name: str, text: str, role: str = "") -> TextLine:
    return TextLine(((f"  {name:<9}", "quiet"), (clean(text), role)))
