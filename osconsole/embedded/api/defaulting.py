"""Defaults from a schema, and what null means: absent, unless the field is nullable."""

import copy
from typing import Any

from osconsole.embedded.api.schemas import UNSET, Schema


def default(obj: dict[str, Any], schema: Schema) -> None:
    """Fill in defaults, in place, top down; members that are null but not nullable count as absent and are removed."""
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
    nulls = [key for key, member in value.items() if member is None and _drops_null(properties.get(key) or values)]
    for key in nulls:
        del value[key]
    for key, filled in schema.defaults:
        if key not in value:
            value[key] = copy.deepcopy(filled)
    for key, member in value.items():
        if type(member) is dict or type(member) is list:
            node = properties.get(key) or values
            if node is not None:
                _walk(member, node)


def _drops_null(schema: Schema | None) -> bool:
    return schema is not None and not schema.nullable and bool(schema.type or schema.int_or_string)
