"""Printers of nodes, networks, storage, configuration, events and rights."""

import datetime
from typing import Any

from osconsole.embedded.api.printing.values import (
    NAME,
    Header,
    Printer,
    age,
    at,
    headers,
    labels,
    name,
    selector,
    since,
)

_MODES = {"ReadWriteOnce": "RWO", "ReadOnlyMany": "ROX", "ReadWriteMany": "RWX", "ReadWriteOncePod": "RWOP"}
_ROLE = "node-role.kubernetes.io/"


def _node(obj: dict[str, Any], now: datetime.datetime) -> list[Any]:
    ready = [one for one in at(obj, "status", "conditions") or () if one.get("type") == "Ready"]
    words = ["Ready" if one.get("status") == "True" else "NotReady" for one in ready] or ["Unknown"]
    if at(obj, "spec", "unschedulable"):
        words.append("SchedulingDisabled")
    found = at(obj, "metadata", "labels") or {}
    roles = {key.removeprefix(_ROLE) for key in found if key.startswith(_ROLE)} | {found.get("kubernetes.io/role", "")}
    addresses = {one.get("type"): one.get("address") for one in reversed(at(obj, "status", "addresses") or ())}
    info = at(obj, "status", "nodeInfo") or {}
    return [
        name(obj),
        ",".join(words),
        ",".join(sorted(filter(None, roles))) or "<none>",
        age(obj, now),
        info.get("kubeletVersion", ""),
        addresses.get("InternalIP") or "<none>",
        addresses.get("ExternalIP") or "<none>",
        *(info.get(key) or "<unknown>" for key in ("osImage", "kernelVersion", "containerRuntimeVersion")),
    ]


def _service(obj: dict[str, Any], now: datetime.datetime) -> list[Any]:
    spec = obj.get("spec") or {}
    ports = [
        f"{one.get('port')}{':' + str(one['nodePort']) if one.get('nodePort') else ''}/{one.get('protocol', 'TCP')}"
        for one in spec.get("ports") or ()
    ]
    cluster_ip = next(iter(spec.get("clusterIPs") or ()), None) or spec.get("clusterIP") or "<none>"
    shown = [spec.get("type", "ClusterIP"), cluster_ip, _external(obj), ",".join(ports) or "<none>"]
    return [name(obj), *shown, age(obj, now), labels(spec.get("selector"))]


def _external(obj: dict[str, Any]) -> str:
    spec = obj.get("spec") or {}
    addresses = list(spec.get("externalIPs") or ())
    if spec.get("type") == "ExternalName":
        return str(spec.get("externalName", ""))
    if spec.get("type") == "LoadBalancer":
        ingress = at(obj, "status", "loadBalancer", "ingress") or ()
        balanced = sorted({one.get("ip") or one.get("hostname", "") for one in ingress})
        return ",".join(balanced + addresses) or "<pending>"
    return ",".join(addresses) or "<none>"


def _limited(found: list[str]) -> str:
    return ",".join(found[:3]) + (f" + {len(found) - 3} more..." if len(found) > 3 else "")


def _endpoints(obj: dict[str, Any], now: datetime.datetime) -> list[Any]:
    found = [
        f"{address.get('ip')}:{port['port']}" if port else str(address.get("ip"))
        for subset in obj.get("subsets") or ()
        for port in subset.get("ports") or [None]
        for address in subset.get("addresses") or ()
    ]
    return [name(obj), _limited(found) or "<none>", age(obj, now)]


def _endpoint_slice(obj: dict[str, Any], now: datetime.datetime) -> list[Any]:
    ports = [str(one.get("port") or "*") for one in obj.get("ports") or ()]
    addresses = [address for one in obj.get("endpoints") or () for address in one.get("addresses") or ()]
    return [
        name(obj),
        obj.get("addressType", ""),
        _limited(ports) or "<unset>",
        _limited(addresses) or "<unset>",
        age(obj, now),
    ]


def _config_map(obj: dict[str, Any], now: datetime.datetime) -> list[Any]:
    return [name(obj), len(obj.get("data") or ()) + len(obj.get("binaryData") or ()), age(obj, now)]


def _secret(obj: dict[str, Any], now: datetime.datetime) -> list[Any]:
    return [name(obj), obj.get("type", ""), len(obj.get("data") or ()), age(obj, now)]


def _namespace(obj: dict[str, Any], now: datetime.datetime) -> list[Any]:
    return [name(obj), at(obj, "status", "phase") or "", age(obj, now)]


def _modes(found: Any) -> str:
    return ",".join(_MODES.get(mode, mode) for mode in found or ())


def _volume(obj: dict[str, Any], now: datetime.datetime) -> list[Any]:
    spec = obj.get("spec") or {}
    claim = spec.get("claimRef")
    phase = at(obj, "status", "phase") or ""
    return [
        name(obj),
        at(spec, "capacity", "storage") or "",
        _modes(spec.get("accessModes")),
        spec.get("persistentVolumeReclaimPolicy", ""),
        "Terminating" if at(obj, "metadata", "deletionTimestamp") else phase,
        f"{claim.get('namespace', '')}/{claim.get('name', '')}" if claim else "",
        spec.get("storageClassName", ""),
        spec.get("volumeAttributesClassName") or "<unset>",
        at(obj, "status", "reason") or "",
        age(obj, now),
        spec.get("volumeMode", "Filesystem"),
    ]


def _claim(obj: dict[str, Any], now: datetime.datetime) -> list[Any]:
    spec = obj.get("spec") or {}
    bound = bool(spec.get("volumeName"))
    phase = at(obj, "status", "phase") or ""
    return [
        name(obj),
        "Terminating" if at(obj, "metadata", "deletionTimestamp") else phase,
        spec.get("volumeName", ""),
        (at(obj, "status", "capacity", "storage") or "") if bound else "",
        _modes(at(obj, "status", "accessModes")) if bound else "",
        spec.get("storageClassName", ""),
        spec.get("volumeAttributesClassName") or "<unset>",
        age(obj, now),
        spec.get("volumeMode") or "<unset>",
    ]


def _storage_class(obj: dict[str, Any], now: datetime.datetime) -> list[Any]:
    default = (at(obj, "metadata", "annotations") or {}).get("storageclass.kubernetes.io/is-default-class") == "true"
    words = [obj.get("provisioner", ""), obj.get("reclaimPolicy", "Delete"), obj.get("volumeBindingMode", "<unset>")]
    expands = bool(obj.get("allowVolumeExpansion"))
    return [name(obj) + (" (default)" if default else ""), *words, expands, age(obj, now)]


def _event(obj: dict[str, Any], now: datetime.datetime) -> list[Any]:
    series = obj.get("series") or {}
    first = obj.get("firstTimestamp") or obj.get("deprecatedFirstTimestamp") or obj.get("eventTime")
    last = series.get("lastObservedTime") or obj.get("lastTimestamp") or obj.get("deprecatedLastTimestamp") or first
    about = obj.get("involvedObject") or obj.get("regarding") or {}
    source = obj.get("source") or obj.get("deprecatedSource") or {}
    component = source.get("component") or obj.get("reportingComponent") or obj.get("reportingController") or ""
    host = source.get("host") or obj.get("reportingInstance") or ""
    return [
        since(last, now),
        obj.get("type", ""),
        obj.get("reason", ""),
        f"{about.get('kind', '').lower()}/{about.get('name', '')}",
        about.get("fieldPath", ""),
        f"{component}, {host}" if host else component,
        (obj.get("message") or obj.get("note") or "").strip(),
        since(first, now),
        series.get("count") or obj.get("count") or obj.get("deprecatedCount") or 1,
        name(obj),
    ]


def _lease(obj: dict[str, Any], now: datetime.datetime) -> list[Any]:
    return [name(obj), at(obj, "spec", "holderIdentity") or "", age(obj, now)]


def _plain(obj: dict[str, Any], now: datetime.datetime) -> list[Any]:
    return [name(obj), age(obj, now)]


def _created(obj: dict[str, Any], _now: datetime.datetime) -> list[Any]:
    return [name(obj), at(obj, "metadata", "creationTimestamp") or ""]


def _binding(obj: dict[str, Any], now: datetime.datetime) -> list[Any]:
    role = obj.get("roleRef") or {}
    found: dict[str, list[str]] = {"User": [], "Group": [], "ServiceAccount": []}
    for one in obj.get("subjects") or ():
        shown = f"{one.get('namespace', '')}/{one['name']}" if one["kind"] == "ServiceAccount" else one["name"]
        found.setdefault(one["kind"], []).append(shown)
    subjects = [", ".join(found[kind]) for kind in ("User", "Group", "ServiceAccount")]
    return [name(obj), f"{role.get('kind', '')}/{role.get('name', '')}", age(obj, now), *subjects]


def _policy(obj: dict[str, Any], now: datetime.datetime) -> list[Any]:
    return [name(obj), selector(at(obj, "spec", "podSelector")), age(obj, now)]


def _ingress(obj: dict[str, Any], now: datetime.datetime) -> list[Any]:
    hosts = [one["host"] for one in at(obj, "spec", "rules") or () if one.get("host")]
    ingress = at(obj, "status", "loadBalancer", "ingress") or ()
    addresses = [one.get("ip") or one.get("hostname", "") for one in ingress]
    ports = "80, 443" if at(obj, "spec", "tls") else "80"
    kind = at(obj, "spec", "ingressClassName") or "<none>"
    return [name(obj), kind, _limited(hosts) or "*", ",".join(addresses), ports, age(obj, now)]


_EVENT_HEADERS = (
    *headers("Last Seen", "Type", "Reason", "Object")[1:],
    *headers(wide=("Subobject", "Source"))[1:],
    Header("Message"),
    *headers(wide=("First Seen", "Count"))[1:],
    Header("Name", priority=1, format="name"),
)
_CREATED = Printer((NAME, Header("Created At", "date")), _created)
_BINDINGS = Printer(headers("Role", "Age", wide=("Users", "Groups", "ServiceAccounts")), _binding)
_NODE_WIDE = ("Internal-IP", "External-IP", "OS-Image", "Kernel-Version", "Container-Runtime")
_PV = (
    "Capacity",
    "Access Modes",
    "Reclaim Policy",
    "Status",
    "Claim",
    "StorageClass",
    "VolumeAttributesClass",
    "Reason",
)
_PVC = ("Status", "Volume", "Capacity", "Access Modes", "StorageClass", "VolumeAttributesClass")
PLAIN = Printer(headers("Age"), _plain)
CLUSTER = {
    "Node": Printer(headers("Status", "Roles", "Age", "Version", wide=_NODE_WIDE), _node),
    "Service": Printer(headers("Type", "Cluster-IP", "External-IP", "Port(s)", "Age", wide=("Selector",)), _service),
    "Endpoints": Printer(headers("Endpoints", "Age"), _endpoints),
    "EndpointSlice": Printer(headers("AddressType", "Ports", "Endpoints", "Age"), _endpoint_slice),
    "ConfigMap": Printer(headers("Data", "Age"), _config_map),
    "Secret": Printer(headers("Type", "Data", "Age"), _secret),
    "Namespace": Printer(headers("Status", "Age"), _namespace),
    "PersistentVolume": Printer(headers(*_PV, "Age", wide=("VolumeMode",)), _volume),
    "PersistentVolumeClaim": Printer(headers(*_PVC, "Age", wide=("VolumeMode",)), _claim),
    "StorageClass": Printer(
        headers("Provisioner", "ReclaimPolicy", "VolumeBindingMode", "AllowVolumeExpansion", "Age"), _storage_class
    ),
    "Event": Printer(_EVENT_HEADERS, _event),
    "Lease": Printer(headers("Holder", "Age"), _lease),
    "Role": _CREATED,
    "ClusterRole": _CREATED,
    "CustomResourceDefinition": _CREATED,
    "RoleBinding": _BINDINGS,
    "ClusterRoleBinding": _BINDINGS,
    "NetworkPolicy": Printer(headers("Pod-Selector", "Age"), _policy),
    "Ingress": Printer(headers("Class", "Hosts", "Address", "Ports", "Age"), _ingress),
}
