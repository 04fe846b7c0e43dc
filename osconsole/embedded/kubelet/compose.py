"""Puts controllers and node agent together over one client and one set of informers."""

import asyncio
import logging
from dataclasses import dataclass, replace
from pathlib import Path

from osconsole.embedded.client import Client
from osconsole.embedded.controllers.garbage import Garbage
from osconsole.embedded.controllers.roster import controllers
from osconsole.embedded.informer import Key
from osconsole.embedded.kinds import POD
from osconsole.embedded.kubelet.agent import PodAgent
from osconsole.embedded.kubelet.nodes import NODES, keep_node
from osconsole.embedded.kubelet.processes import Processes
from osconsole.embedded.kubelet.server import serving
from osconsole.embedded.kubelet.timing import Timing
from osconsole.embedded.loop import drive
from osconsole.embedded.view import Cluster
from osconsole.embedded.workqueue import WorkQueue

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Options:
    """What to run; `chosen` names controllers, None means all.

    `client_authority` (PEM) signs the API server's kubelet client certificate, "" for the kubeconfig's own.
    """

    kubeconfig: Path
    folder: Path
    runner: tuple[str, ...]
    controllers: bool = True
    kubelet: bool = True
    chosen: frozenset[str] | None = None
    backoff_s: float = 10.0
    client_authority: str = ""


async def run(options: Options, stop: asyncio.Event) -> None:
    """Run until `stop` is set; process pods are ended before it returns."""
    async with Client.open(options.kubeconfig) as client:
        try:
            async with asyncio.TaskGroup() as tasks:
                await _start(options, Cluster(client, tasks), stop)
        except* _Stopped:
            _log.info("stopped")


class _Stopped(Exception):
    """Ends the TaskGroup."""


async def _start(options: Options, cluster: Cluster, stop: asyncio.Event) -> None:
    if options.controllers:
        for controller in controllers(cluster, backoff_s=options.backoff_s):
            if options.chosen is None or controller.name in options.chosen:
                cluster.tasks.create_task(drive(cluster, controller), name=controller.name)
        if options.chosen is None or "garbage-collector" in options.chosen:
            cluster.tasks.create_task(Garbage(cluster).run(), name="garbage-collector")
    if not options.kubelet:
        await stop.wait()
        raise _Stopped
    pods = options.folder / "pods"
    pods.mkdir(mode=0o700, parents=True, exist_ok=True)
    queue: WorkQueue[Key] = WorkQueue()
    processes = Processes(cluster.client, pods, options.runner, queue.add)
    agent = PodAgent(cluster, NODES, processes, replace(Timing(), backoff_s=options.backoff_s))
    authority = options.client_authority or cluster.client.authority
    async with serving(cluster, processes, options.folder / "kubelet.port", authority) as port:
        cluster.tasks.create_task(_kubelet(cluster, agent, processes, queue), name="kubelet")
        for node in NODES:
            cluster.tasks.create_task(keep_node(cluster.client, node, port, Timing().lease_s), name=node)
        await stop.wait()
        await processes.end_all()
        raise _Stopped


async def _kubelet(cluster: Cluster, agent: PodAgent, processes: Processes, queue: WorkQueue[Key]) -> None:
    pods = cluster.informer(POD)
    await pods.synced.wait()
    processes.sweep(pod["metadata"]["uid"] for pod in pods.all())
    await drive(cluster, agent, queue)
