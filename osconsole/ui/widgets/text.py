"""Text: a viewer of any number of lines with follow, find, filter, wrap and marks. For logs, YAML, details, help."""

from collections.abc import Iterator

from osconsole.ui.lines import bar
from osconsole.ui.lines.match import matcher
from osconsole.ui.lines.source import Filtered, Source
from osconsole.ui.lines.span import Line, Look, Span, blank, line
from osconsole.ui.lines.wrap import wrapped

CACHE = 512
CONTEXT_LINES = 3


class TextWidget:
    """A `Part` over a `Source`. With `pointer` one line is selected, else the window just moves."""

    def __init__(self, source: Source, *, follow: bool = False, pointer: bool = False) -> None:
        self.source = source
        self.follow = follow
        self.pointer = pointer
        self.wrap = False
        self.needle = ""
        self.filter_words = ""
        self.marked: set[int] = set()
        self.at = source.first
        self._filtered: Filtered | None = None
        self._context = 0
        self._left = 0  # columns scrolled away at the left
        self._width = self._height = 0
        self._top = source.first
        self._hunt: Iterator[int | None] | None = None
        self._kept: dict[tuple[object, ...], list[Line]] = {}

    @property
    def view(self) -> Source:
        """What is shown: the source, or what the filter leaves of it."""
        return self._filtered or self.source

    def origin(self, number: int) -> int:
        """The number in the source of a line that is shown."""
        return self._filtered.origin(number) if self._filtered else number

    @property
    def selected(self) -> int | None:
        """The number in the source of the selected line, None when there is none."""
        return self.origin(self.at) if self.view.first <= self.at < self.view.total else None

    @property
    def shown(self) -> list[int]:
        """The numbers in the source of the lines on screen."""
        top = max(self.view.first, self._top)
        return [self.origin(number) for number in range(top, min(self.view.total, top + self._height))]

    def replace(self, source: Source) -> None:
        """Another text in the same place, e.g. the same object read again."""
        self.source = source
        if self._filtered:
            self.filter(self.filter_words)
        self.redraw()

    def redraw(self) -> None:
        """Forget painted lines: they look different though they are the same."""
        self._kept.clear()

    def resize(self, width: int, height: int) -> None:
        """Another place."""
        if (width, height) != (self._width, self._height):
            self._width, self._height = width, height
            self.redraw()

    def due(self, now: float) -> float:
        """Text does not age."""
        return 0.0

    # Movement

    def move(self, by: int) -> None:
        """Down or up by lines; at the end of a log the view follows again."""
        if self.pointer:
            self.at = max(self.view.first, min(self.at + by, self.view.total - 1))
            return
        last = max(self.view.first, self.view.total - self._height)
        start = last if self.follow else self._top
        self._top = max(self.view.first, min(start + by, last))
        self.follow = self.follow and by > 0 and self._top >= last
        self.at = self._top

    def end(self, *, top: bool) -> None:
        """To the first or last line."""
        self.follow = False
        self.at = self.view.first if top else max(self.view.first, self.view.total - 1)
        self._top = self.at if top else max(self.view.first, self.view.total - self._height)

    def sideways(self, by: int) -> None:
        """Scroll long lines."""
        self._left = max(0, self._left + by)
        self.redraw()

    def toggle_wrap(self) -> None:
        """Long lines broken into several, or cut."""
        self.wrap, self._left = not self.wrap, 0
        self.redraw()

    def mark(self) -> None:
        """Mark or unmark the selected line."""
        if self.selected is not None:
            self.marked.symmetric_difference_update({self.selected})
            self.redraw()

    # Find and filter

    def find(self, needle: str) -> None:
        """Go to the first line from here on that has the text."""
        self.needle = needle.lower()
        self.redraw()
        self._hunt = None
        if needle:
            self.follow = False
            self._hunt = self.view.hunt(self.needle, self.at, back=False)

    def again(self, *, back: bool) -> None:
        """To the next or the previous line that has it."""
        if self.needle:
            self.follow = False
            self._hunt = self.view.hunt(self.needle, self.at - 1 if back else self.at + 1, back=back)

    def filter(self, words: str) -> None:
        """Only lines with these words; none shows all."""
        origin = self.selected
        self.filter_words = words
        test = matcher(words)
        self._filtered = Filtered(self.source, test, self._context) if test else None
        self._top = self.at = self.view.first
        if test is None and origin is not None:
            self._reveal(origin)
        self.redraw()

    def toggle_context(self) -> None:
        """With a filter: some lines around each match, or none."""
        self._context = 0 if self._context else CONTEXT_LINES
        self.filter(self.filter_words)

    def work(self) -> bool:
        """A slice of what takes long (hunting, filtering); True while there is more to do."""
        if self._filtered and not self._filtered.done:
            self._filtered.advance()
            return True
        if self._hunt is not None:
            found = next(self._hunt, -1)
            if found is not None:
                self._hunt = None
                if found >= 0:
                    self._reveal(found)
            return True
        return False

    def _reveal(self, number: int) -> None:
        self.at = number
        if not self._top <= number < self._top + self._height:
            self._top = number - self._height // 3

    # Drawing

    def lines(self, now: float) -> list[Line]:
        """The window: from the top, or (following) up to the end."""
        view, height = self.view, self._height
        last = max(view.first, view.total - height)
        if self.follow:
            self._top, self.at = last, max(view.first, view.total - 1)
        elif self.pointer:
            self._top = max(min(self._top, self.at), self.at - height + 1)
        self._top = max(view.first, min(self._top, last))
        numbers = range(self._top, min(view.total, self._top + height))
        thumb = bar.thumb(self._top - view.first, height, view.total - view.first)
        out: list[Line] = []
        for number in numbers:
            room = height - len(out) if not self.follow else height
            out.extend(self._painted(number, len(out) in thumb)[:room])
        out = out[-height:] if self.follow else out[:height]
        return out + [blank(self._width)] * (height - len(out))

    def _painted(self, number: int, on: bool) -> list[Line]:  # noqa: FBT001
        selected = self.pointer and number == self.at
        key = (self.origin(number), on, selected)
        kept = self._kept.get(key)
        if kept is None:
            if len(self._kept) > CACHE:
                self._kept.clear()
            kept = self._kept[key] = [bar.with_bar(piece, on=on) for piece in self._pieces(number, selected)]
        return kept

    def _pieces(self, number: int, selected: bool) -> list[Line]:  # noqa: FBT001
        width = max(1, self._width - 2)
        spans = list(self.view.spans(number))
        found = sought(spans, self.needle) if self.needle else spans
        marks = Look(reverse=selected)
        if selected:
            found = [(text, look._replace(reverse=True)) for text, look in found]
        sign: Span = ("*" if self.origin(number) in self.marked else " ", marks._replace(role="accent"))
        rows = wrapped(found, width) if self.wrap else [shifted(found, self._left)]
        return [line((sign, *row), self._width - 1, marks) for row in rows]


def sought(spans: list[Span], needle: str) -> list[Span]:
    """The spans with every occurrence of the needle (lower case) set off."""
    out: list[Span] = []
    for text, look in spans:
        low, at = text.lower(), 0
        if len(low) != len(text):
            out.append((text, look))
            continue
        while (hit := low.find(needle, at)) >= 0:
            out += [(text[at:hit], look), (text[hit : hit + len(needle)], look._replace(reverse=True, bold=True))]
            at = hit + len(needle)
        out.append((text[at:], look))
    return out


def shifted(spans: list[Span], left: int) -> list[Span]:
    """The spans without their first `left` characters."""
    out: list[Span] = []
    for text, look in spans:
        out.append((text[left:], look))
        left = max(0, left - len(text))
    return out
