"""Which fields our kinds have, with what bounds, so that a mistake can be named before anything is sent.

Read from the compact description that the embedded cluster's CRDs are made from; its notation is explained in
`embedded.world.schema`. Below what nobody reconciles yet everything passes.
"""

import re
from collections.abc import Iterator
from functools import cache
from importlib import resources
from typing import Any

from osconsole import documents
from osconsole.reconcile.admission.paths import Path, dotted
from osconsole.reconcile.admission.verdict import Problem

_TYPES: dict[str, tuple[type, ...]] = {
    "text": (str,),
    "time": (str,),
    "int": (int,),
    "number": (int, float),
    "bool": (bool,),
    "quantity": (int, str),
    "object": (dict,),
}
_BUS = {"cluster!": "text", "user": "text", "vhost": "text"}
_WORDS = {"text": "text", "int": "a whole number", "number": "a number", "bool": "true or false", "object": "a map"}
_BOUNDS = re.compile(r"^(int|number) (-?\d*)\.\.(-?\d*)$")
_OPEN = {"any", "object", "list of any", "conditions", "plain-conditions"}


def known(kind: str) -> dict[str, Any] | None:
    """The description of a kind's spec, None when the kind is not one of ours."""
    return _table().get(kind)


def unknown(obj: dict[str, Any]) -> list[Path]:
    """The paths in the spec that the kind does not have."""
    shape = known(str(obj.get("kind")))
    return list(_unknown(obj.get("spec"), shape, ("spec",))) if shape else []


def pruned(obj: dict[str, Any]) -> dict[str, Any]:
    """The object without them."""
    shape = known(str(obj.get("kind")))
    return {**obj, "spec": _pruned(obj["spec"], shape)} if shape and "spec" in obj else obj


def faults(obj: dict[str, Any]) -> list[Problem]:
    """Fields of the wrong type, out of bounds, or missing."""
    shape = known(str(obj.get("kind")))
    return list(_faults(obj.get("spec") or {}, shape, ("spec",))) if shape else []


@cache
def _table() -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    for file in (resources.files("osconsole.model") / "fields").iterdir():
        parsed = documents.parse(file.read_text(encoding="utf-8"), file.name)
        found |= {kind: said["spec"] for kind, said in parsed.get("kinds", {}).items() if "spec" in said}
    return found


def _members(shape: Any) -> dict[str, Any] | None:
    """The named members of a closed object."""
    shape = _BUS if shape == "bus" else shape
    if not isinstance(shape, dict) or "[]" in shape or "{}" in shape:
        return None
    return {key.rstrip("!"): said for key, said in shape.items() if key != "="}


def _inner(shape: Any) -> Any:
    """What the items of a list, or the values of a map, are."""
    if isinstance(shape, dict):
        return shape.get("[]", shape.get("{}"))
    head = shape.partition(" = ")[0] if isinstance(shape, str) else ""
    return head.partition(" of ")[2] if head.startswith(("list of ", "map of ")) else None


def _items(value: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict):
        yield from value.items()
    elif isinstance(value, list):
        yield from ((str(at), member) for at, member in enumerate(value))


def _unknown(value: Any, shape: Any, at: Path) -> Iterator[Path]:
    members = _members(shape)
    if members is not None and isinstance(value, dict):
        for key, member in value.items():
            if key in members:
                yield from _unknown(member, members[key], (*at, key))
            else:
                yield (*at, key)
    elif (inner := _inner(shape)) is not None:
        for name, member in _items(value):
            yield from _unknown(member, inner, (*at, name))


def _pruned(value: Any, shape: Any) -> Any:
    members = _members(shape)
    if members is not None and isinstance(value, dict):
        return {key: _pruned(member, members[key]) for key, member in value.items() if key in members}
    inner = _inner(shape)
    if inner is not None and isinstance(value, dict):
        return {key: _pruned(member, inner) for key, member in value.items()}
    return [_pruned(member, inner) for member in value] if inner is not None and isinstance(value, list) else value


def _faults(value: Any, shape: Any, at: Path) -> Iterator[Problem]:
    members = _members(shape)
    if members is not None:
        yield from _object_faults(value, shape, members, at)
    elif (inner := _inner(shape)) is not None:
        wanted: type = list if (isinstance(shape, dict) and "[]" in shape) or str(shape).startswith("list") else dict
        if not isinstance(value, wanted):
            yield Problem(dotted(at), f"found {value!r}, expected a {'list' if wanted is list else 'map'}")
            return
        for name, member in _items(value):
            yield from _faults(member, inner, (*at, name))
    elif isinstance(shape, str):
        yield from _leaf_faults(value, shape.partition(" = ")[0], at)


def _object_faults(value: Any, shape: Any, members: dict[str, Any], at: Path) -> Iterator[Problem]:
    if not isinstance(value, dict):
        yield Problem(dotted(at), f"found {value!r}, expected a map")
        return
    for key, said in (_BUS if shape == "bus" else shape).items():
        has_default = isinstance(said, str) and " = " in said
        if key.endswith("!") and key.rstrip("!") not in value and not has_default:
            yield Problem(dotted((*at, key.rstrip("!"))), "is required")
    for key, member in value.items():
        if key in members and member is not None:
            yield from _faults(member, members[key], (*at, key))


def _leaf_faults(value: Any, said: str, at: Path) -> Iterator[Problem]:
    if said in _OPEN - {"object"}:
        return
    if said.startswith("one of "):
        choices = [choice.strip('" ') for choice in said.removeprefix("one of ").split("|")]
        if value not in choices:
            yield Problem(dotted(at), f"found {value!r}, expected one of {', '.join(filter(None, choices))}")
        return
    bounds = _BOUNDS.match(said)
    word = bounds[1] if bounds else said
    types = _TYPES.get(word, ())
    if types and (not isinstance(value, types) or (isinstance(value, bool) and bool not in types)):
        yield Problem(dotted(at), f"found {value!r}, expected {_WORDS.get(word, word)}")
    elif bounds and ((bounds[2] and value < int(bounds[2])) or (bounds[3] and value > int(bounds[3]))):
        yield Problem(dotted(at), f"found {value}, expected {_range(bounds[2], bounds[3])}")


def _range(low: str, high: str) -> str:
    return f"{low} to {high}" if low and high else f"at least {low}" if low else f"at most {high}"
