"""A real kube-apiserver full of pods and custom resources: ours beside the official client and kubectl.

It takes its minutes, so it is measured only when it is asked for. Where there is no harness of a real API server (see
`realcluster`), nothing is measured, and that is said.
"""

import asyncio
import multiprocessing
import os
import shutil
import sys
import time
from collections.abc import Iterator
from contextlib import aclosing
from pathlib import Path
from statistics import median

from benchmarks import readers, realcluster
from benchmarks.figure import Figure
from benchmarks.objects import POD, options
from benchmarks.readers import Mark
from benchmarks.realcluster import NAMESPACE, SAMPLES, Load
from osconsole.kube.api import Api
from osconsole.kube.reflector import changes
from osconsole.model.changes import Put
from osconsole.model.kinds import Kind

IDLE_S = 30.0
# The size that the budgets of a first snapshot are for.
_FULL = 10_000
_PER = 10_000  # events, so that runs of other sizes can be compared


def figures(load: Load) -> Iterator[Figure]:
    """Ours, then the others as ratios of one run; nothing where there is no real API server."""
    if not (realcluster.HARNESS / "start").exists() or not shutil.which("kubectl"):
        print(
            f"real: skipped: no harness of a real API server in {realcluster.HARNESS}, or no kubectl", file=sys.stderr
        )
        return
    with realcluster.running(load) as kubeconfig:
        size = f"pods of {asyncio.run(realcluster.pod_kb(kubeconfig)):.0f} KB"
        own = _measured("ours", kubeconfig, load)
        yield from _ours(own, load, size)
        yield from _beside("kubectl", own, _measured("kubectl", kubeconfig, load), load, "from its start")
        yield from _beside("official", own, _measured("official", kubeconfig, load), load, "from the first request")
        late, requests = asyncio.run(_quiet(kubeconfig, load))
        yield Figure("ours: from patch to Change", late, "ms", note="a patch's answer takes part of it")
        note = f"{load.pods:,} pods and {load.custom:,} custom resources watched for {IDLE_S:.0f} s"
        yield Figure("ours: requests a minute when idle", [requests], "", 1, note=note)


def _ours(own: list[Mark], load: Load, size: str) -> Iterator[Figure]:
    spent_s, note = own[1].cpu_s - own[0].cpu_s, f"{size}; from the first request"
    full = load.pods == _FULL
    yield Figure(f"ours: snapshot of {load.pods:,} pods", [spent_s], "s CPU", 2.5 if full else None, note=note)
    yield Figure(f"ours: CPU per {_PER:,} events", [_events_s(own, load)], "s CPU", note=f"of {load.events:,}")
    note = f"of that {own[0].resident_mb:.0f} MB before the first request"
    bound = 150 if full else None
    yield Figure(f"ours: resident, {load.pods:,} pods", [own[1].resident_mb], "MB", bound, note=note)


def _beside(name: str, own: list[Mark], found: list[Mark], load: Load, since: str) -> Iterator[Figure]:
    pods = f"{load.pods:,} pods"
    yield Figure(
        f"{name}: time to {pods}", [(found[1].at - found[0].at) / (own[1].at - own[0].at)], "x ours", note=since
    )
    cost = (found[1].cpu_s - found[0].cpu_s) / (own[1].cpu_s - own[0].cpu_s)
    yield Figure(f"{name}: CPU of {pods}", [cost], "x ours", note=since)
    events = _events_s(found, load) / _events_s(own, load)
    yield Figure(f"{name}: CPU of {load.events:,} events", [events], "x ours")
    yield Figure(f"{name}: resident, {pods}", [found[1].resident_mb / own[1].resident_mb], "x ours")


def _events_s(marks: list[Mark], load: Load) -> float:
    return (marks[2].cpu_s - marks[1].cpu_s) * _PER / load.events


def _measured(name: str, kubeconfig: Path, load: Load) -> list[Mark]:
    """Before the first request, after the first snapshot, after the events."""
    ours, theirs = multiprocessing.Pipe()
    spawn = multiprocessing.get_context("spawn").Process
    if name == "kubectl":
        child = spawn(target=readers.kubectl, args=(kubeconfig, theirs, (load.pods, load.events)))
    else:
        child = spawn(target=readers.run, args=(name, kubeconfig, theirs, load.events))
    child.start()
    theirs.close()  # so that a reader that ends early is noticed
    pid = int(ours.recv()) if name == "kubectl" else 0
    try:
        began: Mark = ours.recv()
        listed: Mark = ours.recv()
        asyncio.run(realcluster.stir(kubeconfig, load, name))
        return [began, listed, ours.recv()]
    finally:
        if pid:
            os.kill(pid, 15)
        child.terminate()
        child.join()


async def _quiet(kubeconfig: Path, load: Load) -> tuple[list[float], float]:
    """Milliseconds from single patches to their Change, and requests a minute while nothing happens."""
    api, hands = Api(options(kubeconfig)), Api(options(kubeconfig))
    seen: dict[str, asyncio.Event] = {}
    ready = [asyncio.Event(), asyncio.Event()]

    async def watch(kind: Kind, listed: asyncio.Event) -> None:
        async with aclosing(changes(api, kind)) as batches:
            async for batch in batches:
                listed.set()
                for change in batch:
                    if isinstance(change, Put) and change.resource.version in seen:
                        seen[change.resource.version].set()
                    elif isinstance(change, Put):
                        seen.setdefault(change.resource.version, asyncio.Event()).set()

    async with asyncio.TaskGroup() as tasks:
        running = [tasks.create_task(watch(kind, event)) for kind, event in zip((POD, SAMPLES), ready, strict=True)]
        for event in ready:
            await event.wait()
        late = [await _late(hands, seen, number % load.pods) for number in range(50)]
        before = await _requests(hands)
        await asyncio.sleep(IDLE_S)
        after = await _requests(hands)
        for task in running:
            task.cancel()
    await hands.close()
    await api.close()
    return [median(late)], (after - before) * 60 / IDLE_S


async def _late(hands: Api, seen: dict[str, asyncio.Event], number: int) -> float:
    began = time.monotonic()
    body = {"metadata": {"annotations": {"late": str(began)}}}
    answer = (await hands.patch(POD.path(NAMESPACE, f"pod-{number}"), body)).object()
    await seen.setdefault(answer["metadata"]["resourceVersion"], asyncio.Event()).wait()
    return (time.monotonic() - began) * 1000


async def _requests(hands: Api) -> float:
    """Requests for pods and custom resources that the server has begun to serve, by its own metrics."""
    text = (await hands.request("GET", "/metrics", accept="text/plain")).decode()
    lines = [
        line
        for line in text.splitlines()
        if line.startswith(("apiserver_request_total{", "apiserver_longrunning_requests{"))
        and ('resource="pods"' in line or f'resource="{SAMPLES.plural}"' in line)
    ]
    return sum(float(line.rpartition(" ")[2]) for line in lines)
