"""Defaults from a schema, and what counts as absent.

Null does, unless the field is nullable; so do, in built-in kinds, the empty lists and maps and the zeros that a server
leaves out.
"""

import copy
from typing import Any

from osconsole.embedded.api.schema.schemas import UNSET, Schema


def default(obj: dict[str, Any], schema: Schema) -> None:
    """Fill in defaults, in place, top down; what counts as absent is removed."""
    _members(obj, schema)


def _members(value: dict[str, Any], schema: Schema) -> None:
    properties, values = schema.properties, schema.values
    absent = []
    for key, member in value.items():
        kind = type(member)
        if not member and _absent(member, properties.get(key) or values):
            absent.append(key)
        elif (kind is dict or kind is list) and (node := properties.get(key) or values) is not None:
            walk = _members if kind is dict else _items
            walk(member, node)
    if absent:
        _drop(value, absent, schema)
    for key, filled in schema.defaults:
        if key not in value:
            value[key] = _filled(filled, properties[key])


def _items(value: list[Any], schema: Schema) -> None:
    items = schema.items
    if items is None:
        return
    for at, item in enumerate(value):
        if type(item) is dict:
            _members(item, items)
        elif type(item) is list:
            _items(item, items)
        elif item is None and items.default is not UNSET and not items.nullable:
            value[at] = _filled(items.default, items)


def _drop(value: dict[str, Any], absent: list[str], schema: Schema) -> None:
    """Remove members; a map of values has the default of those instead."""
    properties, values = schema.properties, schema.values
    for key in absent:
        if key in properties or values is None or values.default is UNSET:
            del value[key]
        elif value[key] is None:
            value[key] = _filled(values.default, values)


def _filled(filled: Any, schema: Schema) -> Any:
    """A default, with the defaults of its members."""
    if type(filled) is dict:
        filled = copy.deepcopy(filled)
        _members(filled, schema)
    elif type(filled) is list:
        filled = copy.deepcopy(filled)
        _items(filled, schema)
    return filled


def _absent(member: Any, schema: Schema | None) -> bool:
    if schema is None:
        return False
    if member is None:
        return not schema.nullable and bool(schema.type or schema.int_or_string)
    return schema.omit_empty
