"""Backoff: how long to wait before the next try, longer each time. Does not wait itself."""

import random
import time

FIRST_S, MOST_S, QUIET_S = 0.8, 30.0, 120.0  # first, most, and after how much quiet it starts anew


class Backoff:
    """0.8 s, doubled up to 30 s, with jitter of as much again; after two quiet minutes from the start."""

    def __init__(self) -> None:
        self._next_s = FIRST_S
        self._last = 0.0

    def delay_s(self) -> float:
        """How long to wait this time."""
        now = time.monotonic()
        self._next_s = FIRST_S if now - self._last > QUIET_S else min(MOST_S, self._next_s * 2)
        self._last = now
        return self._next_s * (1 + random.random())  # noqa: S311

    def reset(self) -> None:
        """All is well."""
        self._last = 0.0
