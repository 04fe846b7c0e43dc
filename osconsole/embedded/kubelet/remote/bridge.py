"""Bridge: connections from somebody far away to ports of a process pod, many over one SPDY connection or websocket."""

import asyncio
import contextlib
import struct
from collections.abc import Awaitable, Callable
from pathlib import Path

from aiohttp import WSMsgType, web

from osconsole.embedded.kubelet.remote import ports, spdy
from osconsole.embedded.kubelet.remote.connection import Connection

_CHUNK_BYTES = 32 * 1024
PROTOCOL = "portforward.k8s.io"
TUNNEL = f"SPDY/3.1+{PROTOCOL}"
CHANNELS = "v4.channel.k8s.io"
Say = Callable[[bytes], Awaitable[None]]


class Bridge:
    """A connection to a port."""

    def __init__(self, root: Path, port: int) -> None:
        self._root, self._port = root, port
        self._tried = asyncio.Event()
        self._wanted = True
        self._writer: asyncio.StreamWriter | None = None

    async def carry(self, say: Say) -> str:
        """Connect, and hand on what comes from the pod until it has said all; why that was not to be, or ""."""
        try:
            reader, self._writer = await ports.connect(self._root, self._port)
        except ports.NotListening as error:
            return f"error forwarding port {self._port} to pod: {error}"
        finally:
            self._tried.set()
        try:
            while self._wanted and (data := await reader.read(_CHUNK_BYTES)):
                await say(data)
        except ConnectionError:
            pass
        finally:
            self._writer.close()
        return ""

    async def give(self, data: bytes, *, final: bool = False) -> None:
        """Hand on what comes from far; returns when it has gone out."""
        await self._tried.wait()
        if self._writer is None or self._writer.is_closing():
            return
        with contextlib.suppress(ConnectionError, RuntimeError):
            self._writer.write(data)
            await self._writer.drain()
            if final:
                self._writer.write_eof()

    def close(self) -> None:
        """Nobody wants it any more."""
        self._wanted = False
        if self._writer is not None:
            self._writer.transport.abort()


async def over_spdy(connection: Connection, root: Path) -> None:
    """Serve a client that opens a pair of streams, data and error, for each connection."""
    pairs: dict[str, dict[str, int]] = {}
    bridges: dict[int, Bridge] = {}

    async def carry(bridge: Bridge, data: int, error: int) -> None:
        why = await bridge.carry(lambda piece: connection.send(data, piece))
        with contextlib.suppress(ConnectionError):
            await connection.send(error, why.encode(), final=True)
            await connection.send(data, b"", final=True)
        bridges.pop(data, None)

    async with asyncio.TaskGroup() as tasks:
        async for event in connection.events():
            if isinstance(event, spdy.Opened):
                streams = pairs.setdefault(event.headers.get("requestid", ""), {})
                streams[event.headers.get("streamtype", "")] = event.stream
                port = event.headers.get("port", "")
                if {"data", "error"} <= streams.keys() and port.isdigit():
                    bridge = bridges[streams["data"]] = Bridge(root, int(port))
                    tasks.create_task(carry(bridge, streams["data"], streams["error"]))
                    del pairs[event.headers.get("requestid", "")]
            elif (found := bridges.get(event.stream)) is not None:
                if isinstance(event, spdy.Reset):
                    found.close()
                else:
                    await found.give(event.data, final=event.final)
        for bridge in bridges.values():
            bridge.close()


async def over_channels(line: web.WebSocketResponse, root: Path, wanted: list[int]) -> None:
    """Serve a client that named its ports beforehand: two channels for each, data and error, the port first."""
    bridges = [Bridge(root, port) for port in wanted]

    async def carry(number: int, port: int) -> None:
        data, error = bytes((2 * number,)), bytes((2 * number + 1,))
        with contextlib.suppress(ConnectionError):
            for channel in (data, error):
                await line.send_bytes(channel + struct.pack("<H", port))
            if why := await bridges[number].carry(lambda piece: line.send_bytes(data + piece)):
                await line.send_bytes(error + why.encode())

    async def listen() -> None:
        async for message in line:
            if message.type is WSMsgType.BINARY and message.data and message.data[0] < 2 * len(bridges):
                await bridges[message.data[0] // 2].give(message.data[1:])

    async with asyncio.TaskGroup() as tasks:
        listening = tasks.create_task(listen())
        carrying = {tasks.create_task(carry(number, port)) for number, port in enumerate(wanted)}
        while carrying and not listening.done():
            done, _ = await asyncio.wait({listening, *carrying}, return_when=asyncio.FIRST_COMPLETED)
            carrying -= done
        for bridge in bridges:
            bridge.close()
        listening.cancel()
    await line.close()
