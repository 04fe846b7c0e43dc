"""An object against the schema of its type: decoding problems, unknown fields, pruning, defaults, validation.

An adapter: the walks themselves are in `pruning`, `defaulting`, `decoding` and `validation`.
"""

import functools
from collections.abc import Callable
from typing import Any

import msgspec

from osconsole.embedded.api.causes import Cause
from osconsole.embedded.api.failures import Failure, bad_request, wrong_value
from osconsole.embedded.api.patch.strategic import plain
from osconsole.embedded.api.schema import moulds, texts
from osconsole.embedded.api.schema.builtin import schemas as builtin
from osconsole.embedded.api.schema.builtin.defaults import complete
from osconsole.embedded.api.schema.decoding import decode_problem, emptied
from osconsole.embedded.api.schema.defaulting import default
from osconsole.embedded.api.schema.pruning import prune
from osconsole.embedded.api.schema.schemas import Schema
from osconsole.embedded.api.schema.validation import validate
from osconsole.embedded.api.storage.entry import Entry
from osconsole.embedded.api.types import ResourceType

_GO_TYPES = {str: "string", float: "float64", bool: "bool", int: "int64", list: "[]interface {}"}


@functools.lru_cache(maxsize=512)
def schema_of(kind: ResourceType) -> Schema:
    """The compiled schema of a type; types are values, so it is compiled once for each."""
    if kind.custom:
        return builtin.custom(kind.schema)
    return builtin.builtin(kind.group, kind.version, kind.kind)


def _undecodable(kind: ResourceType, obj: dict[str, Any], *, fits: bool) -> str:
    """Why an object does not fit into the Go type of its kind, "" when it does; null in its lists becomes empty."""
    problem = None if fits else decode_problem(obj, _metadata_only() if kind.custom else schema_of(kind))
    if not fits and not problem:
        _empty(kind, obj)
    return problem or ("" if kind.custom else texts.problem(kind.kind, obj))


def receive(
    kind: ResourceType,
    obj: dict[str, Any],
    validation: str,
    duplicates: list[str],
    unfit: Callable[[str], Failure] | None = None,
) -> list[str]:
    """Prune, in place, what a client sent; the answer's warnings.

    Raises:
        Failure: 400 (or what `unfit` makes of it), the value of a field has the wrong type, or under Strict a field
            is unknown or stands twice.
    """
    fits = moulds.fits(obj, schema_of(kind))
    problem = _undecodable(kind, obj, fits=fits)
    if problem and unfit is not None:
        raise unfit(problem)
    if problem:
        raise bad_request(f'{kind.kind} in version "{kind.version}" cannot be handled as a {kind.kind}: {problem}')
    unknown = duplicates + [f'unknown field "{path}"' for path in (() if fits else prune(obj, schema_of(kind)))]
    if unknown and validation == "Strict":
        problem = f"strict decoding error: {', '.join(unknown)}"
        if unfit is not None:
            raise unfit(problem)
        raise bad_request(f'{kind.kind} in version "{kind.version}" cannot be handled as a {kind.kind}: {problem}')
    return unknown if validation == "Warn" else []


def _empty(kind: ResourceType, obj: dict[str, Any]) -> None:
    """Null items become empty ones, in place: of a custom object only in what is Go's, its metadata."""
    if kind.custom:
        obj["metadata"] = emptied(obj["metadata"], builtin.object_meta())
    else:
        emptied(obj, schema_of(kind))


def fitting(obj: Any, group: str, version: str, kind: str) -> dict[str, Any]:
    """A body that is not stored, such as a review.

    Raises:
        Failure: 400, it is not of its kind.
    """
    if not isinstance(obj, dict) or (obj.get("kind") or kind) != kind:
        raise bad_request(f"the object provided is unrecognized (must be of type {kind})")
    schema = builtin.builtin(group, version, kind)
    if problem := decode_problem(obj, schema):
        raise bad_request(f'{kind} in version "{version}" cannot be handled as a {kind}: {problem}')
    return {key: value for key, value in emptied(obj, schema).items() if value is not None}


# Stands for what has its defaults.
_COMPLETE = object()


def fill(kind: ResourceType, obj: dict[str, Any], old: dict[str, Any] | None = None) -> None:
    """Add the defaults of the type, in place. What is as it was in `old` has them already."""
    kept: dict[str, Any] = {}
    if not kind.custom and obj.get("spec") is None and "spec" in schema_of(kind).properties:
        obj["spec"] = {}
    for key in ("spec", "status"):
        if old is not None and key in obj and key in old and obj[key] == old[key]:
            # The very same: nobody needs to compare them again.
            kept[key], obj[key] = old[key], _COMPLETE
    default(obj, schema_of(kind))
    obj.update(kept)
    if not kind.custom:
        complete(obj, kind.kind, anew="spec" not in kept)


def late_defaults(kind: ResourceType, entries: list[Entry]) -> list[Entry]:
    """Of stored entries those that lack a default, with it: a reader sees defaults that came after the object."""
    found = []
    for entry in entries:
        obj = entry.object()
        default(obj, schema_of(kind))
        raw = msgspec.json.encode(obj)
        if raw != entry.raw:
            found.append(msgspec.structs.replace(entry, raw=raw))
    return found


def problems(kind: ResourceType, obj: dict[str, Any]) -> list[Cause]:
    """What the schema finds wrong, and the rules of scale."""
    return [*validate(obj, schema_of(kind)), *(_scale_problems(obj, kind.scale.spec_path) if kind.scale else ())]


def _scale_problems(obj: Any, path: str) -> list[Cause]:
    """The number that scale reads must be one."""
    reached = ""
    for key in path.strip(".").split("."):
        reached += f".{key}"
        if obj is not None and not isinstance(obj, dict):
            return [wrong_value(path, 0, _inaccessible(reached, obj, "map[string]interface{}"))]
        obj = (obj or {}).get(key)
    if obj is None or (type(obj) is int and obj >= 0):
        return []
    if type(obj) is int:
        return [wrong_value(path, obj, "should be a non-negative integer")]
    return [wrong_value(path, 0, _inaccessible(path, obj, "int64"))]


def _inaccessible(path: str, found: Any, expected: str) -> str:
    """What Go says of a value that is of another type."""
    kind = _GO_TYPES.get(type(found), "map[string]interface {}")
    return f"{path} accessor error: {plain(found)} is of the type {kind}, expected {expected}"


@functools.cache
def _metadata_only() -> Schema:
    """A custom resource as far as the real server decodes it itself."""
    return Schema(raw={}, type="object", preserve=True, properties={"metadata": builtin.object_meta()})
