"""Defaults from a schema, and what counts as absent.

Null does, unless the field is nullable; so do, in built-in kinds, the empty lists and maps and the zeros that a server
leaves out.
"""

import copy
from typing import Any

from osconsole.embedded.api.schemas import UNSET, Schema


def default(obj: dict[str, Any], schema: Schema) -> None:
    """Fill in defaults, in place, top down; what counts as absent is removed."""
    _walk(obj, schema)


def _walk(value: Any, schema: Schema) -> None:
    if type(value) is dict:
        _members(value, schema)
    elif type(value) is list and (items := schema.items) is not None:
        for at, item in enumerate(value):
            if item is None and items.default is not UNSET and not items.nullable:
                value[at] = copy.deepcopy(items.default)
            _walk(value[at], items)


def _members(value: dict[str, Any], schema: Schema) -> None:
    properties, values = schema.properties, schema.values
    absent = [key for key, member in value.items() if not member and _absent(member, properties.get(key) or values)]
    for key in absent:
        if key in properties or values is None or values.default is UNSET:
            del value[key]
        elif value[key] is None:
            value[key] = copy.deepcopy(values.default)
    for key, filled in schema.defaults:
        if key not in value:
            value[key] = copy.deepcopy(filled)
    for key, member in value.items():
        if type(member) is dict or type(member) is list:
            node = properties.get(key) or values
            if node is not None:
                _walk(member, node)


def _absent(member: Any, schema: Schema | None) -> bool:
    if schema is None:
        return False
    if member is None:
        return not schema.nullable and bool(schema.type or schema.int_or_string)
    return schema.omit_empty
