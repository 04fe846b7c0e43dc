"""Nursery: the bodies that came last, plain until they have stood still. When and how many; not how they are packed.

Who changes in a storm has changed a moment ago and will change again: a body that is replaced before it is old is never
packed at all. What has lasted a round is packed, a little at a time, so that a quiet console holds packed bodies only;
and in a flood the oldest are packed at once, so that never more than so many bytes wait here.
"""

import asyncio
from collections import deque
from collections.abc import Iterable
from weakref import ref

from osconsole.model.packing import LEAST_BYTES, Body

MOST_BYTES = 32 * 1024 * 1024
ROUND_S = 10.0
_PAUSE_S = 0.02  # between two slices of work
_SLICE_BYTES = 256 * 1024  # about 0.4 ms


class Nursery:
    """Lives in one event loop; holds nothing that nobody else holds, and costs nothing while it is empty."""

    def __init__(self, most_bytes: int = MOST_BYTES, round_s: float = ROUND_S) -> None:
        self._most_bytes = most_bytes
        self._round_s = round_s
        self._new: deque[ref[Body]] = deque()  # of this round, oldest first
        self._old: deque[ref[Body]] = deque()  # what has lasted a round
        self._size_bytes = 0  # of all, those included that nobody has any more
        self._alarm: asyncio.TimerHandle | None = None

    def add(self, body: Body) -> None:
        """Take a body in that has just come, and stays as it is for now."""
        size = len(body.stored)
        if body.packing is None or size < LEAST_BYTES:
            return
        self._new.append(ref(body))
        self._size_bytes += size
        if self._size_bytes > self._most_bytes:
            self._sweep(self._most_bytes * 3 // 4)
        if self._alarm is None:
            self._alarm = asyncio.get_running_loop().call_later(self._round_s, self._turn)

    def settle(self) -> None:
        """Pack everything now."""
        self._sweep(0)

    def _sweep(self, most_bytes: int) -> None:
        """Forget what nobody has any more; of the others pack the oldest, until no more than so many bytes are left."""
        self._old, self._new = _alive(self._old), _alive(self._new)
        self._size_bytes = sum(len(body.stored) for one in (*self._old, *self._new) if (body := one()))
        while self._size_bytes > most_bytes and (kept := self._old or self._new):
            self._pack(kept)

    def _turn(self) -> None:
        """A round is over."""
        self._sweep(self._most_bytes)
        self._old.extend(self._new)
        self._new.clear()
        self._slice()

    def _slice(self) -> None:
        """A little of what has lasted a round, then the rest of it, and in the end the next round."""
        left_bytes = self._size_bytes - _SLICE_BYTES
        while self._old and self._size_bytes > left_bytes:
            self._pack(self._old)
        delay_s, then = (_PAUSE_S, self._slice) if self._old else (self._round_s, self._turn)
        self._alarm = asyncio.get_running_loop().call_later(delay_s, then) if self._old or self._new else None

    def _pack(self, kept: deque[ref[Body]]) -> None:
        """The oldest; one that has died since the last sweep is counted until the next."""
        if (body := kept.popleft()()) is not None:
            self._size_bytes -= len(body.stored)
            body.pack()


def _alive(kept: Iterable[ref[Body]]) -> deque[ref[Body]]:
    return deque(one for one in kept if one() is not None)
