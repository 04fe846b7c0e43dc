"""A real kube-apiserver with 10,000 pods and 2,000 custom resources: ours beside the official client and kubectl.

Needs the harness of a real control plane (etcd and kube-apiserver), which is not part of this repository:
OSCONSOLE_REALCLUSTER names its folder, with `start DIR` and `stop DIR`. Without it nothing is measured, and that is
said.
"""

import asyncio
import multiprocessing
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import aclosing, contextmanager
from pathlib import Path
from statistics import median

from benchmarks import readers
from benchmarks.figure import Figure
from benchmarks.objects import POD, options
from benchmarks.pods import busy_pod
from benchmarks.readers import Mark
from osconsole.kube.api import Api
from osconsole.kube.reflector import changes
from osconsole.model.changes import Put
from osconsole.model.kinds import BY_KEY, Kind, key

PODS, CUSTOM, EVENTS = 10_000, 2_000, 5_000
IDLE_S = 30.0
_HARNESS = Path(os.environ.get("OSCONSOLE_REALCLUSTER") or Path(__file__).parents[2] / "shared" / "realcluster")
_NAMESPACE = "openstack"
_SAMPLES = Kind("bench.example.org", "v1", "Sample", "samples")


def figures() -> Iterator[Figure]:
    """Ratios of one run; nothing where there is no real API server."""
    if not (_HARNESS / "start").exists() or not shutil.which("kubectl"):
        print(f"real: skipped: no harness of a real API server in {_HARNESS}, or no kubectl", file=sys.stderr)
        return
    with _cluster() as kubeconfig:
        asyncio.run(_load(kubeconfig))
        marks = {name: _measured(name, kubeconfig) for name in ("ours", "kubectl", "official")}
        own = marks["ours"]
        yield Figure("ours: first snapshot of 10,000 pods", [own[1].cpu_s - own[0].cpu_s], "s CPU", 2.5)
        yield Figure("ours: CPU of 10,000 events", [_events_s(own)], "s CPU")
        yield Figure("ours: resident", [own[1].resident_mb], "MB", 150)
        for name in ("kubectl", "official"):
            found = marks[name]
            yield Figure(f"{name}: time to the first snapshot", [_wall(found) / _wall(own)], "x ours")
            cost = (found[1].cpu_s - found[0].cpu_s) / (own[1].cpu_s - own[0].cpu_s)
            yield Figure(f"{name}: CPU of the first snapshot", [cost], "x ours")
            yield Figure(f"{name}: CPU of 10,000 events", [_events_s(found) / _events_s(own)], "x ours")
            yield Figure(f"{name}: resident", [found[1].resident_mb / own[1].resident_mb], "x ours")
        late, requests = asyncio.run(_quiet(kubeconfig))
        yield Figure("ours: from patch to Change", late, "ms", note="a patch's answer takes part of it")
        yield Figure("ours: requests a minute when idle", [requests], "", 1, note="pods and custom resources watched")


def _wall(marks: list[Mark]) -> float:
    return marks[1].at - marks[0].at


def _events_s(marks: list[Mark]) -> float:
    return (marks[2].cpu_s - marks[1].cpu_s) * 10_000 / EVENTS


@contextmanager
def _cluster() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="osconsole-bench-"))
    try:
        subprocess.run([_HARNESS / "start", folder], check=True, stdout=subprocess.DEVNULL)
        yield folder / "kubeconfig"
    finally:
        subprocess.run([_HARNESS / "stop", folder], check=False, capture_output=True)
        shutil.rmtree(folder, ignore_errors=True)


async def _load(kubeconfig: Path) -> None:
    """Pods and custom resources, eight at a time."""
    api = Api(options(kubeconfig))
    await api.create("/api/v1/namespaces", {"metadata": {"name": _NAMESPACE}})
    schema = {"type": "object", "x-kubernetes-preserve-unknown-fields": True}
    version = {"name": "v1", "served": True, "storage": True, "schema": {"openAPIV3Schema": schema}}
    names = {"kind": _SAMPLES.kind, "plural": _SAMPLES.plural}
    spec = {"group": _SAMPLES.group, "scope": "Namespaced", "names": names, "versions": [version]}
    definition = {"metadata": {"name": _SAMPLES.resource}, "spec": spec}
    await api.create(BY_KEY[key("CustomResourceDefinition")].path(), definition)

    async def pod(number: int) -> None:
        body = busy_pod(number, _NAMESPACE)
        for field in ("managedFields", "ownerReferences", "uid", "resourceVersion", "creationTimestamp"):
            del body["metadata"][field]
        body["metadata"]["name"] = f"pod-{number}"
        await api.create(POD.path(_NAMESPACE), body)

    async def sample(number: int) -> None:
        spec = {"replicas": number % 3, "override": {"service": {"text": "x" * 2_000}}}
        body = {
            "apiVersion": _SAMPLES.api_version,
            "kind": _SAMPLES.kind,
            "metadata": {"name": f"s{number}"},
            "spec": spec,
        }
        await api.create(_SAMPLES.path(_NAMESPACE), body)

    await _many(PODS, pod)
    await _many(CUSTOM, sample)
    await api.close()


async def _many(count: int, work: Callable[[int], Awaitable[None]]) -> None:
    numbers = iter(range(count))

    async def hand() -> None:
        for number in numbers:
            await work(number)

    async with asyncio.TaskGroup() as tasks:
        for _ in range(8):
            tasks.create_task(hand())


def _measured(name: str, kubeconfig: Path) -> list[Mark]:
    """At the start, after the first snapshot, after the events."""
    ours, theirs = multiprocessing.Pipe()
    spawn = multiprocessing.get_context("spawn").Process
    if name == "kubectl":
        child = spawn(target=readers.kubectl, args=(kubeconfig, theirs, (PODS, EVENTS)))
    else:
        child = spawn(target=readers.run, args=(name, kubeconfig, theirs, EVENTS))
    child.start()
    theirs.close()  # so that a reader that ends early is noticed
    pid = int(ours.recv()) if name == "kubectl" else child.pid or 0
    try:
        began = Mark(0.0, time.monotonic(), 0.0)
        listed: Mark = ours.recv()
        asyncio.run(_stir(kubeconfig, name))
        return [began, listed, ours.recv()]
    finally:
        if name == "kubectl":
            os.kill(pid, 15)
        child.terminate()
        child.join()


async def _stir(kubeconfig: Path, value: str) -> None:
    """So many changes of pods."""
    api = Api(options(kubeconfig))

    async def patch(number: int) -> None:
        body = {"metadata": {"annotations": {"step": f"{value}-{number}"}}}
        await api.patch(POD.path(_NAMESPACE, f"pod-{number % PODS}"), body)

    await _many(EVENTS, patch)
    await api.close()


async def _quiet(kubeconfig: Path) -> tuple[list[float], float]:
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
        running = [tasks.create_task(watch(kind, event)) for kind, event in zip((POD, _SAMPLES), ready, strict=True)]
        for event in ready:
            await event.wait()
        late = [await _late(hands, seen, number) for number in range(50)]
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
    answer = (await hands.patch(POD.path(_NAMESPACE, f"pod-{number}"), body)).object()
    await seen.setdefault(answer["metadata"]["resourceVersion"], asyncio.Event()).wait()
    return (time.monotonic() - began) * 1000


async def _requests(hands: Api) -> float:
    """Requests for pods and custom resources that the server has begun to serve, by its own metrics."""
    text = (await hands.request("GET", "/metrics", accept="text/plain")).decode()
    lines = [
        line
        for line in text.splitlines()
        if line.startswith(("apiserver_request_total{", "apiserver_longrunning_requests{"))
        and ('resource="pods"' in line or f'resource="{_SAMPLES.plural}"' in line)
    ]
    return sum(float(line.rpartition(" ")[2]) for line in lines)
