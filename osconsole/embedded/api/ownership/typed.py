"""Whether an applied configuration fits the schema well enough to be merged: types, unknown fields, equal keys.

Server-side apply asks this before anything else, and in words of its own (structured-merge-diff); what an object may
hold is asked later, by `validation`.
"""

from typing import Any

from osconsole.embedded.api.ownership import fieldsets
from osconsole.embedded.api.schema.schemas import Schema

# Strings or numbers, as it pleases.
_FREE = ("Quantity", "IntOrString")


def problems(applied: dict[str, Any], schema: Schema) -> list[str]:
    """What keeps a configuration from being merged (`.spec.x: field not declared in schema`), sorted."""
    found: list[str] = []
    _walk(applied, schema, "", found)
    return sorted(found)


def _walk(value: Any, schema: Schema, path: str, found: list[str]) -> None:
    if value is None or schema.int_or_string or schema.name in _FREE:
        return
    if schema.type == "object" or schema.properties or schema.values:
        _map(value, schema, path, found)
    elif schema.type == "array":
        _list(value, schema, path, found)
    elif schema.type == "string" and type(value) is not str:
        found.append(f"{path}: expected string, got {_go(value)}")
    elif schema.type == "boolean" and type(value) is not bool:
        found.append(f"{path}: expected boolean, got {_shown(value)}")
    elif schema.type in ("integer", "number") and type(value) not in (int, float):
        names = {str: "string", bool: "bool", list: "[]interface {}"}
        found.append(
            f"{path}: expected numeric (int or float), got {names.get(type(value), 'map[string]interface {}')}"
        )


def _map(value: Any, schema: Schema, path: str, found: list[str]) -> None:
    if type(value) is not dict:
        found.append(f"{path}: expected map, got {_shown(value)}")
        return
    for key, member in value.items():
        node = schema.child(key)
        if node is not None:
            _walk(member, node, f"{path}.{key}", found)
        elif not schema.preserve:
            found.append(f"{path}.{key}: field not declared in schema")


def _list(value: Any, schema: Schema, path: str, found: list[str]) -> None:
    if type(value) is not list:
        found.append(f"{path}: expected list, got {_shown(value)}")
        return
    how = fieldsets.shape(value, schema)
    if how == "list-map" and not _keyed(value, schema, path, found):
        return
    seen: set[str] = set()
    for at, item in enumerate(value):
        place = f"[{at}]"
        if how != "leaf":
            step = next(iter(fieldsets.members([item], schema, how)))
            place = fieldsets.shown(step)
            if step in seen:
                found.append(f"{path}: duplicate entries for key {place}")
            seen.add(step)
        if schema.items is not None:
            _walk(item, schema.items, path + place, found)


def _keyed(value: list[Any], schema: Schema, path: str, found: list[str]) -> bool:
    """Whether every item says by what it is known."""
    for at, item in enumerate(value):
        if fieldsets.item_step(item, schema.list_keys, schema.items) == "k:{}":
            keys = " ".join(f'"{key}"' for key in schema.list_keys)
            found.append(
                f"{path}: element {at}: associative list with keys has an element that omits all key fields [{keys}] "
                "(and doesn't have default values for any key fields)"
            )
            return False
    return True


def _go(value: Any) -> str:
    return f"&value.valueUnstructured{{Value:{_plain(value)}}}"


def _shown(value: Any) -> str:
    return f"&{{{_plain(value)}}}"


def _plain(value: Any) -> str:
    """A value as Go prints it."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, dict):
        return "map[" + " ".join(f"{key}:{_plain(value[key])}" for key in sorted(value)) + "]"
    if isinstance(value, list):
        return "[" + " ".join(map(_plain, value)) + "]"
    return "<nil>" if value is None else str(value)
