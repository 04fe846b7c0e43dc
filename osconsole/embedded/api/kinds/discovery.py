"""Discovery: which groups, versions and resources there are, in the aggregated form and in the legacy ones."""

import base64
import hashlib
from typing import Any

from osconsole.embedded.api.kinds.registry import Registry
from osconsole.embedded.api.types import ResourceType

_SUB_VERBS = {
    "status": ("get", "patch", "update"),
    "scale": ("get", "patch", "update"),
    "finalize": ("update",),
    "log": ("get",),
    "binding": ("create",),
    "eviction": ("create",),
    "token": ("create",),
    "exec": ("create", "get"),
    "portforward": ("create", "get"),
}
_SUB_TYPES = {
    "scale": ("autoscaling", "v1", "Scale"),
    "eviction": ("policy", "v1", "Eviction"),
    "binding": ("", "v1", "Binding"),
    "token": ("authentication.k8s.io", "v1", "TokenRequest"),
    "exec": ("", "v1", "PodExecOptions"),
    "portforward": ("", "v1", "PodPortForwardOptions"),
}

Object = dict[str, Any]


def versions(address: str) -> Object:
    """`/api`."""
    return {
        "kind": "APIVersions",
        "versions": ["v1"],
        "serverAddressByClientCIDRs": [{"clientCIDR": "0.0.0.0/0", "serverAddress": address}],
    }


def groups(registry: Registry) -> Object:
    """`/apis`, legacy."""
    found = [group(registry, name) for name in registry.groups() if name]
    return {"kind": "APIGroupList", "apiVersion": "v1", "groups": found}


def group(registry: Registry, name: str) -> Object:
    """One group of `/apis`; `/apis/GROUP` adds kind and apiVersion."""
    found = [{"groupVersion": f"{name}/{version}", "version": version} for version in registry.groups()[name]]
    return {"name": name, "versions": found, "preferredVersion": found[0]}


def resources(registry: Registry, name: str, version: str) -> Object:
    """`/apis/GROUP/VERSION` and `/api/v1`."""
    listed: list[Object] = []
    for kind in registry.of(name, version):
        listed.append(_legacy(kind))
        listed += [_legacy_sub(kind, sub) for sub in kind.subresources]
    found: Object = {"kind": "APIResourceList", "groupVersion": f"{name}/{version}" if name else version}
    if name:
        found = {"kind": "APIResourceList", "apiVersion": "v1", "groupVersion": f"{name}/{version}"}
    return {**found, "resources": listed}


def _legacy(kind: ResourceType) -> Object:
    found: Object = {
        "name": kind.plural,
        "singularName": kind.singular,
        "namespaced": kind.namespaced,
        "kind": kind.kind,
        "verbs": list(kind.verbs),
    }
    found |= _aliases(kind)
    if "list" in kind.verbs:
        found["storageVersionHash"] = _stored_as(kind)
    return found


def _stored_as(kind: ResourceType) -> str:
    """A hash that changes when objects are stored in another version."""
    text = f"{kind.group}/{kind.storage_version or kind.version}/{kind.kind}"
    return base64.b64encode(hashlib.sha256(text.encode()).digest()[:8]).decode()


def _legacy_sub(kind: ResourceType, sub: str) -> Object:
    found: Object = {"name": f"{kind.plural}/{sub}", "singularName": "", "namespaced": kind.namespaced}
    special = _SUB_TYPES.get(sub)
    if special:
        if special[:2] != (kind.group, kind.version):
            found |= {"group": special[0], "version": special[1]}
        found["kind"] = special[2]
    else:
        found["kind"] = kind.kind
    found["verbs"] = list(_SUB_VERBS[sub])
    return found


def aggregated(registry: Registry, *, core: bool) -> Object:
    """`/api` (core) or `/apis` as one APIGroupDiscoveryList."""
    items = []
    for name, found in registry.groups().items():
        if (name == "") is core:
            listed = [
                {
                    "version": version,
                    "resources": [_aggregated(k) for k in registry.of(name, version)],
                    "freshness": "Current",
                }
                for version in found
            ]
            items.append({"metadata": {"name": name} if name else {}, "versions": listed})
    return {"kind": "APIGroupDiscoveryList", "apiVersion": "apidiscovery.k8s.io/v2", "metadata": {}, "items": items}


def _aliases(kind: ResourceType) -> Object:
    found = {"shortNames": list(kind.short_names), "categories": list(kind.categories)}
    return {name: listed for name, listed in found.items() if listed}


def _aggregated(kind: ResourceType) -> Object:
    found: Object = {
        "resource": kind.plural,
        "responseKind": {"group": kind.group, "version": kind.version, "kind": kind.kind},
        "scope": "Namespaced" if kind.namespaced else "Cluster",
        "singularResource": kind.singular,
        "verbs": list(kind.verbs),
    }
    found |= _aliases(kind)
    if kind.subresources:
        found["subresources"] = [_aggregated_sub(kind, sub) for sub in kind.subresources]
    return found


def _aggregated_sub(kind: ResourceType, sub: str) -> Object:
    group_name, version, name = _SUB_TYPES.get(sub, (kind.group, kind.version, kind.kind))
    return {
        "subresource": sub,
        "responseKind": {"group": group_name, "version": version, "kind": name},
        "verbs": list(_SUB_VERBS[sub]),
    }
