"""OpenAPI v3 for kubectl: one document for each group-version, and the index with a hash for each.

Enough for explain, apply, diff and server-side field validation; not a full description of every request. Documents
are made from the distilled built-in schemas and from CRDs; descriptions are a CRD's own, and ours.
"""

import hashlib
from collections.abc import Iterable, Mapping
from typing import Any

from osconsole.embedded.api.schema.builtin.descriptions import described
from osconsole.embedded.api.schema.builtin.schemas import OBJECT_META, components, kinds
from osconsole.embedded.api.types import ResourceType

PREFIX = "#/components/schemas/"
_META = "io.k8s.apimachinery.pkg.apis.meta.v1."
_PATCH = _META + "Patch"
_LIST_META = _META + "ListMeta"
_PATCH_TYPES = ("application/apply-patch+yaml", "application/json-patch+json", "application/merge-patch+json")
_STRATEGIC = "application/strategic-merge-patch+json"
_LIST_META_SCHEMA = {
    "type": "object",
    "properties": {
        "continue": {"type": "string"},
        "remainingItemCount": {"type": "integer", "format": "int64"},
        "resourceVersion": {"type": "string"},
        "selfLink": {"type": "string"},
    },
}


def index(documents: Mapping[str, bytes]) -> dict[str, Any]:
    """The answer to `/openapi/v3`: documents by path (`api/v1`, `apis/apps/v1`), each with its hash in the URL."""
    found = {}
    for path in sorted(documents):
        found[path] = {"serverRelativeURL": address(path, documents[path])}
    return {"paths": found}


def address(path: str, document: bytes) -> str:
    """Where a document is found for as long as it says this."""
    return f"/openapi/v3/{path}?hash={hashlib.sha512(document).hexdigest().upper()}"


def document(resources: Iterable[ResourceType]) -> dict[str, Any]:
    """The document of one group-version, from all of its resources."""
    schemas: dict[str, Any] = {}
    paths: dict[str, Any] = {}
    for resource in resources:
        name = _component(resource, schemas)
        schemas[name + "List"] = _list_schema(resource, name)
        paths |= _paths(resource, name)
    _close(schemas)
    schemas[_PATCH] = {"type": "object"}
    schemas[_LIST_META] = _LIST_META_SCHEMA
    return {
        "openapi": "3.0.0",
        "info": {"title": "Kubernetes", "version": "unversioned"},
        "paths": paths,
        "components": {"schemas": dict(sorted(schemas.items()))},
    }


def _component(resource: ResourceType, schemas: dict[str, Any]) -> str:
    """Add the schema of a kind; its name."""
    known = kinds().get(f"{resource.group}/{resource.version}/{resource.kind}")
    if known is not None and not resource.custom:
        schemas[known] = {**described(known, _published(components()[known])), **_gvk_of(resource)}
        return known
    domain = ".".join(reversed(resource.group.split(".")))
    name = f"{domain}.{resource.version}.{resource.kind}"
    raw = resource.schema or {"type": "object", "x-kubernetes-preserve-unknown-fields": True}
    text = {"type": "string"}
    implied = {"apiVersion": text, "kind": text, "metadata": {"allOf": [{"$ref": PREFIX + OBJECT_META}]}}
    whole = {**raw, "properties": {**raw.get("properties", {}), **described("", {"properties": implied})["properties"]}}
    schemas[name] = {**whole, **_gvk_of(resource)}
    return name


def _gvk(resource: ResourceType) -> dict[str, str]:
    return {"group": resource.group, "version": resource.version, "kind": resource.kind}


def _gvk_of(resource: ResourceType) -> dict[str, Any]:
    return {"x-kubernetes-group-version-kind": [_gvk(resource)]}


def _list_schema(resource: ResourceType, name: str) -> dict[str, Any]:
    return {
        "type": "object",
        "required": ["items"],
        "properties": {
            "apiVersion": {"type": "string"},
            "kind": {"type": "string"},
            "metadata": {"allOf": [{"$ref": PREFIX + _LIST_META}]},
            "items": {"type": "array", "items": {"allOf": [{"$ref": PREFIX + name}]}},
        },
        "x-kubernetes-group-version-kind": [{**_gvk(resource), "kind": resource.list_name}],
    }


def _close(schemas: dict[str, Any]) -> None:
    """Add every component that those present refer to."""
    waiting = {name for schema in schemas.values() for name in _references(schema)}
    while waiting:
        name = waiting.pop()
        if name not in schemas and name in components():
            schemas[name] = described(name, _published(components()[name]))
            waiting |= _references(schemas[name]) - set(schemas)


def _references(value: Any) -> set[str]:
    if isinstance(value, dict):
        own = {value["$ref"].removeprefix(PREFIX)} if isinstance(value.get("$ref"), str) else set()
        return own.union(*(_references(inner) for inner in value.values()))
    return set().union(*(_references(inner) for inner in value)) if isinstance(value, list) else set()


def _published(schema: Mapping[str, Any]) -> dict[str, Any]:
    """A distilled schema in OpenAPI's form."""
    if schema.get("x-kubernetes-int-or-string"):
        return {"format": "int-or-string", "oneOf": [{"type": "integer"}, {"type": "string"}]}
    out = {key: value for key, value in schema.items() if key not in {"x-zero", "x-omit-zero", "$ref"}}
    if "$ref" in schema:
        out["allOf"] = [{"$ref": PREFIX + schema["$ref"]}]
    if schema.get("x-zero") and "$ref" in schema:
        out.setdefault("default", {})
    for key in ("items", "additionalProperties"):
        if isinstance(out.get(key), Mapping):
            out[key] = _published(out[key])
    if "properties" in out:
        out["properties"] = {key: _published(value) for key, value in out["properties"].items()}
    return out


def _paths(resource: ResourceType, name: str) -> dict[str, Any]:
    plural = f"{resource.path}/namespaces/{{namespace}}/{resource.plural}" if resource.namespaced else ""
    plural = plural or f"{resource.path}/{resource.plural}"
    found = {plural: _collection(resource, name), f"{plural}/{{name}}": _single(resource, name)}
    if resource.namespaced and "list" in resource.verbs:
        found[f"{resource.path}/{resource.plural}"] = {"get": _operation(resource, "list", name + "List")}
    if resource.has_status:
        found[f"{plural}/{{name}}/status"] = _single(resource, name)
    return {path: operations for path, operations in found.items() if operations}


def _collection(resource: ResourceType, name: str) -> dict[str, Any]:
    found = {}
    if "list" in resource.verbs:
        found["get"] = _operation(resource, "list", name + "List")
    if "create" in resource.verbs:
        found["post"] = _operation(resource, "post", name, body=name)
    return found


def _single(resource: ResourceType, name: str) -> dict[str, Any]:
    found = {}
    for verb, method in (("get", "get"), ("update", "put"), ("patch", "patch"), ("delete", "delete")):
        if verb in resource.verbs:
            body = {"update": name, "patch": _PATCH}.get(verb, "")
            found[method] = _operation(resource, method, name, body=body)
    return found


def _operation(resource: ResourceType, action: str, answer: str, body: str = "") -> dict[str, Any]:
    content = {"application/json": {"schema": {"$ref": PREFIX + answer}}}
    operation: dict[str, Any] = {
        "responses": {"200": {"description": "OK", "content": content}},
        "x-kubernetes-action": action,
        "x-kubernetes-group-version-kind": _gvk(resource),
    }
    if body:
        types = ("application/json",) if body != _PATCH else _PATCH_TYPES + (() if resource.custom else (_STRATEGIC,))
        operation["requestBody"] = {"content": {one: {"schema": {"$ref": PREFIX + body}} for one in types}}
        names = ("dryRun", "fieldManager", "fieldValidation", *(("force",) if body == _PATCH else ()))
        operation["parameters"] = [_parameter(one, "boolean" if one == "force" else "string") for one in names]
    return operation


def _parameter(name: str, kind: str) -> dict[str, Any]:
    return {"name": name, "in": "query", "schema": {"type": kind, "uniqueItems": True}}
