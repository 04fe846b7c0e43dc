"""The embedded API server: how soon it is ready, and what a write and a long list cost."""

import asyncio
import time
from collections.abc import Iterator
from contextlib import aclosing

from benchmarks import cpu, place
from benchmarks.figure import Figure
from benchmarks.objects import POD, fill, options
from osconsole.kube.api import Api

PODS = 10_000


def figures() -> Iterator[Figure]:
    """Ready, write, list, memory."""
    wall, spent = zip(*(_ready() for _ in range(3)), strict=True)
    yield Figure("embedded cluster ready", spent, "CPU s", 1.5, note=f"wall {min(wall):.2f} s at best")
    with place.running("empty") as kubeconfig:
        yield from asyncio.run(_measure(kubeconfig))


def _ready() -> tuple[float, float]:
    """Wall and CPU seconds until an empty cluster is up."""
    began = time.monotonic()
    with place.running("empty") as kubeconfig:
        return time.monotonic() - began, cpu.of_s(place.processes(kubeconfig).values())


async def _measure(kubeconfig: object) -> list[Figure]:
    api = Api(options(kubeconfig))
    server = place.processes(kubeconfig)["api"]  # type: ignore[arg-type]
    try:
        before = cpu.precise_s(server)
        await fill(api, PODS)
        writes = cpu.precise_s(server) - before
        lists = [await _list(api, server) for _ in range(3)]
    finally:
        await api.close()
    memory = cpu.resident_bytes(server) / 2**20
    return [
        Figure("server CPU for one write", [writes / PODS * 1000], "CPU ms", note=f"{PODS / writes:,.0f} writes/CPU s"),
        Figure("10,000 pods listed", lists, "CPU s", 1.0, note="server side, pages of 500"),
        Figure("server memory with 10,000 pods", [memory], "MiB"),
    ]


async def _list(api: Api, server: int) -> float:
    before = cpu.precise_s(server)
    count = 0
    async with aclosing(api.pages(POD.path())) as pages:
        async for page in pages:
            count += len(page.items or ())
    if count < PODS:
        raise SystemExit(f"only {count} pods were listed")
    return cpu.precise_s(server) - before
