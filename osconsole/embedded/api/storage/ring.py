"""The last changes of one collection: where a watch resumes, and how a past list is told."""

from collections import deque
from collections.abc import Iterator

import msgspec

from osconsole.embedded.api.storage.entry import Entry

LENGTH = 8192
# What is only kept for the past: states that were replaced or removed.
HELD_BYTES = 32 * 1024 * 1024


class Event(msgspec.Struct, eq=False, gc=False):
    """One change: `before` is what the object was, None when it is new."""

    kind: str
    entry: Entry
    before: Entry | None
    _left: Entry | None = None

    def line(self, kind: str) -> bytes:
        """The event as one line of a watch."""
        return b"".join((b'{"type":"', kind.encode(), b'","object":', self.entry.raw, b"}\n"))

    def left(self) -> Entry:
        """For whoever no longer selects the object: its state before, at the version of the change."""
        if self._left is None:
            assert self.before is not None
            self._left = self.before.at(self.entry.rv)
        return self._left

    @property
    def held_bytes(self) -> int:
        """What would be gone without it."""
        gone = len(self.entry.raw) if self.kind == "DELETED" else 0
        return gone + (len(self.before.raw) if self.before is not None else 0)


class Ring:
    """So many changes, oldest first, and so many bytes.

    Attributes:
        floor: what happened after this version is known.
    """

    def __init__(self, floor: int) -> None:
        self.floor = floor
        self._events: deque[Event] = deque()
        self._held_bytes = 0

    def __iter__(self) -> Iterator[Event]:
        return iter(self._events)

    def __reversed__(self) -> Iterator[Event]:
        return reversed(self._events)

    def add(self, event: Event) -> None:
        """Remember a change, and forget the oldest where there are too many."""
        self._events.append(event)
        self._held_bytes += event.held_bytes
        while len(self._events) > LENGTH or (self._held_bytes > HELD_BYTES and len(self._events) > 1):
            oldest = self._events.popleft()
            self._held_bytes -= oldest.held_bytes
            self.floor = oldest.entry.rv
