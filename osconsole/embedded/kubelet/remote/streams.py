"""The far end of a command by SPDY: a stream each for input, output, errors, sizes, and how it ended."""

import asyncio
import json
from typing import Any

from osconsole.embedded.kubelet.remote import spdy
from osconsole.embedded.kubelet.remote.command import Command
from osconsole.embedded.kubelet.remote.connection import Connection
from osconsole.embedded.kubelet.remote.visit import finish, give
from osconsole.embedded.kubelet.remote.websocket import resize

PROTOCOL = "v4.channel.k8s.io"
_OPEN_S = 30.0


class StreamFarEnd:
    """A `FarEnd`; `await far.opened()` first."""

    def __init__(self, connection: Connection, wanted: frozenset[str]) -> None:
        self._connection = connection
        self._events = connection.events()
        self._wanted = wanted
        self._streams: dict[str, int] = {}
        self._early: list[spdy.Data | spdy.Reset] = []
        self._sizes = b""

    async def opened(self) -> None:
        """Until the client has opened every stream that the request asked for.

        Raises:
            ConnectionError: it has not, or has left.
        """
        try:
            async with asyncio.timeout(_OPEN_S):
                while not self._wanted <= self._streams.keys():
                    event = await anext(self._events)
                    if isinstance(event, spdy.Opened):
                        self._streams[event.headers.get("streamtype", "")] = event.stream
                    else:
                        self._early.append(event)
        except (TimeoutError, StopAsyncIteration):
            raise ConnectionResetError("the client has not opened all streams") from None

    async def listen(self, command: Command) -> None:
        """Input, its end and sizes, until they leave."""
        for event in self._early:
            await self._take(event, command)
        async for later in self._events:
            await self._take(later, command)

    async def _take(self, event: spdy.Opened | spdy.Data | spdy.Reset, command: Command) -> None:
        if isinstance(event, spdy.Data) and event.stream == self._streams.get("resize"):
            self._sizes = _resized(command, self._sizes + event.data)
        elif isinstance(event, spdy.Data) and event.stream == self._streams.get("stdin"):
            await give(command, event.data)
            if event.final:
                finish(command)

    async def say(self, data: bytes, *, error: bool) -> None:
        """Output, on its stream."""
        stream = self._streams.get("stderr" if error else "stdout")
        if stream is not None:
            await self._connection.send(stream, data)

    async def over(self, status: dict[str, Any]) -> None:
        """The Status, and the end of every stream."""
        for name in ("stdout", "stderr"):
            if name in self._streams:
                await self._connection.send(self._streams[name], b"", final=True)
        await self._connection.send(self._streams["error"], json.dumps(status).encode(), final=True)
        await self._connection.goodbye()


def _resized(command: Command, said: bytes) -> bytes:
    """Sizes are JSON objects one after the other; what is not whole yet comes back."""
    *whole, rest = said.split(b"}")
    for part in whole[-1:]:
        resize(command, part + b"}")
    return rest.lstrip()
