"""CustomResourceDefinitions: their rules, their status, and the resource types that they make.

A definition is established at once. Deleting one deletes its objects first; conversion is None.
"""

import re
from typing import Any

from osconsole.embedded.api.causes import Cause
from osconsole.embedded.api.failures import bad_request, required, wrong_value
from osconsole.embedded.api.kinds.naming import SERVICE_WORDS
from osconsole.embedded.api.schema.structural import malformed, structural_problems
from osconsole.embedded.api.types import Column, ResourceType, Scale

_KIND_NAME = re.compile(r"[a-z]([-a-z0-9]*[a-z0-9])?")
CLEANUP = "customresourcecleanup.apiextensions.k8s.io"
# In the order in which a real server lists them.
_VERBS = ("delete", "deletecollection", "get", "list", "patch", "create", "update", "watch")
KIND = "CustomResourceDefinition"

Object = dict[str, Any]


def complete(obj: Object) -> None:
    """Fill in, in place, names and strategy that were left out."""
    spec = obj.setdefault("spec", {})
    names = spec.setdefault("names", {})
    kind = names.get("kind", "")
    names.setdefault("singular", kind.lower())
    names.setdefault("listKind", f"{kind}List")
    spec.setdefault("conversion", {"strategy": "None"})
    finalizers = obj["metadata"].setdefault("finalizers", [])
    if CLEANUP not in finalizers and "deletionTimestamp" not in obj["metadata"]:
        finalizers.append(CLEANUP)


def establish(obj: Object, now: str) -> None:
    """Set, in place, the status of an accepted definition."""
    status = obj.setdefault("status", {})
    spec = obj["spec"]
    status["acceptedNames"] = spec["names"]
    stored = status.setdefault("storedVersions", [])
    for version in spec["versions"]:
        if version.get("storage") and version["name"] not in stored:
            stored.append(version["name"])
    if not status.get("conditions"):
        words = (
            ("NamesAccepted", "NoConflicts", "no conflicts found"),
            ("Established", "InitialNamesAccepted", "the initial names have been accepted"),
        )
        status["conditions"] = [
            {"type": kind, "status": "True", "lastTransitionTime": now, "reason": reason, "message": message}
            for kind, reason, message in words
        ]


def problems(obj: Object) -> list[Cause]:
    """What is wrong with a definition."""
    spec = obj.get("spec") or {}
    names = spec.get("names") or {}
    found = [
        required(f"spec.{path}")
        for path, value in (
            ("group", spec.get("group")),
            ("names.plural", names.get("plural")),
            ("names.kind", names.get("kind")),
            ("versions", spec.get("versions")),
            *((f"versions[{at}].name", one.get("name")) for at, one in enumerate(spec.get("versions") or ())),
        )
        if not value
    ]
    if found:
        return found
    name = f"{names['plural']}.{spec['group']}"
    if obj["metadata"].get("name") != name:
        found.append(
            wrong_value("metadata.name", obj["metadata"].get("name"), 'must be spec.names.plural+"."+spec.group')
        )
    if spec.get("scope") not in ("Namespaced", "Cluster"):
        text = f'Unsupported value: "{spec.get("scope", "")}": supported values: "Cluster", "Namespaced"'
        found.append(Cause("spec.scope", "FieldValueNotSupported", text))
    if not _KIND_NAME.fullmatch(names["kind"].lower()):
        words = f"may have mixed case, but should otherwise match: {SERVICE_WORDS}"
        found.append(wrong_value("spec.names.kind", names["kind"], words))
    if sum(bool(v.get("storage")) for v in spec["versions"]) != 1:
        shown = [{k: v.get(k) for k in ("name", "served", "storage")} for v in spec["versions"]]
        found.append(wrong_value("spec.versions", shown, "must have exactly one version marked as storage version"))
    return [*found, *_schemas(spec["versions"])]


def _schemas(versions: list[Object]) -> list[Cause]:
    """What is wrong with the schemas; one that all versions share stands at the top, as in the internal version."""
    schemas: list[Object] = [(version.get("schema") or {}).get("openAPIV3Schema") or {} for version in versions]
    if any(map(malformed, schemas)):
        what = f'{KIND} in version "v1" cannot be handled as a {KIND}'
        raise bad_request(f"{what}: json: cannot unmarshal a schema into Go value of type v1.JSONSchemaProps")
    missing = [
        required(f"spec.versions[{i}].schema.openAPIV3Schema", "schemas are required")
        for i, schema in enumerate(schemas)
        if not schema
    ]
    if missing:
        return missing
    if all(schema == schemas[0] for schema in schemas):
        return structural_problems(schemas[0])
    found = []
    for i, schema in enumerate(schemas):
        found += structural_problems(schema, f"spec.versions[{i}].schema.openAPIV3Schema")
    return found


def types(obj: Object) -> list[ResourceType]:
    """The served types of a definition, one a version."""
    spec = obj["spec"]
    names = spec["names"]
    storage = next(v["name"] for v in spec["versions"] if v.get("storage"))
    return [
        ResourceType(
            group=spec["group"],
            version=version["name"],
            kind=names["kind"],
            plural=names["plural"],
            singular=names.get("singular") or names["kind"].lower(),
            namespaced=spec["scope"] == "Namespaced",
            list_kind=names.get("listKind") or f"{names['kind']}List",
            short_names=tuple(names.get("shortNames") or ()),
            categories=tuple(names.get("categories") or ()),
            has_status="status" in (version.get("subresources") or {}),
            scale=_scale((version.get("subresources") or {}).get("scale")),
            columns=tuple(_column(c) for c in version.get("additionalPrinterColumns") or ()),
            schema=(version.get("schema") or {}).get("openAPIV3Schema"),
            custom=True,
            verbs=_VERBS,
            storage_version=storage,
            selectable=tuple(f["jsonPath"].lstrip(".") for f in version.get("selectableFields") or ()),
        )
        for version in spec["versions"]
        if version.get("served", True)
    ]


def _scale(given: Object | None) -> Scale | None:
    if given is None:
        return None
    return Scale(given["specReplicasPath"], given["statusReplicasPath"], given.get("labelSelectorPath") or "")


def _column(given: Object) -> Column:
    return Column(
        given["name"],
        given["type"],
        given["jsonPath"],
        given.get("format") or "",
        given.get("description") or "",
        given.get("priority") or 0,
    )
