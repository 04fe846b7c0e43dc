"""Frame differences: only cells that changed are written to the terminal.

Textual writes whole regions. This mixin takes the frame that its compositor made, or lines as they are painted, and
writes the difference to the frame before. It rests on two things of Textual 8.2 that are not public: `App._display` and
the two update classes of `textual._compositor`. Both are touched here and nowhere else; a test holds them, and on any
surprise Textual's own way of drawing takes over.
"""

import logging
from collections.abc import Iterator, Mapping

from rich.cells import get_character_cell_size
from rich.console import RenderableType
from rich.segment import Segment
from rich.style import Style
from textual._compositor import ChopsUpdate, LayoutUpdate
from textual.app import App
from textual.screen import Screen
from textual.strip import Strip

from osconsole.ui.lines.celldiff import CellDiff, Row

log = logging.getLogger(__name__)


class FrameDiff(App[int]):
    """A mixin in front of `App`."""

    _cells: CellDiff | None = None
    _last: dict[int, Strip]
    _sgr: dict[Style | None, str]
    _stock = False
    drawing = True  # False while somebody else has the terminal

    def forget_frame(self) -> None:
        """Nothing is known of what the terminal shows: the next frame is written whole."""
        self._cells = None

    def _display(self, screen: Screen[object], renderable: RenderableType | None) -> None:
        if not self.drawing:
            return
        if renderable is None or self._batch_count:
            super()._display(screen, renderable)
            return
        driver = self._driver
        lines = None if self._stock else _lines(renderable)
        usable = driver is not None and not driver.is_inline and not driver.is_headless
        if lines is None or driver is None or not usable or not self._running or self._closed:
            self._cells = None
            super()._display(screen, renderable)
            return
        try:
            written = self._difference(dict(lines))
        except Exception:
            log.exception("frames cannot be compared: Textual draws from now on")
            self._stock, self._cells = True, None
            super()._display(screen, renderable)
            return
        self._write(written)
        self.post_display_hook()

    def paint(self, lines: Mapping[int, Strip]) -> bool:
        """Write whole lines of the frame now, past Textual's compositor and its clock.

        False when that cannot be: then the compositor is to be asked.
        """
        known = self._cells is not None and (self._cells.width, self._cells.height) == self.size
        if not known or self._stock or not self.drawing or self._batch_count or not self._running or self._closed:
            return False
        try:
            self._write(self._difference(lines))
        except Exception:
            log.exception("frames cannot be compared: Textual draws from now on")
            self._stock, self._cells = True, None
            return False
        return True

    def _write(self, written: str) -> None:
        if written and self._driver is not None:
            self._begin_update()
            self._driver.write(written)
            self._end_update()
            self._driver.flush()

    def _difference(self, lines: Mapping[int, Strip]) -> str:
        width, height = self.size
        start = ""
        if self._cells is None or (self._cells.width, self._cells.height) != (width, height):
            self._cells, self._last, self._sgr = CellDiff(width, height), {}, {}
            start = "\x1b[m\x1b[2J"
        rows = {}
        for y, strip in lines.items():
            if self._last.get(y) is not strip:
                self._last[y] = strip
                rows[y] = self._row(strip, width)
        return start + self._cells.update(rows)

    def _row(self, strip: Strip, width: int) -> Row:
        """The cells of a strip, cut or filled up to the width."""
        chars: list[str] = []
        styles: list[str] = []
        for segment in strip:
            sgr = self._sgr.get(segment.style)
            if sgr is None:
                sgr = self._sgr[segment.style] = self._parameters(segment)
            if segment.text.isascii():
                chars.extend(segment.text)
            else:
                _spread(segment.text, chars)
            styles.extend([sgr] * (len(chars) - len(styles)))
        missing = width - len(chars)
        return [*chars, *" " * missing][:width], [*styles, *[""] * missing][:width]

    def _parameters(self, segment: Segment) -> str:
        """The SGR parameters of a style on this terminal."""
        if segment.style is None:
            return ""
        painted = segment.style.render("x", color_system=self.console._color_system)  # noqa: SLF001
        return painted.partition("x")[0].removeprefix("\x1b[").removesuffix("m")


def _spread(text: str, chars: list[str]) -> None:
    """One entry per cell: nothing for the second half of a wide character, marks join the cell before."""
    for char in text:
        size = get_character_cell_size(char)
        if size == 0 and chars:
            chars[-1] += char
        else:
            chars.extend((char, "") if size == 2 else (char,))


def _lines(renderable: RenderableType) -> Iterator[tuple[int, Strip]] | None:
    """(line, strip) pairs of an update that consists of whole lines of one strip each; None for any other."""
    if isinstance(renderable, LayoutUpdate):
        whole = [tuple(strips) for strips in renderable.strips]
        if renderable.region.x == 0 and all(len(strips) == 1 for strips in whole):
            return ((y, strips[0]) for y, strips in enumerate(whole, renderable.region.y))
    elif isinstance(renderable, ChopsUpdate):
        found = [(y, tuple(renderable.chops[y].values())) for y, _, _ in renderable.spans]
        if all(len(strips) == 1 and strips[0] is not None for _, strips in found):
            return ((y, strips[0]) for y, strips in found if strips[0] is not None)
    return None
