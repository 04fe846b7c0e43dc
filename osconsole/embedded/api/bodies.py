"""Reading the body of a write: size, media type, JSON, and the object in it."""

import asyncio
from typing import Any

from aiohttp import web

from osconsole.embedded.api.failures import Failure, bad_request, invalid, wrong_value
from osconsole.embedded.api.kinds import shape
from osconsole.embedded.api.protocol import protobuf
from osconsole.embedded.api.protocol.negotiate import decode, duplicate_keys, media_type, unsupported
from osconsole.embedded.api.protocol.options import WriteOptions
from osconsole.embedded.api.server import Call
from osconsole.embedded.api.types import ResourceType

LIMIT_BYTES = 3 * 1024 * 1024
READ_S = 30.0


async def read(request: web.BaseRequest) -> bytes:
    """The bytes of a body.

    Raises:
        Failure: 400, 408, 413.
    """
    try:
        if request.content.is_eof():
            # All of it came with the head.
            return request.content.read_nowait()
        async with asyncio.timeout(READ_S):
            return await _read(request)
    except web.RequestPayloadError as error:
        raise bad_request(f"the body cannot be read: {error}") from None
    except TimeoutError:
        text = f"the body did not come within {READ_S:g} s"
        raise Failure(408, "Timeout", text, {}) from None


async def _read(request: web.BaseRequest) -> bytes:
    """A body that comes in pieces, or is still to be asked for.

    Raises:
        Failure: 413.
    """
    if request.headers.get("Expect", "").lower() == "100-continue":
        await request.writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
    pieces, size = [], 0
    async for piece in request.content.iter_any():
        pieces.append(piece)
        size += len(piece)
        if size > LIMIT_BYTES:
            text = f"Request entity too large: limit is {LIMIT_BYTES}"
            raise Failure(413, "RequestEntityTooLarge", text, {})
    return b"".join(pieces)


async def received(call: Call, options: WriteOptions) -> tuple[dict[str, Any], list[str]]:
    """The pruned object of a create or update, and warnings.

    Raises:
        Failure: 400, 413, 415.
    """
    body = await read(call.request)
    content_type = call.request.headers.get("Content-Type", "")
    if call.kind.custom and media_type(content_type) == protobuf.MEDIA:
        raise unsupported(" (a custom kind has no protobuf)")
    obj = decode(body, content_type)
    if not isinstance(obj, dict):
        raise bad_request(f"the object provided is unrecognized (must be of type {call.kind.kind})")
    duplicates = duplicate_keys(body, obj) if options.validation != "Ignore" else []
    named(call, obj)
    return obj, call.warned(shape.receive(call.kind, obj, options.validation, duplicates))


def named(call: Call, obj: dict[str, Any]) -> None:
    """Check, and fill in, what the URL says about the object: type, namespace, name.

    Raises:
        Failure: 400, body and URL disagree.
    """
    kind = call.kind
    if kind.custom:
        _custom(kind, obj)
    version = obj.setdefault("apiVersion", kind.api_version) or kind.api_version
    sort = obj.setdefault("kind", kind.kind) or kind.kind
    if sort != kind.kind:
        what = f'{sort} in version "{str(version).rpartition("/")[2]}"'
        raise bad_request(f"{what} cannot be handled as a {kind.kind}: unknown conversion")
    if version != kind.api_version:
        raise bad_request(
            f"the API version in the data ({version}) does not match the expected API version ({kind.api_version})"
        )
    meta = obj.setdefault("metadata", {})
    if not isinstance(meta, dict):
        raise bad_request(f"{kind.kind} cannot be handled: metadata is not an object")
    if kind.namespaced:
        if meta.setdefault("namespace", call.namespace) not in (call.namespace, ""):
            raise bad_request("the namespace of the provided object does not match the namespace sent on the request")
        meta["namespace"] = call.namespace
    elif meta.pop("namespace", ""):
        raise bad_request(f"namespace is not allowed on {kind.resource}: it is a cluster-scoped resource")
    name = call.target.name
    if name and meta.setdefault("name", name) != name:
        raise bad_request(f"the name of the object ({meta['name']}) does not match the name on the URL ({name})")


def _custom(kind: ResourceType, obj: dict[str, Any]) -> None:
    """A custom object says what it is; the kind of a built-in one may be that of the URL.

    Raises:
        Failure: 400, 422.
    """
    if not obj.get("kind"):
        what = f"the object provided is unrecognized (must be of type {kind.kind})"
        raise bad_request(f"{what}: Object 'Kind' is missing")
    if (obj.get("apiVersion") or "") == kind.api_version and obj["kind"] != kind.kind:
        name = (obj.get("metadata") or {}).get("name", "") if isinstance(obj.get("metadata"), dict) else ""
        why = wrong_value("kind", obj["kind"], f"must be {kind.kind}")
        raise invalid(kind, name, [why])
    if not obj.get("apiVersion"):
        raise bad_request(
            f"the API version in the data () does not match the expected API version ({kind.api_version})"
        )
