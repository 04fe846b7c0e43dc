"""The operator as a process, on the embedded cluster with the demo world."""

import asyncio
import contextlib
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from osconsole.errors import OsconsoleError
from osconsole.kube.api import Api
from osconsole.model.connection import Options
from osconsole.model.kinds import BY_KEY, key
from osconsole.model.resource import dig

OSCONSOLE = [sys.executable, "-m", "osconsole"]

pytestmark = pytest.mark.timeout(300)


class Operator:
    """`osconsole operator` on a kubeconfig."""

    def __init__(self, kubeconfig: Path, log: Path, *options: str) -> None:
        self._log = log
        with log.open("ab") as out:
            argv = [*OSCONSOLE, "operator", "--kubeconfig", str(kubeconfig), *options]
            self.process = subprocess.Popen(argv, stdout=out, stderr=out)

    @property
    def said(self) -> str:
        return self._log.read_text()

    def end(self, number: int = signal.SIGTERM) -> int:
        self.process.send_signal(number)
        return self.process.wait(15)


@contextlib.contextmanager
def operator(kubeconfig: Path, folder: Path, *options: str) -> Iterator[Operator]:
    found = Operator(kubeconfig, folder / f"operator-{time.monotonic_ns()}.log", *options)
    try:
        yield found
    finally:
        if found.process.poll() is None:
            found.end(signal.SIGKILL)


class Cluster:
    """Reads of one namespace."""

    def __init__(self, api: Api, namespace: str) -> None:
        self.api = api
        self.namespace = namespace

    async def get(self, kind: str, name: str) -> dict:
        try:
            return await self.api.get(BY_KEY[key(kind)], self.namespace, name)
        except OsconsoleError:
            return {}

    async def all(self, kind: str) -> list[dict]:
        path = BY_KEY[key(kind)].path(self.namespace)
        return (await self.api.send("GET", path)).object()["items"]

    async def patch(self, kind: str, name: str, patch: dict) -> None:
        await self.api.patch(BY_KEY[key(kind)].path(self.namespace, name), patch)

    async def until(self, what: str, holds, limit_s: float) -> None:
        deadline = time.monotonic() + limit_s
        while not await holds():
            assert time.monotonic() < deadline, (
                f"{what} after {limit_s} s: {await self.get('OpenStackControlPlane', 'controlplane')}"
            )
            await asyncio.sleep(0.2)

    async def ready(self) -> bool:
        plane = await self.get("OpenStackControlPlane", "controlplane")
        status = plane.get("status") or {}
        caught_up = status.get("observedGeneration") == dig(plane, "metadata", "generation")
        return caught_up and any(c["type"] == "Ready" and c["status"] == "True" for c in status.get("conditions", []))

    async def replicas(self, count: int) -> bool:
        return dig(await self.get("Deployment", "keystone"), "status", "readyReplicas") == count


@pytest.fixture
def embedded(tmp_path: Path) -> Iterator[Path]:
    start = [*OSCONSOLE, "cluster", "start", "--dir", str(tmp_path / "cluster"), "--world", "demo"]
    found = subprocess.run(start, capture_output=True, text=True, timeout=60, check=False)
    try:
        assert found.returncode == 0, found.stderr
        yield Path(found.stdout.split()[-1])
    finally:
        stop = [*OSCONSOLE, "cluster", "stop", "--dir", str(tmp_path / "cluster")]
        subprocess.run(stop, capture_output=True, timeout=60, check=True)


async def test_the_demo_comes_up_although_the_operator_is_killed_on_the_way(embedded, tmp_path):
    api = Api(Options(kubeconfig=str(embedded)))
    cluster = Cluster(api, "openstack")
    try:
        with operator(embedded, tmp_path) as first:

            async def some_jobs() -> bool:
                return len(await cluster.all("Job")) >= 4

            await cluster.until("four Jobs", some_jobs, 30)
            assert first.end(signal.SIGKILL) == -signal.SIGKILL
        jobs = {j["metadata"]["name"]: j["metadata"]["uid"] for j in await cluster.all("Job")}
        with operator(embedded, tmp_path) as second:
            await cluster.until("Ready", cluster.ready, 90)
            now = {j["metadata"]["name"]: j["metadata"]["uid"] for j in await cluster.all("Job")}
            assert jobs.items() <= now.items()  # no step was done twice
            running = [p for p in await cluster.all("Pod") if p["status"]["phase"] == "Running"]
            assert len(running) >= 25
            plane = {"spec": {"keystone": {"template": {"replicas": 3}}}}
            await cluster.patch("OpenStackControlPlane", "controlplane", plane)
            await cluster.until("three keystones", lambda: cluster.replicas(3), 30)
            await cluster.until("Ready again", cluster.ready, 30)
            with operator(embedded, tmp_path) as third:
                await cluster.until("the third waits", _says(third, "holds the Lease"), 15)
                assert second.end() == 0
                await cluster.until("the third goes on", _says(third, "reconciling controlplane"), 15)
                assert third.end() == 0
            assert "Traceback" not in second.said + third.said
    finally:
        await api.close()


async def test_what_upstreams_operators_reconcile_is_left_to_them(embedded, tmp_path):
    api = Api(Options(kubeconfig=str(embedded)))
    cluster = Cluster(api, "openstack")
    labels = {"openstack.org/operator-name": "openstack"}
    pod = {"metadata": {"labels": labels}, "spec": {"containers": [{"name": "manager", "image": "manager"}]}}
    spec = {"replicas": 1, "selector": {"matchLabels": labels}, "template": pod}
    body = {"metadata": {"name": "openstack-operator", "labels": labels}, "spec": spec}
    try:
        await api.create(
            BY_KEY[key("Deployment")].path("openstack"), {"apiVersion": "apps/v1", "kind": "Deployment", **body}
        )
        with operator(embedded, tmp_path) as found:
            await cluster.until("it says what it leaves", _says(found, "leaving controlplane to openstack"), 15)
            await cluster.until("it goes on", _says(found, "reconciling network"), 15)
            assert found.end() == 0
        with operator(embedded, tmp_path, "--groups", "controlplane") as found:
            assert await asyncio.to_thread(found.process.wait, 20) == 4
            assert "openstack of upstream reconciles it here" in found.said
        with operator(embedded, tmp_path, "--groups", "nosuch") as found:
            assert await asyncio.to_thread(found.process.wait, 20) == 2
            assert "there is no group 'nosuch': known are controlplane" in found.said
            assert "Traceback" not in found.said
    finally:
        await api.close()


def _says(found: Operator, text: str):
    async def holds() -> bool:
        return text in found.said

    return holds
