"""One embedded demo cluster with its operator for all tests here, driven from outside as a person would."""

import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from osconsole.embedded.nodes import spec
from osconsole.embedded.seed import Line
from osconsole.errors import NotFound
from osconsole.model import kinds

OSCONSOLE = (sys.executable, "-m", "osconsole")
NAMESPACE = "openstack"


class Demo:
    """The cluster in a directory: our program, kubectl, and reads of the namespace `openstack`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.directory = folder / "cluster"
        self.kubeconfig = self.directory / "kubeconfig"
        homes = {f"XDG_{kind}_HOME": str(folder / kind.lower()) for kind in ("CONFIG", "STATE", "DATA", "CACHE")}
        self.env = {**os.environ, **homes, "KUBECONFIG": str(self.kubeconfig)}
        self._operator: subprocess.Popen[bytes] | None = None

    def osc(self, *argv: str, timeout: float = 60, env: dict[str, str] | None = None) -> subprocess.CompletedProcess:
        given = {"env": {**self.env, **(env or {})}, "timeout": timeout}
        return subprocess.run([*OSCONSOLE, *argv], text=True, capture_output=True, check=False, **given)

    def kubectl(self, *argv: str, stdin: str | None = None, timeout: float = 60) -> subprocess.CompletedProcess:
        given = {"env": self.env, "timeout": timeout, "input": stdin}
        return subprocess.run(["kubectl", "-n", NAMESPACE, *argv], text=True, capture_output=True, check=False, **given)

    def start(self) -> None:
        done = self.osc("cluster", "start", "--dir", str(self.directory), timeout=90)
        assert done.returncode == 0, done.stderr
        assert done.stdout.split()[-1] == str(self.kubeconfig)

    def stop(self) -> None:
        done = self.osc("cluster", "stop", "--dir", str(self.directory), timeout=90)
        assert done.returncode == 0, done.stderr

    def operate(self) -> None:
        with (self.folder / "operator.log").open("ab") as log:
            self._operator = subprocess.Popen([*OSCONSOLE, "operator"], env=self.env, stdout=log, stderr=log)

    def end_operator(self, number: int = signal.SIGTERM) -> int:
        assert self._operator is not None
        self._operator.send_signal(number)
        return self._operator.wait(20)

    def kill(self, part: str) -> None:
        """End a process of the cluster as by the kernel."""
        found = json.loads((self.directory / "processes.json").read_text())
        os.kill(next(entry["pid"] for entry in found if entry["name"] == part), signal.SIGKILL)

    @property
    def said(self) -> str:
        return (self.folder / "operator.log").read_text()

    def _path(self, kind: str, name: str = "") -> str:
        found = kinds.BY_KEY[kinds.key(kind)]
        return found.path(NAMESPACE, name)

    def call(self, method: str, kind: str, name: str = "", body: dict | None = None) -> dict[str, Any]:
        with Line(self.kubeconfig) as line:
            return line.call(method, self._path(kind, name), body)

    def get(self, kind: str, name: str) -> dict[str, Any]:
        with contextlib.suppress(NotFound):
            return self.call("GET", kind, name)
        return {}

    def all(self, kind: str, **labels: str) -> list[dict[str, Any]]:
        found = self.call("GET", kind)["items"]
        return [o for o in found if labels.items() <= (o["metadata"].get("labels") or {}).items()]

    def create(self, kind: str, name: str, spec: dict) -> None:
        found = kinds.BY_KEY[kinds.key(kind)]
        body = {"apiVersion": found.api_version, "kind": kind, "metadata": {"name": name}, "spec": spec}
        self.call("POST", kind, "", body)

    def until(self, what: str, holds: Callable[[], Any], limit_s: float = 60) -> Any:
        """What `holds` gives as soon as it is true."""
        deadline = time.monotonic() + limit_s
        while not (found := holds()):
            assert time.monotonic() < deadline, f"{what}: not within {limit_s} s"
            time.sleep(0.1)
        return found

    def ready(self) -> bool:
        plane = self.get("OpenStackControlPlane", "controlplane")
        status = plane.get("status", {})
        caught_up = status.get("observedGeneration") == plane["metadata"]["generation"]
        return caught_up and condition(plane, "Ready").get("status") == "True"

    def jobs(self, deployment: str) -> dict[str, dict]:
        """The Jobs of a Deployment by service."""
        found = self.all("Job", openstackdataplanedeployment=deployment)
        return {job["metadata"]["labels"]["openstackdataplaneservice"]: job for job in found}

    def deploy(self, *services: str, name: str, nodeset: str = "edpm-compute", more: tuple[str, ...] = ()):
        named = [word for service in services for word in ("--service", service)]
        flags = ("--name", name, "-n", NAMESPACE, "--yes", *more)
        return self.osc("deploy", nodeset, *named, *flags, timeout=120)

    def disk(self, node: str) -> Path:
        """Where a compute node keeps what it has written."""
        found = spec.read(spec.places(self.directory))
        assert found is not None
        return next(Path(one.disk) for one in found.nodes if one.name == node)

    def node(self, verb: str, name: str) -> None:
        done = self.osc("cluster", "node", verb, name, "--dir", str(self.directory))
        assert done.returncode == 0, done.stderr


def condition(found: dict, kind: str) -> dict[str, str]:
    """One condition, {} when it is not there."""
    return next((c for c in found.get("status", {}).get("conditions", []) if c["type"] == kind), {})


@pytest.fixture(name="condition")
def _condition() -> Callable[[dict, str], dict[str, str]]:
    return condition


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    if not shutil.which("ssh"):
        pytest.skip("ssh is not installed")
    found = Demo(tmp_path_factory.mktemp("demo"))
    try:
        found.start()
        found.operate()
        found.until("the control plane is Ready", found.ready, 120)
        yield found
        assert found.end_operator() == 0
        assert "Traceback" not in found.said
    finally:
        if found._operator and found._operator.poll() is None:
            found.end_operator(signal.SIGKILL)
        found.stop()


@pytest.fixture(autouse=True)
def _left_well(demo: Demo) -> Iterator[None]:
    """Every test leaves the control plane Ready for the next."""
    yield
    demo.until("the control plane is Ready again", demo.ready, 90)
