"""Sources: where the lines of a text pane come from, by number. A filtered source is again a source."""

from array import array
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Protocol

from osconsole.ui.lines.span import Look, Span
from osconsole.views.rows import Line as TextLine


class Source(Protocol):
    """Lines from `first` to before `total`; numbers never change their meaning."""

    @property
    def first(self) -> int:
        """The oldest line that is there."""

    @property
    def total(self) -> int:
        """One more than the newest."""

    def spans(self, number: int) -> tuple[Span, ...]:
        """The line as it is shown."""

    def plain(self, number: int) -> str:
        """The line as it is searched, in lower case."""

    def plains(self, start: int, end: int) -> Iterable[str]:
        """`plain` of the lines from `start` to before `end`."""

    def hunt(self, needle: str, start: int, *, back: bool) -> Iterator[int | None]:
        """Numbers of lines with the (lower-case) needle from `start` on; None now and then, to take a breath."""


def hunt(source: Source, needle: str, start: int, *, back: bool) -> Iterator[int | None]:
    """The plain way to hunt: line by line."""
    numbers = range(start, source.first - 1, -1) if back else range(start, source.total)
    for count, number in enumerate(numbers):
        if needle in source.plain(number):
            yield number
        if count % 256 == 255:
            yield None


class Lines:
    """A fixed text, e.g. YAML or what a view says of an object."""

    def __init__(self, lines: Sequence[TextLine]) -> None:
        self.lines = lines
        self.first = 0

    @property
    def total(self) -> int:
        """How many lines."""
        return len(self.lines)

    def spans(self, number: int) -> tuple[Span, ...]:
        """The line with its roles."""
        return tuple((text, Look(role)) for text, role in self.lines[number].spans)

    def plain(self, number: int) -> str:
        """The line's text."""
        return "".join(text for text, _ in self.lines[number].spans).lower()

    def plains(self, start: int, end: int) -> Iterable[str]:
        """Line by line."""
        return map(self.plain, range(start, end))

    def hunt(self, needle: str, start: int, *, back: bool) -> Iterator[int | None]:
        """Line by line."""
        return hunt(self, needle, start, back=back)


class Filtered:
    """The lines of a source that pass a test, with `context` lines around each; found in slices by `advance`."""

    def __init__(self, source: Source, test: Callable[[str], bool], context: int = 0) -> None:
        self._source = source
        self._test = test
        self._context = context
        self._numbers = array("Q")
        self._next = source.first

    @property
    def first(self) -> int:
        """Where the lines that are still there begin."""
        return bisect_left(self._numbers, self._source.first)

    @property
    def total(self) -> int:
        """How many have been found."""
        return len(self._numbers)

    @property
    def done(self) -> bool:
        """All lines have been looked at."""
        return self._next >= self._source.total

    def advance(self, most: int = 2048) -> bool:
        """Look at so many more lines; True when new ones were found."""
        before = len(self._numbers)
        start = max(self._next, self._source.first)
        end = min(start + most, self._source.total)
        for number, text in enumerate(self._source.plains(start, end), start):
            if self._test(text):
                self._take(number)
        self._next = end
        return len(self._numbers) > before

    def _take(self, number: int) -> None:
        last = self._numbers[-1] if self._numbers else self._source.first - 1
        begin = max(self._source.first, number - self._context, last + 1)
        end = min(number + self._context + 1, self._source.total)
        self._numbers.extend(range(begin, end))

    def origin(self, number: int) -> int:
        """The number in the source."""
        return self._numbers[number]

    def place(self, origin: int) -> int:
        """Where a line of the source, or the next one that is shown, stands here."""
        return bisect_left(self._numbers, origin)

    def spans(self, number: int) -> tuple[Span, ...]:
        """As in the source."""
        return self._source.spans(self._numbers[number])

    def plain(self, number: int) -> str:
        """As in the source."""
        return self._source.plain(self._numbers[number])

    def plains(self, start: int, end: int) -> Iterable[str]:
        """Line by line."""
        return map(self.plain, range(start, end))

    def hunt(self, needle: str, start: int, *, back: bool) -> Iterator[int | None]:
        """Line by line."""
        return hunt(self, needle, start, back=back)
