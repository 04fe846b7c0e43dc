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
from osconsole.kube.api import Api
from osconsole.kube.reflector import changes
from osconsole.store import Store

EVENTS = 40_000
# What a console has loaded beside what it watches.
_CONSOLE = ("osconsole.ui.app", "osconsole.session", "kubernetes.aio.client.rest")


class Cost(msgspec.Struct):
    """What one reader spent."""

    list_s: float = 0.0
    events_s: float = 0.0
    resident_mb: float = 0.0
    before_mb: float = 0.0


def figures() -> Iterator[Figure]:
    """First list, events per CPU second, memory."""
    small = [_read(Feed(2_000, EVENTS, busy=False)) for _ in range(3)]
    rates = [EVENTS / cost.events_s for cost in small]
    yield Figure("events through reflector and store", rates, "per CPU s", 20_000, floor=True, note="pods of 3 KB")
    large = [_read(Feed(10_000, EVENTS // 2)) for _ in range(3)]
    rates = [EVENTS / 2 / cost.events_s for cost in large]
    yield Figure("events of busy pods", rates, "per CPU s", None, note="8 KB and as much managedFields and more")
    yield Figure("first list of 10,000 busy pods", [cost.list_s for cost in large], "s CPU", 2.5)
    note = f"of that {large[0].before_mb:.0f} MB before the first object"
    yield Figure("resident, 10,000 busy pods", [cost.resident_mb for cost in large], "MB", 150, note=note)
    most = _read(Feed(50_000))
    yield Figure("resident, 50,000 busy pods", [most.resident_mb], "MB", 360, note=f"listed in {most.list_s:.1f} s CPU")


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
    finally:
        await api.close()
    cost.events_s = cpu.own_s() - began
    return cost


def _resident_mb() -> float:
    gc.collect()
    return cpu.resident_bytes(os.getpid()) / 1e6
