"""The defaults that a kube-apiserver gives to built-in kinds, taken from what a 1.35 stores.

`STATIC` and `EMPTY` are the ones that a schema can say; `complete` adds those that depend on other fields. Not here:
what other components fill in (cluster addresses, service account tokens, node names).
"""

import base64
from typing import Any

_PROBE = {"timeoutSeconds": 1, "periodSeconds": 10, "successThreshold": 1, "failureThreshold": 3}
_CONTAINER: dict[str, Any] = {
    "resources": {},
    "terminationMessagePath": "/dev/termination-log",
    "terminationMessagePolicy": "File",
}

_WITH_STATUS = (
    *(
        "Deployment",
        "ReplicaSet",
        "ReplicationController",
        "StatefulSet",
        "DaemonSet",
        "Job",
        "CronJob",
        "PodDisruptionBudget",
        "Ingress",
    ),
)
# A Job gets these, the template of a CronJob does not.
_JOB = {
    "backoffLimit": 6,
    "completionMode": "NonIndexed",
    "suspend": False,
    "manualSelector": False,
    "podReplacementPolicy": "TerminatingOrFailed",
}

STATIC: dict[str, dict[str, Any]] = {
    "PodSpec": {
        "restartPolicy": "Always",
        "terminationGracePeriodSeconds": 30,
        "dnsPolicy": "ClusterFirst",
        "securityContext": {},
        "schedulerName": "default-scheduler",
    },
    "Container": _CONTAINER,
    "EphemeralContainer": _CONTAINER,
    "Probe": _PROBE,
    "HTTPGetAction": {"path": "/", "scheme": "HTTP"},
    "ConfigMapVolumeSource": {"defaultMode": 420},
    "SecretVolumeSource": {"defaultMode": 420},
    "ProjectedVolumeSource": {"defaultMode": 420},
    "DownwardAPIVolumeSource": {"defaultMode": 420},
    "HostPathVolumeSource": {"type": ""},
    "ServiceAccountTokenProjection": {"expirationSeconds": 3600},
    "ObjectFieldSelector": {"apiVersion": "v1"},
    "DeploymentSpec": {"replicas": 1, "revisionHistoryLimit": 10, "progressDeadlineSeconds": 600, "strategy": {}},
    "DeploymentStrategy": {"type": "RollingUpdate"},
    "RollingUpdateDeployment": {"maxUnavailable": "25%", "maxSurge": "25%"},
    "ReplicaSetSpec": {"replicas": 1},
    "ReplicationControllerSpec": {"replicas": 1},
    "StatefulSetSpec": {
        "replicas": 1,
        "podManagementPolicy": "OrderedReady",
        "revisionHistoryLimit": 10,
        "updateStrategy": {},
        "persistentVolumeClaimRetentionPolicy": {},
    },
    "StatefulSetUpdateStrategy": {"type": "RollingUpdate"},
    "RollingUpdateStatefulSetStrategy": {"partition": 0},
    "StatefulSetPersistentVolumeClaimRetentionPolicy": {"whenDeleted": "Retain", "whenScaled": "Retain"},
    "DaemonSetSpec": {"revisionHistoryLimit": 10, "updateStrategy": {}},
    "DaemonSetUpdateStrategy": {"type": "RollingUpdate"},
    "RollingUpdateDaemonSet": {"maxUnavailable": 1, "maxSurge": 0},
    "CronJobSpec": {
        "concurrencyPolicy": "Allow",
        "suspend": False,
        "successfulJobsHistoryLimit": 3,
        "failedJobsHistoryLimit": 1,
    },
    "ServiceSpec": {"type": "ClusterIP", "sessionAffinity": "None"},
    "PersistentVolumeClaimSpec": {"volumeMode": "Filesystem"},
    "PersistentVolumeSpec": {"volumeMode": "Filesystem", "persistentVolumeReclaimPolicy": "Retain"},
    "Secret": {"type": "Opaque"},
    "StorageClass": {"reclaimPolicy": "Delete", "volumeBindingMode": "Immediate"},
    "NamespaceSpec": {"finalizers": ["kubernetes"]},
    "Namespace": {"spec": {}, "status": {"phase": "Active"}},
    "Pod": {"status": {"phase": "Pending"}},
    "PersistentVolumeClaim": {"status": {"phase": "Pending"}},
    "PersistentVolume": {"status": {"phase": "Pending"}},
    "Service": {"status": {"loadBalancer": {}}},
    **{kind: {"status": {}} for kind in _WITH_STATUS},
    # Counts that stand there from the beginning.
    "ReplicaSetStatus": {"replicas": 0},
    "ReplicationControllerStatus": {"replicas": 0},
    "StatefulSetStatus": {"replicas": 0, "availableReplicas": 0},
    "DaemonSetStatus": dict.fromkeys(
        ("currentNumberScheduled", "numberMisscheduled", "desiredNumberScheduled", "numberReady"), 0
    ),
    "PodDisruptionBudgetStatus": dict.fromkeys(
        ("disruptionsAllowed", "currentHealthy", "desiredHealthy", "expectedPods"), 0
    ),
    "IngressStatus": {"loadBalancer": {}},
}
# What a type does not leave out when it is empty, by component: nobody owns it then.
EMPTY: dict[str, dict[str, Any]] = {
    "io.k8s.api.apps.v1.StatefulSetSpec": {"serviceName": ""},
    "io.k8s.api.core.v1.Event": {
        "source": {},
        **dict.fromkeys(("firstTimestamp", "lastTimestamp", "eventTime")),
        **dict.fromkeys(("reportingComponent", "reportingInstance"), ""),
    },
    # Times that are null where nobody has said one.
    **{
        f"io.k8s.api.{name}Condition": dict.fromkeys(times)
        for name, times in (
            ("core.v1.Pod", ("lastProbeTime", "lastTransitionTime")),
            ("core.v1.PersistentVolumeClaim", ("lastProbeTime", "lastTransitionTime")),
            ("core.v1.Node", ("lastHeartbeatTime", "lastTransitionTime")),
            ("core.v1.Namespace", ("lastTransitionTime",)),
            ("core.v1.ReplicationController", ("lastTransitionTime",)),
            ("apps.v1.Deployment", ("lastUpdateTime", "lastTransitionTime")),
            *((f"apps.v1.{kind}", ("lastTransitionTime",)) for kind in ("ReplicaSet", "StatefulSet", "DaemonSet")),
            ("batch.v1.Job", ("lastProbeTime", "lastTransitionTime")),
        )
    },
    "io.k8s.api.core.v1.ContainerStateRunning": {"startedAt": None},
    "io.k8s.api.core.v1.ContainerStateTerminated": dict.fromkeys(("startedAt", "finishedAt")),
}

_TEMPLATES = {
    "Pod": (),
    "Deployment": ("spec", "template"),
    "ReplicaSet": ("spec", "template"),
    "ReplicationController": ("spec", "template"),
    "StatefulSet": ("spec", "template"),
    "DaemonSet": ("spec", "template"),
    "Job": ("spec", "template"),
    "CronJob": ("spec", "jobTemplate", "spec", "template"),
}


def complete(obj: dict[str, Any], kind: str) -> None:
    """Fill in, in place and after the schema's defaults, what depends on other fields of a built-in object."""
    if (step := _STEPS.get(kind)) is not None and isinstance(obj.get("spec"), dict):
        step(obj["spec"])
    if (whole := _WHOLE.get(kind)) is not None:
        whole(obj)
    if kind in _TEMPLATES:
        template: Any = obj
        for key in _TEMPLATES[kind]:
            template = template.get(key) if isinstance(template, dict) else None
        if isinstance(template, dict) and isinstance(template.get("spec"), dict):
            _pod_spec(template["spec"])


def _job_labels(obj: dict[str, Any]) -> None:
    """What has no labels gets those of its template."""
    found = ((obj.get("spec") or {}).get("template") or {}).get("metadata", {}).get("labels")
    if found and not obj["metadata"].get("labels"):
        obj["metadata"]["labels"] = dict(found)


def _replication_controller(obj: dict[str, Any]) -> None:
    _job_labels(obj)
    found = ((obj.get("spec") or {}).get("template") or {}).get("metadata", {}).get("labels")
    if found:
        obj["spec"].setdefault("selector", dict(found))


def _secret(obj: dict[str, Any]) -> None:
    """Plain text is only ever written."""
    plain = obj.pop("stringData", None)
    if plain:
        encoded = {key: base64.b64encode(str(text).encode()).decode() for key, text in plain.items()}
        obj["data"] = (obj.get("data") or {}) | encoded


def _namespace(obj: dict[str, Any]) -> None:
    if name := obj["metadata"].get("name"):
        labels = obj["metadata"].get("labels") or {}
        obj["metadata"]["labels"] = labels | {"kubernetes.io/metadata.name": name}


def _pod(spec: dict[str, Any]) -> None:
    for container in (*(spec.get("initContainers") or ()), *(spec.get("containers") or ())):
        _resources(container.get("resources") or {})
    spec.setdefault("enableServiceLinks", True)


def _pod_spec(spec: dict[str, Any]) -> None:
    for group in ("initContainers", "containers", "ephemeralContainers"):
        for container in spec.get(group) or ():
            name = str(container.get("image", "")).rpartition("/")[2]
            latest = "@" not in name and (":" not in name or name.endswith(":latest"))
            container.setdefault("imagePullPolicy", "Always" if latest else "IfNotPresent")
    if account := spec.get("serviceAccountName"):
        spec.setdefault("serviceAccount", account)
    elif account := spec.get("serviceAccount"):
        spec["serviceAccountName"] = account


def _resources(resources: dict[str, Any]) -> None:
    """A limit without a request is the request too."""
    for name, limit in (resources.get("limits") or {}).items():
        resources.setdefault("requests", {}).setdefault(name, limit)


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
    "Namespace": _namespace,
    "ReplicationController": _replication_controller,
    "Secret": _secret,
}
_STEPS = {
    "Pod": _pod,
    "Deployment": _deployment,
    "StatefulSet": _stateful_set,
    "DaemonSet": _daemon_set,
    "Job": _job,
    "Service": _service,
    "PersistentVolumeClaim": _claim,
}
