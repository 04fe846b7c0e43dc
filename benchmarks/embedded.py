"""The embedded API server: how soon it is ready, and what writes, lists, watchers and a restart cost at 10,000 pods."""

import asyncio
import sqlite3
import time
from collections.abc import Iterator
from contextlib import aclosing, closing
from pathlib import Path

import msgspec

from benchmarks import cpu, place
from benchmarks.figure import Figure
from benchmarks.objects import POD, fill, options, pod, service_pod
from osconsole.embedded import cluster
from osconsole.kube.api import Api

PODS = 10_000
WATCHERS = 100
# Clients that write at the same time, as those of a busy cluster do.
WRITERS = 16


def figures() -> Iterator[Figure]:
    """Ready, write, list, a patch that many watch, memory, restart."""
    wall, spent = zip(*(_ready() for _ in range(3)), strict=True)
    yield Figure("embedded cluster ready", spent, "CPU s", 1.5, note=f"wall {min(wall):.2f} s at best")
    with place.running("empty") as kubeconfig:
        yield from asyncio.run(_measure(kubeconfig))
        yield _restart(kubeconfig)


def _ready() -> tuple[float, float]:
    """Wall and CPU seconds until an empty cluster is up."""
    began = time.monotonic()
    with place.running("empty") as kubeconfig:
        return time.monotonic() - began, cpu.of_s(place.processes(kubeconfig).values())


async def _measure(kubeconfig: Path) -> list[Figure]:
    api = Api(options(kubeconfig))
    server = place.processes(kubeconfig)["api"]
    empty = cpu.resident_bytes(server)
    try:
        before = cpu.precise_s(server)
        await fill(api, PODS, service_pod, WRITERS)
        writes = (cpu.precise_s(server) - before) / PODS * 1000
        memory, stored = cpu.resident_bytes(server) - empty, _stored_bytes(kubeconfig)
        lists = [await _list(api, server) for _ in range(3)]
        patches = await _watched(api, server)
    finally:
        await api.close()
    note = f"{memory / 2**20:.0f} MiB more than empty for {stored / 2**20:.0f} MiB, {stored / PODS / 1e3:.1f} KB a pod"
    return [
        Figure("server CPU for one write", [writes], "CPU ms", 0.7, note=f"{1000 / writes:,.0f} creations/CPU s"),
        Figure("10,000 pods listed", lists, "CPU s", 1.0, note="server side, pages of 500"),
        Figure("one patch with 100 watchers", patches, "CPU ms", 10, note="server side, until all have it"),
        Figure("server memory for each byte stored", [memory / stored], "bytes", 3, note=note),
    ]


def _stored_bytes(kubeconfig: Path) -> int:
    with closing(sqlite3.connect(kubeconfig.parent / "cluster.sqlite")) as database:
        (found,) = database.execute("SELECT sum(length(raw)) FROM stored").fetchone()
    return int(found)


def _restart(kubeconfig: Path) -> Figure:
    """The cluster's objects are read again from disk."""
    home, spent, walls = kubeconfig.parent, [], []
    for _ in range(3):
        cluster.stop(home)
        began = time.monotonic()
        cluster.start(home)
        walls.append(time.monotonic() - began)
        spent.append(cpu.precise_s(place.processes(kubeconfig)["api"]))
    note = f"CPU of the server until the cluster is up; wall {min(walls):.2f} s at best"
    return Figure("restart with 10,000 pods", spent, "CPU s", 3, note=note)


async def _watched(api: Api, server: int) -> list[float]:
    """CPU milliseconds of patches, each until every watcher has read it."""
    found: list[float] = []
    path = f"{POD.path('default')}/{pod(0)['metadata']['name']}"
    listed = msgspec.json.decode(await api.request("GET", f"{POD.path()}?limit=1"))
    query = {"watch": "true", "resourceVersion": listed["metadata"]["resourceVersion"]}
    async with asyncio.TaskGroup() as group:
        watchers = [_Watcher() for _ in range(WATCHERS)]
        tasks = [group.create_task(watcher.read(api, query)) for watcher in watchers]
        await _all(watchers, "accepted")
        for turn in range(10):
            before = cpu.precise_s(server)
            await api.patch(path, {"metadata": {"annotations": {"turn": f"turn-{turn}!"}}})
            await _all(watchers, f"turn-{turn}!")
            found.append((cpu.precise_s(server) - before) * 1000)
        for task in tasks:
            task.cancel()
    return found


async def _all(watchers: list["_Watcher"], mark: str) -> None:
    async with asyncio.timeout(30):
        for watcher in watchers:
            while mark.encode() not in watcher.seen:
                watcher.more.clear()
                await watcher.more.wait()


class _Watcher:
    """One watch, and the end of what came by it."""

    def __init__(self) -> None:
        self.seen = b""
        self.more = asyncio.Event()

    async def read(self, api: Api, query: dict[str, str]) -> None:
        """Until cancelled."""
        async with aclosing(api.stream(POD.path(), query)) as chunks:
            async for chunk in chunks:
                self.seen = self.seen[-50_000:] + chunk if chunk else b"accepted"
                self.more.set()


async def _list(api: Api, server: int) -> float:
    before = cpu.precise_s(server)
    count = 0
    async with aclosing(api.pages(POD.path())) as pages:
        async for page in pages:
            count += len(page.items or ())
    if count < PODS:
        raise SystemExit(f"only {count} pods were listed")
    return cpu.precise_s(server) - before
