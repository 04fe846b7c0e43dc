"""One command on a node: a process of its own session, its pipes joined to an SSH channel.

Like OpenSSH's server it gives the command the end of its input, and the client the end of its output. Unlike it, a
daemon that keeps the pipes open holds the client for `LINGER_S` only, and a client that leaves takes the command along.
"""

import asyncio
import os
import signal
from contextlib import suppress
from typing import Any, Protocol

LINGER_S = 1.0
_BLOCK_BYTES = 64 * 1024


class Reader(Protocol):
    """Bytes of a channel."""

    async def read(self, n: int = -1) -> bytes:
        """Up to n bytes; b"" at the end."""


class Writer(Protocol):
    """Where bytes go."""

    def write(self, data: bytes) -> Any:
        """Take some bytes."""

    async def drain(self) -> None:
        """Wait until more may be written."""


async def run(channel: Any) -> None:
    """Serve one session of an asyncssh server."""
    argv = ["/bin/sh", "-c", channel.command] if channel.command else ["/bin/sh", "-l"]
    child = await asyncio.create_subprocess_exec(
        *argv,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        cwd=os.environ.get("HOME", "/"),
        start_new_session=True,
    )
    try:
        status = await _joined(channel, child)
    except ConnectionError:
        status = None
    finally:
        if child.returncode is None:
            with suppress(ProcessLookupError):
                os.killpg(child.pid, signal.SIGKILL)
            await child.wait()
    if status is None:
        channel.close()
    elif status < 0:
        channel.exit_with_signal(signal.Signals(-status).name.removeprefix("SIG"))
    else:
        channel.exit(status)


async def _joined(channel: Any, child: asyncio.subprocess.Process) -> int | None:
    """Run the pumps until the command has ended; its status, None when the client left first."""
    if child.stdin is None or child.stdout is None or child.stderr is None:
        raise ConnectionError("no pipes")
    async with asyncio.TaskGroup() as group:
        feed = group.create_task(_feed(channel.stdin, child.stdin))
        drains = [
            group.create_task(_pump(child.stdout, channel.stdout)),
            group.create_task(_pump(child.stderr, channel.stderr)),
        ]
        ended, left = group.create_task(child.wait()), group.create_task(channel.channel.wait_closed())
        await asyncio.wait((ended, left), return_when=asyncio.FIRST_COMPLETED)
        if ended.done():
            await asyncio.wait(drains, timeout=LINGER_S)
        for task in (feed, left, ended, *drains):
            task.cancel()
    return child.returncode


async def _pump(source: Reader, sink: Writer) -> None:
    with suppress(ConnectionError):
        while block := await source.read(_BLOCK_BYTES):
            sink.write(block)
            await sink.drain()


async def _feed(source: Reader, sink: asyncio.StreamWriter) -> None:
    await _pump(source, sink)
    with suppress(ConnectionError):
        sink.close()
        await sink.wait_closed()
