"""Strategic merge patch: a merge patch that merges lists by the keys that the built-in schemas name.

Custom resources do not offer it (415); that is the server's check. Nothing is changed in place.
"""

from typing import Any

from osconsole.embedded.api.patch.patches import PatchError
from osconsole.embedded.api.schema.decoding import go_type
from osconsole.embedded.api.schema.schemas import Schema

_DIRECTIVE = "$patch"
_RETAIN = "$retainKeys"
_DELETE_PRIMITIVES = "$deleteFromPrimitiveList/"
_ORDER = "$setElementOrder/"


def merge(target: dict[str, Any], patch: Any, schema: Schema) -> dict[str, Any]:
    """`target` with a strategic merge patch applied.

    Raises:
        PatchError: 400, the patch is no map; 500, a directive or a list item cannot be understood.
    """
    if not isinstance(patch, dict):
        message = f"json: cannot unmarshal {go_type(patch)} into Go value of type map[string]interface {{}}"
        raise PatchError(message, 400)
    return _merge_map(target, patch, schema)


def _merge_map(target: dict[str, Any], patch: dict[str, Any], schema: Schema | None) -> dict[str, Any]:
    if _DIRECTIVE in patch:
        return _directed(target, patch, schema)
    result = dict(target)
    if (retained := patch.get(_RETAIN)) is not None:
        result = {key: value for key, value in result.items() if key in retained}
    for key, value in patch.items():
        if key.startswith(_DELETE_PRIMITIVES):
            name = key.removeprefix(_DELETE_PRIMITIVES)
            result[name] = [item for item in result.get(name) or () if item not in value]
    orders = {key.removeprefix(_ORDER): value for key, value in patch.items() if key.startswith(_ORDER)}
    for key, value in patch.items():
        if key.startswith("$"):
            continue
        node = schema.child(key) if schema is not None else None
        if value is None:
            result.pop(key, None)
        else:
            result[key] = _merge_value(result.get(key), value, node, orders.get(key))
    for key, order in orders.items():
        if key not in patch and isinstance(result.get(key), list):
            node = schema.child(key) if schema is not None else None
            result[key] = _ordered(result[key], order, node.merge_key if node is not None else "", [])
    return result


def _directed(target: dict[str, Any], patch: dict[str, Any], schema: Schema | None) -> dict[str, Any]:
    rest = {key: value for key, value in patch.items() if key != _DIRECTIVE}
    directive = patch[_DIRECTIVE]
    if directive == "replace":
        return rest
    if directive == "delete":
        return {}
    if directive == "merge":
        return _merge_map(target, rest, schema)
    raise PatchError(f"unknown patch type: {directive} in map: {plain(patch)}", 500)


def _merge_value(old: Any, value: Any, schema: Schema | None, order: list[Any] | None) -> Any:
    strategies = schema.strategies if schema is not None else ()
    if isinstance(value, dict):
        if "replace" in strategies:
            return value
        return _merge_map(old if isinstance(old, dict) else {}, value, schema)
    if isinstance(value, list) and "merge" in strategies:
        assert schema is not None
        return _merge_list(old if isinstance(old, list) else [], value, schema, order)
    return value


def _merge_list(old: list[Any], patch: list[Any], schema: Schema, order: list[Any] | None) -> list[Any]:
    key = schema.merge_key
    if not key:
        merged = list(old) + [item for item in patch if item not in old]
        distinct = [item for at, item in enumerate(merged) if item not in merged[:at]]
        return _ordered(distinct, order if order is not None else patch, "", old)
    if order is not None:
        _check_order(patch, order, key)
    if any(isinstance(item, dict) and item.get(_DIRECTIVE) == "replace" for item in patch):
        return [item for item in patch if _DIRECTIVE not in item]
    result = [dict(item) for item in old]
    named = []
    for item in patch:
        wanted = _key_of(item, key)
        directive = item.get(_DIRECTIVE)
        if directive == "delete":
            result = [one for one in result if one.get(key) != wanted]
            continue
        named.append({key: wanted})
        index = next((at for at, one in enumerate(result) if one.get(key) == wanted), None)
        if index is None:
            rest = {name: value for name, value in item.items() if name != _DIRECTIVE}
            result.append(_merge_map({}, rest, schema.items))
        else:
            result[index] = _merge_map(result[index], item, schema.items)
    return _ordered(result, order if order is not None else named, key, old)


def _check_order(patch: list[Any], order: list[Any], key: str) -> None:
    """The items of a patch must stand in the order that the patch itself asks for."""
    rest = iter(_identity(item, key) for item in order)
    given = [item for item in patch if not (isinstance(item, dict) and item.get(_DIRECTIVE) == "delete")]
    if not all(_identity(item, key) in rest for item in given):
        words = f"The order in patch list:\n{plain(patch)}\n doesn't match $setElementOrder list:\n{plain(order)}\n"
        raise PatchError(words, 500)


def _key_of(item: Any, key: str) -> Any:
    if not isinstance(item, dict) or key not in item:
        raise PatchError(f"map: {plain(item)} does not contain declared merge key: {key}", 500)
    return item[key]


def plain(value: Any) -> str:
    """A value as Go prints it."""
    if value is None or isinstance(value, bool):
        return "<nil>" if value is None else str(value).lower()
    if isinstance(value, dict):
        return "map[" + " ".join(f"{key}:{plain(value[key])}" for key in sorted(value)) + "]"
    return "[" + " ".join(map(plain, value)) + "]" if isinstance(value, list) else str(value)


def _ordered(merged: list[Any], order: list[Any], key: str, live: list[Any]) -> list[Any]:
    """Items named by the order in that order, between them those of the live list where they stood."""
    wanted = [_identity(item, key) for item in order]
    stood = [_identity(item, key) for item in live] or [_identity(item, key) for item in merged]
    named = sorted(
        (one for one in merged if _identity(one, key) in wanted), key=lambda one: wanted.index(_identity(one, key))
    )
    others = [one for one in merged if _identity(one, key) not in wanted]
    result: list[Any] = []
    while named and others:
        first, other = (_identity(one, key) for one in (named[0], others[0]))
        earlier = first in stood and (other not in stood or stood.index(first) < stood.index(other))
        result.append(named.pop(0) if first not in stood or earlier else others.pop(0))
    return result + named + others


def _identity(item: Any, key: str) -> Any:
    return item.get(key) if key and isinstance(item, dict) else item
