"""The defaults that a kube-apiserver gives to built-in kinds, taken from what a 1.35 stores.

What a schema can say is in `constants`; `complete` adds what depends on other fields. Not here: what other components
fill in (cluster addresses, service account tokens, node names).
"""

import base64
from typing import Any

from osconsole.embedded.api.schema.quantities import canonical

_RBAC = "rbac.authorization.k8s.io"
# A Job gets these, the template of a CronJob does not.
_JOB = {
    "backoffLimit": 6,
    "completionMode": "NonIndexed",
    "suspend": False,
    "manualSelector": False,
    "podReplacementPolicy": "TerminatingOrFailed",
}

TEMPLATES = {
    "Pod": (),
    "Deployment": ("spec", "template"),
    "ReplicaSet": ("spec", "template"),
    "ReplicationController": ("spec", "template"),
    "StatefulSet": ("spec", "template"),
    "DaemonSet": ("spec", "template"),
    "Job": ("spec", "template"),
    "CronJob": ("spec", "jobTemplate", "spec", "template"),
}


def complete(obj: dict[str, Any], kind: str, *, anew: bool = True) -> None:
    """Fill in, in place and after the schema's defaults, what depends on other fields of a built-in object.

    A spec that is not there `anew` has all that already.
    """
    if anew and (step := _STEPS.get(kind)) is not None and isinstance(obj.get("spec"), dict):
        step(obj["spec"])
    if (whole := _WHOLE.get(kind)) is not None:
        whole(obj)
    if (pod := spec_of_pod(obj, kind)) is not None:
        _pod_spec(pod)


def spec_of_pod(obj: dict[str, Any], kind: str) -> dict[str, Any] | None:
    """The spec of the pods that an object is, or makes; None for what makes none."""
    found: Any = obj if kind in TEMPLATES else None
    for key in (*TEMPLATES.get(kind, ()), "spec"):
        found = found.get(key) if isinstance(found, dict) else None
    return found if isinstance(found, dict) else None


def _job_labels(obj: dict[str, Any]) -> None:
    """What has no labels has those of its template: the very same, with what a Job is given later."""
    found = ((obj.get("spec") or {}).get("template") or {}).get("metadata", {}).get("labels")
    if found and not obj["metadata"].get("labels"):
        obj["metadata"]["labels"] = found


def _replication_controller(obj: dict[str, Any]) -> None:
    _job_labels(obj)
    found = ((obj.get("spec") or {}).get("template") or {}).get("metadata", {}).get("labels")
    if found:
        obj["spec"].setdefault("selector", dict(found))


def _secret(obj: dict[str, Any]) -> None:
    """Plain text is only ever written, and base64 has no lines."""
    for key, text in (obj.get("data") or {}).items():
        if text and "\n" in text:
            obj["data"][key] = text.replace("\n", "").replace("\r", "")
    plain = obj.pop("stringData", None)
    if plain:
        encoded = {key: base64.b64encode(str(text).encode()).decode() for key, text in plain.items()}
        obj["data"] = (obj.get("data") or {}) | encoded


def _namespace(obj: dict[str, Any]) -> None:
    if name := obj["metadata"].get("name"):
        labels = obj["metadata"].get("labels") or {}
        obj["metadata"]["labels"] = labels | {"kubernetes.io/metadata.name": name}


def _balanced(obj: dict[str, Any]) -> None:
    for one in ((obj.get("status") or {}).get("loadBalancer") or {}).get("ingress") or ():
        if one.get("ip"):
            one.setdefault("ipMode", "VIP")


def _slice(obj: dict[str, Any]) -> None:
    for port in obj.get("ports") or ():
        port.setdefault("name", "")


def _role(obj: dict[str, Any]) -> None:
    """No rules are none at all."""
    if obj.get("rules") == []:
        obj["rules"] = None


def _binding(obj: dict[str, Any]) -> None:
    """Users, groups and roles are all of one group."""
    obj.get("roleRef", {}).setdefault("apiGroup", _RBAC)
    for one in obj.get("subjects") or ():
        if one.get("kind") in ("User", "Group"):
            one.setdefault("apiGroup", _RBAC)


def _pod(spec: dict[str, Any]) -> None:
    if spec.get("hostNetwork"):
        for container in spec.get("containers") or ():
            for port in container.get("ports") or ():
                port.setdefault("hostPort", port.get("containerPort"))
    for container in (*(spec.get("initContainers") or ()), *(spec.get("containers") or ())):
        _resources(container.get("resources") or {})
    spec.setdefault("enableServiceLinks", True)


def _pod_spec(spec: dict[str, Any]) -> None:
    for group in ("initContainers", "containers", "ephemeralContainers"):
        for container in spec.get(group) or ():
            name = str(container.get("image", "")).rpartition("/")[2]
            latest = "@" not in name and (":" not in name or name.endswith(":latest"))
            container.setdefault("imagePullPolicy", "Always" if latest else "IfNotPresent")
            _canonical(container.get("resources") or {})
    for volume in spec.get("volumes") or ():
        if len(volume) == 1 and "name" in volume:
            volume["emptyDir"] = {}
    if account := spec.get("serviceAccountName"):
        spec.setdefault("serviceAccount", account)
    elif account := spec.get("serviceAccount"):
        spec["serviceAccountName"] = account


def _resources(resources: dict[str, Any]) -> None:
    """Quantities have one form; a limit without a request is the request too."""
    _canonical(resources)
    for name, limit in (resources.get("limits") or {}).items():
        resources.setdefault("requests", {}).setdefault(name, limit)


def _canonical(resources: dict[str, Any]) -> None:
    for group in ("limits", "requests"):
        for name, given in (resources.get(group) or {}).items():
            resources[group][name] = canonical(given)


def _policy(spec: dict[str, Any]) -> None:
    if not spec.get("policyTypes"):
        spec["policyTypes"] = ["Ingress", *(("Egress",) if spec.get("egress") else ())]


def _volume(spec: dict[str, Any]) -> None:
    for name, given in (spec.get("capacity") or {}).items():
        spec["capacity"][name] = canonical(given)


def _deployment(spec: dict[str, Any]) -> None:
    strategy = spec["strategy"]
    if strategy.get("type") == "RollingUpdate":
        rolling = strategy.setdefault("rollingUpdate", {})
        rolling.setdefault("maxUnavailable", "25%")
        rolling.setdefault("maxSurge", "25%")


def _stateful_set(spec: dict[str, Any]) -> None:
    strategy = spec["updateStrategy"]
    if strategy.get("type") == "RollingUpdate":
        strategy.setdefault("rollingUpdate", {}).setdefault("partition", 0)
    for claim in spec.get("volumeClaimTemplates") or ():
        claim.setdefault("apiVersion", "v1")
        claim.setdefault("kind", "PersistentVolumeClaim")


def _daemon_set(spec: dict[str, Any]) -> None:
    strategy = spec["updateStrategy"]
    if strategy.get("type") == "RollingUpdate":
        rolling = strategy.setdefault("rollingUpdate", {})
        rolling.setdefault("maxUnavailable", 1)
        rolling.setdefault("maxSurge", 0)


def _job(spec: dict[str, Any]) -> None:
    if "completions" not in spec and "parallelism" not in spec:
        spec["completions"] = 1
    spec.setdefault("parallelism", 1)
    for key, value in _JOB.items():
        spec.setdefault(key, value)


def _service(spec: dict[str, Any]) -> None:
    for port in spec.get("ports") or ():
        port.setdefault("targetPort", port.get("port"))
    if spec.get("sessionAffinity") == "ClientIP":
        spec.setdefault("sessionAffinityConfig", {}).setdefault("clientIP", {}).setdefault("timeoutSeconds", 10_800)
    if spec.get("type") != "ExternalName":
        spec.setdefault("internalTrafficPolicy", "Cluster")
    if spec.get("type") in {"NodePort", "LoadBalancer"}:
        spec.setdefault("externalTrafficPolicy", "Cluster")
    if spec.get("type") == "LoadBalancer":
        spec.setdefault("allocateLoadBalancerNodePorts", True)


def _claim(spec: dict[str, Any]) -> None:
    _resources(spec.get("resources") or {})


_WHOLE = {
    "Job": _job_labels,
    "EndpointSlice": _slice,
    "Role": _role,
    "ClusterRole": _role,
    "RoleBinding": _binding,
    "ClusterRoleBinding": _binding,
    "Namespace": _namespace,
    "ReplicationController": _replication_controller,
    "Secret": _secret,
    "Service": _balanced,
}
_STEPS = {
    "Pod": _pod,
    "Deployment": _deployment,
    "StatefulSet": _stateful_set,
    "DaemonSet": _daemon_set,
    "Job": _job,
    "Service": _service,
    "NetworkPolicy": _policy,
    "PersistentVolume": _volume,
    "PersistentVolumeClaim": _claim,
}
