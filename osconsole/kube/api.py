"""Api: the verbs of one API server, raw bytes in and out, every failure as one of our errors.

Retrying is the caller's business. Whoever wants values asks `mirror` for them.
"""

import asyncio
import time
from collections.abc import AsyncGenerator, Mapping
from typing import Any, Literal
from urllib.parse import urlencode, urlsplit

import aiohttp
import msgspec

from osconsole.errors import ApiError
from osconsole.kube import wire
from osconsole.kube.nursery import Nursery
from osconsole.kube.proxy import loopback
from osconsole.kube.transport import WEATHER, Call, Transport
from osconsole.model.connection import Options
from osconsole.model.kinds import Kind

FIELD_MANAGER = "osconsole"
REQUEST_S = 60.0  # admission webhooks may take 30 s by themselves
CONNECT_S = 5.0
HEADERS_S = 15.0  # a server that accepts a watch says so at once
SILENCE_S = 100.0  # bookmarks come about once a minute
PAGE = 500  # objects of one page of a list

PatchKind = Literal["merge", "json", "strategic", "apply"]
CONTENT_TYPES: Mapping[str, str] = {
    "merge": "application/merge-patch+json",
    "json": "application/json-patch+json",
    "strategic": "application/strategic-merge-patch+json",
    "apply": "application/apply-patch+yaml",
}
Query = Mapping[str, str | int]


class Answer(msgspec.Struct, frozen=True):
    """A success: the body, and what the server warns of (admission, deprecation)."""

    body: bytes
    warnings: tuple[str, ...] = ()

    def object(self) -> dict[str, Any]:
        """The body as a JSON object."""
        found: dict[str, Any] = msgspec.json.decode(self.body)
        return found


class Api:
    """One connection. Nothing is opened before the first request; `await api.close()` when done.

    Attributes:
        line: the transport: `line.failure`, `line.answers()`, `line.target`.
        rtt_ms: how long the last short request took, 0 before the first.
        watchlist: whether this server streams initial lists; reflectors find out and remember it here.
        nursery: the bodies that came last, of all kinds.
    """

    def __init__(self, options: Options) -> None:
        """Reads the kubeconfig.

        Raises:
            KubeconfigError: there is no way to even try.
        """
        self.line = Transport(options)
        self.rtt_ms = 0.0
        self.watchlist = True
        self.nursery = Nursery()

    async def request(self, method: str, path: str, **rest: Any) -> bytes:
        """The body of `send`."""
        return (await self.send(method, path, **rest)).body

    async def send(
        self,
        method: str,
        path: str,
        *,
        query: Query | None = None,
        body: Any = None,
        content_type: str = "application/json",
        accept: str = "application/json",
    ) -> Answer:
        """One short exchange; `body` is a JSON value.

        Raises:
            Unreachable: no answer (Unauthorized: who we are was not accepted; KubeconfigError: no way to ask).
            ApiError: the server answered with a failure.
        """
        headers = {"Content-Type": content_type, "Accept": accept, "Accept-Encoding": self._encoding()}
        timeout = aiohttp.ClientTimeout(total=REQUEST_S, sock_connect=CONNECT_S)
        started = time.monotonic()
        response = await self.line.exchange(Call(method, _url(path, query), headers, timeout, body), REQUEST_S)
        try:
            async with asyncio.timeout(REQUEST_S):
                found = await response.read()
        except WEATHER as error:
            raise self.line.lost(error) from None
        finally:
            response.release()
        self.rtt_ms = (time.monotonic() - started) * 1000
        if response.status >= 300:
            raise wire.failure(found, response.status, response.headers.get("Retry-After", ""))
        return Answer(found, _warnings(response))

    async def stream(
        self,
        path: str,
        query: Query | None = None,
        *,
        silence_s: float = SILENCE_S,
        accept_s: float | None = None,
        accept: str = "application/json, */*",
        expect: str = "",
    ) -> AsyncGenerator[bytes, None]:
        """Chunks of a long answer (a watch, a followed log) until the server ends it.

        The first chunk is empty: the server has accepted. `expect` is the content type that it must have, "" for any.
        A server that has nothing to say yet may not even accept: `accept_s`, else HEADERS_S.

        Raises:
            Unreachable: the line dropped, or nothing came for `silence_s`.
            ApiError: the server refused, or what answers is not the server.
        """
        timeout = aiohttp.ClientTimeout(total=None, sock_connect=CONNECT_S, sock_read=silence_s)
        headers = {"Accept": accept, "Accept-Encoding": "identity"}
        response = await self.line.exchange(Call("GET", _url(path, query), headers, timeout), accept_s or HEADERS_S)
        try:
            if response.status >= 300:
                async with asyncio.timeout(HEADERS_S):
                    found = await response.read()
                raise wire.failure(found, response.status, response.headers.get("Retry-After", ""))
            if expect and response.content_type != expect:
                said = f"{path}: the answer is {response.content_type}, not {expect}"
                raise ApiError(f"{said}: is a proxy or login page in between?", 502)
            yield b""
            while not response.content.at_eof():
                yield self._heard(await response.content.readany())  # not held here: it may be of a Secret
        except WEATHER as error:
            raise self.line.lost(error) from None
        finally:
            _leave(response)

    def _heard(self, chunk: bytes) -> bytes:
        self.line.heard_at = time.monotonic()
        return chunk

    async def pages(self, path: str, query: Query | None = None, limit: int = PAGE) -> AsyncGenerator[wire.Page, None]:
        """The pages of a collection, 0 for a single one.

        Raises:
            Gone: reading takes longer than the server remembers the list.
        """
        remaining: dict[str, str] = {}
        while True:
            page = wire.page(await self.request("GET", path, query={**(query or {}), "limit": limit, **remaining}))
            yield page
            if not page.metadata.remaining:
                return
            if page.metadata.remaining == remaining.get("continue"):
                raise ApiError(f"{path}: the same page comes again and again: is a cache in between?", 502)
            remaining = {"continue": page.metadata.remaining}

    async def get(self, kind: Kind, namespace: str, name: str) -> dict[str, Any]:
        """One object. Raises NotFound."""
        return (await self.send("GET", kind.path(namespace, name))).object()

    async def create(self, path: str, body: Any, *, dry_run: bool = False) -> Answer:
        """POST to a collection, or to a subresource such as `/eviction`."""
        return await self.send("POST", path, query=_options(dry_run=dry_run), body=body)

    async def patch(
        self, path: str, body: Any, *, kind: PatchKind = "merge", dry_run: bool = False, force: bool = False
    ) -> Answer:
        """PATCH of one object or subresource; `force` is for kind "apply"."""
        query = _options(dry_run=dry_run) | ({"force": "true"} if force else {})
        return await self.send("PATCH", path, query=query, body=body, content_type=CONTENT_TYPES[kind])

    async def replace(self, path: str, body: Any, *, dry_run: bool = False) -> Answer:
        """PUT of one object; Conflict when its resourceVersion is not the present one."""
        return await self.send("PUT", path, query=_options(dry_run=dry_run), body=body)

    async def delete(
        self, path: str, *, uid: str = "", propagation: str = "Background", dry_run: bool = False
    ) -> Answer:
        """DELETE of one object; with `uid`, of this very one (Conflict otherwise)."""
        body: dict[str, Any] = {"kind": "DeleteOptions", "apiVersion": "v1", "propagationPolicy": propagation}
        if uid:
            body["preconditions"] = {"uid": uid}
        if dry_run:
            body["dryRun"] = ["All"]
        return await self.send("DELETE", path, body=body)

    async def close(self) -> None:
        """End every connection."""
        await self.line.close()

    def _encoding(self) -> str:
        """Compression costs more than it saves on this machine itself."""
        near = loopback(urlsplit(self.line.target.cluster.server).hostname or "")
        return "identity" if near or self.line.target.cluster.disable_compression else "gzip"


def _leave(response: aiohttp.ClientResponse) -> None:
    """End an answer that may still go on; a farewell by TLS would outlive the loop when the other end is slow."""
    transport = response.connection.transport if response.connection else None
    if transport is not None:
        transport.abort()
    response.close()


def _url(path: str, query: Query | None) -> str:
    given = {key: value for key, value in (query or {}).items() if value != ""}
    return f"{path}?{urlencode(given)}" if given else path


def _options(*, dry_run: bool) -> dict[str, str]:
    return {"fieldManager": FIELD_MANAGER, "fieldValidation": "Warn"} | ({"dryRun": "All"} if dry_run else {})


def _warnings(response: aiohttp.ClientResponse) -> tuple[str, ...]:
    """The texts of `Warning: 299 - "text"` headers."""
    quoted = (value.partition('"')[2].rpartition('"')[0] for value in response.headers.getall("Warning", ()))
    return tuple(text.replace('\\"', '"').replace("\\\\", "\\") for text in quoted)
