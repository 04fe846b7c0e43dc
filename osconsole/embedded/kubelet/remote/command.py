"""Command: one command that runs in a process pod, with pipes or a terminal of its own."""

import asyncio
import fcntl
import json
import os
import pty
import socket
import struct
import sys
import termios
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

_BUFFER_BYTES = 64 * 1024
_NOT_FOUND = 2  # ENOENT


class CannotStart(Exception):
    """The command does not run, with the words of a container runtime."""


@dataclass(frozen=True, slots=True)
class Order:
    """What to run; `stdin`: it gets input, `tty`: it gets a terminal (and writes errors there)."""

    argv: tuple[str, ...]
    env: Mapping[str, str]
    cwd: str
    stdin: bool
    tty: bool


class Command:
    """A running command: `async with await Command.start(order) as command:`; leaving it ends all of it.

    Attributes:
        stdout, stderr: its output; without stderr where it has a terminal.
        stdin: None where it gets none.
    """

    def __init__(self, order: Order) -> None:
        self.stdin: asyncio.StreamWriter | None = None
        self.stdout = asyncio.StreamReader(limit=_BUFFER_BYTES)
        self.stderr: asyncio.StreamReader | None = None
        self._order = order
        self._control, self._far = socket.socketpair()
        self._terminal = -1
        self._open: list[asyncio.BaseTransport] = []
        self._process: asyncio.subprocess.Process | None = None

    @classmethod
    async def start(cls, order: Order) -> Self:
        """Start it; that it could not be is known when it has ended."""
        command = cls(order)
        theirs: list[int] = []
        try:
            await (command._with_terminal(theirs) if order.tty else command._with_pipes(theirs))
            await command._spawn(theirs)
        except BaseException:
            command.close()
            raise
        finally:
            command._far.close()
            for handle in set(theirs):
                os.close(handle)
        return command

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        self.close()
        if self._process is not None:
            await self._process.wait()

    def close(self) -> None:
        """End it, with all that it has started, without waiting."""
        self._control.close()
        if self._terminal >= 0:
            os.close(self._terminal)
            self._terminal = -1
        for transport in self._open:
            if transport.is_closing():
                continue
            if isinstance(transport, asyncio.WriteTransport):
                transport.abort()  # what it has not read would hold it open
            else:
                transport.close()

    def resize(self, columns: int, lines: int) -> None:
        """Its terminal has another size; it is told by SIGWINCH."""
        if self._terminal >= 0 and 0 < columns < 2**16 and 0 < lines < 2**16:
            fcntl.ioctl(self._terminal, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))

    async def ended(self) -> int:
        """Wait for its end: the exit code, 128 and the number for a signal.

        Raises:
            CannotStart: it has never run.
        """
        loop = asyncio.get_running_loop()
        said = b""
        while not said.endswith(b"\n") and (data := await loop.sock_recv(self._control, 4096)):
            said += data
        answer = json.loads(said or b'{"code": 137}')
        if "error" not in answer:
            return int(answer["code"])
        program = self._order.argv[0]
        missing = answer["code"] == _NOT_FOUND and "/" not in program
        why = "executable file not found in $PATH" if missing else str(answer["error"]).lower()
        raise CannotStart(f'exec: "{program}": {why}')

    async def _with_pipes(self, theirs: list[int]) -> None:
        inside, outside = os.pipe() if self._order.stdin else (os.open(os.devnull, os.O_RDONLY), -1)
        theirs.append(inside)
        if outside >= 0:
            self.stdin = await self._written(outside)
        self.stderr = asyncio.StreamReader(limit=_BUFFER_BYTES)
        for reader in (self.stdout, self.stderr):
            outside, inside = os.pipe()
            theirs.append(inside)
            await self._read(outside, reader)

    async def _with_terminal(self, theirs: list[int]) -> None:
        # Whoever reads and writes it closes it when it has ended: what sizes are set on is another name of it.
        self._terminal, inside = pty.openpty()
        theirs += [inside] * 3
        await self._read(os.dup(self._terminal), self.stdout)
        if self._order.stdin:
            self.stdin = await self._written(os.dup(self._terminal))

    async def _read(self, handle: int, reader: asyncio.StreamReader) -> None:
        loop = asyncio.get_running_loop()
        pipe = os.fdopen(handle, "rb", buffering=0)
        transport, _ = await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), pipe)
        self._open.append(transport)

    async def _written(self, handle: int) -> asyncio.StreamWriter:
        loop = asyncio.get_running_loop()
        pipe = os.fdopen(handle, "wb", buffering=0)
        transport, protocol = await loop.connect_write_pipe(asyncio.streams.FlowControlMixin, pipe)
        self._open.append(transport)
        return asyncio.StreamWriter(transport, protocol, None, loop)

    async def _spawn(self, theirs: list[int]) -> None:
        order, far = self._order, self._far.fileno()
        self._control.setblocking(False)  # noqa: FBT003
        self._process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-P", "-m", f"{__package__}.attendant", str(far)),
            stdin=theirs[0],
            stdout=theirs[1],
            stderr=theirs[2],
            pass_fds=[far],
            env={name: order.env[name] for name in ("PATH", "OSCONSOLE_POD_ROOT") if name in order.env},
        )
        # The environment holds secrets: it travels by socket, never by argv or disk.
        orders = {"argv": order.argv, "env": dict(order.env), "cwd": order.cwd, "tty": order.tty}
        await asyncio.get_running_loop().sock_sendall(self._control, json.dumps(orders).encode() + b"\n")
