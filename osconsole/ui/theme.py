"""Looks as terminal styles: five roles and an accent in the terminal's own sixteen colours.

The background is never touched, so that one theme reads on dark and light screens; without colours (NO_COLOR, a dumb
terminal) only bold, reverse and the glyphs remain. Where the locale cannot show them, glyphs become ASCII.
"""

import os

from rich.cells import get_character_cell_size
from rich.style import Style

from osconsole.ui.lines.span import Look
from osconsole.views.plain import ASCII

COLOURS = {
    "good": "green",
    "busy": "cyan",
    "warn": "yellow",
    "bad": "red",
    "accent": "bright_blue",
}
QUIET = Style(dim=True)
LOUD = Style(bold=True)


class Theme:
    """Styles for looks; `colours` and `unicode` say what the terminal can do."""

    def __init__(self, *, colours: bool = True, unicode: bool = True) -> None:
        self._colours = colours
        self._unicode = unicode
        self._styles: dict[Look, Style] = {}

    def style(self, look: Look) -> Style:
        """The style of a look; always the same object."""
        found = self._styles.get(look)
        if found is None:
            found = self._styles[look] = self._make(look)
        return found

    def _make(self, look: Look) -> Style:
        colour = COLOURS.get(look.role) if self._colours else None
        marks = Style(
            color=colour,
            bold=look.bold or None,
            reverse=look.reverse or None,
            strike=look.strike or None,
            underline=look.underline or None,
        )
        if look.role == "quiet":
            return QUIET + marks
        return LOUD + marks if look.role in {"bad", "accent"} and not self._colours else marks

    def text(self, text: str) -> str:
        """The text as this terminal can show it; the number of cells stays the same."""
        if self._unicode or text.isascii():
            return text
        plain = text.translate(ASCII)
        return plain if plain.isascii() else "".join(char if char.isascii() else _unknown(char) for char in plain)


def _unknown(char: str) -> str:
    return "?" * get_character_cell_size(char)


def terminal_theme(encoding: str) -> Theme:
    """The theme for this process' terminal: environment and the encoding of its output."""
    colours = not os.environ.get("NO_COLOR") and os.environ.get("TERM", "") not in {"dumb", "vt100", "vt220"}
    return Theme(colours=colours, unicode=encoding.lower().replace("-", "") == "utf8")
