"""Keys waiting for work: each at most once, never in two hands, later where asked, backing off after a failure."""

import asyncio
from collections.abc import Hashable
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)

_FIRST_RETRY_S, _LAST_RETRY_S = 0.02, 10.0


class WorkQueue(Generic[K]):
    """`add` keys, `take` one, and say `done` with it; a key added meanwhile comes again after `done`."""

    def __init__(self) -> None:
        self._ready: asyncio.Queue[K] = asyncio.Queue()
        self._queued: set[K] = set()
        self._in_hand: set[K] = set()
        self._again: set[K] = set()
        self._timers: dict[K, asyncio.TimerHandle] = {}
        self._failures: dict[K, int] = {}

    def add(self, key: K) -> None:
        """Work on `key` soon."""
        if key in self._in_hand:
            self._again.add(key)
        elif key not in self._queued:
            self._queued.add(key)
            self._ready.put_nowait(key)

    def add_after(self, key: K, delay_s: float) -> None:
        """Work on `key` after a while; the earlier of two wishes counts."""
        loop = asyncio.get_running_loop()
        timer = self._timers.get(key)
        if timer is not None:
            if timer.when() <= loop.time() + delay_s:
                return
            timer.cancel()
        self._timers[key] = loop.call_later(delay_s, self._due, key)

    async def take(self) -> K:
        """The next key; it is in hand until `done`."""
        key = await self._ready.get()
        self._queued.discard(key)
        self._in_hand.add(key)
        return key

    def done(self, key: K, *, failed: bool = False) -> None:
        """Put a key down; a failed one comes again after 20 ms, doubled up to 10 s."""
        self._in_hand.discard(key)
        if failed:
            count = self._failures.get(key, 0)
            self._failures[key] = count + 1
            self.add_after(key, min(_FIRST_RETRY_S * 2.0 ** min(count, 20), _LAST_RETRY_S))
        else:
            self._failures.pop(key, None)
        if key in self._again:
            self._again.discard(key)
            self.add(key)

    def _due(self, key: K) -> None:
        self._timers.pop(key, None)
        self.add(key)
