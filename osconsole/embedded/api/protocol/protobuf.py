"""Objects in Kubernetes' protobuf, as kubectl's typed commands send them, into the JSON that they mean.

Only reading, and only built-in kinds: answers are JSON, which every client takes. Field numbers are in `builtin.wire`.
"""

import base64
import datetime
import struct
from collections.abc import Iterator
from typing import Any

import msgspec

from osconsole.embedded.api.schema.builtin.schemas import kinds, wire

MEDIA = "application/vnd.kubernetes.protobuf"
_MAGIC = b"k8s\0"
_MAX_DEPTH = 100

Fields = dict[str, list[str]]


class Malformed(Exception):
    """These bytes are no object."""


class UnknownKind(Exception):
    """The object is of a kind that has no protobuf here."""


def decode(body: bytes) -> dict[str, Any]:
    """The object in a body.

    Raises:
        Malformed, UnknownKind: it is none; it is of another kind.
    """
    if not body.startswith(_MAGIC):
        raise Malformed("provided data does not appear to be a protobuf message, expected prefix [107 56 115 0]")
    try:
        outer = dict(_tokens(body[len(_MAGIC) :]))
        kind = {number: bytes(value).decode() for number, value in _tokens(outer.get(1, b""))}
        api_version, name = kind.get(1, ""), kind.get(2, "")
        key = f"{api_version}/{name}" if "/" in api_version else f"/{api_version}/{name}"
        component = kinds().get(key, "")
        if component not in wire():
            raise UnknownKind(f'no kind "{name}" is registered for version "{api_version}" in protobuf')
        found = _message(outer.get(2, b""), component, 0)
    except (ValueError, TypeError, IndexError, struct.error, msgspec.DecodeError) as error:
        raise Malformed(f"the protobuf message cannot be read: {error}") from None
    return {"apiVersion": api_version, "kind": name, **found}


def _tokens(data: bytes) -> Iterator[tuple[int, Any]]:
    """(field number, value): bytes for what has a length, else an unsigned integer."""
    at, end = 0, len(data)
    while at < end:
        tag, at = _varint(data, at)
        sort = tag & 7
        if sort == 0:
            value, at = _varint(data, at)
            yield tag >> 3, value
            continue
        if sort == 2:
            size, at = _varint(data, at)
        elif sort in (1, 5):
            size = 8 if sort == 1 else 4
        else:
            raise ValueError(f"wire type {sort}")
        if at + size > end:
            raise ValueError("unexpected end")
        yield tag >> 3, data[at : at + size]
        at += size


def _varint(data: bytes, at: int) -> tuple[int, int]:
    value = 0
    for shift in range(0, 70, 7):
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, at
    raise ValueError("a number is too long")


def _message(data: bytes, component: str, depth: int) -> dict[str, Any]:
    """The members of a message; fields that nobody here knows are passed over."""
    if depth > _MAX_DEPTH:
        raise ValueError("nested too deeply")
    fields: Fields = wire()[component]
    out: dict[str, Any] = {}
    for number, raw in _tokens(data):
        name, kind, flags = fields.get(str(number), ("", "", ""))
        if not kind:
            continue
        if "m" in flags:
            key, value = _pair(raw, kind, depth)
            out.setdefault(name, {})[key] = value
            continue
        value = _value(raw, kind, depth)
        if "r" in flags:
            out.setdefault(name, []).append(value)
        elif "i" in flags:
            out |= value
        elif value is not None and (value or "z" not in flags):
            out[name] = value
    return out


def _pair(raw: bytes, kind: str, depth: int) -> tuple[str, Any]:
    pair = dict(_tokens(raw))
    empty: Any = 0 if kind in ("i", "b") else b""
    return bytes(pair.get(1, b"")).decode(), _value(pair.get(2, empty), kind, depth)


def _value(raw: Any, kind: str, depth: int) -> Any:
    if kind == "i":
        return raw - (1 << 64) if raw >> 63 else raw
    if kind == "b":
        return bool(raw)
    if kind == "f":
        return struct.unpack("<d", raw)[0]
    if kind == "s":
        return bytes(raw).decode()
    if kind == "y":
        return base64.b64encode(raw).decode()
    special = _SPECIAL.get(kind)
    if special is not None:
        return special(dict(_tokens(raw)))
    found = _message(raw, kind, depth + 1)
    # A named list, such as ExtraValue.
    return found.get("items", []) if list(wire()[kind].values()) == [["items", "s", "r"]] else found


def _time(parts: dict[int, Any]) -> str | None:
    """RFC 3339; None for no time."""
    seconds, nanos = parts.get(1, 0), parts.get(2, 0)
    if not seconds or seconds >> 63:
        return None
    when = datetime.datetime.fromtimestamp(seconds, datetime.UTC)
    return when.strftime("%Y-%m-%dT%H:%M:%S") + (f".{nanos // 1000:06d}Z" if nanos else "Z")


def _int_or_string(parts: dict[int, Any]) -> int | str:
    if parts.get(1):
        return bytes(parts.get(3, b"")).decode()
    number = int(parts.get(2, 0))
    return number - (1 << 64) if number >> 63 else number


def _json(parts: dict[int, Any]) -> Any:
    return msgspec.json.decode(parts[1]) if parts.get(1) else None


_SPECIAL: dict[str, Any] = {
    "time": _time,
    "quantity": lambda parts: bytes(parts.get(1, b"0")).decode(),
    "int-or-string": _int_or_string,
    "json": _json,
}
