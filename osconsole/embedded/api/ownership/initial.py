"""What the author of a new object owns, in the form in which it is stored: every field but those of the server.

The same as `fieldsets.compare` with nothing before it, then encoded; most objects are only ever created, so this is one
walk without anything in between.
"""

import functools
from typing import Any, Final

import msgspec

from osconsole.embedded.api.ownership import fieldsets
from osconsole.embedded.api.ownership.fieldsets import FieldSet
from osconsole.embedded.api.schema.recall import recalled
from osconsole.embedded.api.schema.schemas import Schema

# Shared by all sets, which nobody writes into.
_LEAF: Final[FieldSet] = {}
_SELF: Final[FieldSet] = {}
_NESTED: Final = frozenset((dict, list))
_FEW: Final = 16


def fields(obj: dict[str, Any], schema: Schema, skip: frozenset[str]) -> FieldSet:
    """The members of an object but those to skip."""
    if "spec" not in obj:
        return struct(obj, schema, skip)
    spec = _spec(msgspec.json.encode({"spec": obj["spec"]}), schema)
    return dict(sorted({**struct(obj, schema, skip | {"spec"}), **spec}.items()))


@recalled
def _spec(raw: bytes, schema: Schema) -> FieldSet:
    return struct(msgspec.json.decode(raw), schema)


def struct(value: dict[str, Any], schema: Schema | None, skip: frozenset[str] = frozenset()) -> FieldSet:
    """The members of a struct that was empty before; `skip` names members that nobody owns."""
    out: FieldSet = {}
    for key in sorted(value):
        if key in skip:
            continue
        member, node = value[key], schema.child(key) if schema is not None else None
        if node is None or not node.zero:
            out[f"f:{key}"] = _whole(member, node)
        elif member and (below := _filled(member, node)) is not None:
            out[f"f:{key}"] = below
    return out


def _filled(value: Any, schema: Schema) -> FieldSet | None:
    """A member that is never absent: only what is in it is new, None for nothing."""
    how = fieldsets.shape(value, schema)
    if how == "map":
        return struct(value, schema) or None
    return _LEAF if how == "leaf" else _items(value, schema, how)


def _whole(value: Any, schema: Schema | None) -> FieldSet:
    """A value and all its members."""
    if type(value) is dict:
        return _map(value, schema)
    if type(value) is list and schema is not None and (how := fieldsets.shape(value, schema)) != "leaf":
        return {".": _SELF, **_items(value, schema, how)} if value else _LEAF
    return _LEAF


def _map(value: dict[str, Any], schema: Schema | None) -> FieldSet:
    if schema is not None and schema.atomic_map:
        return _LEAF
    if len(value) <= _FEW and _NESTED.isdisjoint(map(type, value.values())):
        return _flat(tuple(value))
    out: FieldSet = {".": _SELF}
    for key in sorted(value):
        member = value[key]
        if type(member) is dict or type(member) is list:
            out[f"f:{key}"] = _whole(member, schema.child(key) if schema is not None else None)
        else:
            out[f"f:{key}"] = _LEAF
    return out


@functools.lru_cache(maxsize=4096)
def _flat(keys: tuple[str, ...]) -> FieldSet:
    """A map without anything below its members: the same few come back in every object."""
    return {".": _SELF, **{f"f:{key}": _LEAF for key in sorted(keys)}} if keys else _LEAF


def _items(value: list[Any], schema: Schema, how: str) -> FieldSet:
    found = fieldsets.members(value, schema, how)
    return {step: _whole(*found[step]) for step in sorted(found)}
