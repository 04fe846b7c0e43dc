"""Removing what a schema does not describe, and naming it for strict or warning field validation."""

from typing import Any

from osconsole.embedded.api.schema.schemas import Schema

# A path is linked from the leaf up, so that walking costs nothing until something is found.
_Path = tuple[Any, str]


def prune(obj: dict[str, Any], schema: Schema) -> list[str]:
    """Remove, in place, every field that the schema does not describe.

    Returns:
        The paths removed (`spec.items[0].zz`), sorted.
    """
    found: list[str] = []
    _walk(obj, schema, None, found, drop=True)
    return sorted(found)


def unknown_fields(obj: dict[str, Any], schema: Schema) -> list[str]:
    """The paths that `prune` would remove, sorted; nothing is changed."""
    found: list[str] = []
    _walk(obj, schema, None, found, drop=False)
    return sorted(found)


def _walk(value: Any, schema: Schema, path: _Path | None, found: list[str], *, drop: bool) -> None:
    if type(value) is dict:
        _members(value, schema, path, found, drop=drop)
    elif type(value) is list and (items := schema.items) is not None:
        for at, item in enumerate(value):
            if type(item) is dict or type(item) is list:
                _walk(item, items, (path, f"[{at}]"), found, drop=drop)


def _members(value: dict[str, Any], schema: Schema, path: _Path | None, found: list[str], *, drop: bool) -> None:
    properties, values = schema.properties, schema.values
    unknown = []
    for key, member in value.items():
        node = properties.get(key) or values
        if node is None:
            if not schema.preserve:
                unknown.append(key)
        elif type(member) is dict or type(member) is list:
            _walk(member, node, (path, key), found, drop=drop)
    for key in unknown:
        found.append(_text((path, key)))
        if drop:
            del value[key]


def _text(path: _Path | None) -> str:
    steps: list[str] = []
    while path is not None:
        path, step = path
        steps.append(step)
    return ".".join(reversed(steps)).replace(".[", "[")
