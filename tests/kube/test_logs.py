"""Logs without loss and without repetition, over lines that drop and pods that come."""

import asyncio
import json
from contextlib import aclosing

import msgspec
import pytest
from aiohttp import web

from osconsole.ansible.progress import Progress
from osconsole.errors import NotFound
from osconsole.kube import runner_pods
from osconsole.kube.api import Api
from osconsole.kube.fan import Fan
from osconsole.kube.loggers import pods_under
from osconsole.kube.logs import Choice, ContainerLog
from osconsole.kube.position import Position
from osconsole.model.changes import Listed, Put
from osconsole.model.connection import Options
from osconsole.model.kinds import key
from osconsole.model.resource import resource
from osconsole.store import Store

POD = key("Pod")


def pod(name: str, phase: str = "Running", owner: str = "", version: str = "1", restarts: int = 0):
    state = {"running": {}} if phase == "Running" else {"terminated": {"exitCode": 0}}
    meta = {"name": name, "namespace": "n", "uid": f"u-{name}", "resourceVersion": version}
    if owner:
        meta["ownerReferences"] = [
            {"apiVersion": "batch/v1", "kind": "Job", "name": owner, "uid": f"u-{owner}", "controller": True}
        ]
    status = {"phase": phase, "containerStatuses": [{"name": "c", "restartCount": restarts, "state": state}]}
    spec = {"containers": [{"name": "c"}]}
    return resource({"apiVersion": "v1", "kind": "Pod", "metadata": meta, "spec": spec, "status": status})


def job(name: str, done: bool = False):
    meta = {"name": name, "namespace": "n", "uid": f"u-{name}", "resourceVersion": "2" if done else "1"}
    conditions = [{"type": "Complete", "status": "True"}] if done else []
    return resource({"apiVersion": "batch/v1", "kind": "Job", "metadata": meta, "status": {"conditions": conditions}})


class Kubelet:
    """Serves `/log` of pods as the API server does: whole seconds in sinceTime, cuts after so many lines."""

    def __init__(self) -> None:
        self.lines: dict[str, list[str]] = {}
        self.before: dict[str, list[str]] = {}  # of the lives before
        self.cut_after = 0
        self.requests: list[dict[str, str]] = []
        self.open = asyncio.Event()

    async def log(self, request: web.Request) -> web.StreamResponse:
        query, name = dict(request.query), request.match_info["name"]
        self.requests.append(query)
        if name not in self.lines:
            body = {"kind": "Status", "code": 404, "reason": "NotFound", "message": f"pods {name} not found"}
            return web.json_response(body, status=404)
        lines = self.before.get(name, []) if "previous" in query else self.lines[name]
        if since := query.get("sinceTime"):
            lines = [line for line in lines if line[:19] >= since[:19]]
        if tail := query.get("tailLines"):
            lines = lines[-int(tail) :]
        response = web.StreamResponse()
        await response.prepare(request)
        for number, line in enumerate(lines, 1):
            await response.write(line.encode() + b"\n")
            if self.cut_after and number == self.cut_after:
                request.transport.abort()
                return response
        return response


@pytest.fixture
async def kubelet(tmp_path):
    """A log server on loopback and an Api that speaks to it."""
    found = Kubelet()
    app = web.Application()
    app.router.add_get("/api/v1/namespaces/n/pods/{name}/log", found.log)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    port = runner.addresses[0][1]
    config = {
        "current-context": "c",
        "clusters": [{"name": "c", "cluster": {"server": f"http://127.0.0.1:{port}"}}],
        "users": [],
        "contexts": [{"name": "c", "context": {"cluster": "c"}}],
    }
    (tmp_path / "k").write_text(json.dumps(config))
    found.api = Api(Options(kubeconfig=str(tmp_path / "k")))
    yield found
    await found.api.close()
    await runner.cleanup()


def store_of(*objects) -> Store:
    store = Store()
    kinds = {}
    for one in objects:
        kinds.setdefault(one.kind, []).append(one)
    store.apply([Listed(kind, "n", tuple(found), 1.0) for kind, found in kinds.items()])
    return store


def stamped(count: int) -> list[str]:
    """Lines, several in one moment and many in one second."""
    return [f"2026-01-02T03:04:{n // 20:02d}.{n // 2 % 10:03d}Z line {n}" for n in range(count)]


async def read(log: ContainerLog) -> list[str]:
    return [line.text async for batch in log.batches() for line in batch]


async def test_a_stream_that_is_cut_again_and_again_loses_and_repeats_nothing(kubelet):
    kubelet.lines["p"] = stamped(90)
    kubelet.cut_after = 37
    store = store_of(pod("p", "Succeeded"))
    texts = await read(ContainerLog(kubelet.api, store, pod("p").ref, Choice(tail=-1)))
    assert texts == [f"line {n}" for n in range(90)] + ["ended with exit code 0"]
    assert len(kubelet.requests) >= 3


async def test_the_choice_reaches_the_server(kubelet):
    kubelet.lines["p"], kubelet.before["p"] = [], stamped(10)
    store = store_of(pod("p"))
    choice = Choice(follow=False, tail=2, previous=True, since_s=60)
    assert await read(ContainerLog(kubelet.api, store, pod("p").ref, choice)) == ["line 8", "line 9"]
    query = kubelet.requests[0]
    assert (query["container"], query["previous"], query["sinceSeconds"]) == ("c", "true", "60")
    assert "follow" not in query


async def test_a_restart_is_marked_and_followed(kubelet):
    kubelet.lines["p"] = stamped(2)
    store = store_of(pod("p"))
    log = ContainerLog(kubelet.api, store, pod("p").ref, Choice())
    texts: list[str] = []
    async for batch in log.batches():
        texts += [line.text for line in batch]
        if batch and texts[-1] == "line 1":
            kubelet.before["p"] = [*kubelet.lines["p"], "2026-01-02T03:08:00Z last words"]
            kubelet.lines["p"] = ["2026-01-02T03:09:00Z again"]
            store.apply([Put(pod("p", version="2", restarts=1), 2.0)])
        if batch and texts[-1] == "again":
            store.apply([Put(pod("p", "Succeeded", version="3", restarts=1), 3.0)])
    assert texts == [
        "line 0",
        "line 1",
        "last words",
        "the container was restarted (1 times by now)",
        "again",
        "ended with exit code 0",
    ]


async def test_lines_that_the_server_no_longer_has_are_told(kubelet):
    kubelet.lines["p"] = stamped(4)
    store = store_of(pod("p"))
    texts: list[str] = []
    async for batch in ContainerLog(kubelet.api, store, pod("p").ref, Choice()).batches():
        texts += [line.text for line in batch]
        if batch and texts[-1] == "line 3":
            kubelet.lines["p"] = ["2026-01-02T03:09:00Z after the log was rotated"]
        if batch and texts[-1].startswith("after"):
            store.apply([Put(pod("p", "Succeeded", version="2"), 2.0)])
    assert texts[3] == "line 3"
    assert texts[4].startswith("lines dropped by the server after ")
    assert texts[5:] == ["after the log was rotated", "ended with exit code 0"]


async def test_pods_that_come_join(kubelet):
    kubelet.lines |= {"a": stamped(2), "b": stamped(2)}
    store = store_of(job("j"), pod("a", "Succeeded", owner="j"))
    fan = Fan(kubelet.api, store, [job("j").ref], Choice())
    seen: list[tuple[str, str]] = []
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(fan.run())
        async for line in fan.lines():
            seen.append((line.pod.name, line.text))
            if line.pod.name == "a" and line.mark:
                store.apply([Put(pod("b", "Succeeded", owner="j"), 2.0)])
            if line.pod.name == "b" and line.text == "line 1":
                store.apply([Put(job("j", done=True), 3.0)])
    assert [text for name, text in seen if name == "a"] == ["line 0", "line 1", "ended with exit code 0"]
    assert [text for name, text in seen if name == "b"] == ["joined", "line 0", "line 1", "ended with exit code 0"]


async def test_all_containers_of_a_pod_at_once(kubelet):
    kubelet.lines["p"] = stamped(2)
    body = pod("p", "Succeeded").body()
    body["spec"] = {"initContainers": [{"name": "first"}], "containers": [{"name": "c"}, {"name": "d"}]}
    fan = Fan(kubelet.api, store_of(resource(body)), [pod("p").ref], Choice(follow=False, every=True))
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(fan.run())
        found = [(line.container, line.text) async for line in fan.lines()]
    assert sorted(found) == [(name, f"line {n}") for name in ("c", "d", "first") for n in range(2)]


async def test_a_pod_that_is_not_there_is_an_error(kubelet):
    fan = Fan(kubelet.api, store_of(pod("p")), [pod("q").ref], Choice(follow=False))
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(fan.run())
        with pytest.raises(NotFound):
            async for _ in fan.lines():
                pass


def test_pods_are_found_through_all_levels(cloud, snapshot_of):
    world = snapshot_of(*cloud.values())
    names = [ref.name for ref, _ in pods_under(world, [cloud["cp"].ref])]
    assert names == ["keystone-1-1", "keystone-1-2", "openstack-galera-0"]


@pytest.mark.parametrize("line", ["no time at all", "2026-13-99T00:00:00Z x", "", "\x1b[31mred"])
def test_lines_without_a_time_are_kept(line):
    assert Position().take(line) == (0.0, line)


def test_nanoseconds_count():
    position = Position()
    assert position.take("2026-01-02T03:04:05.000000001Z a")
    assert position.take("2026-01-02T03:04:05.00000001Z b")
    assert position.resume() == "2026-01-02T03:04:05Z"
    assert position.take("2026-01-02T03:04:05.000000001Z a") is None
    assert position.take("2026-01-02T03:04:05.00000001Z b") is None
    assert position.take("2026-01-02T03:04:05.00000001Z c")[1] == "c"


def test_a_line_that_is_stamped_a_little_before_the_one_ahead_of_it_is_shown():
    """Standard output and error are stamped side by side; only what a resumed stream repeats is left out."""
    position = Position()
    assert position.take("2026-01-02T03:04:05.5Z out")
    assert position.take("2026-01-02T03:04:05.4Z err")[1] == "err"
    position.resume()
    assert position.take("2026-01-02T03:04:05.5Z out") is None
    assert position.take("2026-01-02T03:04:05.4Z err") is None
    assert position.take("2026-01-02T03:04:05.6Z out")
    assert position.take("2026-01-02T03:04:05.5Z err")[1] == "err"


async def test_runner_pods_are_read_once_whether_they_were_there_came_or_were_listed(kubelet):
    label = {runner_pods.LABEL: runner_pods.VALUE}
    a, b, c = (msgspec.structs.replace(pod(name, "Succeeded"), labels=label) for name in "abc")
    kubelet.lines = {name: stamped(3) for name in "abcd"}
    store = store_of(a, pod("d", "Succeeded"))
    async with asyncio.TaskGroup() as tasks, asyncio.timeout(20):
        following = tasks.create_task(runner_pods.follow(kubelet.api, store, lambda *_: Progress()))
        steps = [], [Put(b, 2.0)], [Listed(POD, "n", (a, b, c), 3.0), Put(b, 4.0)]
        for news, one in zip(steps, (a, b, c), strict=True):
            store.apply(news)
            async with aclosing(store.follow()) as snapshots:
                async for snapshot in snapshots:
                    if one.ref in snapshot.runs:
                        break
        following.cancel()
    assert len(kubelet.requests) == 3
