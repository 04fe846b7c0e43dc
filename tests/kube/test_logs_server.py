"""Logs through an API server, ours and a real one, from a node that this test plays: cuts lose and repeat nothing."""

import asyncio
import ssl
import sys
import time
from collections.abc import AsyncIterator
from contextlib import aclosing

import pytest
from aiohttp import web

from osconsole.embedded.api.access import tls
from osconsole.kube.api import Api
from osconsole.kube.fan import Fan
from osconsole.kube.logs import Choice, ContainerLog
from osconsole.model.changes import Listed
from osconsole.model.connection import Options
from osconsole.model.kinds import key
from osconsole.model.resource import resource
from osconsole.store import Store
from tests.kube.weather import PATH, fault

LINES = 600
PODS = "/api/v1/namespaces/{}/pods"


class Node:
    """A node agent with one log for every container: `LINES` lines, many in one second, some in one moment."""

    def __init__(self) -> None:
        self.port = 0
        self.cut_after = 0
        self.streams = 0
        self.ended = False
        self.enough = asyncio.Event()  # what a stream waits for half-way
        self.half = b""  # after the last line, without a line break

    def lines(self, pod: str) -> list[str]:
        return [f"2026-01-02T03:04:{n // 20:02d}.{n // 2 % 10 * 111:03d}Z {pod} {n}" for n in range(LINES)]

    async def log(self, request: web.Request) -> web.StreamResponse:
        self.streams += 1
        lines = self.lines(request.match_info["pod"])
        if since := request.query.get("sinceTime"):
            lines = [line for line in lines if line[:19] >= since[:19]]
        response = web.StreamResponse(headers={"Content-Type": "text/plain"})
        await response.prepare(request)
        for number, line in enumerate(lines):
            await response.write(line.encode() + b"\n")
            if self.cut_after and number == self.cut_after:
                request.transport.abort()
                return response
            if line.endswith(f" {LINES // 2}"):
                await self.enough.wait()
        if self.half:
            await response.write(f"2026-01-02T03:09:00Z {self.half.decode()}".encode())
        return response


@pytest.fixture
async def node(tmp_path) -> AsyncIterator[Node]:
    found = Node()
    app = web.Application()
    app.router.add_get("/containerLogs/{namespace}/{pod}/{container}", found.log)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    context = tls.context(tmp_path)
    context.verify_mode = ssl.CERT_NONE
    await web.TCPSite(runner, "127.0.0.1", 0, ssl_context=context).start()
    found.port = runner.addresses[0][1]
    yield found
    await runner.cleanup()


async def stage(api: Api, node: Node, namespace: str, *names: str) -> Store:
    """A node and pods on it that have ended well; the store that knows them."""
    name = f"node-{namespace}"
    await api.create("/api/v1/nodes", {"metadata": {"name": name}})
    address = {
        "addresses": [{"type": "InternalIP", "address": "127.0.0.1"}],
        "daemonEndpoints": {"kubeletEndpoint": {"Port": node.port}},
    }
    await api.patch(f"/api/v1/nodes/{name}/status", {"status": address})
    pods = []
    for pod in names:
        spec = {"nodeName": name, "containers": [{"name": "c", "image": "i"}], "restartPolicy": "Never"}
        meta = {"name": pod, "labels": {"app": "x"}}
        path = PODS.format(namespace)
        await api.create(path, {"apiVersion": "v1", "kind": "Pod", "metadata": meta, "spec": spec})
        state = {"terminated": {"exitCode": 0}}
        one = {"name": "c", "state": state, "restartCount": 0, "ready": False, "image": "i", "imageID": "i"}
        done = {"status": {"phase": "Succeeded", "containerStatuses": [one]}}
        pods.append((await api.patch(f"{path}/{pod}/status", done)).object())
    store = Store()
    store.apply([Listed(key("Pod"), namespace, tuple(resource(pod) for pod in pods), time.time())])
    return store


@pytest.fixture(autouse=True)
def hurry(monkeypatch) -> None:
    monkeypatch.setattr("osconsole.kube.backoff.FIRST_S", 0.05)
    monkeypatch.setattr("osconsole.kube.backoff.MOST_S", 0.1)


async def test_a_node_that_cuts_its_streams_loses_and_repeats_nothing(server, api, namespace, node):
    store = await stage(api, node, namespace, "p")
    node.enough.set()
    node.cut_after = 157
    ref = next(store.snapshot.all(key("Pod"))).ref
    texts: list[str] = []
    async with asyncio.timeout(30), aclosing(ContainerLog(api, store, ref, Choice(tail=-1)).batches()) as batches:
        async for batch in batches:
            texts += [line.text for line in batch if not line.mark]
            if len(texts) == LINES:
                break
    assert texts == [f"p {n}" for n in range(LINES)]
    assert node.streams >= 3


async def test_pods_through_the_server_are_merged_and_end_in_mid_line(server, api, namespace, node):
    store = await stage(api, node, namespace, "a", "b", "c")
    node.enough.set()
    node.half = b"no line break"
    refs = [pod.ref for pod in store.snapshot.all(key("Pod"))]
    fan = Fan(api, store, refs, Choice(follow=False, tail=-1))
    async with asyncio.timeout(30), asyncio.TaskGroup() as tasks:
        tasks.create_task(fan.run())
        found = [line async for line in fan.lines()]
    assert len(found) == 3 * (LINES + 1)
    assert [line.at for line in found] == sorted(line.at for line in found)
    assert [line.text for line in found[-3:]] == ["no line break"] * 3


async def test_a_server_that_is_cut_off_while_it_sends(faulty, node):
    """The fault interface cuts every log that is being followed, half-way; then it goes on."""
    hands, eyes = (Api(Options(kubeconfig=str(faulty.kubeconfig))) for _ in range(2))
    namespace = "logs-cut"
    await hands.create("/api/v1/namespaces", {"metadata": {"name": namespace}})
    store = await stage(hands, node, namespace, "a", "b")
    refs = [pod.ref for pod in store.snapshot.all(key("Pod"))]
    fan = Fan(eyes, store, refs, Choice(tail=-1))
    found = []
    async with asyncio.timeout(30), asyncio.TaskGroup() as tasks:
        reader = tasks.create_task(fan.run())
        async for line in fan.lines():
            found.append(line)
            if len(found) == LINES // 2:
                await fault(hands, "cut-now", path="/log")
                node.enough.set()
        await reader
    texts = [line.text for line in found if not line.mark]
    for name in "ab":
        assert [text for text in texts if text.startswith(name)] == [f"{name} {n}" for n in range(LINES)]
    assert not [line for line in found if line.mark and "dropped" in line.text]
    assert node.streams >= 4
    await hands.request("DELETE", PATH)
    await hands.close()
    await eyes.close()


async def test_the_command_prints_the_pods_behind_a_service(faulty, node):
    hands = Api(Options(kubeconfig=str(faulty.kubeconfig)))
    await hands.create("/api/v1/namespaces", {"metadata": {"name": "logs-command"}})
    await stage(hands, node, "logs-command", "a", "b")
    node.enough.set()
    spec = {"selector": {"app": "x"}, "ports": [{"port": 80}]}
    await hands.create("/api/v1/namespaces/logs-command/services", {"metadata": {"name": "s"}, "spec": spec})
    await hands.close()
    argv = ["logs", "svc/s", "-n", "logs-command", "--all-containers", "--kubeconfig", str(faulty.kubeconfig)]
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "osconsole", *argv, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )
    out, err = await asyncio.wait_for(process.communicate(), 40)
    assert process.returncode == 0, err.decode()
    moments = [(pod, n) for first in range(0, LINES, 2) for pod in "ab" for n in (first, first + 1)]
    assert out.decode().splitlines() == [f"{pod} c {pod} {n}" for pod, n in moments]
