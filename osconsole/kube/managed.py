"""managedFields: who wrote an object, noted; and the object's bytes without them. They are half of a pod.

As servers write them they are stepped over, not read: between the long fieldsV1 stand only flat members, and no `]` but
the last one that is not in a text. What is written otherwise, or only could be, is read and then searched for.
"""

import re
from functools import lru_cache

import msgspec

from osconsole.model.conditions import instant
from osconsole.model.resource import Writer

_KEY = b'"managedFields":['
_FIELDS = b'"fieldsV1":{'
_METADATA = re.compile(rb'\{(?:"(?:kind|apiVersion)":"[^"\\]*",)*"metadata":\{').match
# In a text a quote is escaped, or ends it, and then no letter follows.
_END = re.compile(rb'\}\]\}*(?:,"[A-Za-z]|$)').match


class Entry(msgspec.Struct, frozen=True, gc=False):
    """One entry, as JSON has it."""

    manager: str = ""
    operation: str = ""
    subresource: str = ""
    time: str = ""
    fields: msgspec.Raw = msgspec.field(default=msgspec.Raw(), name="fieldsV1")


class _Metadata(msgspec.Struct, rename="camel"):
    managed_fields: msgspec.Raw = msgspec.Raw()


class _Object(msgspec.Struct):
    metadata: _Metadata


_object = msgspec.json.Decoder(_Object).decode
_entry = msgspec.json.Decoder(Entry).decode


def writers(entries: list[Entry] | None) -> tuple[Writer, ...]:
    """The writers that they name."""
    return tuple(_writer(e.manager, e.operation, e.subresource, e.time) for e in entries) if entries else ()


@lru_cache(4096)
def _writer(manager: str, operation: str, subresource: str, time: str) -> Writer:
    return Writer(manager, operation, subresource, instant(time))


def cut(data: bytes) -> tuple[bytes, tuple[Writer, ...]]:
    """An object's JSON without them, and the writers that they name; all of it and none, where that is not certain."""
    start = data.find(_KEY)
    at = start + len(_KEY)
    end = _end(data, at) if start > 0 and _in_metadata(data, start) else -1
    found = _noted(data, at, end) if end > 0 else None
    if found is None:
        return data, ()
    return _joined(data, start, end + 1), found


def _in_metadata(data: bytes, at: int) -> bool:
    """Whether metadata, which comes first, is not over: templates and copies of objects have some of their own."""
    return bool(_METADATA(data)) and data.count(b"{", 0, at) == data.count(b"}", 0, at) + 2


def _end(data: bytes, at: int) -> int:
    """Where the `]` is that ends them; -1 when there is none."""
    while (at := data.find(b"]", at + 1)) >= 0:
        if _END(data, at - 1):
            return at
    return -1


def _noted(data: bytes, at: int, end: int) -> tuple[Writer, ...] | None:
    """The writers named in an array from its first entry to its end; None when it is not as servers write it."""
    found: list[Writer] = []
    fields = _next(data, at, end)
    while fields >= 0:
        after = _next(data, fields + len(_FIELDS), end)
        # The last brace before the fields of an entry is its own; the comma before that follows the entry before.
        begun = data.rfind(b"{", fields, after) if after >= 0 else end + 1
        last = data.rfind(b"}", fields, begun - 2)
        writer = _of_members(data[at:fields], data[last + 1 : begun - 1])
        if writer is None:
            return None
        found.append(writer)
        at, fields = begun, after
    return tuple(found) if found else None


def _next(data: bytes, at: int, end: int) -> int:
    """Where the next fieldsV1 begin; few other names have a V."""
    while (at := data.find(b"V", at, end)) >= 0:
        if data.startswith(_FIELDS, at - 7):
            return at - 7
        at += 1
    return -1


@lru_cache(4096)
def _of_members(before: bytes, after: bytes) -> Writer | None:
    """The writer of an entry whose members stand before and after its fields; None when these are not members."""
    try:
        entry = _entry(before.removesuffix(b",") + after)
    except msgspec.MsgspecError:
        return None
    return _writer(entry.manager, entry.operation, entry.subresource, entry.time)


def without(data: bytes, entries: list[Entry] | None) -> bytes:
    """An object's JSON without them, which have been read of it, wherever they stand and however they are written.

    Raises:
        ValueError: they have no key.
    """
    if entries is None:
        return data
    found = bytes(_object(data).metadata.managed_fields)
    start = data.index(found)
    head = data[:start].rstrip()
    if not found or not head.endswith(b":") or not (head := head[:-1].rstrip()).endswith(b'"managedFields"'):
        raise ValueError("managedFields without its key")
    return _joined(data, len(head) - len(b'"managedFields"'), start + len(found))


def _joined(data: bytes, start: int, end: int) -> bytes:
    """The bytes without a member of an object, and without the comma that it leaves."""
    view = memoryview(data)
    while data[start - 1 : start].isspace():
        start -= 1
    if data[start - 1 : start] == b",":
        return b"".join((view[: start - 1], view[end:]))
    return b"".join((view[:start], data[end:].lstrip().removeprefix(b",")))
