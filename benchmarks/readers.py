"""Three readers of all pods, each a process of its own: ours, the official client's watch, and kubectl.

Each tells a `Mark` before its first request, after the first snapshot, and after so many events. Ours and the official
client have loaded their modules and their kubeconfig by the first; kubectl cannot be asked to wait, so its first mark
is its start.
"""

import asyncio
import os
import subprocess
import time
from collections.abc import Callable
from contextlib import aclosing
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import msgspec

from benchmarks import cpu
from benchmarks.objects import POD, options
from osconsole.kube.api import Api
from osconsole.kube.reflector import changes
from osconsole.model.changes import Put
from osconsole.store import Store


class Mark(msgspec.Struct, frozen=True):
    """CPU seconds so far, when (monotonic), and resident megabytes."""

    cpu_s: float
    at: float
    resident_mb: float


def mark(pid: int) -> Mark:
    """Of one process, now."""
    return Mark(cpu.precise_s(pid), time.monotonic(), cpu.resident_bytes(pid) / 1e6)


Tell = Callable[[], None]


async def ours(kubeconfig: Path, told: Tell, events: int) -> None:
    """Reflector and store."""
    api, store, seen = Api(options(kubeconfig)), Store(), -1
    try:
        await api.line.ready()
        told()
        async with aclosing(changes(api, POD)) as batches:
            async for batch in batches:
                store.apply(batch)
                if seen < 0:
                    seen = 0
                    _ = store.snapshot
                    told()
                seen += sum(isinstance(change, Put) for change in batch)
                if seen >= events:
                    _ = store.snapshot
                    told()
                    seen = 0
    finally:
        await api.close()


async def official(kubeconfig: Path, told: Tell, events: int) -> None:
    """A list and a watch as the official client's examples have them."""
    from kubernetes.aio import client, config, watch  # noqa: TID251  (this is what ours is compared with)

    await config.load_kube_config(config_file=str(kubeconfig))
    async with client.ApiClient() as connection:
        core = client.CoreV1Api(connection)
        kept: dict[str, Any] = {}
        told()
        listed = await core.list_pod_for_all_namespaces()
        kept.update({pod.metadata.uid: pod for pod in listed.items})
        told()
        seen = 0
        stream = watch.Watch().stream(
            core.list_pod_for_all_namespaces, resource_version=listed.metadata.resource_version
        )
        async for event in stream:
            kept[event["object"].metadata.uid] = event["object"]
            seen += 1
            if seen == events:
                told()
                seen = 0


def run(reader: str, kubeconfig: Path, told: Connection, events: int) -> None:
    """The life of a Python reader's process."""
    pid = os.getpid()
    asyncio.run({"ours": ours, "official": official}[reader](kubeconfig, lambda: told.send(mark(pid)), events))


def kubectl(kubeconfig: Path, told: Connection, counts: tuple[int, int]) -> None:
    """`kubectl get -w`: so many lines are the first snapshot, so many more the events."""
    argv = ["kubectl", "--kubeconfig", str(kubeconfig), "get", "pods", "-A", "-w", "--no-headers"]
    with subprocess.Popen(argv, stdout=subprocess.PIPE) as child:
        told.send(child.pid)
        told.send(Mark(0.0, time.monotonic(), 0.0))
        assert child.stdout is not None
        try:
            for count in counts:
                for _ in range(count):
                    child.stdout.readline()
                told.send(mark(child.pid))
            child.wait()
        finally:
            child.kill()
