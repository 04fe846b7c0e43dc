"""Reading the body of a write: size, media type, JSON, and the object in it."""

from typing import Any

from aiohttp import web

from osconsole.embedded.api import shape, writing
from osconsole.embedded.api.failures import Failure, bad_request
from osconsole.embedded.api.negotiate import decode, duplicate_keys
from osconsole.embedded.api.options import WriteOptions
from osconsole.embedded.api.server import Call

LIMIT_BYTES = 3 * 1024 * 1024


async def read(request: web.Request) -> bytes:
    """The bytes of a body.

    Raises:
        Failure: 413.
    """
    try:
        return await request.read()
    except web.HTTPRequestEntityTooLarge:
        text = f"Request entity too large: limit is {LIMIT_BYTES}"
        raise Failure(413, "RequestEntityTooLarge", text, {}) from None


async def received(call: Call, options: WriteOptions) -> tuple[dict[str, Any], list[str]]:
    """The pruned object of a create or update, and warnings.

    Raises:
        Failure: 400, 413, 415.
    """
    body = await read(call.request)
    obj = decode(body, call.request.headers.get("Content-Type", ""))
    if not isinstance(obj, dict):
        raise bad_request(f"the object provided is unrecognized (must be of type {call.kind.kind})")
    writing.named(call, obj)
    duplicates = duplicate_keys(body) if options.validation != "Ignore" else []
    return obj, shape.receive(call.kind, obj, options.validation, duplicates)
