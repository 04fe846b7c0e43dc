"""The far end of a command by websocket: `v5.channel.k8s.io`, `v4.channel.k8s.io`."""

import json
from typing import Any

import msgspec
from aiohttp import WSMsgType, web

from osconsole.embedded.kubelet.remote.command import Command
from osconsole.embedded.kubelet.remote.visit import finish, give

PROTOCOLS = ("v5.channel.k8s.io", "v4.channel.k8s.io")
STDIN, STDOUT, STDERR, ERROR, RESIZE, CLOSE = 0, 1, 2, 3, 4, 255


class WebFarEnd:
    """A `FarEnd`."""

    def __init__(self, line: web.WebSocketResponse) -> None:
        self._line = line

    async def listen(self, command: Command) -> None:
        """Input, sizes, the end of input (v5), until they leave."""
        async for message in self._line:
            data = message.data if message.type is WSMsgType.BINARY else str(message.data).encode()
            if not data:
                continue
            match data[0]:
                case 0:
                    await give(command, data[1:])
                case 4:
                    resize(command, data[1:])
                case 255 if data[1:] == b"\0" and self._line.ws_protocol == PROTOCOLS[0]:
                    finish(command)

    async def say(self, data: bytes, *, error: bool) -> None:
        """Output, by its channel."""
        await self._line.send_bytes(bytes((STDERR if error else STDOUT,)) + data)

    async def over(self, status: dict[str, Any]) -> None:
        """The Status, and goodbye."""
        await self._line.send_bytes(bytes((ERROR,)) + json.dumps(status).encode())
        await self._line.close()


class _Size(msgspec.Struct, rename="pascal"):
    width: int
    height: int


def resize(command: Command, said: bytes) -> None:
    """Give the terminal of a command the size that a message names; one that names none changes nothing."""
    try:
        size = msgspec.json.decode(said, type=_Size)
    except msgspec.MsgspecError:
        return
    command.resize(size.width, size.height)
