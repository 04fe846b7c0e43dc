"""What a server says of a strategic merge patch that makes a value of the wrong type.

It turns the patched map into Go structs without writing JSON between; the other patches fail in `decoding`.
"""

from typing import Any

from osconsole.embedded.api.schema.schemas import Schema

_GO = {str: "string", int: "int64", float: "float64", bool: "bool", list: "slice", dict: "map"}
_SCALARS = {"string": (str,), "boolean": (bool,), "integer": (int,), "number": (int, float)}


def problem(value: Any, schema: Schema) -> str:
    """The converter's words for the first value of a wrong type, "" when all fit."""
    if value is None or not schema.type or schema.int_or_string:
        return ""
    if schema.type == "array":
        if type(value) is not list:
            return f"cannot restore slice from {_GO[type(value)]}" if schema.items is not None else ""
        return _first((item, schema.items) for item in value)
    if schema.type == "object":
        if type(value) is dict:
            return _first((member, schema.child(key)) for key, member in value.items())
        kind = "struct from:" if schema.properties else "map from"
        return f"cannot restore {kind} {_GO[type(value)]}"
    return _scalar(value, schema)


def _first(pairs: Any) -> str:
    return next((found for member, node in pairs if node is not None and (found := problem(member, node))), "")


def _scalar(value: Any, schema: Schema) -> str:
    wanted = str(schema.raw.get("format", "int64")) if schema.type == "integer" else schema.type
    wanted = {"boolean": "bool", "number": "float64"}.get(wanted, wanted)
    if type(value) in _SCALARS[schema.type]:
        return ""
    if type(value) is float and schema.type == "integer":
        return "" if value.is_integer() else f"cannot convert float64 to {wanted}"
    # To Go, a number is a character.
    if type(value) is int and schema.type == "string":
        return "cannot convert int64 to string"
    return f"unrecognized type: {wanted}"
