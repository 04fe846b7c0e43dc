"""A NodeSet of three hosts and Deployments of it, as upstream writes them; staged by hand."""

from typing import Any

from osconsole.model.hashes import object_hash
from osconsole.model.resource import Resource, resource
from osconsole.model.run import Run

GROUP = "dataplane.openstack.org/v1beta1"
HOSTS = tuple(f"edpm-compute-{n}" for n in range(3))
SERVICES = ("bootstrap", "configure-os", "nova")
MARK = "openstackdataplane"


def at(second: int) -> str:
    return f"2026-01-01T00:{second // 60:02}:{second % 60:02}Z"


def thing(kind: str, name: str, second: int = 0, group: str = GROUP, owner: Resource | None = None, **body: Any):
    meta = {
        "name": name, "namespace": "openstack", "uid": f"{kind}-{name}", "resourceVersion": str(second + 1),
        "creationTimestamp": at(second), **body.pop("metadata", {}),
    }  # fmt: skip
    if owner:
        meta["ownerReferences"] = [
            {"apiVersion": owner.api_version, "kind": owner.ref.kind, "name": owner.ref.name, "uid": owner.uid,
             "controller": True}
        ]  # fmt: skip
    return resource({"apiVersion": group, "kind": kind, "metadata": meta, **body})


def nodeset(config: str = "h1", hosts: tuple[str, ...] = HOSTS, **status: Any) -> Resource:
    ansible = {"ansibleVarsFrom": [{"secretRef": {"name": "logins"}}]}
    spec = {
        "nodes": {host: {"hostName": f"{host}.example.com"} for host in hosts}, "services": list(SERVICES),
        "nodeTemplate": {"ansible": ansible},
    }  # fmt: skip
    return thing("OpenStackDataPlaneNodeSet", "edpm-compute", spec=spec, status={"configHash": config, **status})


def ipset(host: str, second: int) -> Resource:
    return thing("IPSet", f"{host}.example.com", second, "network.openstack.org/v1beta1")


def deployment(name: str, second: int, *, config: str = "h1", deployed: bool = True, **rest: Any) -> Resource:
    status = {"deployed": deployed, "nodeSetHashes": {"edpm-compute": config}, **rest.pop("status", {})}
    spec = {"nodeSets": ["edpm-compute"], **rest}
    return thing("OpenStackDataPlaneDeployment", name, second, spec=spec, status=status)


def job(owner: Resource, service: str, second: int, *, failed: int = 0, done: bool = True, gave_up: bool = False):
    ended = [{"type": "Complete", "status": "True", "lastTransitionTime": at(second + 5)}] if done else []
    if gave_up:
        ended = [{"type": "Failed", "status": "True", "reason": "BackoffLimitExceeded",
                  "lastTransitionTime": at(second + 5)}]  # fmt: skip
    status = {"startTime": at(second), "failed": failed, "conditions": ended, "active": int(not ended)}
    labels = {f"{MARK}service": service, f"{MARK}deployment": owner.ref.name, f"{MARK}nodeset": "edpm-compute"}
    name = f"{service}-{owner.ref.name}-edpm-compute"
    return thing(
        "Job", name, second, "batch/v1", owner, metadata={"labels": labels}, spec={"backoffLimit": 6}, status=status
    )


def pod(owner: Resource, second: int, phase: str = "Running") -> Resource:
    name = f"{owner.ref.name}-{second}"
    return thing("Pod", name, second, "v1", owner, metadata={"labels": owner.labels}, status={"phase": phase})


def config_map(name: str, **data: str) -> Resource:
    return thing("ConfigMap", name, group="v1", data=data)


def secret(name: str, hash_: str) -> Resource:
    """As the mirror keeps it."""
    return thing("Secret", name, group="v1", data={"key": ""}, osconsole={"hash": hash_})


def config_hash(**data: str) -> str:
    return object_hash({"data": data})


def run(**fields: Any) -> Run:
    return Run(**fields)
