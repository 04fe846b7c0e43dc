"""A real kube-apiserver that is filled with pods and custom resources, and what is done to them.

Needs the harness of a real control plane (etcd and kube-apiserver), which is not part of this repository:
OSCONSOLE_REALCLUSTER names its folder, with `start DIR` and `stop DIR`.
"""

import asyncio
import os
import shutil
import subprocess
import tempfile
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec

from benchmarks.objects import POD, options
from benchmarks.pods import busy_pod
from osconsole.kube.api import Api
from osconsole.model.kinds import BY_KEY, Kind, key

HARNESS = Path(os.environ.get("OSCONSOLE_REALCLUSTER") or Path(__file__).parents[2] / "shared" / "realcluster")
NAMESPACE = "openstack"
SAMPLES = Kind("bench.example.org", "v1", "Sample", "samples")


class Load(msgspec.Struct, frozen=True):
    """How much: pods, custom resources, and changes of pods that every reader sees."""

    pods: int = 10_000
    custom: int = 2_000
    events: int = 5_000


@contextmanager
def running(load: Load) -> Iterator[Path]:
    """The kubeconfig of a server that holds all that."""
    folder = Path(tempfile.mkdtemp(prefix="osconsole-bench-"))
    try:
        subprocess.run([HARNESS / "start", folder], check=True, stdout=subprocess.DEVNULL)
        asyncio.run(_fill(folder / "kubeconfig", load))
        yield folder / "kubeconfig"
    finally:
        subprocess.run([HARNESS / "stop", folder], check=False, capture_output=True)
        shutil.rmtree(folder, ignore_errors=True)


async def pod_kb(kubeconfig: Path) -> float:
    """What the server sends for one pod, in kilobytes."""
    api = Api(options(kubeconfig))
    body = await api.request("GET", POD.path(NAMESPACE, "pod-0"))
    await api.close()
    return len(body) / 1e3


async def stir(kubeconfig: Path, load: Load, value: str) -> None:
    """All the changes of pods, for one reader."""
    api = Api(options(kubeconfig))

    async def patch(number: int) -> None:
        body = {"metadata": {"annotations": {"step": f"{value}-{number}"}}}
        await api.patch(POD.path(NAMESPACE, f"pod-{number % load.pods}"), body)

    await _many(load.events, patch)
    await api.close()


async def _fill(kubeconfig: Path, load: Load) -> None:
    """Pods and custom resources, eight at a time."""
    api = Api(options(kubeconfig))
    await api.create("/api/v1/namespaces", {"metadata": {"name": NAMESPACE}})
    schema = {"type": "object", "x-kubernetes-preserve-unknown-fields": True}
    version = {"name": "v1", "served": True, "storage": True, "schema": {"openAPIV3Schema": schema}}
    names = {"kind": SAMPLES.kind, "plural": SAMPLES.plural}
    spec = {"group": SAMPLES.group, "scope": "Namespaced", "names": names, "versions": [version]}
    definition = {"metadata": {"name": SAMPLES.resource}, "spec": spec}
    await api.create(BY_KEY[key("CustomResourceDefinition")].path(), definition)

    async def pod(number: int) -> None:
        body = busy_pod(number, NAMESPACE)
        for field in ("managedFields", "ownerReferences", "uid", "resourceVersion", "creationTimestamp"):
            del body["metadata"][field]
        body["metadata"]["name"] = f"pod-{number}"
        await api.create(POD.path(NAMESPACE), body)

    async def sample(number: int) -> None:
        spec = {"replicas": number % 3, "override": {"service": {"text": "x" * 2_000}}}
        body = {
            "apiVersion": SAMPLES.api_version,
            "kind": SAMPLES.kind,
            "metadata": {"name": f"s{number}"},
            "spec": spec,
        }
        await api.create(SAMPLES.path(NAMESPACE), body)

    await _many(load.pods, pod)
    await _many(load.custom, sample)
    await api.close()


async def _many(count: int, work: Callable[[int], Awaitable[None]]) -> None:
    numbers = iter(range(count))

    async def hand() -> None:
        for number in numbers:
            await work(number)

    async with asyncio.TaskGroup() as tasks:
        for _ in range(8):
            tasks.create_task(hand())
