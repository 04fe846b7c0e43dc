"""Sets of fields of an object as FieldsV1 tries, and the walks that make them.

A set is a dict of steps (`f:name`, `k:{"name":"c"}`, `v:"x"`) to further sets; a step with `.` inside is a member.
Kept form: every member has `.`; stored form (`encode`) writes a member without anything below it as `{}`.
"""

import functools
import json
from typing import Any, Final

from osconsole.embedded.api.schema.schemas import UNSET, Schema

FieldSet = dict[str, Any]
_MISSING: Final = object()
_NESTED: Final = (dict, list)
_MAPS: Final = frozenset((dict,))
_SELF: Final[FieldSet] = {}
# A member with nothing below it. Sets are values: nobody writes into one that is done.
_LEAF: Final[FieldSet] = {".": _SELF}


def decode(stored: FieldSet) -> FieldSet:
    """The kept form of a stored `fieldsV1`."""
    out: FieldSet = {}
    for step, below in stored.items():
        out[step] = _SELF if step == "." else decode(below) if below else _LEAF
    return out


def encode(kept: FieldSet) -> FieldSet:
    """The stored form: steps sorted, a lone `.` left out."""
    out: FieldSet = {}
    for step in sorted(kept):
        below = kept[step]
        out[step] = {} if below is _LEAF or step == "." or (len(below) == 1 and "." in below) else encode(below)
    return out


def union(a: FieldSet, b: FieldSet) -> FieldSet:
    """Members of either."""
    out = dict(a)
    for step, below in b.items():
        out[step] = union(out[step], below) if step in out and step != "." else below
    return out


def difference(a: FieldSet, b: FieldSet) -> FieldSet:
    """Members of `a` that are not in `b`."""
    out: FieldSet = {}
    for step, below in a.items():
        if step not in b:
            out[step] = below
        elif step != "." and (left := difference(below, b[step])):
            out[step] = left
    return out


def intersection(a: FieldSet, b: FieldSet) -> FieldSet:
    """Members of both."""
    out: FieldSet = {}
    for step, below in a.items():
        if step == "." and step in b:
            out[step] = _SELF
        elif step in b and (shared := intersection(below, b[step])):
            out[step] = shared
    return out


def without_below(a: FieldSet, removed: FieldSet) -> FieldSet:
    """Members of `a` that are not in `removed` nor below one of its members."""
    out: FieldSet = {}
    for step, below in a.items():
        gone = removed.get(step)
        if gone is None:
            out[step] = below
        elif "." not in gone and step != "." and (left := without_below(below, gone)):
            out[step] = left
    return out


def paths(kept: FieldSet, prefix: str = "") -> list[str]:
    """Every member as conflicts write it (`.spec.containers[name="c"].image`), at each level members first."""
    steps = [step for step in sorted(kept) if step != "."]
    found = [prefix + shown(step) for step in steps if "." in kept[step]]
    for step in steps:
        found += paths(kept[step], prefix + shown(step))
    return found


def shown(step: str) -> str:
    """One step as conflicts and errors write it."""
    mark, rest = step[:2], step[2:]
    if mark == "f:":
        return f".{rest}"
    if mark == "k:":
        return "[" + ",".join(f"{key}={json.dumps(value)}" for key, value in json.loads(rest).items()) + "]"
    return f"[={rest}]"


def shape(value: Any, schema: Schema | None) -> str:
    """How a value is owned: member by member (`map`, `list-map`, `set`) or whole (`leaf`)."""
    if type(value) is dict:
        return "leaf" if schema is not None and schema.atomic_map else "map"
    if type(value) is list and schema is not None:
        if schema.list_type == "map" and _MAPS.issuperset(map(type, value)):
            return "list-map"
        return "set" if schema.list_type == "set" else "leaf"
    return "leaf"


def members(value: Any, schema: Schema | None, how: str) -> dict[str, tuple[Any, Schema | None]]:
    """The members of a value that is not a leaf: step -> (value, its schema)."""
    if how == "map":
        child = schema.child if schema is not None else _no_child
        return {f"f:{key}": (member, child(key)) for key, member in value.items()}
    items = schema.items if schema is not None else None
    if how == "set":
        return {f"v:{_compact(item)}": (item, items) for item in value}
    keys = schema.list_keys if schema is not None else ()
    return {item_step(item, keys, items): (item, items) for item in value}


def _no_child(_key: str) -> Schema | None:
    return None


def item_step(item: dict[str, Any], keys: tuple[str, ...], schema: Schema | None) -> str:
    """`k:{...}` of a list item; a key that is absent counts with its default."""
    if len(keys) == 1 and type(name := item.get(keys[0])) is str:
        return _key_step(keys, name)
    found = {}
    for key in sorted(keys):
        if key in item:
            found[key] = item[key]
        elif schema is not None and (node := schema.properties.get(key)) is not None and node.default is not UNSET:
            found[key] = node.default
    try:
        return _key_step(tuple(found), *found.values())
    except TypeError:
        # A key that is itself a list or a map.
        return "k:" + _compact(found)


@functools.lru_cache(maxsize=16_384, typed=True)
def _key_step(keys: tuple[str, ...], *values: Any) -> str:
    """The same few names come back in every object."""
    return "k:" + _compact(dict(zip(keys, values, strict=True)))


def _compact(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)


def of(value: Any, schema: Schema | None) -> FieldSet:
    """Every field that an applied configuration names: leaves, and items of lists and keys of maps themselves."""
    how = shape(value, schema)
    if how == "leaf" or (how == "map" and not value):
        return {".": _SELF}
    out: FieldSet = {}
    for step, (member, node) in members(value, schema, how).items():
        below = {} if how == "set" else of(member, node)
        if how != "map" or not declared(step, schema):
            out[step] = {".": _SELF, **below}
        elif below:
            out[step] = below
    return out


def declared(step: str, schema: Schema | None) -> bool:
    """Whether the schema names this field: unlike a key of a map, it is there only for what is inside."""
    return schema is not None and step[:2] == "f:" and step[2:] in schema.properties


def compare(old: Any, new: Any, schema: Schema | None) -> tuple[FieldSet, FieldSet]:
    """The fields added or changed, and the fields removed, between two states of an object."""
    changed: FieldSet = {}
    removed: FieldSet = {}
    _compare(old, new, schema, changed, removed)
    return changed, removed


def _compare(old: Any, new: Any, schema: Schema | None, changed: FieldSet, removed: FieldSet) -> None:
    if old is new or (type(old) is type(new) and old == new):
        return
    if old is _MISSING:
        changed.update(_everything(new, schema))
        return
    if new is _MISSING:
        removed.update(_everything(old, schema))
        return
    how = shape(new, schema)
    if how == "leaf" or how != shape(old, schema):
        changed["."] = _SELF
        return
    # A field of a struct that is never absent is empty before; an item of a list is not there.
    known = how == "map"
    before = members(old, schema, how)
    after = members(new, schema, how)
    for step, (member, node) in after.items():
        earlier = before[step][0] if step in before else _absent(member, node, known=known)
        _descend(step, (earlier, member, node), changed, removed)
    for step, (member, node) in before.items():
        if step not in after:
            _descend(step, (member, _absent(member, node, known=known), node), changed, removed)


def _everything(value: Any, schema: Schema | None) -> FieldSet:
    """A value and all its members: what comes or goes with it."""
    how = shape(value, schema)
    if how == "leaf":
        return _LEAF
    out: FieldSet = {".": _SELF}
    for step, (member, node) in members(value, schema, how).items():
        out[step] = _everything(member, node) if type(member) in _NESTED else _LEAF
    return out


def _absent(other: Any, schema: Schema | None, *, known: bool) -> Any:
    """What the absence of a member means: empty, for built-in fields that are never absent."""
    return type(other)() if known and schema is not None and schema.zero else _MISSING


def _descend(step: str, pair: tuple[Any, Any, Schema | None], changed: FieldSet, removed: FieldSet) -> None:
    inner_changed: FieldSet = {}
    inner_removed: FieldSet = {}
    _compare(*pair, inner_changed, inner_removed)
    if inner_changed:
        changed[step] = inner_changed
    if inner_removed:
        removed[step] = inner_removed
