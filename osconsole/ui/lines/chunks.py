"""Chunk store: very many lines of log in little memory. Sealed chunks are compressed; the oldest go when it is full.

Lines are numbered from 0 for the life of the store; `first` is the oldest that is still there.
"""

import zlib
from array import array
from bisect import bisect_right

import msgspec

CHUNK_LINES = 1024
CHUNK_CHARACTERS = 1 << 20  # a chunk of long lines is sealed earlier
HOT_CHUNKS = 8
SIZE_BYTES = 100 * 2**20  # what sealed chunks may take


class Entry(msgspec.Struct, frozen=True, gc=False):
    """One line: which stream it came from, when (Unix seconds, 0 unknown), and if the viewer made it (a mark)."""

    text: str
    stream: int = 0
    at: float = 0.0
    mark: bool = False


class _Sealed:
    """A full chunk. Texts are kept apart from the columns of numbers, which do not compress."""

    __slots__ = ("_ats", "_streams", "_texts")

    def __init__(self, entries: list[Entry]) -> None:
        joined = "\n".join(entry.text for entry in entries).encode("utf-8", "surrogatepass")
        self._texts = zlib.compress(joined, 1)
        self._streams = array("h", (-entry.stream - 1 if entry.mark else entry.stream for entry in entries))
        self._ats = array("d", (entry.at for entry in entries))

    @property
    def size_bytes(self) -> int:
        return len(self._texts) + 10 * len(self._ats) + 300

    def __len__(self) -> int:
        return len(self._ats)

    def text(self) -> str:
        return zlib.decompress(self._texts).decode("utf-8", "surrogatepass")

    def entries(self) -> list[Entry]:
        return [
            Entry(text, stream if stream >= 0 else -stream - 1, at, stream < 0)
            for text, stream, at in zip(self.text().split("\n"), self._streams, self._ats, strict=True)
        ]


class ChunkStore:
    """Lines by number; no more than `limit` lines and `size_bytes` of them compressed are kept."""

    def __init__(self, limit: int = 1_000_000, size_bytes: int = SIZE_BYTES) -> None:
        self.first = 0
        self.total = 0
        self._limit = limit
        self._most_bytes = size_bytes
        self._size_bytes = 0
        self._sealed: list[_Sealed] = []
        self._starts: list[int] = []  # number of the first line of each
        self._tail: list[Entry] = []
        self._tail_characters = 0
        self._hot: dict[int, list[Entry]] = {}

    def append(self, entry: Entry) -> None:
        """One more line at the end; a line break inside becomes a blank."""
        if "\n" in entry.text:
            entry = msgspec.structs.replace(entry, text=entry.text.replace("\n", " "))
        self._tail.append(entry)
        self._tail_characters += len(entry.text)
        self.total += 1
        if len(self._tail) == CHUNK_LINES or self._tail_characters >= CHUNK_CHARACTERS:
            self._seal()

    def _seal(self) -> None:
        self._starts.append(self._base)
        self._sealed.append(_Sealed(self._tail))
        self._size_bytes += self._sealed[-1].size_bytes
        self._tail, self._tail_characters = [], 0
        while self.total - self.first > self._limit or self._size_bytes > self._most_bytes:
            oldest = self._sealed.pop(0)
            self._size_bytes -= oldest.size_bytes
            self._hot.pop(self._starts.pop(0), None)
            self.first += len(oldest)

    @property
    def _base(self) -> int:
        """The number of the first line that is not sealed."""
        return self.total - len(self._tail)

    @property
    def size_bytes(self) -> int:
        """What the sealed chunks take."""
        return self._size_bytes

    def _place(self, number: int) -> int:
        return bisect_right(self._starts, number) - 1

    def entry(self, number: int) -> Entry:
        """A line that is still there."""
        if number >= self._base:
            return self._tail[number - self._base]
        place = self._place(number)
        start = self._starts[place]
        hot = self._hot.get(start)
        if hot is None:
            if len(self._hot) >= HOT_CHUNKS:
                del self._hot[next(iter(self._hot))]
            hot = self._hot[start] = self._sealed[place].entries()
        return hot[number - start]

    def chunk(self, number: int) -> tuple[int, int]:
        """The numbers from which and to before which lines stand together with that line."""
        if number >= self._base:
            return self._base, self.total
        place = self._place(number)
        return self._starts[place], self._starts[place] + len(self._sealed[place])

    def lower(self, number: int) -> str:
        """The texts of that chunk in lower case, one line each: read without keeping anything."""
        if number >= self._base:
            return "\n".join(entry.text for entry in self._tail).lower()
        return self._sealed[self._place(number)].text().lower()
