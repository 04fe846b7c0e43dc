"""The three worker nodes: registered, Ready, and kept alive by one Lease each."""

import asyncio
import logging
import platform
import random

from osconsole.embedded.client import Client, Object
from osconsole.embedded.clock import fine_stamp, stamp
from osconsole.embedded.kinds import LEASE, NODE
from osconsole.embedded.kubelet.podstatus import HOST_IP
from osconsole.errors import Conflict, NotFound, OsconsoleError

NODES = ("worker-0", "worker-1", "worker-2")
_LEASE_NAMESPACE = "kube-node-lease"
_log = logging.getLogger(__name__)
_RETRY_S = 1.0


async def keep_node(client: Client, name: str, port: int, lease_s: float) -> None:
    """Register a node whose kubelet listens on `port`, then renew its Lease every `lease_s` or so, for ever."""
    registered = False
    while True:
        pause_s = lease_s * random.uniform(0.8, 1.2)  # noqa: S311
        try:
            if not registered:
                await _register(client, name, port)
                registered = True
            await _renew(client, name, lease_s)
        except OsconsoleError as error:
            _log.info("node %s: %s", name, error)
            registered, pause_s = False, _RETRY_S
        await asyncio.sleep(pause_s)


async def _register(client: Client, name: str, port: int) -> None:
    try:
        node = await client.get(NODE, "", name)
    except NotFound:
        node = await client.create(NODE, _node(name))
    status = _status(node, port)
    if node.get("status") != status:
        await client.update_status(NODE, {**node, "status": status})
    taints = [t for t in node["spec"].get("taints") or [] if t["key"] != "node.kubernetes.io/not-ready"]
    if taints != (node["spec"].get("taints") or []):
        await client.patch(NODE, ("", name), {"spec": {"taints": taints}})


async def _renew(client: Client, name: str, lease_s: float) -> None:
    spec = {"holderIdentity": name, "leaseDurationSeconds": int(lease_s * 3), "renewTime": fine_stamp()}
    try:
        await client.patch(LEASE, (_LEASE_NAMESPACE, name), {"spec": spec})
    except NotFound:
        meta = {"name": name, "namespace": _LEASE_NAMESPACE}
        try:
            await client.create(LEASE, {"metadata": meta, "spec": spec})
        except (Conflict, NotFound) as error:
            # A bare cluster may not have the namespace yet.
            _log.debug("lease %s: %s", name, error)


def _node(name: str) -> Object:
    labels = {
        "kubernetes.io/hostname": name,
        "kubernetes.io/os": "linux",
        "kubernetes.io/arch": _architecture(),
        "node-role.kubernetes.io/worker": "",
    }
    return {"metadata": {"name": name, "labels": labels}, "spec": {}}


def _status(node: Object, port: int) -> Object:
    before = node.get("status") or {}
    size = {"cpu": "16", "memory": "64Gi", "pods": "2500", "ephemeral-storage": "200Gi"}
    info = {
        "architecture": _architecture(),
        "operatingSystem": "linux",
        "osImage": "osconsole sandbox node",
        "kernelVersion": platform.release(),
        "kubeletVersion": "v1.35.0",
        "kubeProxyVersion": "",
        "containerRuntimeVersion": "simulated://1",
        "machineID": node["metadata"]["uid"],
        "systemUUID": node["metadata"]["uid"],
        "bootID": node["metadata"]["uid"],
    }
    return {
        **before,
        "capacity": size,
        "allocatable": size,
        "conditions": _conditions(before.get("conditions") or []),
        "addresses": [{"type": "InternalIP", "address": HOST_IP}],
        "daemonEndpoints": {"kubeletEndpoint": {"Port": port}},
        "nodeInfo": {**info, "swap": before["nodeInfo"]["swap"]} if "swap" in before.get("nodeInfo", {}) else info,
    }


def _conditions(before: list[Object]) -> list[Object]:
    healthy = {
        "MemoryPressure": ("False", "KubeletHasSufficientMemory", "kubelet has sufficient memory available"),
        "DiskPressure": ("False", "KubeletHasNoDiskPressure", "kubelet has no disk pressure"),
        "PIDPressure": ("False", "KubeletHasSufficientPID", "kubelet has sufficient PID available"),
        "Ready": ("True", "KubeletReady", "kubelet is posting ready status"),
    }
    old = {condition["type"]: condition for condition in before}
    found = []
    for kind, (status, reason, message) in healthy.items():
        known = old.get(kind)
        if known and (known["status"], known.get("reason")) == (status, reason):
            found.append(known)
            continue
        new = {"type": kind, "status": status, "reason": reason, "message": message}
        found.append({**new, "lastHeartbeatTime": stamp(), "lastTransitionTime": stamp()})
    return found


def _architecture() -> str:
    return {"x86_64": "amd64", "aarch64": "arm64"}.get(platform.machine(), platform.machine())
