"""Other forms of objects: Table and PartialObjectMetadata, for one object and for lists."""

import datetime
from collections.abc import Sequence
from typing import Any

import msgspec

from osconsole.embedded.api.protocol import table
from osconsole.embedded.api.protocol.negotiate import Form
from osconsole.embedded.api.types import ResourceType


def one(kind: ResourceType, obj: dict[str, Any], wanted: Form, include: str) -> dict[str, Any]:
    """One object in a form; a Status stays what it is."""
    if obj.get("kind") == "Status":
        return obj
    if wanted.shape == "Table":
        meta = {"resourceVersion": obj["metadata"].get("resourceVersion", "")}
        return rows(kind, [obj], wanted, include, meta)
    return partial(obj, wanted.version)


class _Part(msgspec.Struct):
    metadata: msgspec.Raw


_PART = msgspec.json.Decoder(_Part)


def partial_json(raw: bytes, version: str) -> bytes:
    """The same as `partial`, of an object's JSON; the rest of it is not decoded."""
    head = b'{"kind":"PartialObjectMetadata","apiVersion":"meta.k8s.io/%s","metadata":' % (version or "v1").encode()
    return b"%b%b}" % (head, bytes(_PART.decode(raw).metadata))


def partial(obj: dict[str, Any], version: str) -> dict[str, Any]:
    """An object's metadata alone."""
    return {
        "kind": "PartialObjectMetadata",
        "apiVersion": f"meta.k8s.io/{version or 'v1'}",
        "metadata": obj["metadata"],
    }


def rows(
    kind: ResourceType, objects: Sequence[dict[str, Any]], wanted: Form, include: str, meta: dict[str, Any]
) -> dict[str, Any]:
    """A Table with the columns of the kind."""
    printer = table.printer(kind)
    now = datetime.datetime.now(datetime.UTC)
    found = table.table(
        [table.row(printer, obj, now, _carried(obj, wanted, include)) for obj in objects],
        table.definitions(printer),
        meta,
    )
    return {**found, "apiVersion": f"meta.k8s.io/{wanted.version or 'v1'}"}


def _carried(obj: dict[str, Any], wanted: Form, include: str) -> dict[str, Any] | None:
    if include == "None":
        return None
    return obj if include == "Object" else partial(obj, wanted.version)
