"""Log lines as a source: each with its time, the tag of its container, and a colour by its severity."""

import re
import time
from collections.abc import Iterator

from osconsole.model.logs import LogLine
from osconsole.model.ref import Ref
from osconsole.ui.lines.chunks import ChunkStore, Entry
from osconsole.ui.lines.span import QUIET, Look, Span
from osconsole.views.text import clean

_SEVERITY = re.compile(
    r"\b(?P<bad>ERROR|CRITICAL|FATAL|Traceback|panic:|fatal:|failed:|UNREACHABLE!)"
    r"|\b(?P<warn>WARN(?:ING)?\b|changed:|retrying)"
    r"|\b(?P<quiet>DEBUG|TRACE|skipping:|included:)"
)
_ANSI = re.compile(r"\x1b\[[0-9;]*m")
_REQUEST = re.compile(r"\breq-[0-9A-Za-z](?:[0-9A-Za-z-]*[0-9A-Za-z])?")
_ROLES = ("accent", "good", "busy", "warn", "bad")
LONGEST = 8 * 2**20  # characters of one line that are kept
SHOWN = 20_000  # that are shown


class LogSource:
    """A source that grows; streams are numbered in the order in which they were first seen."""

    def __init__(self, limit: int = 1_000_000) -> None:
        self.store = ChunkStore(limit)
        self.streams: list[tuple[Ref, str]] = []
        self.times = False
        self._numbers: dict[tuple[Ref, str], int] = {}

    @property
    def first(self) -> int:
        """The oldest line."""
        return self.store.first

    @property
    def total(self) -> int:
        """One more than the newest."""
        return self.store.total

    def append(self, line: LogLine) -> None:
        """One more line; colours that the program itself sent are dropped, other escapes are made visible."""
        key = (line.pod, line.container)
        number = self._numbers.get(key)
        if number is None:
            number = self._numbers[key] = len(self.streams)
            self.streams.append(key)
        text = line.text
        if not (text.isascii() and text.isprintable()):
            text = clean(_ANSI.sub("", text).expandtabs(8))
        if len(text) > LONGEST:
            text = f"{text[:LONGEST]}… (the rest of {len(text):,} characters was not kept)"
        self.store.append(Entry(text, number, line.at, line.mark))

    def tag(self, stream: int) -> str:
        """Two letters for a container."""
        return chr(ord("a") + stream // 26 % 26) + chr(ord("a") + stream % 26)

    def spans(self, number: int) -> tuple[Span, ...]:
        """Time, tag, text; a very long text is cut, and its length is said."""
        entry = self.store.entry(number)
        if entry.mark:
            return ((f"── {self.name(entry.stream)}: {entry.text} ──", Look("accent")),)
        found = _SEVERITY.search(entry.text, 0, 300)
        look = Look(str(found.lastgroup) if found else "")
        if len(entry.text) <= SHOWN:
            return (*self._lead(entry), (entry.text, look))
        cut = (f" … cut here, {len(entry.text):,} characters in all (c copies them)", QUIET)
        return (*self._lead(entry), (entry.text[:SHOWN], look), cut)

    def whole(self, number: int) -> str:
        """The line as it is shown, but never cut."""
        entry = self.store.entry(number)
        lead = "".join(text for text, _ in self._lead(entry))
        return f"── {self.name(entry.stream)}: {entry.text} ──" if entry.mark else lead + entry.text

    def _lead(self, entry: Entry) -> list[Span]:
        out: list[Span] = []
        if self.times:
            out.append((time.strftime("%H:%M:%S ", time.localtime(entry.at)) if entry.at else " " * 9, QUIET))
        if len(self.streams) > 1:
            out.append((self.tag(entry.stream) + " ", Look(_ROLES[entry.stream % len(_ROLES)])))
        return out

    def name(self, stream: int) -> str:
        """Pod and container."""
        pod, container = self.streams[stream]
        return clean(f"{pod.name}/{container}" if container else pod.name)

    def requests(self, number: int) -> list[str]:
        """The ids of the requests that the line speaks of."""
        return _REQUEST.findall(self.store.entry(number).text, 0, 4000)

    def plain(self, number: int) -> str:
        """The text alone."""
        return self.store.entry(number).text.lower()

    def plains(self, start: int, end: int) -> Iterator[str]:
        """`plain` of many lines, chunk by chunk."""
        while start < end:
            begin, after = self.store.chunk(start)
            yield from self.store.lower(start).split("\n")[start - begin : min(after, end) - begin]
            start = after

    def hunt(self, needle: str, start: int, *, back: bool) -> Iterator[int | None]:
        """Chunk by chunk: most have not got it."""
        number = min(start, self.total - 1) if back else max(start, self.first)
        while self.first <= number < self.total:
            begin, after = self.store.chunk(number)
            text = self.store.lower(number)
            if needle in text:
                lines = text.split("\n")
                places = range(number, begin - 1, -1) if back else range(number, after)
                yield from (place for place in places if needle in lines[place - begin])
            yield None
            number = begin - 1 if back else after
