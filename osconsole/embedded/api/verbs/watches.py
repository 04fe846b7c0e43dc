"""Watch: the changes of a collection as a stream of JSON lines, with bookmarks and, on request, the state first."""

import asyncio

import msgspec
from aiohttp import web

from osconsole.embedded.api.failures import expired, too_large
from osconsole.embedded.api.protocol.negotiate import JSON, Form, form
from osconsole.embedded.api.protocol.options import ListOptions
from osconsole.embedded.api.server import Call
from osconsole.embedded.api.storage.fanout import Batch, Sink, Subscription, framed
from osconsole.embedded.api.storage.ring import Event
from osconsole.embedded.api.verbs.lists import chosen
from osconsole.embedded.api.verbs.seen import View

_BOOKMARK_S = 60.0
_DEFAULT_S = 1800.0
# What a client may leave unread before its events queue up here.
_UNREAD_BYTES = 64 * 1024


async def watching(call: Call, options: ListOptions) -> web.StreamResponse:
    """Follow the collection until the client leaves or the time is up."""
    wanted = form(call.request.headers.get("Accept", ""))
    stream = View(call, options, wanted)
    await call.server.store.committed()
    first, subscription = _begin(call, options, stream)
    response = call.server.stream({"Content-Type": _content_type(wanted), "Cache-Control": "no-cache, private"})
    if subscription is None:
        return await _too_old(call, options, response)
    try:
        await response.prepare(call.request)
        if first:
            await response.write(b"".join(first))
        subscription.sink = _sink(call, stream, response)
        await _follow(call, options, stream, response, subscription)
        # Nothing may come after the end.
        subscription.sink = None
        await response.write_eof()
    except ConnectionError:
        # The client has left; there is nobody to tell.
        pass
    finally:
        call.collection.unsubscribe(subscription)
    return response


def _begin(call: Call, options: ListOptions, stream: View) -> tuple[list[bytes], Subscription | None]:
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
    call: Call, options: ListOptions, stream: View, response: web.StreamResponse, subscription: Subscription
) -> None:
    loop = asyncio.get_running_loop()
    end = loop.time() + (options.timeout_s or _DEFAULT_S)
    mark = loop.time() + _BOOKMARK_S
    while True:
        if lines := stream.lines(subscription.take()):
            await response.write(lines)
        now = loop.time()
        if subscription.closed:
            return
        if now >= end:
            if options.bookmarks:
                # From here the client goes on.
                await response.write(stream.bookmark(call.server.store.visible_rv))
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


def _sink(call: Call, stream: View, response: web.StreamResponse) -> Sink | None:
    """Writes events past the answer, as a chunk of it, while the client keeps up; None where that cannot be."""
    transport = call.request.transport
    # One that misbehaves on purpose writes every line itself.
    if transport is None or type(response) is not web.StreamResponse:
        return None
    if response.headers.get("Transfer-Encoding") != "chunked":
        return None

    def sink(batch: Batch, events: list[Event]) -> bool:
        if transport.is_closing() or transport.get_write_buffer_size() > _UNREAD_BYTES:
            return False
        if stream.plain:
            transport.write(batch.chunk(call.namespace))
        elif lines := stream.lines(events):
            transport.write(framed(lines))
        return True

    return sink


def _content_type(wanted: Form) -> str:
    return f"{wanted.content_type};stream=watch" if wanted.shape else JSON
