"""Canvas: the one Textual widget of the screen. It draws a `Frame` and knows nothing of what is in it.

One widget instead of many: opening, exchanging and resizing panes is plain synchronous code, so that no key can arrive
between two of its steps, and a screen costs neither tasks nor style sheets.
"""

import logging
from collections.abc import Callable, Mapping

from rich.segment import Segment
from textual.events import Resize
from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget

from osconsole.ui.lines.frame import Frame
from osconsole.ui.lines.span import Line, Look, blank, line
from osconsole.ui.theme import Theme

log = logging.getLogger(__name__)


class Canvas(Widget):
    """Lines of the frame as strips. A line that is the same object as before is the same strip as before."""

    DEFAULT_CSS = "Canvas { width: 100%; height: 100%; }"

    def __init__(
        self,
        frame: Frame,
        theme: Theme,
        now: Callable[[], float],
        resized: Callable[[int, int], None],
        paint: Callable[[Mapping[int, Strip]], bool],
    ) -> None:
        """`paint` writes lines to the terminal, and says whether it could."""
        super().__init__()
        self._paint = paint
        self._frame = frame
        self._theme = theme
        self._now = now
        self._resized = resized
        self._shown: list[Line] = []

    def on_resize(self, event: Resize) -> None:
        """The terminal has another size."""
        self._resized(event.size.width, event.size.height)
        self.redraw()

    def redraw(self) -> None:
        """Paint the frame anew; lines that are other objects than before go to the terminal."""
        width, height = self.size
        if not width or not height:
            return
        before, self._shown = self._shown, self._painted(width, height)
        if len(before) != height:
            self.refresh()
            return
        changed = [y for y in range(height) if before[y] is not self._shown[y]]
        if changed and not self._paint({y: self._strip(self._shown[y]) for y in changed}):
            self.refresh(*(Region(0, y, width, 1) for y in changed))

    def render_lines(self, crop: Region) -> list[Strip]:
        """The lines of a region, for the compositor."""
        width, height = self.size
        if len(self._shown) != height or any(painted.width != width for painted in self._shown[:1]):
            self._shown = self._painted(width, height)
        strips = [self._strip(painted) for painted in self._shown[crop.y : crop.bottom]]
        if crop.x == 0 and crop.right == width:
            return strips
        return [strip.crop(crop.x, crop.right) for strip in strips]

    def _painted(self, width: int, height: int) -> list[Line]:
        """The frame's lines; a fault in one of its parts is told in its place and never ends the console."""
        if (self._frame.width, self._frame.height) != (width, height):
            self._resized(width, height)
        try:
            found = self._frame.lines(self._now())
        except Exception as error:
            log.exception("a screen could not be drawn")
            words = f" this screen could not be drawn ({error!r}): the program's log has more"
            found = [line([(words, Look("bad"))], width)]
        return [*found, *[blank(width)] * (height - len(found))][:height]

    def _strip(self, painted: Line) -> Strip:
        kept = painted.drawn
        if kept is None:
            theme = self._theme
            segments = [Segment(theme.text(text), theme.style(look)) for text, look in painted.spans]
            kept = painted.drawn = Strip(segments, painted.width)
        found: Strip = kept
        return found
