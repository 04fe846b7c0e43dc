"""Chunk store: very many lines of log in little memory. Sealed chunks are compressed; the oldest go when it is full.

Lines are numbered from 0 for the life of the store; `first` is the oldest that is still there.
"""

import zlib
from array import array
from collections import deque

import msgspec

CHUNK_LINES = 1024
HOT_CHUNKS = 8


class Entry(msgspec.Struct, frozen=True, gc=False):
    """One line: which stream it came from, when (Unix seconds, 0 unknown), and if the viewer made it (a mark)."""

    text: str
    stream: int = 0
    at: float = 0.0
    mark: bool = False


class _Sealed:
    """A full chunk. Texts are kept apart from the columns of numbers, which do not compress."""

    __slots__ = ("ats", "streams", "texts")

    def __init__(self, entries: list[Entry]) -> None:
        joined = "\n".join(entry.text for entry in entries).encode("utf-8", "surrogatepass")
        self.texts = zlib.compress(joined, 1)
        self.streams = array("h", (-entry.stream - 1 if entry.mark else entry.stream for entry in entries))
        self.ats = array("d", (entry.at for entry in entries))

    def text(self) -> str:
        return zlib.decompress(self.texts).decode("utf-8", "surrogatepass")

    def entries(self) -> list[Entry]:
        return [
            Entry(text, stream if stream >= 0 else -stream - 1, at, stream < 0)
            for text, stream, at in zip(self.text().split("\n"), self.streams, self.ats, strict=True)
        ]


class ChunkStore:
    """Lines by number; `limit` is the most that are kept."""

    def __init__(self, limit: int = 1_000_000) -> None:
        self.first = 0
        self.total = 0
        self._limit = limit
        self._sealed: deque[_Sealed] = deque()
        self._tail: list[Entry] = []
        self._hot: dict[int, list[Entry]] = {}

    def append(self, entry: Entry) -> None:
        """One more line at the end; a line break inside becomes a blank."""
        if "\n" in entry.text:
            entry = msgspec.structs.replace(entry, text=entry.text.replace("\n", " "))
        self._tail.append(entry)
        self.total += 1
        if len(self._tail) == CHUNK_LINES:
            self._sealed.append(_Sealed(self._tail))
            self._tail = []
            while self.total - self.first > self._limit and self._sealed:
                self._sealed.popleft()
                self._hot.pop(self.first, None)
                self.first += CHUNK_LINES

    def entry(self, number: int) -> Entry:
        """A line that is still there."""
        base = self.total - len(self._tail)
        if number >= base:
            return self._tail[number - base]
        place, offset = divmod(number - self.first, CHUNK_LINES)
        start = self.first + place * CHUNK_LINES
        hot = self._hot.get(start)
        if hot is None:
            if len(self._hot) >= HOT_CHUNKS:
                del self._hot[next(iter(self._hot))]
            hot = self._hot[start] = self._sealed[place].entries()
        return hot[offset]

    def may_hold(self, number: int, needle: str) -> bool:
        """Whether the chunk of that line has the (lower-case) needle at all: a cheap way to skip it."""
        base = self.total - len(self._tail)
        if number >= base:
            return True
        return needle in self._sealed[(number - self.first) // CHUNK_LINES].text().lower()

    def chunk_end(self, number: int) -> int:
        """The number after the last line of the chunk that holds that line."""
        base = self.total - len(self._tail)
        return self.total if number >= base else self.first + ((number - self.first) // CHUNK_LINES + 1) * CHUNK_LINES
