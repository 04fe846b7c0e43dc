"""An OpenAPI v2 document in the protobuf that kubectl asks for (gnostic's `openapi.v2.Document`).

Only writing, and only what `swagger` makes; field numbers are gnostic's.
"""

import struct
from collections.abc import Callable, Mapping
from typing import Any

import msgspec

MEDIA = "application/com.github.proto-openapi.spec.v2.v1.0+protobuf"

Write = Callable[[Any], bytes]


def encode(document: Mapping[str, Any]) -> bytes:
    """The bytes of a Document."""
    return _document(document)


def _varint(number: int) -> bytes:
    out = bytearray()
    number &= (1 << 64) - 1
    while number > 0x7F:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    out.append(number)
    return bytes(out)


def _long(number: int, data: bytes) -> bytes:
    """A field that says how long it is: text, or another message."""
    return _varint(number << 3 | 2) + _varint(len(data)) + data


def _text(number: int, value: str) -> bytes:
    return _long(number, value.encode())


def _flag(number: int, value: Any) -> bytes:
    return _varint(number << 3) + _varint(int(value))


def _double(number: int, value: float) -> bytes:
    return _varint(number << 3 | 1) + struct.pack("<d", value)


def _any(value: Any) -> bytes:
    """Any value, as YAML; JSON is some."""
    return _long(2, msgspec.json.encode(value) + b"\n")


def _named(number: int, values: Mapping[str, Any], write: Write) -> bytes:
    """A map: messages of a name and a value."""
    return b"".join(_long(number, _text(1, name) + _long(2, write(value))) for name, value in values.items())


def _extensions(number: int, values: Mapping[str, Any]) -> bytes:
    return _named(number, {key: value for key, value in values.items() if key.startswith("x-")}, _any)


_PLAIN: Mapping[str, tuple[int, Callable[[int, Any], bytes]]] = {
    "$ref": (1, _text),
    "format": (2, _text),
    "title": (3, _text),
    "description": (4, _text),
    "multipleOf": (6, _double),
    "maximum": (7, _double),
    "exclusiveMaximum": (8, _flag),
    "minimum": (9, _double),
    "exclusiveMinimum": (10, _flag),
    "maxLength": (11, _flag),
    "minLength": (12, _flag),
    "pattern": (13, _text),
    "maxItems": (14, _flag),
    "minItems": (15, _flag),
    "uniqueItems": (16, _flag),
    "maxProperties": (17, _flag),
    "minProperties": (18, _flag),
}


def _schema(schema: Mapping[str, Any]) -> bytes:
    out = [write(number, schema[key]) for key, (number, write) in _PLAIN.items() if key in schema]
    if "default" in schema:
        out.append(_long(5, _any(schema["default"])))
    out += [_text(19, name) for name in schema.get("required", ())]
    out += [_long(20, _any(value)) for value in schema.get("enum", ())]
    more = schema.get("additionalProperties")
    if more is not None:
        out.append(_long(21, _long(1, _schema(more)) if isinstance(more, Mapping) else _flag(2, more)))
    if "type" in schema:
        out.append(_long(22, _text(1, schema["type"])))
    if "items" in schema:
        out.append(_long(23, _long(1, _schema(schema["items"]))))
    if "properties" in schema:
        out.append(_long(25, _named(1, schema["properties"], _schema)))
    out.append(_extensions(31, schema))
    return b"".join(out)


def _parameter(value: Mapping[str, Any]) -> bytes:
    """A ParametersItem of a Parameter, of the body or of the query."""
    if value["in"] == "body":
        body = _text(2, value["name"]) + _text(3, "body") + _flag(4, value["required"])
        return _long(1, _long(1, body + _long(5, _schema(value["schema"]))))
    query = _text(2, "query") + _text(4, value["name"]) + _text(6, value["type"]) + _flag(20, value["uniqueItems"])
    return _long(1, _long(2, _long(3, query)))


def _response(value: Mapping[str, Any]) -> bytes:
    return _long(1, _text(1, value["description"]) + _long(2, _long(1, _schema(value["schema"]))))


def _operation(value: Mapping[str, Any]) -> bytes:
    out = [_text(6, one) for one in value["produces"]]
    out += [_text(7, one) for one in value.get("consumes", ())]
    out += [_long(8, _parameter(one)) for one in value.get("parameters", ())]
    out.append(_long(9, _named(1, value["responses"], _response)))
    out.append(_extensions(13, value))
    return b"".join(out)


_METHODS = {"get": 2, "put": 3, "post": 4, "delete": 5, "patch": 8}


def _path(value: Mapping[str, Any]) -> bytes:
    return b"".join(_long(number, _operation(value[name])) for name, number in _METHODS.items() if name in value)


def _document(value: Mapping[str, Any]) -> bytes:
    info = _text(1, value["info"]["title"]) + _text(2, value["info"]["version"])
    return (
        _text(1, value["swagger"])
        + _long(2, info)
        + _long(8, _named(2, value["paths"], _path))
        + _long(9, _named(1, value["definitions"], _schema))
    )
