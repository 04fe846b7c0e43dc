"""Whether a CRD's schema is structural: what the server refuses when a CRD is created, in its words.

Covers the rules that people meet; CEL rules and cost limits are not looked at.
"""

import re
from collections.abc import Mapping
from typing import Any

from osconsole.embedded.api.causes import Cause, Found
from osconsole.embedded.api.schema.regexps import compiled
from osconsole.embedded.api.schema.schemas import Compiler
from osconsole.embedded.api.schema.validation import validate

_TYPES = ("array", "boolean", "integer", "number", "object", "string")
_LIST_TYPES = ("atomic", "set", "map")
_FORBIDDEN_INSIDE = ("type", "additionalProperties", "default", "nullable", "description", "title")
_QUADRATIC = "Forbidden: uniqueItems cannot be set to true since the runtime complexity becomes quadratic"
_EMBEDDED_NEEDS = (
    "Required value: must not be empty if x-kubernetes-embedded-resource is true "
    "without x-kubernetes-preserve-unknown-fields"
)
_METADATA_IMPLIED = (
    "Forbidden: must not specify anything other than name and generateName, but metadata is implicitly specified"
)


def structural_problems(schema: Mapping[str, Any], path: str = "spec.validation.openAPIV3Schema") -> list[Cause]:
    """Every reason why a version's openAPIV3Schema is refused, [] when it is structural."""
    found = Found()
    _root(schema, path, found)
    _node(schema, path, found, where="the root")
    return found.causes


def _root(schema: Mapping[str, Any], path: str, found: Found) -> None:
    kind = schema.get("type")
    if kind and kind != "object":
        found.add(f"{path}.type", "FieldValueInvalid", found.invalid(kind, "must be object at the root"))
    metadata = (schema.get("properties") or {}).get("metadata")
    if isinstance(metadata, Mapping) and (
        set(metadata) - {"type", "description", "properties"}
        or set(metadata.get("properties") or ()) - {"name", "generateName"}
    ):
        found.add(f"{path}.properties[metadata]", "FieldValueForbidden", _METADATA_IMPLIED)


def malformed(schema: Any) -> bool:
    """Whether something in a schema cannot be read as one."""
    if not isinstance(schema, Mapping):
        return True
    lists = [schema.get(key) or [] for key in ("required", "enum", "x-kubernetes-list-map-keys")]
    parts = [schema.get(key) or [] for key in ("anyOf", "oneOf", "allOf")]
    properties = schema.get("properties") or {}
    if not all(isinstance(one, list) for one in lists + parts) or not isinstance(properties, Mapping):
        return True
    below = [*properties.values(), *(part for some in parts for part in some)]
    below += [schema[key] for key in ("not", "items") if schema.get(key) is not None]
    if not isinstance(schema.get("additionalProperties"), bool | None):
        below.append(schema["additionalProperties"])
    return any(map(malformed, below))


def _node(schema: Mapping[str, Any], path: str, found: Found, *, where: str) -> None:
    _type(schema, path, found, where)
    if "$ref" in schema:
        found.add(f"{path}.$ref", "FieldValueForbidden", "Forbidden: $ref is not supported")
    if schema.get("uniqueItems"):
        found.add(f"{path}.uniqueItems", "FieldValueForbidden", _QUADRATIC)
    _pattern(schema, path, found)
    _default(schema, path, found)
    _list(schema, path, found)
    if schema.get("x-kubernetes-embedded-resource") and not (
        schema.get("properties") or schema.get("x-kubernetes-preserve-unknown-fields")
    ):
        found.add(f"{path}.properties", "FieldValueRequired", _EMBEDDED_NEEDS)
    for key in ("anyOf", "oneOf", "allOf"):
        for index, part in enumerate(schema.get(key) or ()):
            if not (schema.get("x-kubernetes-int-or-string") and key in {"anyOf", "allOf"}):
                _inside(part, f"{path}.{key}[{index}]", found)
    if isinstance(schema.get("not"), Mapping):
        _inside(schema["not"], f"{path}.not", found)
    _children(schema, path, found)


def _type(schema: Mapping[str, Any], path: str, found: Found, where: str) -> None:
    kind = schema.get("type")
    free = schema.get("x-kubernetes-int-or-string") or schema.get("x-kubernetes-preserve-unknown-fields")
    if not kind:
        if not free or where == "the root":
            place = "at the root" if where == "the root" else f"for specified {where}"
            found.add(f"{path}.type", "FieldValueRequired", f"Required value: must not be empty {place}")
    elif kind not in _TYPES:
        supported = ", ".join(f'"{one}"' for one in _TYPES)
        message = f"Unsupported value: {found.shown(kind)}: supported values: {supported}"
        found.add(f"{path}.type", "FieldValueNotSupported", message)
    elif kind == "array" and not isinstance(schema.get("items"), Mapping):
        found.add(f"{path}.items", "FieldValueRequired", "Required value: must be specified")


def _pattern(schema: Mapping[str, Any], path: str, found: Found) -> None:
    if not isinstance(pattern := schema.get("pattern"), str):
        return
    try:
        compiled(pattern)
    except re.error as error:
        why = f"must be a valid regular expression, but isn't: error parsing regexp: {error}"
        found.add(f"{path}.pattern", "FieldValueInvalid", found.invalid(pattern, why))


def _default(schema: Mapping[str, Any], path: str, found: Found) -> None:
    if schema.get("default") is None or schema.get("type") not in _TYPES:
        return
    for cause in validate(schema["default"], Compiler().part(schema)):
        below = "" if cause.field == "<nil>" else f".{cause.field}"
        found.add(f"{path}.default{below}", cause.reason, cause.message)


def _list(schema: Mapping[str, Any], path: str, found: Found) -> None:
    kind, keys = schema.get("x-kubernetes-list-type"), schema.get("x-kubernetes-list-map-keys") or []
    if kind is not None and kind not in _LIST_TYPES:
        supported = ", ".join(f'"{one}"' for one in _LIST_TYPES)
        message = f"Unsupported value: {found.shown(kind)}: supported values: {supported}"
        found.add(f"{path}.x-kubernetes-list-type", "FieldValueNotSupported", message)
    if kind != "map" or not isinstance(items := schema.get("items"), Mapping):
        return
    place = f"{path}.x-kubernetes-list-map-keys"
    if not keys:
        why = "Required value: must not be empty if x-kubernetes-list-type is map"
        found.add(place, "FieldValueRequired", why)
        return
    properties = items.get("properties") or {}
    if any(key not in properties for key in keys):
        found.add(place, "FieldValueInvalid", found.invalid(keys, "entries must all be names of item properties"))
    for key in keys:
        if key in properties and key not in (items.get("required") or ()) and "default" not in properties[key]:
            why = "this property is in x-kubernetes-list-map-keys, so it must have a default or be a required property"
            found.add(f"{path}.items.properties[{key}].default", "FieldValueRequired", f"Required value: {why}")


def _inside(schema: Mapping[str, Any], path: str, found: Found) -> None:
    """Inside a combination only value checks may stand."""
    for key in _FORBIDDEN_INSIDE:
        if schema.get(key):
            found.add(f"{path}.{key}", "FieldValueForbidden", "Forbidden: must be empty to be structural")
    for key, inner in (schema.get("properties") or {}).items():
        _inside(inner, f"{path}.properties[{key}]", found)
    if isinstance(schema.get("items"), Mapping):
        _inside(schema["items"], f"{path}.items", found)
    for key in ("anyOf", "oneOf", "allOf"):
        for index, part in enumerate(schema.get(key) or ()):
            _inside(part, f"{path}.{key}[{index}]", found)


def _children(schema: Mapping[str, Any], path: str, found: Found) -> None:
    properties = schema.get("properties") or {}
    values = schema.get("additionalProperties")
    if properties and values:
        why = "Forbidden: additionalProperties and properties are mutual exclusive"
        found.add(f"{path}.additionalProperties", "FieldValueForbidden", why)
    for key in sorted(properties):
        if not (path.endswith("openAPIV3Schema") and key == "metadata"):
            _node(properties[key], f"{path}.properties[{key}]", found, where="object fields")
    if isinstance(values, Mapping):
        _node(values, f"{path}.additionalProperties", found, where="object fields")
    if isinstance(items := schema.get("items"), Mapping):
        _node(items, f"{path}.items", found, where="array items")
