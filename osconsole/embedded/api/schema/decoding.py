"""What a server that decodes into Go structs says about a value of the wrong type.

Built-in kinds and every object's metadata fail this way (400, at the first wrong value), custom resources by
`validation` (422, all of them).
"""

from typing import Any

from osconsole.embedded.api.schema.schemas import Schema

_GO = {"string": "string", "boolean": "bool", "number": "float64", "array": "[]", "object": "map"}
_PYTHON: dict[str, Any] = {
    "string": (str,),
    "boolean": (bool,),
    "integer": (int,),
    "number": (int, float),
    "array": (list,),
    "object": (dict,),
}
# What fits at a glance, and has nothing below it.
_PLAIN: dict[str, type] = {"string": str, "boolean": bool, "integer": int}

_GO_TYPES = {bool: "bool", int: "number", float: "number", str: "string", list: "array", dict: "object"}


def decode_problem(obj: dict[str, Any], schema: Schema) -> str | None:
    """The decoder's words for the first value of a wrong type, None when all decode.

    The caller puts `Deployment in version "v1" cannot be handled as a Deployment: ` before it.
    """
    return _walk(obj, schema, schema.name, "")


def emptied(value: Any, schema: Schema) -> Any:
    """`value` with empty items where lists have null, as Go reads them into its types."""
    if isinstance(value, dict):
        for key, member in value.items():
            if isinstance(member, dict | list) and (node := schema.child(key)) is not None:
                value[key] = emptied(member, node)
    elif isinstance(value, list) and (items := schema.items) is not None:
        empty = _PYTHON.get(items.type) if not items.int_or_string else None
        return [emptied(empty[0]() if item is None and empty else item, items) for item in value]
    return value


def _walk(value: Any, schema: Schema, struct: str, path: str) -> str | None:
    if value is None or not schema.type or schema.int_or_string:
        return None
    if not isinstance(value, _PYTHON[schema.type]) or (schema.type != "boolean" and isinstance(value, bool)):
        number = f" {value}" if isinstance(value, float) else ""
        found = f"{go_type(value)}{number}"
        return f"json: cannot unmarshal {found} into Go struct field {struct}.{path} of type {_go(schema)}"
    if schema.type == "array" and schema.items is not None:
        return _items(value, schema.items, struct, path)
    if schema.type == "object":
        return _members(value, schema, struct, path)
    return None


def _items(value: list[Any], node: Schema, struct: str, path: str) -> str | None:
    for item in value:
        if type(item) is not _PLAIN.get(node.type) and (problem := _walk(item, node, struct, path)):
            return problem
    return None


def _members(value: dict[str, Any], schema: Schema, struct: str, path: str) -> str | None:
    for key, member in value.items():
        node, inner = schema.properties.get(key), schema.name or struct
        place = path
        if node is None:
            node, inner = schema.values, struct
        elif type(member) is _PLAIN.get(node.type):
            continue
        else:
            place = f"{path}.{key}".lstrip(".")
        if node is not None and (problem := _walk(member, node, inner, place)):
            return problem
    return None


def _go(schema: Schema) -> str:
    if schema.name and schema.type == "object":
        return f"v1.{schema.name}"
    if schema.type == "integer":
        return str(schema.raw.get("format", "int64"))
    if schema.type == "array" and schema.items is not None:
        return "[]" + _go(schema.items)
    return _GO.get(schema.type, "interface {}")


def go_type(value: Any) -> str:
    """How the API server's decoder names the JSON type of `value`."""
    return _GO_TYPES.get(type(value), "null")
