"""What many tests use: objects as values, and a small world of them."""

import itertools
from collections.abc import Callable
from typing import Any

import pytest

from osconsole.model.changes import Listed
from osconsole.model.resource import Resource, resource
from osconsole.model.snapshot import Snapshot

_count = itertools.count(1)


def make(
    api_version: str, kind: str, name: str, *, namespace: str = "openstack", owner: Resource | None = None, **rest: Any
) -> Resource:
    """An object with a uid and a resourceVersion of its own; `owner` controls it; the rest is its body."""
    number = next(_count)
    meta = {"name": name, "namespace": namespace, "uid": f"u{number}", "resourceVersion": str(number), "generation": 1}
    meta["creationTimestamp"] = "2026-01-01T00:00:00Z"
    if owner is not None:
        meta["ownerReferences"] = [
            {
                "apiVersion": owner.api_version,
                "kind": owner.ref.kind,
                "name": owner.ref.name,
                "uid": owner.uid,
                "controller": True,
            }
        ]
    meta |= rest.pop("metadata", {})
    return resource({"apiVersion": api_version, "kind": kind, "metadata": meta, **rest})


def snapshot_of(*objects: Resource, at: float = 1_767_225_600.0) -> Snapshot:
    """A Snapshot in which all kinds of the objects are listed and live."""
    kinds: dict[Any, list[Resource]] = {}
    for found in objects:
        kinds.setdefault(found.kind, []).append(found)
    return Snapshot().apply([Listed(kind, "", tuple(found), at) for kind, found in kinds.items()])


def condition(
    kind: str, status: str, reason: str = "", severity: str = "", message: str = "", at: str = "2026-01-01T00:00:00Z"
) -> dict[str, str]:
    """One entry of status.conditions."""
    return {
        "type": kind,
        "status": status,
        "reason": reason,
        "severity": severity,
        "message": message,
        "lastTransitionTime": at,
    }


@pytest.hookimpl(tryfirst=True)  # before pytest-xdist reads the marks
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests of one file share what it starts, and so do all end-to-end tests: they run in one process, in order."""
    for item in items:
        group = item.path.parent if item.path.parent.name == "e2e" else item.path
        item.add_marker(pytest.mark.xdist_group(str(group)))


@pytest.fixture(name="make")
def _make() -> Callable[..., Resource]:
    return make


@pytest.fixture(name="snapshot_of")
def _snapshot_of() -> Callable[..., Snapshot]:
    return snapshot_of


@pytest.fixture(name="condition")
def _condition() -> Callable[..., dict[str, str]]:
    return condition


@pytest.fixture
def cloud() -> dict[str, Resource]:
    """A control plane with keystone (Deployment, ReplicaSet, two pods), a Galera, RabbitMQ, a NodeSet."""
    ready = [condition("Ready", "True", "Ready", message="Setup complete")]
    spec = {
        "keystone": {"template": {"replicas": 2}},
        "galera": {"templates": {"openstack": {"replicas": 3}}},
        "nova": {"template": {"cellTemplates": {"cell1": {"conductorServiceTemplate": {"replicas": 1}}}}},
    }
    cp = make(
        "core.openstack.org/v1beta1",
        "OpenStackControlPlane",
        "controlplane",
        spec=spec,
        status={"conditions": ready, "observedGeneration": 1},
    )
    out = {"cp": cp}

    def child(key: str, group: str, kind: str, name: str, owner: Resource, **rest: Any) -> Resource:
        out[key] = make(group, kind, name, owner=owner, **rest)
        return out[key]

    fine = {"conditions": ready, "observedGeneration": 1}
    keystone = child(
        "keystone", "keystone.openstack.org/v1beta1", "KeystoneAPI", "keystone", cp, spec={"replicas": 2}, status=fine
    )
    deployment = child(
        "deployment",
        "apps/v1",
        "Deployment",
        "keystone",
        keystone,
        spec={"replicas": 2},
        status={"readyReplicas": 2, "replicas": 2, "updatedReplicas": 2, "observedGeneration": 1},
    )
    rs = child(
        "rs",
        "apps/v1",
        "ReplicaSet",
        "keystone-1",
        deployment,
        spec={"replicas": 2},
        status={"readyReplicas": 2, "replicas": 2, "observedGeneration": 1},
    )
    for number in (1, 2):
        child(
            f"pod{number}",
            "v1",
            "Pod",
            f"keystone-1-{number}",
            rs,
            spec={"containers": [{"name": "keystone-api"}]},
            status={
                "phase": "Running",
                "conditions": [condition("Ready", "True")],
                "containerStatuses": [
                    {"name": "keystone-api", "ready": True, "restartCount": 0, "state": {"running": {}}}
                ],
            },
        )
    galera = child(
        "galera", "mariadb.openstack.org/v1beta1", "Galera", "openstack", cp, spec={"replicas": 3}, status=fine
    )
    sts = child(
        "sts",
        "apps/v1",
        "StatefulSet",
        "openstack-galera",
        galera,
        spec={"replicas": 3},
        status={"readyReplicas": 3, "replicas": 3, "updatedReplicas": 3, "observedGeneration": 1},
    )
    child(
        "galera-pod",
        "v1",
        "Pod",
        "openstack-galera-0",
        sts,
        spec={"containers": [{"name": "galera"}]},
        status={
            "phase": "Running",
            "conditions": [condition("Ready", "True")],
            "containerStatuses": [{"name": "galera", "ready": True, "state": {"running": {}}}],
        },
    )
    nova = child("nova", "nova.openstack.org/v1beta1", "Nova", "nova", cp, status=fine)
    cell = child("cell1", "nova.openstack.org/v1beta1", "NovaCell", "nova-cell1", nova, status=fine)
    child(
        "conductor",
        "nova.openstack.org/v1beta1",
        "NovaConductor",
        "nova-cell1-conductor",
        cell,
        spec={"replicas": 1},
        status=fine,
    )
    nodes = {f"edpm-compute-{n}": {"hostName": f"edpm-compute-{n}"} for n in range(3)}
    setup = [*ready, condition("SetupReady", "True")]
    out["nodeset"] = make(
        "dataplane.openstack.org/v1beta1",
        "OpenStackDataPlaneNodeSet",
        "edpm-compute",
        spec={"nodes": nodes, "services": ["bootstrap", "configure-os"]},
        status={"conditions": setup, "observedGeneration": 1},
    )
    for name in ("bootstrap", "configure-os"):
        out[name] = make(
            "dataplane.openstack.org/v1beta1",
            "OpenStackDataPlaneService",
            name,
            spec={"playbook": f"osp.edpm.{name.replace('-', '_')}"},
        )
    return out
