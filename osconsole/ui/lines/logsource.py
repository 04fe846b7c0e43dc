"""Log lines as a source: each with its time, the tag of its container, and a colour by its severity."""

import re
import time
from collections.abc import Iterator

from osconsole.model.logs import LogLine
from osconsole.model.ref import Ref
from osconsole.ui.lines.chunks import ChunkStore, Entry
from osconsole.ui.lines.source import hunt
from osconsole.ui.lines.span import QUIET, Look, Span
from osconsole.views.text import clean

_SEVERITY = re.compile(
    r"\b(?P<bad>ERROR|CRITICAL|FATAL|Traceback|panic:|fatal:|failed:|UNREACHABLE!)"
    r"|\b(?P<warn>WARN(?:ING)?\b|changed:|retrying)"
    r"|\b(?P<quiet>DEBUG|TRACE|skipping:|included:)"
)
_ANSI = re.compile(r"\x1b\[[0-9;]*m")
_ROLES = ("accent", "good", "busy", "warn", "bad")
LONGEST = 20_000  # characters of one line that are kept


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
        text = line.text[:LONGEST]
        if not (text.isascii() and text.isprintable()):
            text = clean(_ANSI.sub("", text).expandtabs(8))
        self.store.append(Entry(text, number, line.at, line.mark))

    def tag(self, stream: int) -> str:
        """Two letters for a container."""
        return chr(ord("a") + stream // 26 % 26) + chr(ord("a") + stream % 26)

    def spans(self, number: int) -> tuple[Span, ...]:
        """Time, tag, text."""
        entry = self.store.entry(number)
        if entry.mark:
            return ((f"── {self._name(entry.stream)}: {entry.text} ──", Look("accent")),)
        out: list[Span] = []
        if self.times:
            out.append((time.strftime("%H:%M:%S ", time.localtime(entry.at)) if entry.at else " " * 9, QUIET))
        if len(self.streams) > 1:
            out.append((self.tag(entry.stream) + " ", Look(_ROLES[entry.stream % len(_ROLES)])))
        found = _SEVERITY.search(entry.text, 0, 300)
        out.append((entry.text, Look(str(found.lastgroup) if found else "")))
        return tuple(out)

    def _name(self, stream: int) -> str:
        pod, container = self.streams[stream]
        return clean(f"{pod.name}/{container}" if container else pod.name)

    def plain(self, number: int) -> str:
        """The text alone."""
        return self.store.entry(number).text.lower()

    def hunt(self, needle: str, start: int, *, back: bool) -> Iterator[int | None]:
        """Chunk by chunk where the direction allows it."""
        if back:
            yield from hunt(self, needle, start, back=True)
            return
        number = max(start, self.first)
        while number < self.total:
            end = self.store.chunk_end(number)
            if self.store.may_hold(number, needle):
                yield from (at for at in range(number, end) if needle in self.plain(at))
            yield None
            number = end
