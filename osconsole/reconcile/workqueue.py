"""A work queue of keys, as controllers use it.

A key waits at most once, is never worked on twice at the same time, may come back after a delay, and is retried with a
growing one. It knows nothing about what the keys stand for.
"""

import asyncio
import heapq
import itertools
from collections import deque
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)

FIRST_RETRY_S = 0.05
LONGEST_RETRY_S = 60.0


class Workqueue(Generic[K]):
    """Keys to work on. Belongs to one event loop; `now` is a monotonic clock in seconds."""

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self._ready: deque[K] = deque()
        self._waiting: set[K] = set()  # in _ready
        self._taken: set[K] = set()
        self._again: set[K] = set()  # added while taken
        self._later: list[tuple[float, int, K]] = []
        self._due: dict[K, float] = {}  # the delay that counts for a key; older heap entries are void
        self._failures: dict[K, int] = {}
        self._count = itertools.count()
        self._changed = asyncio.Event()

    def add(self, key: K) -> None:
        """Work on a key as soon as possible."""
        self._due.pop(key, None)
        if key in self._taken:
            self._again.add(key)
        elif key not in self._waiting:
            self._waiting.add(key)
            self._ready.append(key)
            self._changed.set()

    def add_after(self, key: K, delay_s: float) -> None:
        """Work on a key after a delay, unless it is to come sooner anyway."""
        due = self._now() + max(delay_s, 0.0)
        if key in self._waiting or self._due.get(key, due + 1) <= due:
            return
        self._due[key] = due
        heapq.heappush(self._later, (due, next(self._count), key))
        self._changed.set()

    def retry(self, key: K) -> float:
        """Work on a key again after its backoff, which doubles at each failure; the delay in seconds."""
        failures = self._failures.get(key, 0)
        self._failures[key] = failures + 1
        delay_s: float = min(FIRST_RETRY_S * 2 ** min(failures, 20), LONGEST_RETRY_S)
        self.add_after(key, delay_s)
        return delay_s

    def forget(self, key: K) -> None:
        """The key went well: its next failure starts from the shortest backoff."""
        self._failures.pop(key, None)

    async def take(self) -> K:
        """The next key; `done` must follow."""
        while True:
            self._promote()
            if self._ready:
                key = self._ready.popleft()
                self._waiting.discard(key)
                self._taken.add(key)
                return key
            self._changed.clear()
            wait_s = self._later[0][0] - self._now() if self._later else None
            try:
                async with asyncio.timeout(wait_s):
                    await self._changed.wait()
            except TimeoutError:
                continue

    def done(self, key: K) -> None:
        """The work on a key has ended; it waits again if it was added meanwhile."""
        self._taken.discard(key)
        if key in self._again:
            self._again.discard(key)
            self.add(key)

    def _promote(self) -> None:
        """Move what is due to the ready ones."""
        now = self._now()
        while self._later and self._later[0][0] <= now:
            due, _, key = heapq.heappop(self._later)
            if self._due.get(key) == due:
                self.add(key)
