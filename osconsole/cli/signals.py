"""Signals that end a program come as an exception, so that what it has started and changed is put in order on the way.

The console has handlers of its own while its screen is up; these are for before and after.
"""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

_ENDING = (signal.SIGHUP, signal.SIGTERM)


@contextmanager
def ended_in_order() -> Iterator[None]:
    """HUP and TERM raise SystemExit here, with the exit code that a shell gives them."""
    with _handled(_ENDING, _end):
        yield


@contextmanager
def undisturbed() -> Iterator[None]:
    """Nothing but KILL interrupts the block: for putting in order."""
    with _handled((*_ENDING, signal.SIGINT), signal.SIG_IGN):
        yield


def interruptible() -> None:
    """From now on Ctrl-C is KeyboardInterrupt, unless it is ignored."""
    if signal.getsignal(signal.SIGINT) is not signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


@contextmanager
def _handled(numbers: tuple[signal.Signals, ...], handler: signal.Handlers | object) -> Iterator[None]:
    before = {number: signal.signal(number, handler) for number in numbers}  # type: ignore[arg-type]
    try:
        yield
    finally:
        for number, old in before.items():
            signal.signal(number, old)


def _end(number: int, frame: FrameType | None) -> None:
    raise SystemExit(128 + number)
