"""From a commit to those who watch: what many read alike is encoded once, and whoever keeps up gets it at once."""

import asyncio
from collections import deque
from collections.abc import Callable

from osconsole.embedded.api.storage.ring import Event

PENDING_LIMIT = 20_000


class Batch:
    """Changes of one collection that were committed together."""

    __slots__ = ("_chunks", "_events")

    def __init__(self, events: list[Event]) -> None:
        self._events = {"": events}
        self._chunks: dict[str, bytes] = {}

    def of(self, namespace: str) -> list[Event]:
        """Those in a namespace, "" for all."""
        found = self._events.get(namespace)
        if found is None:
            found = [event for event in self._events[""] if event.entry.namespace == namespace]
            self._events[namespace] = found
        return found

    def chunk(self, namespace: str) -> bytes:
        """All lines of a namespace, framed for HTTP."""
        found = self._chunks.get(namespace)
        if found is None:
            lines = b"".join([event.line(event.kind) for event in self.of(namespace)])
            found = self._chunks[namespace] = framed(lines)
        return found


# Passes on the events of a batch that concern a watcher; False when it cannot now.
Sink = Callable[[Batch, list[Event]], bool]


class Subscription:
    """What one watcher has not read yet.

    Attributes:
        sink: takes what comes while nothing is pending, without waking anybody; None before there is one.
    """

    def __init__(self, namespace: str, after_rv: int) -> None:
        self.namespace = namespace
        self.after_rv = after_rv
        self.sink: Sink | None = None
        self.pending: deque[Event] = deque()
        self.wake = asyncio.Event()
        self.closed = False

    def offer(self, batch: Batch) -> None:
        """Pass on or queue what is new; a reader that is far behind is closed and must list again."""
        events = batch.of(self.namespace)
        if not events:
            return
        if events[0].entry.rv <= self.after_rv:
            events = [event for event in events if event.entry.rv > self.after_rv]
        elif not self.pending and self.sink is not None and not self.closed and self.sink(batch, events):
            return
        if len(self.pending) + len(events) > PENDING_LIMIT:
            self.close()
            return
        self.pending.extend(events)
        self.wake.set()

    def take(self) -> list[Event]:
        """All that is pending."""
        found = list(self.pending)
        self.pending.clear()
        return found

    def close(self) -> None:
        """End the stream after what is pending."""
        self.closed = True
        self.wake.set()


def framed(data: bytes) -> bytes:
    """Bytes as one chunk of an HTTP answer."""
    return b"".join((b"%x\r\n" % len(data), data, b"\r\n"))
