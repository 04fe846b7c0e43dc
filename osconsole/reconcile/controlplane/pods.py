"""Pod templates from descriptions."""

import json
from typing import Any

from osconsole.model.resource import dig
from osconsole.reconcile.controlplane.describe import Container, Pods, Volume
from osconsole.reconcile.controlplane.walk import Walk

NETWORKS = "k8s.v1.cni.cncf.io/networks"


def template(pods: Pods, walk: Walk, *, config_hash: str, replicas_spread: bool = True) -> dict[str, Any]:
    """The template of a workload's pods."""
    labels = filled(pods.labels, walk)
    meta: dict[str, Any] = {"labels": labels}
    if pods.attachments:
        meta["annotations"] = {NETWORKS: networks(walk)}
    spec = pod_spec(pods, walk, {pods.hash_env: config_hash})
    if replicas_spread:
        spec["affinity"] = spread(labels)
    return {"metadata": meta, "spec": {**spec, **pods.extra}}


def pod_spec(pods: Pods, walk: Walk, env: dict[str, str]) -> dict[str, Any]:
    """The spec of a pod; `env` is added to every container."""
    spec: dict[str, Any] = {
        "serviceAccountName": walk.fill(pods.account),
        "containers": [container(c, pods.volumes, walk, env) for c in pods.containers],
        "volumes": [volume(v, walk) for v in pods.volumes if v.source != "claim"],
    }
    if pods.init:
        spec["initContainers"] = [container(c, pods.volumes, walk, env) for c in pods.init]
    if not pods.token:
        spec["automountServiceAccountToken"] = False
    selector = walk.get("nodeSelector")
    if selector:
        spec["nodeSelector"] = selector
    return spec


def container(it: Container, volumes: tuple[Volume, ...], walk: Walk, env: dict[str, str]) -> dict[str, Any]:
    """One container of a pod."""
    variables = {**env, **it.env}
    found: dict[str, Any] = {
        "name": walk.fill(it.name),
        "image": walk.get(*it.image, default=""),
        "command": [walk.fill(word) for word in it.run[: it.words]],
        "args": [walk.fill(word) for word in it.run[it.words :]],
        "env": [
            *({"name": name, "valueFrom": _key(walk, *where)} for name, where in it.hidden.items()),
            *({"name": n, "valueFrom": {"fieldRef": {"fieldPath": path}}} for n, path in it.fields.items()),
            *({"name": name, "value": walk.fill(variables[name])} for name in sorted(variables)),
        ],
        "volumeMounts": [mount(v, walk) for v in volumes],
    }
    if not found["args"]:
        del found["args"]
    if resources := walk.get("resources"):
        found["resources"] = resources
    if it.ports:
        found["ports"] = [{"name": n, "containerPort": p, "protocol": "TCP"} for n, p in it.ports.items()]
    probe = _probe(it)
    if probe:
        found["livenessProbe"] = probe
        found["readinessProbe"] = probe
    return found


def _key(walk: Walk, name: str, key: str) -> dict[str, Any]:
    return {"secretKeyRef": {"name": walk.fill(name), "key": walk.fill(key)}}


def _probe(it: Container) -> dict[str, Any]:
    timing = {"periodSeconds": 30, "timeoutSeconds": 30}
    if it.http:
        return {"httpGet": {"path": it.http[0], "port": it.http[1], "scheme": "HTTP"}, **timing}
    if it.tcp:
        return {"tcpSocket": {"port": it.tcp}, **timing}
    return {"exec": {"command": list(it.exec)}, **timing} if it.exec else {}


def volume(it: Volume, walk: Walk) -> dict[str, Any]:
    """One volume of a pod."""
    source, _, name = it.source.partition(":")
    mode: dict[str, Any] = {"defaultMode": it.mode} if it.mode else {}
    if it.optional:
        mode["optional"] = True
    if source == "secret":
        return {"name": walk.fill(it.name), "secret": {"secretName": walk.fill(name), **mode}}
    if source == "configMap":
        return {"name": walk.fill(it.name), "configMap": {"name": walk.fill(name), **mode}}
    return {"name": walk.fill(it.name), "emptyDir": {}}


def mount(it: Volume, walk: Walk) -> dict[str, Any]:
    """Where a container finds a volume."""
    found: dict[str, Any] = {"name": walk.fill(it.name), "mountPath": it.path}
    if it.sub:
        found |= {"subPath": walk.fill(it.sub), "readOnly": True}
    return found


def spread(labels: dict[str, str]) -> dict[str, Any]:
    """Prefer another host than the one that runs a pod of the same service."""
    name = "service" if "service" in labels else next(iter(labels))
    term = {
        "labelSelector": {"matchExpressions": [{"key": name, "operator": "In", "values": [labels[name]]}]},
        "topologyKey": "kubernetes.io/hostname",
    }
    preferred = [{"weight": 100, "podAffinityTerm": term}]
    return {"podAntiAffinity": {"preferredDuringSchedulingIgnoredDuringExecution": preferred}}


def attachments(walk: Walk) -> list[str]:
    """The names of the networks that the pods join beside the cluster's own."""
    one = walk.get("networkAttachment")
    return [one] if one else list(walk.get("networkAttachments", default=[]))


def networks(walk: Walk) -> str:
    """The annotation from which Multus reads what to attach."""
    wanted = [{"name": n, "namespace": walk.namespace, "interface": n[:15]} for n in attachments(walk)]
    return json.dumps(wanted, separators=(",", ":"))


def filled(labels: dict[str, str], walk: Walk) -> dict[str, str]:
    """Labels with their names filled in."""
    return {name: walk.fill(value) for name, value in labels.items()}


def addresses(pod: dict[str, Any]) -> dict[str, list[str]]:
    """What a pod's network-status annotation says: network -> addresses; {} when nobody wrote it."""
    text = dig(pod, "metadata", "annotations", f"{NETWORKS[:-1]}-status", default="")
    try:
        entries = json.loads(text) if text else []
    except ValueError:
        return {}
    return {str(e.get("name", "")): list(e.get("ips") or []) for e in entries if isinstance(e, dict)}
