"""Makes `schemas.json` from the OpenAPI v3 documents of a kube-apiserver (made with 1.35).

    for each group-version: kubectl get --raw /openapi/v3/apis/apps/v1 > DIR/apps_v1.json
    python -m osconsole.embedded.api.schema.builtin.distil DIR > osconsole/embedded/api/builtin/schemas.json

Only facts are kept: names, types, formats, list types, keys, merge strategies, required fields. Descriptions are
dropped, and so are the zero values that the documents list as defaults: the server does not store those.
Nothing imports this module at run time.
"""

import json
import re
import sys
from pathlib import Path
from typing import Any

KINDS = {
    "": "Namespace Pod Service Endpoints Node ConfigMap Secret Event ServiceAccount PersistentVolume "
    "PersistentVolumeClaim Binding ResourceQuota LimitRange ReplicationController DeleteOptions Status",
    "apps": "Deployment ReplicaSet StatefulSet DaemonSet ControllerRevision",
    "batch": "Job CronJob",
    "policy": "PodDisruptionBudget Eviction",
    "coordination.k8s.io": "Lease",
    "rbac.authorization.k8s.io": "Role ClusterRole RoleBinding ClusterRoleBinding",
    "discovery.k8s.io": "EndpointSlice",
    "events.k8s.io": "Event",
    "storage.k8s.io": "StorageClass",
    "networking.k8s.io": "NetworkPolicy Ingress IngressClass",
    "apiextensions.k8s.io": "CustomResourceDefinition",
    "autoscaling": "Scale HorizontalPodAutoscaler",
    "scheduling.k8s.io": "PriorityClass",
    "authentication.k8s.io": "TokenRequest TokenReview SelfSubjectReview",
    "authorization.k8s.io": "SelfSubjectAccessReview SelfSubjectRulesReview SubjectAccessReview "
    "LocalSubjectAccessReview",
}
KEPT = (
    "type", "format", "required", "properties", "items", "additionalProperties", "enum",
    "x-kubernetes-list-type", "x-kubernetes-list-map-keys", "x-kubernetes-map-type",
    "x-kubernetes-patch-strategy", "x-kubernetes-patch-merge-key", "x-kubernetes-group-version-kind",
)  # fmt: skip
PREFIX = "#/components/schemas/"
# A status is written by clients that leave out what they do not know; the server reads that as zero.
LENIENT = re.compile(r"(Status|Condition|State|Address|EndpointPort)$")


def distilled(schema: dict[str, Any], *, lenient: bool) -> dict[str, Any]:
    """The facts of one schema, without descriptions."""
    if len(schema.get("allOf", ())) == 1:
        schema = schema | schema["allOf"][0]
    if "$ref" in schema:
        reference = {"$ref": schema["$ref"].removeprefix(PREFIX)}
        own = {k: schema[k] for k in KEPT if k in schema and k.startswith("x-")}
        # A struct that is never absent: the document gives it an empty default.
        return reference | own | ({"x-zero": True} if schema.get("default") == {} else {})
    facts = {key: schema[key] for key in KEPT if key in schema and not (lenient and key == "required")}
    if schema.get("default"):
        facts["default"] = schema["default"]
    if "oneOf" in schema:
        facts = {"x-kubernetes-int-or-string": True}
    for key in ("items", "additionalProperties"):
        if isinstance(facts.get(key), dict):
            facts[key] = distilled(facts[key], lenient=lenient)
    if "properties" in facts:
        facts["properties"] = {k: distilled(v, lenient=lenient) for k, v in facts["properties"].items()}
        for key in schema.get("required", ()):
            if facts["properties"][key].get("type") in {"array", "object"}:
                facts["properties"][key]["x-zero"] = True
    return facts


def references(value: Any) -> set[str]:
    """The names of all components that a distilled schema points to."""
    if isinstance(value, dict):
        own = {value["$ref"]} if isinstance(value.get("$ref"), str) else set()
        return own.union(*(references(inner) for inner in value.values()))
    return set().union(*(references(inner) for inner in value)) if isinstance(value, list) else set()


def wanted(schema: dict[str, Any]) -> list[str]:
    """The group/version/Kind names under which a component is served here."""
    keys = ((g["group"], g["version"], g["kind"]) for g in schema.get("x-kubernetes-group-version-kind", ()))
    return [
        f"{group}/{version}/{kind}"
        for group, version, kind in keys
        if version in {"v1", "v2"} and kind in KINDS.get(group, "").split()
    ]


def main(folder: Path) -> None:
    """Print the data file made from every document in `folder`."""
    components: dict[str, Any] = {}
    for path in sorted(folder.glob("*v[12].json")):
        components |= json.loads(path.read_text()).get("components", {}).get("schemas", {})
    kinds = {key: name for name, schema in components.items() for key in wanted(schema)}
    kept: dict[str, Any] = {}
    waiting = set(kinds.values())
    while waiting:
        name = waiting.pop()
        kept[name] = distilled(components[name], lenient=bool(LENIENT.search(name)))
        kept[name].pop("x-kubernetes-group-version-kind", None)
        waiting |= references(kept[name]) - set(kept)
    out = {"kinds": kinds, "components": dict(sorted(kept.items()))}
    sys.stdout.write(json.dumps(out, separators=(",", ":"), sort_keys=True) + "\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
