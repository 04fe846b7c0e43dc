"""Validating a custom resource against its schema, with the causes and words of a kube-apiserver.

The object is pruned and defaulted before. Value checks are in `checks`; here is the walk, types, required fields,
lists that are sets or maps, and embedded resources. CEL rules are not evaluated.
"""

from typing import Any

from osconsole.embedded.api.causes import Cause, Found, type_name
from osconsole.embedded.api.schema.checks import check
from osconsole.embedded.api.schema.schemas import Schema

_PYTHON: dict[str, type | tuple[type, ...]] = {
    "string": str,
    "boolean": bool,
    "integer": int,
    "number": (int, float),
    "array": list,
    "object": dict,
}


def validate(obj: dict[str, Any], schema: Schema) -> list[Cause]:
    """Every reason why the object is invalid, [] when it is valid."""
    found = Found()
    walk(obj, schema, "", found)
    return found.causes + found.late


def walk(value: Any, schema: Schema, path: str, found: Found) -> None:
    """Validate one value and all below it, adding to `found`."""
    if value is None and schema.nullable:
        return
    typed = _typed(value, schema)
    if not typed:
        wanted = "integer,string" if schema.int_or_string else schema.type
        found.wrong_type(path, wanted, type_name(value))
    if schema.checked and (typed or schema.int_or_string):
        check(value, schema, path, found, walk)
    if type(value) is list:
        _items(value, schema, path, found, typed=typed)
    elif typed and type(value) is dict:
        _members(value, schema, path, found)


def _typed(value: Any, schema: Schema) -> bool:
    kind = type(value)
    if schema.int_or_string:
        return kind is int or kind is str
    if not schema.type:
        return True
    if kind is bool:
        return schema.type == "boolean"
    if kind is float and schema.type == "integer":
        return bool(value.is_integer())
    return isinstance(value, _PYTHON[schema.type])


def _members(value: dict[str, Any], schema: Schema, path: str, found: Found) -> None:
    dotted = f"{path}." if path else ""
    for key in schema.required:
        if key not in value:
            found.add(dotted + key, "FieldValueRequired", "Required value")
    properties, values = schema.properties, schema.values
    for key in sorted(value):
        node = properties.get(key) or values
        if node is not None and not (key == "metadata" and schema.embedded):
            walk(value[key], node, dotted + key, found)
    if schema.embedded and path:
        for key in ("apiVersion", "kind"):
            if not value.get(key):
                found.add_late(dotted + key, "FieldValueRequired", "Required value")


def _items(value: list[Any], schema: Schema, path: str, found: Found, *, typed: bool) -> None:
    if not typed:
        return
    if schema.items is not None:
        for at, item in enumerate(value):
            walk(item, schema.items, f"{path}[{at}]", found)
    if schema.list_type in {"set", "map"}:
        _distinct(value, schema, path, found)


def _distinct(value: list[Any], schema: Schema, path: str, found: Found) -> None:
    seen: list[Any] = []
    for at, item in enumerate(value):
        place = f"{path}[{at}]"
        if schema.list_type == "map" and not isinstance(item, dict):
            if item is not None:
                found.add_late(
                    place, "FieldValueInvalid", found.invalid(item, "must be an object for an array of list-type map")
                )
            continue
        key = {k: item[k] for k in schema.list_keys if k in item} if schema.list_type == "map" else item
        if seen.count(key) == 1:
            # Once for each value, however often it comes again.
            found.add_late(place, "FieldValueDuplicate", f"Duplicate value: {found.shown(key)}")
        seen.append(key)
