"""Terminal: this process' own standard input and output, lent to something that runs elsewhere, and given back.

While it is lent, every key goes there unchanged (Ctrl-C too). Afterwards the terminal is as it was, whatever happened.
"""

import asyncio
import contextlib
import os
import signal
import stat
import sys
import termios
import tty
from collections.abc import AsyncGenerator
from types import TracebackType
from typing import Any, Self

_INPUT, _OUTPUT, _ERRORS = 0, 1, 2
_CHUNK_BYTES = 32 * 1024
_LEAVE = b"\x1d" * 3  # Ctrl-] three times: the way out when nobody answers
# What a program that is cut off in the midst may have left behind: its screen, a hidden cursor, the mouse, pasting.
_MEND = "\x1b[?1049l\x1b[?1l\x1b>\x1b[?25h\x1b[?1000l\x1b[?1002l\x1b[?1003l\x1b[?1006l\x1b[?2004l\x1b[m\r\n"


class OwnTerminal:
    """`with OwnTerminal(tty=True) as terminal:`; a `model.remote.Terminal`.

    Attributes:
        left: the person has broken off (Ctrl-] three times).
    """

    def __init__(self, *, tty: bool) -> None:
        self.left = False
        self._tty = tty and os.isatty(_INPUT)
        self._modes: list[Any] | None = None
        self._typed = b""

    def __enter__(self) -> Self:
        for stream in (sys.stdout, sys.stderr):
            stream.flush()
        if self._tty:
            self._modes = termios.tcgetattr(_INPUT)
            tty.setraw(_INPUT, termios.TCSADRAIN)  # what was typed ahead is meant for whoever comes now
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._modes is None:
            return
        with contextlib.suppress(OSError, termios.error):  # the terminal itself may be gone
            termios.tcsetattr(_INPUT, termios.TCSADRAIN, self._modes)
            if kind is not None:
                os.write(_OUTPUT, _MEND.encode())

    async def read(self) -> bytes:
        """What was typed or piped; empty at its end, or when the person breaks off."""
        if not _pollable(_INPUT):
            return await asyncio.to_thread(os.read, _INPUT, _CHUNK_BYTES)
        while True:
            await _readable(_INPUT)
            try:
                data = os.read(_INPUT, _CHUNK_BYTES)
            except BlockingIOError:
                continue
            except OSError:
                return b""
            return self._noticed(data) if self._tty else data

    def _noticed(self, data: bytes) -> bytes:
        """The same, unless it asks to break off."""
        self._typed = (self._typed + data)[-len(_LEAVE) :]
        self.left = self._typed == _LEAVE
        return b"" if self.left else data

    async def write(self, data: bytes, *, error: bool = False) -> None:
        """Show output; returns when it has been taken."""
        await asyncio.to_thread(_write, _ERRORS if error else _OUTPUT, data)

    async def sizes(self) -> AsyncGenerator[tuple[int, int], None]:
        """(columns, lines), now and whenever the window gets another size."""
        loop, changed = asyncio.get_running_loop(), asyncio.Event()
        if not os.isatty(_OUTPUT):
            return
        loop.add_signal_handler(signal.SIGWINCH, changed.set)
        try:
            while True:
                changed.clear()
                size = os.get_terminal_size(_OUTPUT)
                yield size.columns, size.lines
                await changed.wait()
        finally:
            loop.remove_signal_handler(signal.SIGWINCH)


def _pollable(handle: int) -> bool:
    """Whether one can be told when there is something to read; files and /dev/null are always ready."""
    mode = os.fstat(handle).st_mode
    return stat.S_ISFIFO(mode) or stat.S_ISSOCK(mode) or os.isatty(handle)


async def _readable(handle: int) -> None:
    """Wait until there is something to read."""
    loop, ready = asyncio.get_running_loop(), asyncio.Event()
    loop.add_reader(handle, ready.set)
    try:
        await ready.wait()
    finally:
        loop.remove_reader(handle)


def _write(handle: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(handle, view) :]
