"""Watch: the changes of a collection as a stream of JSON lines, with bookmarks and, on request, the state first."""

import asyncio
from typing import Any

import msgspec
from aiohttp import web

from osconsole.embedded.api import answers, forms
from osconsole.embedded.api.collection import Entry, Event, Subscription
from osconsole.embedded.api.failures import expired, too_large
from osconsole.embedded.api.lists import Selects, chosen, selector
from osconsole.embedded.api.negotiate import JSON, Form, form
from osconsole.embedded.api.options import ListOptions
from osconsole.embedded.api.server import Call

_BOOKMARK_S = 60.0
_DEFAULT_S = 1800.0
_INITIAL_END = "k8s.io/initial-events-end"


async def watching(call: Call, options: ListOptions) -> web.StreamResponse:
    """Follow the collection until the client leaves or the time is up."""
    wanted = form(call.request.headers.get("Accept", ""))
    stream = _Stream(call, options, wanted)
    await call.server.store.committed()
    first, subscription = _begin(call, options, stream)
    response = call.server.stream({"Content-Type": _content_type(wanted), "Cache-Control": "no-cache, private"})
    if subscription is None:
        return await _too_old(call, options, response)
    try:
        await response.prepare(call.request)
        if first:
            await response.write(b"".join(first))
        await _follow(call, options, stream, response, subscription)
        await response.write_eof()
    except ConnectionError:
        # The client has left; there is nobody to tell.
        pass
    finally:
        call.collection.unsubscribe(subscription)
    return response


def _begin(call: Call, options: ListOptions, stream: "_Stream") -> tuple[list[bytes], Subscription | None]:
    """The state, where it is asked for, and a subscription that continues exactly there."""
    store = call.server.store
    state = options.initial if options.initial is not None else not options.rv
    if state and options.rv and options.rv > store.rv:
        raise too_large(options.rv, store.rv)
    if not state:
        after = options.rv if options.rv is not None else store.rv
        return [], call.collection.subscribe(call.namespace, after)
    first = [stream.added(entry) for entry in chosen(call, options)]
    if options.initial and options.bookmarks:
        first.append(stream.bookmark(store.rv, end=True))
    return first, call.collection.subscribe(call.namespace, store.rv)


async def _too_old(call: Call, options: ListOptions, response: web.StreamResponse) -> web.StreamResponse:
    """410 in the stream, as the real one says it."""
    failure = expired(f"too old resource version: {options.rv} ({call.collection.floor})")
    await response.prepare(call.request)
    await response.write(msgspec.json.encode({"type": "ERROR", "object": failure.status}) + b"\n")
    await response.write_eof()
    return response


async def _follow(
    call: Call, options: ListOptions, stream: "_Stream", response: web.StreamResponse, subscription: Subscription
) -> None:
    loop = asyncio.get_running_loop()
    end = loop.time() + (options.timeout_s or _DEFAULT_S)
    mark = loop.time() + _BOOKMARK_S
    while True:
        lines = [line for line in map(stream.line, _drain(subscription)) if line]
        if lines:
            await response.write(b"".join(lines))
        now = loop.time()
        if subscription.closed or now >= end:
            return
        if now >= mark:
            mark = now + _BOOKMARK_S
            if options.bookmarks and not subscription.pending:
                await response.write(stream.bookmark(call.server.store.visible_rv))
        if subscription.pending:
            continue
        subscription.wake.clear()
        try:
            async with asyncio.timeout(min(end, mark) - now):
                await subscription.wake.wait()
        except TimeoutError:
            continue


def _drain(subscription: Subscription) -> list[Event]:
    found = list(subscription.pending)
    subscription.pending.clear()
    return found


def _content_type(wanted: Form) -> str:
    return f"{wanted.content_type};stream=watch" if wanted.shape else JSON


class _Stream:
    """How one watch sees events: its selector, its version, its form."""

    def __init__(self, call: Call, options: ListOptions, wanted: Form) -> None:
        self._call = call
        self._selects: Selects | None = selector(call, options)
        self._wanted = wanted
        self._plain = not wanted.shape and call.kind.version == call.kind.storage_version
        self._columns_sent = False

    def line(self, event: Event) -> bytes | None:
        """An event as this watch sees it: an object that comes into a selector is ADDED, one that leaves is DELETED."""
        kind = event.kind
        if self._selects is not None:
            was = event.before is not None and self._selects(event.before)
            holds = kind != "DELETED" and self._selects(event.entry)
            if not was and not holds:
                return None
            if was and not holds and kind != "DELETED":
                return self._shaped("DELETED", event.left())
            kind = "MODIFIED" if was and holds else "ADDED" if holds else "DELETED"
        return event.line(kind) if self._plain else self._shaped(kind, event.entry)

    def added(self, entry: Entry) -> bytes:
        """An object of the initial state."""
        return Event("ADDED", entry, None).line("ADDED") if self._plain else self._shaped("ADDED", entry)

    def bookmark(self, rv: int, *, end: bool = False) -> bytes:
        """A mark that everything up to a version was sent."""
        meta: dict[str, Any] = {"resourceVersion": str(rv), "creationTimestamp": None}
        if end:
            meta["annotations"] = {_INITIAL_END: "true"}
        kind = self._call.kind
        obj: dict[str, Any] = {"kind": kind.kind, "apiVersion": kind.api_version, "metadata": meta}
        if self._wanted.shape == "Table":
            obj = {
                "kind": "Table",
                "apiVersion": "meta.k8s.io/v1",
                "metadata": meta,
                "columnDefinitions": None,
                "rows": [],
            }
        elif self._wanted.shape:
            obj = forms.partial(obj, self._wanted.version)
        return msgspec.json.encode({"type": "BOOKMARK", "object": obj}) + b"\n"

    def _shaped(self, kind: str, entry: Entry) -> bytes:
        call = self._call
        if not self._wanted.shape:
            return b'{"type":"%s","object":%s}\n' % (kind.encode(), call.raw(entry))
        obj = forms.one(call.kind, call.object(entry), self._wanted, answers.include(call))
        if self._wanted.shape == "Table":
            if self._columns_sent:
                obj["columnDefinitions"] = None
            self._columns_sent = True
        return msgspec.json.encode({"type": kind, "object": obj}) + b"\n"
