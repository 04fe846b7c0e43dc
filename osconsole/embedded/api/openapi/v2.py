"""OpenAPI v2, made from the v3 documents: one for all that is served.

kubectl asks for it where it checks objects itself: a `kind: List`, and whatever old clients do. What v2 cannot say of a
custom kind (nullable, alternatives) is left out there, so that no client refuses what the server takes.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from osconsole.embedded.api.openapi.v3 import PREFIX

_DEFINITIONS = "#/definitions/"
# A client that knew them would refuse what is allowed.
_UNSAID = ("oneOf", "anyOf", "not", "allOf", "nullable", "default", "x-kubernetes-validations")
_METHODS = ("get", "put", "post", "patch", "delete")

Object = dict[str, Any]


def document(documents: Iterable[Mapping[str, Any]]) -> Object:
    """One v2 document that says what all of the v3 documents say."""
    definitions: Object = {}
    paths: Object = {}
    for one in documents:
        for name, schema in one["components"]["schemas"].items():
            if name not in definitions:
                definitions[name] = converted(schema)
        for path, operations in one["paths"].items():
            paths[path] = {method: _operation(operations[method]) for method in _METHODS if method in operations}
    return {
        "swagger": "2.0",
        "info": {"title": "Kubernetes", "version": "unversioned"},
        "paths": dict(sorted(paths.items())),
        "definitions": dict(sorted(definitions.items())),
    }


def converted(schema: Mapping[str, Any]) -> Object:
    """A v3 schema in v2's words."""
    if reference := _reference(schema):
        described = {key: value for key, value in schema.items() if key == "description" or key.startswith("x-")}
        return {**described, "$ref": reference}
    if schema.get("format") == "int-or-string":
        return {"type": "string", "format": "int-or-string"}
    out = {key: value for key, value in schema.items() if key not in _UNSAID}
    if schema.get("nullable") or schema.get("x-kubernetes-preserve-unknown-fields"):
        for key in ("type", "items", "properties", "additionalProperties"):
            out.pop(key, None)
    elif schema.get("x-kubernetes-int-or-string"):
        out.pop("type", None)
    for key in ("items", "additionalProperties"):
        if isinstance(out.get(key), Mapping):
            out[key] = converted(out[key])
    if "properties" in out:
        out["properties"] = {name: converted(value) for name, value in out["properties"].items()}
    return out


def _reference(schema: Mapping[str, Any]) -> str:
    """What a schema refers to, by itself or as the only part of an allOf."""
    parts: list[Any] = schema.get("allOf") or []
    found = schema.get("$ref") or (parts[0].get("$ref") if len(parts) == 1 else None)
    return _DEFINITIONS + found.removeprefix(PREFIX) if found else ""


def _operation(operation: Mapping[str, Any]) -> Object:
    answer = operation["responses"]["200"]["content"]["application/json"]["schema"]
    out = {key: value for key, value in operation.items() if key.startswith("x-")}
    out["responses"] = {"200": {"description": "OK", "schema": converted(answer)}}
    out["produces"] = ["application/json"]
    parameters: list[Object] = []
    if body := operation.get("requestBody"):
        out["consumes"] = sorted(body["content"])
        schema = next(iter(body["content"].values()))["schema"]
        parameters.append({"name": "body", "in": "body", "required": True, "schema": converted(schema)})
    parameters += [{"name": one["name"], "in": one["in"], **one["schema"]} for one in operation.get("parameters", ())]
    if parameters:
        out["parameters"] = parameters
    return out
