"""Authors: who owns which field of an object, read from managedFields.

The mirror drops managedFields after noting who wrote; which field is whose is read afresh for one object when asked.
Source: the `FieldsV1` format of Kubernetes' server-side apply.
"""

from collections.abc import Iterator
from typing import Any

import msgspec

from osconsole.model.conditions import instant
from osconsole.model.resource import Resource, Writer


class _Entry(msgspec.Struct, frozen=True, rename="camel"):
    manager: str = ""
    operation: str = ""
    subresource: str = ""
    time: str | None = None
    fields_v1: msgspec.Raw = msgspec.Raw(b"{}")


class _Metadata(msgspec.Struct, frozen=True, rename="camel"):
    managed_fields: list[_Entry] | None = None


class _Object(msgspec.Struct, frozen=True):
    metadata: _Metadata = _Metadata()


_decode = msgspec.json.Decoder(_Object).decode


def read(raw: bytes) -> tuple[Writer, ...]:
    """The writers of an object, with what each owns, from its JSON as the server sent it; none when that is unlike."""
    try:
        entries = _decode(raw).metadata.managed_fields or []
    except msgspec.MsgspecError:
        return ()
    return tuple(Writer(e.manager, e.operation, e.subresource, instant(e.time), bytes(e.fields_v1)) for e in entries)


Step = str | int
Path = tuple[Step, ...]


class Field(msgspec.Struct, frozen=True):
    """A value of an object with its path (keys, and places in lists) and its authors, the newest first."""

    path: Path
    value: Any
    writers: tuple[Writer, ...] = ()


def fields(resource: Resource) -> Iterator[Field]:
    """Every leaf of an object in order, with who owns it. An empty map or list is a leaf."""
    owners = [(writer, held) for writer in resource.writers if (held := _held(writer))]
    yield from _walk(resource.body(), (), owners)


def _held(writer: Writer) -> dict[str, Any]:
    try:
        found = msgspec.json.decode(writer.fields or b"{}")
    except msgspec.DecodeError:
        return {}
    return found if isinstance(found, dict) else {}


_Owners = list[tuple[Writer, dict[str, Any]]]


def _walk(value: Any, path: Path, owners: _Owners) -> Iterator[Field]:
    if isinstance(value, dict) and value:
        for key, inner in value.items():
            yield from _walk(inner, (*path, str(key)), _inside(owners, {f"f:{key}"}))
    elif isinstance(value, list) and value:
        for place, inner in enumerate(value):
            yield from _walk(inner, (*path, place), _items(owners, place, inner))
    else:
        held = sorted((writer for writer, _ in owners), key=lambda w: -w.at)
        yield Field(path, value, tuple(held))


def _inside(owners: _Owners, keys: set[str]) -> _Owners:
    """The owners of one member; who owns a member as a whole owns all that is below it."""
    out = []
    for writer, held in owners:
        if not held.keys() - {"."}:
            out.append((writer, held))
        out += [(writer, inner) for key, inner in held.items() if key in keys and isinstance(inner, dict)]
    return out


def _items(owners: _Owners, place: int, item: Any) -> _Owners:
    """The owners of one item of a list, which is named by its keys, its value or its place."""
    out = []
    for writer, held in owners:
        out += _inside([(writer, held)], {key for key in held if _names(key, place, item)})
    return out


def _names(key: str, place: int, item: Any) -> bool:
    """`k:{"name":"a"}`, `v:"a"` or `i:0` is this item."""
    kind, _, text = key.partition(":")
    if kind == "i":
        return text == str(place)
    if kind not in {"k", "v"}:
        return False
    try:
        named = msgspec.json.decode(text)
    except msgspec.DecodeError:
        return False
    if kind == "v":
        return bool(named == item)
    return isinstance(named, dict) and isinstance(item, dict) and named.items() <= item.items()
