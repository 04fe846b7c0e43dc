"""A program on a pseudo terminal: what it writes, when, and what is on its screen."""

import fcntl
import os
import pty
import select
import signal
import struct
import termios
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Self

import pyte

from benchmarks import cpu

_REST_S = 0.002


class Terminal:
    """`with Terminal(argv, env) as terminal:`; the program is ended with the block.

    Attributes:
        pid: of the program.
        began: `time.monotonic()` when it was started.
        count_bytes: how much it has written.
        came: when the last of it was read, and the program's CPU seconds then.
    """

    def __init__(self, argv: Sequence[str], env: Mapping[str, str], columns: int = 140, rows: int = 45) -> None:
        self._screen = pyte.Screen(columns, rows)
        self._stream = pyte.ByteStream(self._screen)
        self.count_bytes = 0
        self.began = time.monotonic()
        self.came = (self.began, 0.0)
        self.pid, self._fd = pty.fork()
        if self.pid == 0:
            os.execvpe(argv[0], list(argv), dict(env))
        fcntl.ioctl(self._fd, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        os.kill(self.pid, signal.SIGTERM)
        deadline = time.monotonic() + 10
        while time.monotonic() < deadline and os.waitpid(self.pid, os.WNOHANG)[0] == 0:
            self.read(0.05)
        if time.monotonic() >= deadline:
            os.kill(self.pid, signal.SIGKILL)
            os.waitpid(self.pid, 0)
        os.close(self._fd)

    def send(self, keys: str) -> None:
        """Type."""
        os.write(self._fd, keys.encode())

    def read(self, within_s: float) -> int:
        """Take in what was written, waiting for the first of it at most so long; how many bytes."""
        found = b""
        # A pseudo terminal holds 4 KB: whoever looks at these before taking the rest holds up the program.
        while select.select([self._fd], [], [], _REST_S if found else within_s)[0]:
            try:
                found += os.read(self._fd, 1 << 16)
            except OSError:  # the program has ended
                break
            self.came = (time.monotonic(), cpu.precise_s(self.pid))
        self.count_bytes += len(found)
        self._stream.feed(found)
        return len(found)

    def settle(self, quiet_s: float = 0.5, within_s: float = 30.0) -> None:
        """Read until nothing comes for a while."""
        deadline = time.monotonic() + within_s
        while time.monotonic() < deadline and self.read(quiet_s):
            pass

    def until(self, true: Callable[[str], bool], within_s: float = 30.0) -> float:
        """Read until the screen is so; seconds from the start of the program until the last of it came.

        Raises:
            SystemExit: it does not become so.
        """
        deadline = time.monotonic() + within_s
        while not true(self.text):
            if time.monotonic() > deadline:
                raise SystemExit(f"the screen did not become as expected:\n{self.text}")
            self.read(0.05)
        return self.came[0] - self.began

    @property
    def text(self) -> str:
        """What is on the screen."""
        return "\n".join(line.rstrip() for line in self._screen.display)
