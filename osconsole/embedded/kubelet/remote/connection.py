"""A SPDY connection over any pipe of bytes: a bare connection, or a websocket that carries it (port-forward)."""

from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping

from aiohttp import WSMsgType, web

from osconsole.embedded.kubelet.remote import spdy
from osconsole.embedded.takeover import leave, take_over

_CHUNK_BYTES = 64 * 1024
_DATA_BYTES = 32 * 1024
Receive = Callable[[], Awaitable[bytes]]
Send = Callable[[bytes], Awaitable[None]]


class Connection:
    """Streams that the client opens; `async for event in connection.events()`, and what is sent back meanwhile."""

    def __init__(self, receive: Receive, send: Send) -> None:
        self._receive = receive
        self._send = send
        self._reader = spdy.Reader()
        self._writer = spdy.Writer()
        self._last = 0

    async def events(self) -> AsyncGenerator[spdy.Opened | spdy.Data | spdy.Reset, None]:
        """What the client does with streams, until it leaves; a slow consumer slows it down.

        Raises:
            ProtocolError: what came is no SPDY.
        """
        while data := await self._receive():
            for event in self._reader.feed(data):
                match event:
                    case spdy.Ping(number):
                        await self._send(self._writer.ping(number))
                    case spdy.Goodbye():
                        pass
                    case spdy.Opened(stream):
                        self._last = max(self._last, stream)
                        await self._send(self._writer.reply(stream))
                        yield event
                    case _:
                        yield event

    async def send(self, stream: int, data: bytes, *, final: bool = False) -> None:
        """Bytes of a stream; returns when they have gone out or may wait."""
        for start in range(0, len(data), _DATA_BYTES):
            await self._send(self._writer.data(stream, data[start : start + _DATA_BYTES]))
        if final:
            await self._send(self._writer.data(stream, b"", final=True))

    async def reset(self, stream: int) -> None:
        """Break a stream off."""
        await self._send(self._writer.reset(stream))

    async def goodbye(self) -> None:
        """Nothing more is accepted."""
        await self._send(self._writer.goodbye(self._last))


def asks_for_spdy(headers: Mapping[str, str]) -> bool:
    """Whether a request wants to go over to SPDY."""
    return headers.get("Upgrade", "").lower() == "spdy/3.1"


async def serve_spdy(
    request: web.Request, protocol: str, handle: Callable[[Connection], Awaitable[None]]
) -> web.StreamResponse:
    """Go over to SPDY on the bare connection and have it handled; 403 when the client speaks another protocol."""
    offered = [
        name.strip() for value in request.headers.getall("X-Stream-Protocol-Version", []) for name in value.split(",")
    ]
    if protocol not in offered:
        text = (
            f"unable to upgrade: unable to negotiate protocol: client supports {offered}, server accepts [{protocol}]\n"
        )
        return web.Response(status=403, text=text)
    head = (
        "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: SPDY/3.1\r\n"
        f"X-Stream-Protocol-Version: {protocol}\r\n\r\n"
    )
    reader, writer = take_over(request, head.encode())

    async def send(data: bytes) -> None:
        writer.write(data)
        await writer.drain()

    try:
        await handle(Connection(lambda: reader.read(_CHUNK_BYTES), send))
    except (ConnectionError, spdy.ProtocolError):
        pass  # the client has left, or speaks something else: both are an end
    finally:
        answer = leave(writer)
    return answer


def over_websocket(line: web.WebSocketResponse) -> Connection:
    """A connection whose bytes are the messages of a websocket."""

    async def receive() -> bytes:
        while not line.closed:
            message = await line.receive()
            if message.type is not WSMsgType.BINARY:
                return b""
            if message.data:
                return bytes(message.data)
        return b""

    return Connection(receive, line.send_bytes)
