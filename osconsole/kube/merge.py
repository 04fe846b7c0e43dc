"""Merge: lines of several streams in the order of the server's timestamps. The order within a stream never changes.

A line waits until every other stream has shown a later one, or has been silent for `WINDOW_S`: then it goes. A stream
that is still being opened or is sending what it had already written is waited for longer. A stream that is ahead waits
too, and so does whoever writes to it: nothing is dropped.
"""

import asyncio
import time
from collections import deque
from collections.abc import AsyncGenerator, Sequence
from heapq import heappop, heappush

from osconsole.model.logs import LogLine

WINDOW_S = 0.3
OPENING_S = 2.0  # the longest that the others wait for a stream that does not begin
LINES, CHARACTERS = 4096, 1 << 20  # that wait of one stream
BATCH = 1024


class Feed:
    """One stream's lines that wait."""

    def __init__(self, number: int) -> None:
        self.number = number
        self.waiting: deque[tuple[float, float, LogLine]] = deque()  # order, when it came, the line
        self.opened = self.heard = time.monotonic()
        self.opened_at = time.time()
        self.begun = self.live = False
        self.size = 0
        self._order = 0.0

    @property
    def full(self) -> bool:
        """Whoever writes must wait."""
        return self.size >= CHARACTERS or len(self.waiting) >= LINES

    def put(self, lines: Sequence[LogLine]) -> None:
        """More lines. What has no time of the server's stands where it came: after the line before it."""
        now = time.monotonic()
        order = self._order
        for line in lines:
            if line.at > order and not line.mark:
                order = line.at
            self.waiting.append((order, now, line))
            self.size += len(line.text)
        self._order, self.heard, self.begun = order, now, True
        self.live = self.live or order >= self.opened_at - 1.0

    def take(self) -> LogLine:
        """The oldest."""
        line = self.waiting.popleft()[2]
        self.size -= len(line.text)
        return line

    def holds(self, now: float) -> bool:
        """Whether an earlier line than the others' may be about to come, of what was written before we asked."""
        if not self.begun:
            return now - self.opened < OPENING_S
        self.live = self.live or now - self.heard >= WINDOW_S
        return not self.live


class Merge:
    """Streams in, one stream out. `patient`: finite logs, where every stream is waited for until it has ended."""

    def __init__(self, *, patient: bool) -> None:
        self._patient = patient
        self._feeds: dict[int, Feed] = {}
        self._count = 0
        self._heap: list[tuple[float, int]] = []  # of every feed that has something: its first line's order
        self._closing: set[int] = set()
        self._news = asyncio.Event()
        self._room = asyncio.Event()
        self._failure: Exception | None = None
        self._done = False

    def open(self) -> Feed:
        """A new stream; `close` it."""
        self._count += 1
        feed = self._feeds[self._count] = Feed(self._count)
        return feed

    async def put(self, feed: Feed, lines: Sequence[LogLine]) -> None:
        """Lines of a stream; waits while it is too far ahead."""
        while feed.full:
            self._room.clear()
            await self._room.wait()
        fresh = not feed.waiting
        feed.put(lines)
        if fresh and feed.waiting:
            heappush(self._heap, (feed.waiting[0][0], feed.number))
        self._news.set()

    def close(self, feed: Feed) -> None:
        """Nothing more will come of it."""
        self._closing.add(feed.number)
        self._news.set()

    def fail(self, error: Exception) -> None:
        """Whoever reads gets the error, after what is there."""
        self._failure = self._failure or error
        self._news.set()

    def end(self) -> None:
        """No more streams will be opened."""
        self._done = True
        self._news.set()

    async def batches(self) -> AsyncGenerator[list[LogLine], None]:
        """Lines until `end`, at most BATCH at a time. Raises what it was told to."""
        while True:
            self._news.clear()
            ready = self._ready()
            if ready:
                self._room.set()
                yield ready
                continue
            if self._done and not self._heap:
                if self._failure:
                    raise self._failure
                return
            await self._wait()

    async def _wait(self) -> None:
        """Until something comes; while lines wait, not longer than their turn may be away."""
        try:
            async with asyncio.timeout(WINDOW_S / 6 if self._heap else None):
                await self._news.wait()
        except TimeoutError:
            return

    def _ready(self) -> list[LogLine]:
        """The lines whose turn it is."""
        for number in [n for n in self._closing if not self._feeds[n].waiting]:
            self._closing.discard(number)
            del self._feeds[number]
        now, found = time.monotonic(), list[LogLine]()
        silent = self._silent(now)
        pressed = any(feed.full for feed in self._feeds.values())
        while self._heap and silent is not None and len(found) < BATCH:
            feed = self._feeds[self._heap[0][1]]
            if silent and not pressed and now - feed.waiting[0][1] < WINDOW_S:
                break
            heappop(self._heap)
            found.append(feed.take())
            if feed.waiting:
                heappush(self._heap, (feed.waiting[0][0], feed.number))
            else:
                silent = self._silent(now)
        return found

    def _silent(self, now: float) -> int | None:
        """How many streams have nothing to show though they may later; None when one of them is to be waited for."""
        empty = [f for f in self._feeds.values() if not f.waiting and f.number not in self._closing]
        if self._done or not empty:
            return 0
        if self._patient or any(feed.holds(now) for feed in empty):
            return None
        return len(empty)
