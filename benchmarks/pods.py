"""Pods as a busy cluster has them: three containers, Multus, probes, a status, and long managedFields."""

import random
from typing import Any

import msgspec

_DICE = random.Random(1)
_AT = "2026-01-02T03:04:05Z"
_PROBE = {"httpGet": {"path": "/healthcheck", "port": 8080, "scheme": "HTTP"}, "periodSeconds": 10, "timeoutSeconds": 5}
_ENV = [{"name": f"SETTING_{i}", "value": f"value {i} of 5d4a0c7e"} for i in range(12)]
_MOUNTS = [{"name": f"config-{i}", "mountPath": f"/var/lib/config-data/{i}", "readOnly": True} for i in range(5)]
_NAMES = ("api", "log", "proxy")
_STATES = ("PodReadyToStartContainers", "Initialized", "Ready", "ContainersReady", "PodScheduled")


def busy_pod(number: int, namespace: str = "openstack") -> dict[str, Any]:
    """One pod: about 8 KB, 19 KB with its managedFields."""
    spec, status = _spec(number), _status(number)
    labels = {"service": f"service-{number % 40}", "owner": "nova-operator", "pod-template-hash": _hex(32)}
    owner = {"apiVersion": "apps/v1", "kind": "ReplicaSet", "name": f"service-{number % 40}-5d4b", "uid": _hex(128)}
    written = [
        managed("kube-controller-manager", {"metadata": {"labels": labels}, "spec": spec}),
        managed("nova-operator", {"spec": {"containers": spec["containers"][:2], "volumes": spec["volumes"]}}),
        {**managed("kubelet", {"status": status}), "subresource": "status"},
    ]
    metadata = {
        "name": f"service-{number % 40}-{_hex(32)}-{number:05d}",
        "namespace": namespace,
        "uid": _hex(128),
        "resourceVersion": "1",
        "creationTimestamp": _AT,
        "labels": labels,
        "annotations": {"k8s.v1.cni.cncf.io/network-status": _networks()},
        "ownerReferences": [{**owner, "controller": True, "blockOwnerDeletion": True}],
        "managedFields": written,
    }
    return {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": spec, "status": status}


def _hex(bits: int) -> str:
    return f"{_DICE.getrandbits(bits):0{bits // 4}x}"


def _networks() -> str:
    found = [
        {"name": name, "interface": name, "ips": ["172.17.0.30"], "mac": _hex(48)} for name in ("ovn", "internalapi")
    ]
    return msgspec.json.format(msgspec.json.encode(found), indent=4).decode()


def _spec(number: int) -> dict[str, Any]:
    containers = [
        {
            "name": name,
            "image": f"quay.io/example/openstack-{name}@sha256:{_hex(256)}",
            "command": ["/bin/bash"],
            "args": ["-c", "/usr/local/bin/kolla_start"],
            "env": _ENV,
            "livenessProbe": _PROBE,
            "readinessProbe": _PROBE,
            "startupProbe": _PROBE,
            "resources": {"requests": {"cpu": "100m", "memory": "500Mi"}},
            "imagePullPolicy": "IfNotPresent",
            "securityContext": {"runAsUser": 42415, "capabilities": {"drop": ["ALL"]}},
            "volumeMounts": _MOUNTS,
        }
        for name in _NAMES
    ]
    volumes = [
        {"name": f"config-{i}", "secret": {"secretName": f"nova-{_hex(20)}", "defaultMode": 420}} for i in range(5)
    ]
    return {"containers": containers, "volumes": volumes, "nodeName": f"worker-{number % 30}", "schedulerName": "none"}


def _status(number: int) -> dict[str, Any]:
    containers = [
        {
            "name": name,
            "containerID": f"cri-o://{_hex(256)}",
            "image": f"quay.io/example/openstack-{name}",
            "imageID": f"quay.io/example/openstack-{name}@sha256:{_hex(256)}",
            "ready": True,
            "restartCount": 0,
            "state": {"running": {"startedAt": _AT}},
        }
        for name in _NAMES
    ]
    return {
        "phase": "Running",
        "conditions": [{"type": name, "status": "True", "lastTransitionTime": _AT} for name in _STATES],
        "podIP": f"10.128.{number // 250 % 250}.{number % 250}",
        "containerStatuses": containers,
    }


def managed(manager: str, fields: dict[str, Any]) -> dict[str, Any]:
    """The entry of managedFields for a manager that wrote these fields."""
    head = {"manager": manager, "operation": "Update", "apiVersion": "v1", "time": _AT, "fieldsType": "FieldsV1"}
    return {**head, "fieldsV1": _fields(fields)}


def _fields(value: Any) -> dict[str, Any]:
    if isinstance(value, dict):
        return {f"f:{key}": _fields(found) for key, found in value.items()}
    if isinstance(value, list) and value and isinstance(value[0], dict):
        key = "name" if "name" in value[0] else "type"
        return {f'k:{{"{key}":"{one[key]}"}}': {".": {}, **_fields(one)} for one in value}
    return {}
