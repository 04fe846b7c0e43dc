"""What the server itself changes or refuses in the built-in kinds: a table of small functions by kind.

Defaults that depend only on the object are in `builtin.defaults`; what needs other objects (addresses) in `services`.
"""

from collections.abc import Callable
from typing import Any

from osconsole.embedded.api.causes import Cause
from osconsole.embedded.api.failures import forbidden_field, wrong_value
from osconsole.embedded.api.types import ResourceType

Object = dict[str, Any]

_GENERATIONS = {
    "Deployment",
    "ReplicaSet",
    "ReplicationController",
    "StatefulSet",
    "DaemonSet",
    "Job",
    "CronJob",
    "PodDisruptionBudget",
    "NetworkPolicy",
    "Ingress",
    "CustomResourceDefinition",
    "Pod",
    "EndpointSlice",
}
_KEEPS_STATUS = {"Node"}
_LABEL_MAX = 63
_NODE_INFO = (
    "machineID",
    "systemUUID",
    "bootID",
    "kernelVersion",
    "osImage",
    "containerRuntimeVersion",
    "kubeletVersion",
    "kubeProxyVersion",
    "operatingSystem",
    "architecture",
)
_OUSTED = ("NoExecute", "", None)
_IMMUTABLE = "field is immutable"


def has_generation(kind: ResourceType) -> bool:
    """Whether metadata.generation counts changes of the object."""
    return kind.custom or kind.kind in _GENERATIONS


def drops_status(kind: ResourceType) -> bool:
    """Whether create ignores the status that was sent."""
    return kind.has_status and kind.kind not in _KEEPS_STATUS


def on_create(kind: ResourceType, obj: Object) -> None:
    """Fill in, in place, what admission and the kind's strategy add after the defaults."""
    step = _CREATE.get(kind.kind) if not kind.custom else None
    if step is not None:
        step(obj)


def changes(kind: ResourceType, new: Object, old: Object | None) -> list[Cause]:
    """Fields of a built-in kind that may not change; of a new object (old None) none."""
    if kind.custom or old is None:
        return []
    found: list[Cause] = []
    for path in _FIXED.get(kind.kind, ()):
        before, after = _at(old, path), _at(new, path)
        if before is not None and before != after:
            found.append(wrong_value(".".join(path), after, _IMMUTABLE))
    step = _CHANGE.get(kind.kind)
    return found + (step(new, old) if step else [])


def _at(obj: Any, path: tuple[str, ...]) -> Any:
    for key in path:
        obj = obj.get(key) if isinstance(obj, dict) else None
    return obj


def _namespace(obj: Object) -> None:
    spec = obj.setdefault("spec", {})
    spec["finalizers"] = sorted({*(spec.get("finalizers") or ()), "kubernetes"})


def _pod(obj: Object) -> None:
    spec = obj.setdefault("spec", {})
    if not spec.get("serviceAccountName"):
        spec["serviceAccountName"] = spec["serviceAccount"] = "default"
    spec.setdefault("enableServiceLinks", True)
    spec.setdefault("priority", 0)
    spec.setdefault("preemptionPolicy", "PreemptLowerPriority")
    _tolerate(spec)
    obj.setdefault("status", {}).setdefault("phase", "Pending")
    obj["status"]["qosClass"] = _qos(spec)


def _tolerate(spec: Object) -> None:
    """A pod stays for five minutes on a node that is lost, where it does not say how long itself."""
    found = spec.get("tolerations") or []
    for key in ("node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable"):
        own = (one for one in found if one.get("key") in (key, None, "") and one.get("effect") in _OUSTED)
        if next(own, None) is None:
            lost = {"key": key, "operator": "Exists", "effect": "NoExecute", "tolerationSeconds": 300}
            spec["tolerations"] = [*(spec.get("tolerations") or ()), lost]


def _qos(spec: Object) -> str:
    """The class by requests and limits of all containers."""
    asks = [c.get("resources") or {} for c in [*(spec.get("containers") or ()), *(spec.get("initContainers") or ())]]
    if not any(ask.get("requests") or ask.get("limits") for ask in asks):
        return "BestEffort"
    whole = all(
        {"cpu", "memory"} <= set(ask.get("limits") or ()) and ask.get("requests") == ask.get("limits") for ask in asks
    )
    return "Guaranteed" if whole else "Burstable"


def _job(obj: Object) -> None:
    spec, meta = obj["spec"], obj["metadata"]
    name = meta.get("name", "")
    if spec.get("manualSelector"):
        return
    labels = spec.setdefault("template", {}).setdefault("metadata", {}).setdefault("labels", {})
    labels["controller-uid"] = labels["batch.kubernetes.io/controller-uid"] = meta["uid"]
    labels["job-name"] = labels["batch.kubernetes.io/job-name"] = name
    spec["selector"] = {"matchLabels": {"batch.kubernetes.io/controller-uid": meta["uid"]}}
    if not meta.get("labels") and len(name) <= _LABEL_MAX:
        meta["labels"] = dict(labels)


def _node(obj: Object) -> None:
    """What its agent has not said yet is said to be empty."""
    status = obj.setdefault("status", {})
    status.setdefault("daemonEndpoints", {}).setdefault("kubeletEndpoint", {}).setdefault("Port", 0)
    status["nodeInfo"] = {**dict.fromkeys(_NODE_INFO, ""), **(status.get("nodeInfo") or {})}


_CREATE: dict[str, Callable[[Object], None]] = {"Namespace": _namespace, "Node": _node, "Pod": _pod, "Job": _job}


_FIXED: dict[str, tuple[tuple[str, ...], ...]] = {
    "Deployment": (("spec", "selector"),),
    "ReplicaSet": (("spec", "selector"),),
    "DaemonSet": (("spec", "selector"),),
    "Job": (("spec", "selector"), ("spec", "completions"), ("spec", "completionMode")),
    "Secret": (("type",),),
    "ControllerRevision": (("data",),),
    "RoleBinding": (("roleRef",),),
    "ClusterRoleBinding": (("roleRef",),),
    "StorageClass": (("provisioner",), ("parameters",), ("reclaimPolicy",), ("volumeBindingMode",)),
}
_STATEFUL_MAY = {
    "replicas",
    "ordinals",
    "template",
    "updateStrategy",
    "persistentVolumeClaimRetentionPolicy",
    "minReadySeconds",
    "revisionHistoryLimit",
}
_STATEFUL_WORDS = (
    "updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', 'updateStrategy', "
    "'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are forbidden"
)
_POD_WORDS = (
    "pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,"
    "`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),"
    "`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)"
)
_CLAIM_WORDS = (
    "spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims"
)


def _changed_stateful_set(new: Object, old: Object) -> list[Cause]:
    before = {k: v for k, v in (old.get("spec") or {}).items() if k not in _STATEFUL_MAY}
    after = {k: v for k, v in (new.get("spec") or {}).items() if k not in _STATEFUL_MAY}
    return [] if before == after else [forbidden_field("spec", _STATEFUL_WORDS)]


def _changed_pod(new: Object, old: Object) -> list[Cause]:
    for group in ("containers", "initContainers"):
        if len(_at(new, ("spec", group)) or ()) != len(_at(old, ("spec", group)) or ()):
            return [forbidden_field(f"spec.{group}", "pod updates may not add or remove containers")]
    return [] if _fixed_of_pod(new) == _fixed_of_pod(old) else [forbidden_field("spec", _POD_WORDS)]


def _fixed_of_pod(obj: Object) -> Object:
    may = ("activeDeadlineSeconds", "tolerations", "terminationGracePeriodSeconds", "schedulingGates")
    spec = {k: v for k, v in (obj.get("spec") or {}).items() if k not in may}
    for group in ("containers", "initContainers"):
        spec[group] = [{k: v for k, v in c.items() if k != "image"} for c in spec.get(group) or ()]
    return spec


def _changed_claim(new: Object, old: Object) -> list[Cause]:
    def fixed(obj: Object) -> Object:
        spec = dict(obj.get("spec") or {})
        spec.pop("resources", None)
        return spec

    before, after = fixed(old), fixed(new)
    if not before.get("volumeName"):
        # Binding sets it once.
        after.pop("volumeName", None)
    return [] if before == after else [forbidden_field("spec", _CLAIM_WORDS)]


def _changed_config(new: Object, old: Object) -> list[Cause]:
    if not old.get("immutable"):
        return []
    found = []
    if not new.get("immutable"):
        found.append(forbidden_field("immutable", "field is immutable when `immutable` is set"))
    why = "field is immutable when `immutable` is set"
    found += [forbidden_field(key, why) for key in ("data", "binaryData") if new.get(key) != old.get(key)]
    return found


def _changed_service(new: Object, old: Object) -> list[Cause]:
    before, after = _at(old, ("spec", "clusterIP")), _at(new, ("spec", "clusterIP"))
    if before and after and before != after and _at(new, ("spec", "type")) != "ExternalName":
        return [wrong_value("spec.clusterIPs[0]", [after], "may not change once set")]
    return []


def _changed_job(new: Object, old: Object) -> list[Cause]:
    """Where its pods may run can change until the first one does."""
    after, before = _at(new, ("spec", "template")), _at(old, ("spec", "template"))
    if _at(old, ("spec", "suspend")) and not _at(old, ("status", "startTime")):
        after, before = _unplaced(after), _unplaced(before)
    return [] if after == before else [wrong_value("spec.template", _at(new, ("spec", "template")), _IMMUTABLE)]


def _unplaced(template: Any) -> Any:
    """A template without what says where its pods run."""
    meta, spec = template.get("metadata") or {}, template.get("spec") or {}
    kept = {key: value for key, value in meta.items() if key not in ("labels", "annotations")}
    places = ("nodeSelector", "affinity", "tolerations", "schedulingGates")
    return {"metadata": kept, "spec": {key: value for key, value in spec.items() if key not in places}}


_CHANGE: dict[str, Callable[[Object, Object], list[Cause]]] = {
    "StatefulSet": _changed_stateful_set,
    "Job": _changed_job,
    "Pod": _changed_pod,
    "PersistentVolumeClaim": _changed_claim,
    "ConfigMap": _changed_config,
    "Secret": _changed_config,
    "Service": _changed_service,
}
