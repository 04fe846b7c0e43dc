"""The server's clock, and how objects and HTTP write the time. A fault may set it wrong."""

import datetime
import functools
import time


class Clock:
    """By how much it is wrong."""

    ahead_s = 0.0


CLOCK = Clock()


def now() -> str:
    """The time as objects carry it."""
    return _written(_second())


def date() -> str:
    """The time as heads of HTTP carry it."""
    return _dated(_second())


def _second() -> int:
    return int(time.time() + CLOCK.ahead_s)


@functools.lru_cache(maxsize=1)
def _written(second: int) -> str:
    return datetime.datetime.fromtimestamp(second, datetime.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


@functools.lru_cache(maxsize=1)
def _dated(second: int) -> str:
    return datetime.datetime.fromtimestamp(second, datetime.UTC).strftime("%a, %d %b %Y %H:%M:%S GMT")
