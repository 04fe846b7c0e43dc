"""managedFields: who wrote an object, noted; and the object's bytes without them. They are half of a pod.

They are read once, with the object. Where they end in the bytes follows from what was read: between the long fieldsV1,
whose bytes are known, stand only flat members. JSON that is written otherwise is searched for them.
"""

import re
from functools import lru_cache

import msgspec

from osconsole.model.conditions import instant
from osconsole.model.resource import Writer

_KEY = b'"managedFields":['
_FIELDS = b'"fieldsV1":'
_FIRST = re.compile(rb'\{(?:"\w+":"[^"\\]*",)*"fieldsV1":').match
_LAST = re.compile(rb'(?:,"\w+":"[^"\\]*")*\}\]').match


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


def writers(entries: list[Entry] | None) -> tuple[Writer, ...]:
    """The writers that they name."""
    return tuple(_writer(e.manager, e.operation, e.subresource, e.time) for e in entries) if entries else ()


@lru_cache(4096)
def _writer(manager: str, operation: str, subresource: str, time: str) -> Writer:
    return Writer(manager, operation, subresource, instant(time))


def without(data: bytes, entries: list[Entry] | None) -> bytes:
    """An object's JSON without them; `entries` is what was read of them.

    Raises:
        ValueError: they do not stand where JSON writers put them.
    """
    if entries is None:
        return data
    start = data.find(_KEY)
    end = _end(data, start + len(_KEY), entries)
    if start < 0 or end < 0:
        start, end = _searched(data)
    head, tail = data[:start], data[end:].lstrip()
    if tail.startswith(b","):
        return head + tail[1:]
    return head.rstrip().removesuffix(b",") + tail


def _end(data: bytes, at: int, entries: list[Entry]) -> int:
    """Where the array that begins at a place ends; -1 when it is not these entries as servers write them."""
    if not _FIRST(data, at):
        return -1
    for entry in entries:
        fields = bytes(entry.fields)
        # In a text its quotes would be escaped, and in fieldsV1 every key has a prefix.
        at = data.find(_FIELDS, at) + len(_FIELDS)
        if not fields or not data.startswith(fields, at):
            return -1
        at += len(fields)
    last = _LAST(data, at)
    return last.end() if last else -1


def _searched(data: bytes) -> tuple[int, int]:
    """From the key to the end of its value, wherever there are blanks."""
    found = bytes(_object(data).metadata.managed_fields)
    start = data.index(found)
    head = data[:start].rstrip()
    if not found or not head.endswith(b":") or not (head := head[:-1].rstrip()).endswith(b'"managedFields"'):
        raise ValueError("managedFields without its key")
    return len(head) - len(b'"managedFields"'), start + len(found)
