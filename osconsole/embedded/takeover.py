"""Takeover: the bare connection under an HTTP request, for protocols that begin where HTTP ends.

aiohttp upgrades to websockets only. Its way to do so, a parser that gets all further bytes, serves other protocols too.
"""

import asyncio

from aiohttp import web

_BUFFER_BYTES = 256 * 1024


class _Feed:
    """What aiohttp hands all further bytes to."""

    def __init__(self, reader: asyncio.StreamReader) -> None:
        self._reader = reader

    def feed_data(self, data: bytes) -> tuple[bool, bytes]:
        """Bytes came."""
        self._reader.feed_data(data)
        return False, b""

    def feed_eof(self) -> None:
        """None will come any more."""
        self._reader.feed_eof()


def take_over(request: web.BaseRequest, head: bytes) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """Answer with a head (status line and headers); from then on the connection is the caller's, to its end.

    Raises:
        ConnectionResetError: the client has left.
    """
    transport, protocol = request.transport, request.protocol
    if transport is None:
        raise ConnectionResetError("the client has left")
    loop = asyncio.get_running_loop()
    reader = asyncio.StreamReader(limit=_BUFFER_BYTES, loop=loop)
    reader.set_transport(transport)
    protocol.set_parser(_Feed(reader))  # type: ignore[arg-type]  # any parser will do
    transport.write(head)
    return reader, asyncio.StreamWriter(transport, protocol, reader, loop)


def leave(writer: asyncio.StreamWriter) -> web.Response:
    """End a connection that was taken over; what the handler returns, which nobody hears."""
    writer.close()
    return web.Response()
