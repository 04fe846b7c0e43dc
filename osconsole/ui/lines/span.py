"""Painted lines: text with a look, as values. What a look means in colours is the theme's business.

A `Line` is made once and shown as long as the very same object is handed out: identity is what tells the layers
above that nothing changed, so that an unchanged line costs nothing.
"""

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from osconsole.ui.lines.width import fit, width_of


class Look(NamedTuple):
    """How a run of cells looks: a role of `views.rows.ROLES` and marks that need no colour."""

    role: str = ""
    bold: bool = False
    reverse: bool = False
    strike: bool = False
    underline: bool = False


PLAIN = Look()
QUIET = Look("quiet")
BOLD = Look(bold=True)
ACCENT = Look("accent")
Span = tuple[str, Look]


class Line:
    """One line of the screen, or a part of it: spans that fill exactly `width` cells."""

    __slots__ = ("drawn", "spans", "width")

    def __init__(self, spans: tuple[Span, ...], width: int) -> None:
        self.spans = spans
        self.width = width
        self.drawn: Any = None  # whatever the layer that draws keeps with it

    def __iter__(self) -> Iterator[Span]:
        return iter(self.spans)

    @property
    def text(self) -> str:
        """The line without looks."""
        return "".join(text for text, _ in self.spans)


def line(spans: Iterable[Span], width: int, fill: Look = PLAIN) -> Line:
    """The spans as a line of exactly `width` cells: cut with an ellipsis, or filled up with blanks."""
    out: list[Span] = []
    left = width
    for text, look in spans:
        if left <= 0:
            break
        if not text:
            continue
        size = width_of(text)
        if size > left:
            text, size = fit(text, left), left
        if out and out[-1][1] == look:
            out[-1] = (out[-1][0] + text, look)
        else:
            out.append((text, look))
        left -= size
    if left > 0:
        if out and out[-1][1] == fill:
            out[-1] = (out[-1][0] + " " * left, fill)
        else:
            out.append((" " * left, fill))
    return Line(tuple(out), max(width, 0))


_blank: dict[int, Line] = {}


def blank(width: int) -> Line:
    """An empty line; always the same object for a width."""
    found = _blank.get(width)
    if found is None:
        found = _blank[width] = line((), width)
    return found


def relook(painted: Line, **marks: Any) -> Line:
    """The same line with marks set on every span, e.g. `reverse=True`."""
    return Line(tuple((text, look._replace(**marks)) for text, look in painted.spans), painted.width)
