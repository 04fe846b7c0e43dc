"""An answer that is all there: head and body leave together, and nothing about them is worked out twice."""

import functools
from http import HTTPStatus

from aiohttp import web
from aiohttp.abc import AbstractStreamWriter

from osconsole.embedded.api import clock
from osconsole.embedded.api.protocol.negotiate import JSON

TEXT = "text/plain; charset=utf-8"


class Whole(web.StreamResponse):
    """One answer.

    Attributes:
        body: its bytes; none are sent to whoever asked for the head alone.
        media: its Content-Type.
        headers: what its head says besides.
    """

    def __init__(self, body: bytes, code: int = 200, media: str = JSON) -> None:
        super().__init__(status=code)
        self.body = body
        self.media = media
        self._request: web.BaseRequest | None = None

    @property
    def keep_alive(self) -> bool | None:
        """Whether the connection goes on."""
        return self._request is not None and self._request.keep_alive

    async def prepare(self, request: web.BaseRequest) -> AbstractStreamWriter | None:
        """Remember whose answer it is."""
        self._request = request
        return None

    async def write_eof(self, data: bytes = b"") -> None:
        """Write all of it, at the client's pace.

        Raises:
            ConnectionError: the client has left.
        """
        request = self._request
        assert request is not None
        transport = request.transport
        if transport is None or transport.is_closing():
            raise ConnectionResetError("the client has left")
        head = self._head(request)
        transport.write(head if request.method == "HEAD" else head + self.body)
        await request.writer.drain()

    def _head(self, request: web.BaseRequest) -> bytes:
        fixed = _fixed(request.version, self.status, self.media, alive=request.keep_alive)
        more = "".join([f"{name}: {_line(value)}\r\n" for name, value in self.headers.items()])
        return f"{fixed}Content-Length: {len(self.body)}\r\nDate: {clock.date()}\r\n{more}\r\n".encode()


@functools.lru_cache(maxsize=256)
def _fixed(version: tuple[int, int], code: int, media: str, *, alive: bool) -> str:
    """What many heads have in common."""
    lines = [
        f"HTTP/{version[0]}.{version[1]} {code} {_phrase(code)}",
        f"Content-Type: {media}",
        "Cache-Control: no-cache, private",
    ]
    if alive != (version >= (1, 1)):
        lines.append(f"Connection: {'keep-alive' if alive else 'close'}")
    return "".join(f"{line}\r\n" for line in lines)


def _phrase(code: int) -> str:
    try:
        return HTTPStatus(code).phrase
    except ValueError:
        return ""


def _line(value: str) -> str:
    """A value cannot begin another line of the head."""
    return value.replace("\r", " ").replace("\n", " ").replace("\0", " ")
