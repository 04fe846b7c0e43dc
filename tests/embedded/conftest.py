"""A cluster with controllers and node agent: on the embedded API server, and on a real one where it has been built."""

import asyncio
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from osconsole.embedded.api.access import certificates
from osconsole.embedded.client import Client
from osconsole.embedded.kinds import NAMESPACE, POD, Kind
from osconsole.errors import NotFound, Unreachable

_REAL = Path(__file__).parents[3] / "shared" / "realcluster"
_CRDS = Path(__file__).parents[3] / "shared" / "crds"

# Plays the Ansible runner: does what its arguments say.
_RUNNER = Path(__file__).parent / "kubelet" / "runner.py"


@dataclass
class Processes:
    """API server and agent of one cluster, as processes."""

    folder: Path
    kubeconfig: Path
    agent: subprocess.Popen[bytes] | None = None
    options: list[str] = field(default_factory=list)

    def start_agent(self) -> None:
        argv = [sys.executable, "-m", "osconsole.embedded.kubelet", "--kubeconfig", str(self.kubeconfig)]
        argv += ["--dir", str(self.folder / "agent"), "--backoff", "1", *self.options]
        argv += ["--runner", sys.executable, str(_RUNNER)]
        with (self.folder / "agent.log").open("ab") as log:
            self.agent = subprocess.Popen(argv, stdout=log, stderr=log)

    def stop_agent(self, number: int = signal.SIGTERM) -> int:
        assert self.agent is not None
        self.agent.send_signal(number)
        return self.agent.wait(20)


@contextmanager
def embedded_server(folder: Path) -> Iterator[Path]:
    folder.mkdir(parents=True, exist_ok=True)
    kubeconfig = folder / "kubeconfig"
    with (folder / "api.log").open("ab") as log:
        server = subprocess.Popen(
            [sys.executable, "-m", "osconsole.embedded.api", "--dir", str(folder)], stdout=log, stderr=log
        )
    try:
        deadline = time.monotonic() + 30
        while not kubeconfig.exists():
            assert server.poll() is None, (folder / "api.log").read_text()
            assert time.monotonic() < deadline
            time.sleep(0.02)
        yield kubeconfig
    finally:
        server.terminate()
        server.wait(20)


@contextmanager
def real_server(folder: Path) -> Iterator[Path]:
    assets = Path(os.environ.get("KUBEBUILDER_ASSETS", Path.home() / ".cache/osconsole-realcluster"))
    if not _REAL.exists() or not (assets / "kube-apiserver").exists():
        pytest.skip("no real kube-apiserver has been built")
    # A certificate by which it shows the node agent that it is the API server.
    keys = folder / "keys"
    keys.mkdir(parents=True)
    certificates.make(keys)
    certificates.make_client(keys)
    given = f"--kubelet-client-certificate={keys}/kubelet-client.crt --kubelet-client-key={keys}/kubelet-client.key"
    env = {**os.environ, "APISERVER_FLAGS": given}
    started = subprocess.run([_REAL / "start", folder], capture_output=True, text=True, check=True, env=env)
    try:
        yield Path(started.stdout.split()[-1])
    finally:
        subprocess.run([_REAL / "stop", folder], check=True, capture_output=True)
        shutil.rmtree(folder / "etcd", ignore_errors=True)


# `make test-real` plays all of it on a real API server too, which takes as long again.
SERVERS = ["embedded", "real"] if os.environ.get("OSCONSOLE_TEST_REAL") else ["embedded"]


@pytest.fixture(scope="session", params=SERVERS)
def processes(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Processes]:
    folder = tmp_path_factory.mktemp(request.param)
    serve = {"embedded": embedded_server, "real": real_server}[request.param]
    with serve(folder / "server") as kubeconfig:
        found = Processes(folder, kubeconfig)
        if (authority := folder / "server" / "keys" / "ca.crt").exists():
            found.options += ["--client-ca", str(authority)]
        found.start_agent()
        yield found
        assert found.stop_agent() == 0
        assert "Traceback" not in (folder / "agent.log").read_text()


@dataclass
class World:
    """One namespace of a running cluster, and waiting for what should become true in it."""

    client: Client
    namespace: str
    processes: Processes

    async def create(self, kind: Kind, name: str, spec: Any = None, *, meta: Any = None, **rest: Any) -> Any:
        body: dict[str, Any] = {"metadata": {"name": name, "namespace": self.namespace, **(meta or {})}, **rest}
        if spec is not None:
            body["spec"] = spec
        return await self.client.create(kind, body)

    async def get(self, kind: Kind, name: str) -> Any:
        return await self.client.get(kind, self.namespace if kind.namespaced else "", name)

    async def objects(self, kind: Kind, labels: str = "") -> list[Any]:
        return (await self.client.list(kind, self.namespace if kind.namespaced else "", labels=labels))[0]

    async def patch(self, kind: Kind, name: str, patch: Any) -> Any:
        return await self.client.patch(kind, (self.namespace, name), patch)

    async def delete(self, kind: Kind, name: str, propagation: str = "Background", grace_s: int | None = None) -> None:
        await self.client.delete(kind, (self.namespace, name), propagation=propagation, grace_s=grace_s)

    async def until(self, what: Callable[[], Awaitable[Any]], within_s: float = 20.0) -> Any:
        """The first true answer of `what`; what is not there yet is no answer."""
        deadline = time.monotonic() + within_s
        answer: Any = None
        while time.monotonic() < deadline:
            try:
                answer = await what()
            except (NotFound, Unreachable) as error:
                answer, last = None, error
            else:
                last = None
            if answer:
                return answer
            await asyncio.sleep(0.05)
        state = [(p["metadata"]["name"], p.get("status")) for p in await self.objects(POD)]
        pytest.fail(f"not true within {within_s} s: {what}: {last}; pods: {state}")

    async def status(self, kind: Kind, name: str, within_s: float = 20.0, **wanted: Any) -> Any:
        """The object once its status has these values (None: absent)."""

        async def check() -> Any:
            obj = await self.get(kind, name)
            status = obj.get("status") or {}
            current = status.get("observedGeneration", obj["metadata"].get("generation"))
            fresh = current == obj["metadata"].get("generation")
            return obj if fresh and all(status.get(key) == value for key, value in wanted.items()) else None

        return await self.until(check, within_s)

    async def condition(self, kind: Kind, name: str, which: str, value: str = "True", within_s: float = 20.0) -> Any:
        async def check() -> Any:
            conditions = ((await self.get(kind, name)).get("status") or {}).get("conditions") or []
            return next((c for c in conditions if c["type"] == which and c["status"] == value), None)

        return await self.until(check, within_s)

    async def gone(self, kind: Kind, name: str, within_s: float = 20.0) -> None:
        async def check() -> bool:
            try:
                await self.get(kind, name)
            except NotFound:
                return True
            return False

        await self.until(check, within_s)

    async def events(self, reason: str) -> list[Any]:
        kind = Kind("", "v1", "Event", "events")
        return [event for event in await self.objects(kind) if event["reason"] == reason]

    async def log(self, pod: str, **query: Any) -> str:
        params = {key: str(value).lower() if isinstance(value, bool) else str(value) for key, value in query.items()}
        return str(await self.client.request("GET", POD.path(self.namespace, pod, "log"), params=params))


def template(name: str = "main", image: str = "quay.io/example/app:1", **spec: Any) -> dict[str, Any]:
    """A pod template labelled `app: x` with one container."""
    annotations = spec.pop("annotations", {})
    containers = spec.pop("containers", [{"name": name, "image": image}])
    meta = {"labels": {"app": "x"}, "annotations": annotations}
    return {"metadata": meta, "spec": {"containers": containers, **spec}}


@pytest.fixture(name="template")
def _template() -> Callable[..., dict[str, Any]]:
    return template


@pytest.fixture
async def world(processes: Processes, request: pytest.FixtureRequest) -> AsyncIterator[World]:
    name = request.node.name.partition("[")[0].replace("_", "-")[:50].strip("-")
    async with Client.open(processes.kubeconfig) as client:
        await client.create(NAMESPACE, {"metadata": {"name": name}})
        yield World(client, name, processes)
        await client.delete(NAMESPACE, ("", name))
