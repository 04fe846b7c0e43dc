"""Whether an object fits its schema at a glance: types from schemas, which msgspec compares an object with.

What fits has no field that is unknown, no value of a wrong type and none of the wrong words where a schema lists them;
nearly all objects do. What does not fit may still be right (a schema may say more than a type can): the slow walks of
`decoding`, `pruning` and `rules.choices` then judge it, and find the words for what is wrong.
"""

import functools
import operator
from types import GenericAlias, NoneType, UnionType
from typing import Any, Literal, get_args

import msgspec

from osconsole.embedded.api.schema.schemas import Schema

# What a walk would look into cannot stand for "whatever".
_SCALAR = str | int | float | bool | None
_TYPES: dict[str, Any] = {"string": str | None, "boolean": bool | None, "integer": int | None, "number": float | None}


def fits(obj: Any, schema: Schema) -> bool:
    """Whether an object is as its schema has it, and nothing more."""
    try:
        msgspec.convert(obj, _mould(schema))
    except (msgspec.ValidationError, RecursionError):
        return False
    return True


@functools.lru_cache(maxsize=512)
def _mould(schema: Schema) -> Any:
    """The type of whole objects, which are never null: a union would be looked at anew each time."""
    found = _MOULDS.of(schema)
    return next(iter(get_args(found)), found)


class _Moulds:
    """The types of all schemas; each is made at first use."""

    def __init__(self) -> None:
        self._named: dict[str, Any] = {}
        self._making: set[int] = set()

    def of(self, schema: Schema) -> Any:
        """The type of a node, null included."""
        if schema.int_or_string:
            return _SCALAR
        if schema.type == "string" and (words := schema.raw.get("enum")):
            return Literal[("", *words)] | None
        if schema.type in _TYPES:
            return _TYPES[schema.type]
        if schema.type == "array":
            return GenericAlias(list, (self._item(schema.items),)) | None if schema.items is not None else _SCALAR
        if not schema.properties and schema.values is None:
            # An empty type that keeps nothing is one whose members are all unknown.
            return (dict[str, Any] | None if schema.type else Any) if schema.preserve else _SCALAR
        return self._object(schema)

    def _item(self, schema: Schema) -> Any:
        """The type of a list's items: null is no item, or to be read as an empty one."""
        found = self.of(schema)
        kinds = [kind for kind in get_args(found) if kind is not NoneType]
        return functools.reduce(operator.or_, kinds) if isinstance(found, UnionType) and kinds else found

    def _object(self, schema: Schema) -> Any:
        if not schema.properties and schema.values is not None:
            return GenericAlias(dict, (str, self.of(schema.values))) | None
        if schema.values is not None or id(schema.properties) in self._making:
            # Types cannot say these: named members beside free ones, and what holds itself.
            return None
        if schema.name in self._named:
            return self._named[schema.name]
        self._making.add(id(schema.properties))
        found = self._struct(schema) | None
        self._making.discard(id(schema.properties))
        if schema.name:
            self._named[schema.name] = found
        return found

    def _struct(self, schema: Schema) -> Any:
        """Members by number, since their names may be no names in Python."""
        names = {f"m{at}": key for at, key in enumerate(schema.properties)}
        members = [(at, self.of(schema.properties[key]), None) for at, key in names.items()]
        return msgspec.defstruct(
            schema.name or "Object", members, rename=names, forbid_unknown_fields=not schema.preserve, gc=False
        )


_MOULDS = _Moulds()
