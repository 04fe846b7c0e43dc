"""The reading loop: what a first list, a storm of events, and tens of thousands of objects cost the console."""

import asyncio
import gc
import importlib
import multiprocessing
import os
from collections.abc import Iterator
from contextlib import aclosing
from multiprocessing.connection import Connection
from pathlib import Path

import msgspec

from benchmarks import cpu
from benchmarks.feeder import Feed, feeding
from benchmarks.figure import Figure
from benchmarks.objects import POD, options
from benchmarks.pods import busy_pod
from benchmarks.rollout import STEPS
from osconsole.kube.api import Api
from osconsole.kube.reflector import changes
from osconsole.store import Store

EVENTS = 20_000
# What a console has loaded beside what it watches.
_CONSOLE = ("osconsole.ui.app", "osconsole.session", "osconsole.kube.rest")


class Cost(msgspec.Struct):
    """What one reader spent."""

    list_s: float = 0.0
    events_s: float = 0.0
    resident_mb: float = 0.0
    before_mb: float = 0.0


def figures() -> Iterator[Figure]:
    """First list, events per CPU second, memory."""
    for size_kb in (3, 8, 19):
        storm = [_read(Feed(2_000, EVENTS, size_kb, EVENTS // STEPS)) for _ in range(3)]
        yield _rate(size_kb, storm, EVENTS, f"a rollout: each pod changes {STEPS} times, all at once")
        worst = [_read(Feed(10_000, 10_000, size_kb, 10_000)) for _ in range(3)]
        note = f"; {_floor():,.0f} if nothing were done but read their JSON" if size_kb == 19 else ""
        yield _rate(size_kb, worst, 10_000, f"each of 10,000 changes once, the worst case{note}", budget=None)
    large = worst
    yield Figure("first list of 10,000 busy pods", [cost.list_s for cost in large], "s CPU", 2.5)
    note = f"of that {large[0].before_mb:.0f} MB before the first object"
    yield Figure("resident, 10,000 busy pods", [cost.resident_mb for cost in large], "MB", 150, note=note)
    most = _read(Feed(50_000))
    yield Figure("resident, 50,000 busy pods", [most.resident_mb], "MB", 360, note=f"listed in {most.list_s:.1f} s CPU")


def _floor() -> float:
    """Busy pods per CPU second whose JSON is looked through, and nothing kept: what no mirror can do without."""
    bodies = [msgspec.json.encode(busy_pod(number)) for number in range(500)]
    look = msgspec.json.Decoder(msgspec.Struct).decode
    began = cpu.own_s()
    for body in bodies * 10:
        look(body)
    return 10 * len(bodies) / (cpu.own_s() - began)


def _rate(size_kb: int, found: list[Cost], events: int, note: str, budget: float | None = 20_000) -> Figure:
    rates = [events / cost.events_s for cost in found]
    return Figure(f"events of pods of {size_kb} KB", rates, "per CPU s", budget, floor=True, note=note)


def _read(feed: Feed) -> Cost:
    """In a process of its own: memory that was once taken is not given back."""
    ours, theirs = multiprocessing.Pipe()
    with feeding(feed) as kubeconfig:
        reader = multiprocessing.get_context("spawn").Process(target=_reader, args=(theirs, kubeconfig, feed))
        reader.start()
        theirs.close()  # so that a reader that ends early is noticed
        cost: Cost = ours.recv()
        reader.join()
    return cost


def _reader(told: Connection, kubeconfig: Path, feed: Feed) -> None:
    for name in _CONSOLE:
        importlib.import_module(name)
    gc.freeze()
    gc.set_threshold(3_000, 10, 500)  # as `cli.console` does
    told.send(asyncio.run(_cost(kubeconfig, feed)))


async def _cost(kubeconfig: Path, feed: Feed) -> Cost:
    api, store, cost = Api(options(kubeconfig)), Store(), Cost(before_mb=_resident_mb())
    seen, began = -1, 0.0
    await api.line.ready()
    started = cpu.own_s()
    try:
        async with aclosing(changes(api, POD)) as batches:
            async for batch in batches:
                store.apply(batch)
                if seen < 0:
                    _ = store.snapshot
                    cost.list_s = cpu.own_s() - started
                    seen = len(batch) - 1
                    del batch
                    cost.resident_mb = _resident_mb()
                    began = cpu.own_s()
                    if not feed.changes:
                        return cost
                    continue
                # Whoever draws looks at most twenty times a second; here a look per 4,000 events.
                if seen // 4_000 != (seen + len(batch)) // 4_000:
                    _ = store.snapshot
                seen += len(batch)
                if seen >= feed.changes:
                    break
        _ = store.snapshot
        api.nursery.settle()  # what a quiet minute would do
    finally:
        await api.close()
    cost.events_s = cpu.own_s() - began
    return cost


def _resident_mb() -> float:
    gc.collect()
    return cpu.resident_bytes(os.getpid()) / 1e6
