"""Misbehaviour: what a fault does to the bytes of an answer. Which answers it befalls is `faults`' business."""

import asyncio
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import msgspec
from aiohttp import web
from aiohttp.abc import AbstractStreamWriter

from osconsole.embedded.api.failures import Failure
from osconsole.embedded.api.protocol.whole import Whole

_DROP_BYTES = 16
_DROP_S = 0.05


class Rule(msgspec.Struct, forbid_unknown_fields=True):
    """One fault, waiting for the answers that it befalls.

    Attributes:
        fault: see docs/faults.md.
        path, verb: only requests whose path contains this, with this method (a watch is "WATCH"); "" is any.
        times: how many answers, or lines of watches, it befalls; 0 for all.
        skip: how many it lets pass first.
        seconds, size_bytes, code: how long, how big, which status; each fault says what it needs.
    """

    fault: str
    path: str = ""
    verb: str = ""
    times: int = 1
    skip: int = 0
    seconds: float = 0.0
    size_bytes: int = 0
    code: int = 0


Take = Callable[[web.BaseRequest, frozenset[str]], Rule | None]

ANSWERS = frozenset({"status", "html", "stall", "loris", "truncate", "inflate", "continue"})
LINES = frozenset({"cut", "stall", "loris", "truncate", "garble", "inflate", "error", "duplicate", "reorder"})


class Faulty(web.StreamResponse):
    """The answer of a watch, line by line as the rules have it."""

    def __init__(self, take: Take, headers: Mapping[str, str]) -> None:
        super().__init__(headers=headers)
        self._take = take
        self._request: web.BaseRequest | None = None
        self._held: list[bytes] = []

    async def prepare(self, request: web.BaseRequest) -> AbstractStreamWriter | None:
        """Remember whose answer it is."""
        self._request = request
        return await super().prepare(request)

    async def write(self, data: bytes | bytearray | memoryview) -> None:
        """Write lines; a rule may befall each of them.

        Raises:
            ConnectionError: a rule ended the connection.
        """
        assert self._request is not None
        for line in bytes(data).splitlines(keepends=True):
            rule = self._take(self._request, LINES)
            await self._line(line, rule)

    async def _line(self, line: bytes, rule: Rule | None) -> None:
        if rule is None:
            held, self._held = self._held, []
            await super().write(b"".join([line, *reversed(held)]))
        elif rule.fault == "reorder":
            self._held.append(line)
        elif rule.fault == "duplicate":
            await super().write(line * 2)
        elif rule.fault == "inflate":
            await super().write(inflated(line, rule.size_bytes))
        elif rule.fault == "stall":
            await asyncio.sleep(rule.seconds)
            await super().write(line)
        elif rule.fault == "loris":
            for part in drops(line, rule.seconds):
                await super().write(part)
                await asyncio.sleep(_DROP_S)
        else:
            await self._last(line, rule)

    async def _last(self, line: bytes, rule: Rule) -> None:
        """Faults after which nothing comes on this connection."""
        if rule.fault == "garble":
            await super().write(line[: len(line) // 2] + b"\n")
            return
        if rule.fault == "error":
            await super().write(msgspec.json.encode({"type": "ERROR", "object": status(rule).status}) + b"\n")
        elif rule.fault == "truncate":
            await super().write(line[: len(line) // 2])
            await asyncio.sleep(_DROP_S)  # else the half line is thrown away with the connection
        abort(self._request)
        raise ConnectionResetError(f"fault: {rule.fault}")


def status(rule: Rule) -> Failure:
    """The Status of a rule's code; Retry-After is its seconds."""
    reasons = {401: "Unauthorized", 403: "Forbidden", 404: "NotFound", 410: "Expired", 429: "TooManyRequests"}
    code = rule.code or 500
    reason = reasons.get(code, "ServiceUnavailable" if code == 503 else "InternalError")
    return Failure(code, reason, f"fault: {reason}", {}, retry_after_s=int(rule.seconds))


def mangled(body: bytes, rule: Rule) -> bytes:
    """The body of a short answer."""
    if rule.fault == "truncate":
        return body[: len(body) // 2]
    return inflated(body, rule.size_bytes) if rule.fault == "inflate" else body


def inflated(data: bytes, size_bytes: int) -> bytes:
    """JSON whose first object, or first item, has an annotation of that size."""
    found: dict[str, Any] = msgspec.json.decode(data)
    target = found.get("object") or next(iter(found.get("items") or ()), found)
    target["metadata"]["annotations"] = {**(target["metadata"].get("annotations") or {}), "padding": "x" * size_bytes}
    return msgspec.json.encode(found) + (b"\n" if data.endswith(b"\n") else b"")


def drops(data: bytes, seconds: float) -> Iterator[bytes]:
    """The data in drops for so long, then the rest at once."""
    wanted = max(1, int(seconds / _DROP_S))
    size = min(_DROP_BYTES, max(1, len(data) // (wanted + 1)))
    for number in range(wanted):
        yield data[number * size : (number + 1) * size]
    yield data[wanted * size :]


async def dripped(request: web.BaseRequest, answer: Whole, seconds: float) -> web.StreamResponse:
    """A short answer in drops."""
    slow = web.StreamResponse(status=answer.status, headers={"Content-Type": answer.media})
    await slow.prepare(request)
    for part in drops(answer.body, seconds):
        await slow.write(part)
        await asyncio.sleep(_DROP_S)
    await slow.write_eof()
    return slow


def abort(request: web.BaseRequest | None) -> None:
    """End the connection of a request without a word."""
    if request is not None and request.transport is not None:
        request.transport.abort()
