"""Part: anything that fills a rectangle of the screen with lines. All that the canvas knows of a widget."""

from collections.abc import Sequence
from typing import Protocol

from osconsole.ui.lines.span import Line


class Part(Protocol):
    """A rectangle of the screen.

    `lines` gives exactly `height` lines of `width` cells, the same objects as before for what has not changed.
    `due` is the next moment (Unix seconds) at which they differ though nothing happens; 0 for never.
    """

    def resize(self, width: int, height: int) -> None:
        """The place that the part has from now on."""

    def lines(self, now: float) -> Sequence[Line]:
        """What it looks like."""

    def due(self, now: float) -> float:
        """When it looks different by the passing of time alone."""
