"""Websocket: a conversation with the server instead of a question and an answer: dialled, spoken over, cut.

Each has a connection of its own, that ends with it. What is said over it is the business of `exec` and `portforward`.
"""

import asyncio
import contextlib
from collections.abc import Sequence
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlsplit

import aiohttp
import msgspec
from multidict import CIMultiDict

from osconsole.errors import Unreachable
from osconsole.kube import redirects
from osconsole.kube.keepalive import look_after
from osconsole.kube.trouble import unreachable

_CONNECT_S = 5.0
_FAREWELL_S = 1.0  # a server that is gone does not answer goodbye
_PING_S = 20.0  # what lies between forgets a line that is silent for minutes
_MESSAGE_BYTES = 4 * 1024 * 1024
_REFUSAL_BYTES = 64 * 1024
_WEATHER = (aiohttp.ClientError, ConnectionError, OSError)


class Refusal(msgspec.Struct, frozen=True):
    """The server did not go over to a websocket: what it answered instead."""

    status: int
    body: bytes
    retry_after: str = ""

    def close(self) -> None:
        """Nothing is open."""


class Socket:
    """An open websocket: `async with socket:`; leaving it, also by cancellation, cuts the connection.

    Attributes:
        protocol: the subprotocol that the server chose, "" for none.
    """

    status = 101

    def __init__(
        self,
        line: aiohttp.ClientWebSocketResponse,
        session: aiohttp.ClientSession,
        answer: aiohttp.ClientResponse,
        server: str,
    ) -> None:
        self.protocol = line.protocol or ""
        self._line = line
        self._session = session
        self._answer = answer
        self._server = server

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if kind is None:
                with contextlib.suppress(TimeoutError, *_WEATHER):
                    async with asyncio.timeout(_FAREWELL_S):
                        await self._line.close()
        finally:
            self.close()
            await self._session.close()

    def close(self) -> None:
        """Cut the connection: what has not been sent would hold it open as long as the other end does not read."""
        connection = self._answer.connection
        if connection is not None and connection.transport is not None:
            connection.transport.abort()
        self._answer.close()

    async def send(self, message: bytes) -> None:
        """Send one message; returns when it has gone out or may wait, so that a slow server slows us down.

        Raises:
            Unreachable: the line was cut.
        """
        try:
            await self._line.send_bytes(message)
        except _WEATHER as error:
            raise unreachable(error, self._server) from None

    async def receive(self) -> bytes | None:
        """The next message; None when the server has said goodbye.

        Raises:
            Unreachable: the line was cut.
        """
        found = await self._line.receive()
        if found.type in (aiohttp.WSMsgType.BINARY, aiohttp.WSMsgType.TEXT):
            return found.data if isinstance(found.data, bytes) else str(found.data).encode()
        if found.type is aiohttp.WSMsgType.CLOSE:
            return None
        raise self._broken(found.data if isinstance(found.data, BaseException) else ConnectionResetError())

    async def pings(self) -> None:
        """Keep the line in the memory of what lies between; for ever, or until it is cut."""
        with contextlib.suppress(*_WEATHER):
            while True:
                await asyncio.sleep(_PING_S)
                await self._line.ping()

    def _broken(self, error: BaseException) -> Unreachable:
        if isinstance(error, aiohttp.WebSocketError):
            return Unreachable(f"{self._server}: what came is no websocket message ({error}): is a proxy in between?")
        return unreachable(error, self._server)


class _Ear:
    """Hears the answer to a request for a websocket: the only place where aiohttp shows the body of a refusal."""

    def __init__(self) -> None:
        self.answer: aiohttp.ClientResponse | None = None
        self.refusal: Refusal | None = None

    async def hear(self, _session: object, _context: object, params: aiohttp.TraceRequestEndParams) -> None:
        """An answer has begun."""
        self.answer = answer = params.response
        look_after(answer)
        if answer.status >= 400:
            body = b""
            while len(body) < _REFUSAL_BYTES and (piece := await answer.content.readany()):
                body += piece
            self.refusal = Refusal(answer.status, body, answer.headers.get("Retry-After", ""))


async def dial(client: Any, url: str, headers: Sequence[tuple[str, str]], protocols: Sequence[str]) -> Socket | Refusal:
    """Ask the server to go over to a websocket, by the TLS and proxy of a REST client of `kubernetes.aio`.

    Raises:
        aiohttp.ClientError, OSError: no answer. ApiError: the answer is a redirect.
    """
    ear, trace = _Ear(), aiohttp.TraceConfig()
    trace.on_request_end.append(ear.hear)
    session = aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(ssl=client.ssl_context),
        timeout=aiohttp.ClientTimeout(total=None, sock_connect=_CONNECT_S),
        trace_configs=[trace, redirects.refusal()],
        cookie_jar=aiohttp.DummyCookieJar(),
    )
    try:
        line = await session.ws_connect(
            url,
            headers=CIMultiDict(headers),
            protocols=protocols,
            proxy=client.proxy,
            server_hostname=client.configuration.tls_server_name,
            max_msg_size=_MESSAGE_BYTES,
        )
    except aiohttp.WSServerHandshakeError as error:
        await session.close()
        said = f"the server does not speak websocket here ({error.message}): is a proxy in between?"
        return ear.refusal or Refusal(502, said.encode())
    except BaseException:
        await session.close()
        raise
    assert ear.answer is not None
    return Socket(line, session, ear.answer, "{0.scheme}://{0.netloc}".format(urlsplit(url)))
