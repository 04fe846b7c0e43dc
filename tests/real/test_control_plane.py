"""Operator, session and command line on a real kube-apiserver with upstream's schemas: the tree, and a scale."""

import asyncio
import contextlib
import itertools
import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path

import pytest

from osconsole.cli.known import known, until
from osconsole.cli.status import TREE
from osconsole.documents import parse
from osconsole.kube.api import Api
from osconsole.model.connection import Options
from osconsole.model.intents import Scale
from osconsole.model.kinds import BY_KEY, key
from osconsole.model.ref import Ref
from osconsole.model.snapshot import Snapshot
from osconsole.reconcile import preflight
from osconsole.views import tree

OSCONSOLE = (sys.executable, "-m", "osconsole")
NAMESPACE = "openstack"
PLANE = key("OpenStackControlPlane").ref(NAMESPACE, "controlplane")
KEYSTONE = key("Deployment").ref(NAMESPACE, "keystone")

# What stands under what: (kind, name) of some objects on the way down, first the topmost.
BRANCHES = (
    "OpenStackControlPlane/controlplane OpenStackVersion/controlplane",
    "OpenStackControlPlane/controlplane Galera/openstack StatefulSet/openstack-galera Pod/openstack-galera-2",
    "OpenStackControlPlane/controlplane RabbitMq/rabbitmq",
    "OpenStackControlPlane/controlplane Memcached/memcached StatefulSet/memcached Pod/memcached-0",
    "OpenStackControlPlane/controlplane OVNDBCluster/ovndbcluster-sb StatefulSet/ovsdbserver-sb",
    "OpenStackControlPlane/controlplane KeystoneAPI/keystone Deployment/keystone",
    "OpenStackControlPlane/controlplane PlacementAPI/placement Deployment/placement",
    "OpenStackControlPlane/controlplane Glance/glance GlanceAPI/glance-default-external",
    "OpenStackControlPlane/controlplane NeutronAPI/neutron Deployment/neutron",
    "OpenStackControlPlane/controlplane Nova/nova NovaAPI/nova-api StatefulSet/nova-api",
    "OpenStackControlPlane/controlplane Nova/nova NovaCell/nova-cell1 NovaConductor/nova-cell1-conductor",
    "OpenStackControlPlane/controlplane OpenStackClient/openstackclient",
)


@contextlib.contextmanager
def operator(kubeconfig: Path, log: Path) -> Iterator[None]:
    with log.open("ab") as out:
        argv = [*OSCONSOLE, "operator", "--kubeconfig", str(kubeconfig)]
        process = subprocess.Popen(argv, stdout=out, stderr=out)
    try:
        yield
        process.send_signal(signal.SIGTERM)
        assert process.wait(15) == 0
        assert "Traceback" not in log.read_text()
    finally:
        if process.poll() is None:
            process.kill()
            process.wait(15)


def edges(node: tree.Node) -> Iterator[tuple[str, str]]:
    """Parent and child, as kind/name, over a whole tree."""
    for child in node.children:
        yield name(node.resource.ref), name(child.resource.ref)
        yield from edges(child)


def name(ref: Ref) -> str:
    return f"{ref.kind}/{ref.name}"


@pytest.mark.timeout(300)
async def test_the_tree_is_right_and_a_scale_goes_through(real, tmp_path, stand_in, monkeypatch):
    for kind in ("CONFIG", "STATE"):
        monkeypatch.setenv(f"XDG_{kind}_HOME", str(tmp_path / kind.lower()))
    options = Options(kubeconfig=str(real), namespace=NAMESPACE)
    api = Api(options)
    plane = parse(files("osconsole.embedded.world").joinpath("demo/controlplane.yaml").read_text(), "demo")
    plane["metadata"]["namespace"] = NAMESPACE
    try:
        await stand_in.prepare(api, NAMESPACE)
        async with asyncio.TaskGroup() as tasks:
            playing = [tasks.create_task(part) for part in (stand_in.certify(api, NAMESPACE), stand_in.beat(api))]
            with operator(real, tmp_path / "operator.log"):
                await api.create(BY_KEY[key("OpenStackControlPlane")].path(NAMESPACE), plane)
                async with known(options, TREE | preflight.READS) as session:
                    snapshot = await until(session, ready, 150)
                    root = snapshot.get(PLANE)
                    assert root is not None
                    found = set(edges(tree.grow(root, snapshot, session.now())))
                    for branch in BRANCHES:
                        steps = branch.split()
                        assert set(itertools.pairwise(steps)) <= found, branch
                    preview = await session.preview(Scale(KEYSTONE, 3))
                    assert preview.target == PLANE
                    await session.submit(preview)
                    await until(session, lambda seen: replicas(seen) == 3 and ready(seen), 60)
                said = await asyncio.to_thread(status, real)
                assert said["controlPlanes"][0]["ready"] is True
            for task in playing:
                task.cancel()
    finally:
        await api.close()


def ready(snapshot: Snapshot) -> bool:
    found = snapshot.get(PLANE)
    return bool(found and found.ready)


def replicas(snapshot: Snapshot) -> int:
    found = snapshot.get(KEYSTONE)
    return found.get("status", "readyReplicas", default=0) if found else 0


def status(kubeconfig: Path) -> dict:
    argv = [*OSCONSOLE, "status", "--kubeconfig", str(kubeconfig), "-n", NAMESPACE, "-o", "json"]
    done = subprocess.run(argv, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return json.loads(done.stdout)
