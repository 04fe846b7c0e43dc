"""A program on a pseudo-terminal, its screen read by pyte: what a person at a terminal sees, byte by byte."""

import contextlib
import fcntl
import os
import pty
import re
import select
import signal
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pyte
import pytest

STAGED = Path(__file__).with_name("staged.py")
# What pyte 0.8 does not understand and would print.
_FOREIGN = re.compile(rb"\x1b\[[<>=?][0-9;]*[a-zA-Z]|\x1b\[\?[0-9;]*\$p|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)|\x1b\[m")

# The size of the terminal that runs the tests is not the size of those that they open.
_ENVIRON = {name: value for name, value in os.environ.items() if name not in {"COLUMNS", "LINES"}}


class Terminal:
    """One program, one screen."""

    def __init__(self, argv: list[str], columns: int, lines: int, env: dict[str, str]) -> None:
        self.screen = pyte.Screen(columns, lines)
        self._stream = pyte.ByteStream(self.screen)
        self.written = 0
        self.raw = b""
        self._master, slave = pty.openpty()
        self.resize(columns, lines)
        self.process = subprocess.Popen(
            argv, stdin=slave, stdout=slave, stderr=slave, start_new_session=True,
            preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),
            env={**_ENVIRON, "TERM": "xterm-256color", "LANG": "C.UTF-8", "LC_ALL": "C.UTF-8", **env},
        )  # fmt: skip
        os.close(slave)

    def resize(self, columns: int, lines: int) -> None:
        fcntl.ioctl(self._master, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))
        self.screen.resize(lines, columns)

    def send(self, keys: str) -> None:
        os.write(self._master, keys.encode())

    def read(self, for_s: float = 0.05) -> bytes:
        """Take in what the program writes until it is silent for so long, or two seconds have gone by."""
        got, end = b"", time.monotonic() + 2
        while time.monotonic() < end and select.select([self._master], [], [], for_s)[0]:
            try:
                data = os.read(self._master, 1 << 16)
            except OSError:
                break
            if not data:
                break
            got += data
        self.written += len(got)
        self.raw += got
        # The sequences that pyte lacks are dropped; a plain reset is spelled out for it.
        self._stream.feed(_FOREIGN.sub(lambda m: b"\x1b[0m" if m[0] == b"\x1b[m" else b"", got))
        return got

    @property
    def text(self) -> str:
        return "\n".join(self.screen.display)

    def until(self, true: Callable[[str], object], within_s: float = 15) -> str:
        """The screen's text once it satisfies the condition."""
        end = time.monotonic() + within_s
        while time.monotonic() < end:
            self.read(0.02)
            if true(self.text):
                return self.text
            if self.process.poll() is not None:
                self.read(0.1)
                break
        pytest.fail(f"not within {within_s} s; the screen was:\n{self.text}")

    def settle(self) -> None:
        """Nothing is written any more."""
        while self.read(0.3):
            pass

    def close(self) -> None:
        if self.process.poll() is None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait(10)
        os.close(self._master)


@pytest.fixture
def terminal() -> Iterator[Callable[..., Terminal]]:
    """Starts `staged.py` with arguments on a terminal of its own."""
    opened: list[Terminal] = []

    def start(
        *argv: str, program: list[str] | None = None, columns: int = 120, lines: int = 36, **env: str
    ) -> Terminal:
        found = Terminal([sys.executable, *(program or [str(STAGED)]), *argv], columns, lines, env)
        opened.append(found)
        return found

    yield start
    for found in opened:
        found.close()
