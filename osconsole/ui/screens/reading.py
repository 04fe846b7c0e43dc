"""What all screens of text can do: find, filter, wrap, mark, copy."""

from collections.abc import Callable

from osconsole.ui.desk import Desk
from osconsole.ui.lines.grid import Grid, Slot
from osconsole.ui.lines.source import Source
from osconsole.ui.widgets.text import TextWidget
from osconsole.views.text import count

MUCH = 70_000  # characters: some terminals drop a longer clipboard sequence


class Reading:
    """The common half of the detail, logs and journal screens."""

    context = "text"

    def __init__(self, desk: Desk, title: str, source: Source, *, follow: bool = False, pointer: bool = False) -> None:
        self.name = title
        self.desk = desk
        self.text = TextWidget(source, follow=follow, pointer=pointer)
        self.slot = Slot(self.text, title)
        self.body = Grid([[self.slot]])

    def clear(self) -> bool:
        """Filter first, then what was sought."""
        if self.text.filter_words:
            self.text.filter("")
            self.note()
            return True
        had = bool(self.text.needle)
        self.text.find("")
        self.note()
        return had

    def note(self) -> None:
        """What is sought and filtered, beside the title."""
        words = [f"/{self.text.needle}" if self.text.needle else "", f"&{self.text.filter_words}"]
        self.slot.note = "  ".join(word for word in words if len(word) > 1)

    def work(self) -> bool:
        """Go on finding and filtering."""
        return self.text.work()

    def enter(self) -> None:
        """Nothing to start."""

    def leave(self) -> None:
        """Nothing to stop."""

    def move(self, by: int) -> None:
        """Scroll or select."""
        self.text.move(by)

    def page(self) -> int:
        """Lines of a page."""
        return max(1, self.desk.frame.room - 2)

    def end(self, *, top: bool) -> None:
        """First or last line."""
        self.text.end(top=top)

    # Keys

    def _noted(self, act: Callable[[str], None]) -> Callable[[str], None]:
        def done(text: str) -> None:
            act(text)
            self.note()

        return done

    def do_filter(self) -> None:
        """Find text."""
        self.desk.prompt("/", self._noted(self.text.find))

    def do_text_filter(self) -> None:
        """Only lines with some words."""
        self.desk.prompt("&", self._noted(self.text.filter), text=self.text.filter_words)

    def do_find_next(self) -> None:
        """The next match."""
        self.text.again(back=False)

    def do_find_previous(self) -> None:
        """The match before."""
        self.text.again(back=True)

    def do_context(self) -> None:
        """Lines around what the filter lets through."""
        self.text.toggle_context()

    def do_wrap(self) -> None:
        """Break long lines."""
        self.text.toggle_wrap()

    def do_mark_line(self) -> None:
        """Mark the line."""
        self.text.mark()

    def do_right(self) -> None:
        """Scroll to the right."""
        self.text.sideways(8)

    def do_left(self) -> None:
        """Scroll to the left."""
        self.text.sideways(-8)

    def whole(self, number: int) -> str:
        """A line as it is copied."""
        return "".join(text for text, _ in self.text.source.spans(number))

    def do_copy(self) -> None:
        """Marked lines, else the selected one."""
        source = self.text.source
        numbers = sorted(self.text.marked) or [n for n in (self.text.selected,) if n is not None]
        lines = [self.whole(number) for number in numbers if number >= source.first]
        self.desk.host.copy("\n".join(lines))
        said = f"copied {count(len(lines), 'line')}"
        size = sum(map(len, lines))
        self.desk.say(f"{said}, {size:,} characters: not every terminal takes so much" if size > MUCH else said)
