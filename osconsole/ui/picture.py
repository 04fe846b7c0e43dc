"""Picture: a frame as an SVG, for a report, a ticket, the documentation. Pure: lines in, text out.

Every word is put at its cell, so that a picture keeps its columns in whatever font it is shown.
"""

import re
from collections.abc import Iterator, Sequence
from html import escape

from osconsole.ui.lines.span import Line, Look
from osconsole.ui.lines.width import width_of

CELL, LEADING, EDGE = 8.4, 18, 12
GROUND, TEXT = "#1d1f21", "#c5c8c6"
COLOURS = {
    "good": "#879a3b", "busy": "#578fa4", "warn": "#d0a215", "bad": "#d14d41", "quiet": "#868887", "accent": "#6aa5e8",
}  # fmt: skip
FONTS = "Fira Code, DejaVu Sans Mono, Menlo, Consolas, monospace"
_WORD = re.compile(r"\S+")


def svg(lines: Sequence[Line]) -> str:
    """The lines, the first on top, as a whole SVG document."""
    width = max((line.width for line in lines), default=0) * CELL
    height = len(lines) * LEADING
    box = f"{-EDGE} {-EDGE} {width + 2 * EDGE:.0f} {height + 2 * EDGE}"
    ground = f'<rect x="{-EDGE}" y="{-EDGE}" width="{width + 2 * EDGE:.0f}" height="{height + 2 * EDGE}"'
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{box}" font-family="{FONTS}" font-size="14">'
    body = (part for number, line in enumerate(lines) for part in _line(line, number * LEADING))
    return "\n".join((head, f'{ground} rx="8" fill="{GROUND}"/>', *body, "</svg>", ""))


def _line(line: Line, top: int) -> Iterator[str]:
    column = 0
    for text, look in line.spans:
        if look.reverse:
            place = f'x="{column * CELL:.1f}" y="{top}" width="{width_of(text) * CELL:.1f}" height="{LEADING}"'
            yield f'<rect {place} fill="{_fill(look)}"/>'
        for word in _WORD.finditer(text):
            yield _word(word[0], column + width_of(text[: word.start()]), top, look)
        column += width_of(text)


def _word(text: str, column: int, top: int, look: Look) -> str:
    marks = ' font-weight="bold"' if look.bold else ""
    marks += ' text-decoration="line-through"' if look.strike else ""
    marks += ' text-decoration="underline"' if look.underline else ""
    fill = GROUND if look.reverse else _fill(look)
    place = f'x="{column * CELL:.1f}" y="{top + 14}" textLength="{width_of(text) * CELL:.1f}"'
    return f'<text {place} fill="{fill}"{marks}>{escape(text)}</text>'


def _fill(look: Look) -> str:
    return COLOURS.get(look.role, TEXT)
