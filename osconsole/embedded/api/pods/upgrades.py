"""`/exec` and `/portforward` of a pod: who may, in which container, and the node agent's connection passed through.

What goes over it, SPDY or websocket, is between the client and the agent: here only bytes pass, both ways.
"""

import asyncio
import contextlib
import functools
import os
import ssl
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlencode

from aiohttp import web

from osconsole.embedded.api.access import tls
from osconsole.embedded.api.access.rbac import Ask
from osconsole.embedded.api.failures import Failure, bad_request, forbidden
from osconsole.embedded.api.pods import agents, logs
from osconsole.embedded.api.protocol.options import flag
from osconsole.embedded.api.protocol.whole import Whole
from osconsole.embedded.api.server import Call
from osconsole.embedded.takeover import leave, take_over

ACTIONS = ("exec", "portforward")
_PASSED = ("Upgrade", "Connection", "X-Stream-Protocol-Version", "Accept-Encoding")  # and Sec-WebSocket-*
_CONNECT_S = 10.0
_ANSWER_S = 60.0
_HEAD_BYTES = 64 * 1024
_CHUNK_BYTES = 64 * 1024


async def serve(call: Call) -> web.StreamResponse:
    """Go over to whatever the agent speaks, until either side ends it.

    Raises:
        Failure: 400, the container is not named or unknown, or the request is no upgrade; 403; 404; 500, its node does
            not answer.
    """
    _may_create(call)
    path = _path(call)
    host, port = agents.address(call, call.object(call.entry()))
    if "upgrade" not in call.request.headers.get("Connection", "").lower():
        raise bad_request("Upgrade request required")
    try:
        async with asyncio.timeout(_CONNECT_S):
            reader, writer = await asyncio.open_connection(
                host, port, ssl=_tls(call.server.directory), limit=_HEAD_BYTES
            )
    except (OSError, TimeoutError) as error:
        why = f"connect: {os.strerror(error.errno).lower()}" if error.errno else "i/o timeout"
        raise _unanswered(f"error dialing backend: dial tcp {host}:{port}: {why}") from None
    try:
        return await _through(call, path, reader, writer)
    finally:
        writer.transport.abort()


def _may_create(call: Call) -> None:
    """A websocket is asked for by GET, but what is done by it is no reading.

    Raises:
        Failure: 403.
    """
    target = call.target
    ask = Ask(
        verb="create",
        group=target.group,
        version=target.version,
        resource=target.plural,
        subresource=target.subresource,
        namespace=target.namespace,
        name=target.name,
    )
    if not call.server.rbac.allows(call.user, ask):
        raise forbidden(call.kind, target.name, "")  # the real server does not say either which right is missing


def _path(call: Call) -> str:
    """What the agent is asked for.

    Raises:
        Failure: 400, 404.
    """
    pod, query, name = call.object(call.entry()), call.request.query, call.target.name
    if call.target.subresource == "portforward":
        ports = ",".join(query.getall("ports", []))
        return f"/portForward/{call.namespace}/{name}" + (f"?{urlencode({'port': ports})}" if ports else "")
    container = logs.choose(pod, query.get("container", ""))
    wanted = [(theirs, "1") for ours, theirs in _OPTIONS if flag(query, ours)]
    wanted += [("command", word) for word in query.getall("command", [])]
    return f"/exec/{call.namespace}/{name}/{container}?{urlencode(wanted)}"


_OPTIONS = (("stdin", "input"), ("stdout", "output"), ("stderr", "error"), ("tty", "tty"))


async def _through(
    call: Call, path: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
) -> web.StreamResponse:
    """Ask the agent; when it goes over to another protocol, so does the client's connection."""
    try:
        async with asyncio.timeout(_ANSWER_S):
            writer.write(_head(call, path))
            head = await reader.readuntil(b"\r\n\r\n")
            status = int(head.split(b" ", 2)[1])
            if status != 101:
                return await _refused(head, reader, status)
    except (OSError, TimeoutError, EOFError, ValueError, IndexError, asyncio.LimitOverrunError) as error:
        raise _unanswered(f"error dialing backend: {error or type(error).__name__}") from None
    far_reader, far_writer = take_over(call.request, head)
    async with asyncio.TaskGroup() as tasks:
        ways = {tasks.create_task(_pump(far_reader, writer)), tasks.create_task(_pump(reader, far_writer))}
        await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        for way in ways:
            way.cancel()
    return leave(far_writer)


def _head(call: Call, path: str) -> bytes:
    """The request as the agent gets it."""
    lines = [f"{call.request.method} {path} HTTP/1.1", "Host: kubelet", "Content-Length: 0", *_passed(call.request)]
    return "".join(f"{line}\r\n" for line in [*lines, ""]).encode("utf-8", errors="surrogateescape")


def _passed(request: web.BaseRequest) -> Iterator[str]:
    for name, value in request.headers.items():
        if name in _PASSED or name.lower().startswith("sec-websocket-"):
            yield f"{name}: {value}"


async def _refused(head: bytes, reader: asyncio.StreamReader, status: int) -> Whole:
    """What the agent says instead."""
    lines = (line.decode("latin-1").partition(":") for line in head.splitlines()[1:])
    headers = {name.strip().lower(): value.strip() for name, _, value in lines}
    body = await reader.readexactly(min(int(headers.get("content-length", 0)), _HEAD_BYTES))
    return Whole(body, status if status >= 400 else 500, headers.get("content-type", "text/plain"))


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """One direction, at the pace of whoever is slower, to its end."""
    with contextlib.suppress(OSError):
        while data := await reader.read(_CHUNK_BYTES):
            writer.write(data)
            await writer.drain()


@functools.lru_cache(1)
def _tls(directory: Path) -> ssl.SSLContext:
    return tls.kubelet_context(directory)


def _unanswered(words: str) -> Failure:
    return Failure(500, "InternalError", f"Internal error occurred: {words}", {"causes": [{"message": words}]})
