"""The node agent's control loop: makes each pod of its nodes run, as far as its spec and its status say.

Everything that must outlive the agent is in the pod's status or, for process containers, on disk; a new agent goes on
where the last one stopped. Simulated containers live here, real ones in `processes`.
"""

import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import timedelta

from osconsole.embedded.client import Object
from osconsole.embedded.clock import instant, now
from osconsole.embedded.informer import Key, key_of
from osconsole.embedded.kinds import POD, Kind
from osconsole.embedded.kubelet.addresses import Addresses
from osconsole.embedded.kubelet.container import Container, Exit, container_of
from osconsole.embedded.kubelet.faults import faults_of
from osconsole.embedded.kubelet.lifetimes import TERMINATED, is_restarted, is_sidecar, is_work, simulated_life_s
from osconsole.embedded.kubelet.podstatus import HOST_IP, status_of
from osconsole.embedded.kubelet.processes import Processes, is_process
from osconsole.embedded.kubelet.setup import SetupProblem
from osconsole.embedded.kubelet.timing import Timing
from osconsole.embedded.view import Cluster

# An ended container shows that for a moment before it waits for its restart.
_SHOW_END_S = 0.3
_PULL_RETRY_S = 10.0


@dataclass(slots=True)
class _Held:
    """What the agent knows of a pod beyond its status."""

    pod: Object
    init: list[Container]
    main: list[Container]
    stop_due: float | None = None
    kill_due: float = 0.0
    specs: dict[str, Object] = field(default_factory=dict)

    def all(self) -> list[Container]:
        return [*self.init, *self.main]


class PodAgent:
    """Runs the pods that are bound to `nodes`."""

    name = "kubelet"
    watches = (POD,)
    workers = 8

    def __init__(self, cluster: Cluster, nodes: tuple[str, ...], processes: Processes, timing: Timing) -> None:
        self._cluster, self._nodes, self._processes, self._timing = cluster, nodes, processes, timing
        self._held: dict[Key, _Held] = {}
        self._addresses = Addresses(cluster.informer(POD))

    def keys(self, kind: Kind, obj: Object) -> Iterable[Key]:
        """The pod, once it has one of our nodes."""
        return [key_of(obj)] if obj["spec"].get("nodeName") in self._nodes else []

    async def reconcile(self, key: Key) -> float | None:
        """One step in the life of a pod; the seconds until its next."""
        pod = self._cluster.informer(POD).get(*key)
        held = self._held.get(key)
        if held is not None and (pod is None or pod["metadata"]["uid"] != held.pod["metadata"]["uid"]):
            self._processes.forget(held.pod)
            self._addresses.free(held.pod["metadata"]["uid"])
            del self._held[key]
            held = None
        if pod is None:
            return None
        if held is None:
            held = self._held[key] = _take_up(pod)
        held.pod = pod
        if pod["metadata"].get("deletionTimestamp"):
            return await self._stop(held)
        if (pod.get("status") or {}).get("phase") in ("Succeeded", "Failed"):
            self._processes.tidy(pod)
            return None
        return await self._run(held)

    async def _run(self, held: _Held) -> float | None:
        pauses: list[float] = []
        for container in held.init:
            pauses += await self._advance(held, container)
            in_place = is_sidecar(held.specs[container.name]) and container.state == "running"
            if not in_place and not container.has_succeeded:
                for later in [c for c in held.main if c.state == "waiting" and not c.last]:
                    later.reason = "PodInitializing"
                break
        else:
            for container in held.main:
                pauses += await self._advance(held, container)
        await self._write(held, stopping=False)
        return min(pauses) if pauses else None

    async def _advance(self, held: _Held, container: Container) -> list[float]:
        """Move one container on as far as it goes now; when to look at it again."""
        if container.state == "exited":
            again = is_restarted(held.pod, held.specs[container.name], container, is_init=container in held.init)
            return self._restart(held, container) if again else []
        pauses = await self._start(held, container) if container.state == "waiting" else None
        return self._watch_over(held, container) if pauses is None else pauses

    def _restart(self, held: _Held, container: Container) -> list[float]:
        pause_s = self._timing.backoff(container.restarts)
        ended = container.exit.at if container.exit else now()
        container.wait_for_restart(pause_s, f"{'_'.join(reversed(key_of(held.pod)))}({held.pod['metadata']['uid']})")
        container.due = time.monotonic() + max(0.0, (ended + timedelta(seconds=pause_s) - now()).total_seconds())
        if pause_s:
            self._note(held, "BackOff", f"Back-off restarting failed container {container.name}", warning=True)
        return [container.due - time.monotonic()]

    async def _start(self, held: _Held, container: Container) -> list[float] | None:
        """Start a waiting container when its time has come: None; else when to try again."""
        pod, spec = held.pod, held.specs[container.name]
        faults = faults_of(pod, container.name)
        if faults.pending:
            return []
        if container.due is None:
            container.due = time.monotonic() + self._start_delay_s(container)
        left = container.due - time.monotonic()
        if left > 0:
            return [left]
        if faults.image_pull:
            return self._fail_pull(held, container)
        try:
            started = now()
            if is_process(spec):
                started = await self._processes.start(
                    pod, spec, container.restarts + bool(container.last), self._ip(pod)
                )
        except SetupProblem as problem:
            container.reason, container.message, container.due = problem.waiting, "", None
            if problem.waiting != "ContainerCreating":
                container.message = problem.message.removeprefix("Error: ")
            self._note(held, problem.reason, problem.message, warning=True)
            return [self._timing.mount_retry_s]
        container.start(pod["metadata"]["uid"], started)
        self._note(held, "Pulled", f'Container image "{container.image}" already present on machine')
        self._note(held, "Created", f"Created container: {container.name}")
        self._note(held, "Started", f"Started container {container.name}")
        return None

    def _start_delay_s(self, container: Container) -> float:
        """A first start takes a moment; a restart waits out what is left of its pause."""
        if not container.last:
            return self._timing.create_s
        due = instant(container.last["finishedAt"]) + timedelta(seconds=self._timing.backoff(container.restarts))
        return max(0.0, (due - now()).total_seconds())

    def _fail_pull(self, held: _Held, container: Container) -> list[float]:
        first = container.reason not in ("ErrImagePull", "ImagePullBackOff")
        container.reason = "ErrImagePull" if first else "ImagePullBackOff"
        message = f'Failed to pull image "{container.image}": manifest unknown'
        container.message = message if first else f'Back-off pulling image "{container.image}"'
        container.due = time.monotonic() + (1.0 if first else _PULL_RETRY_S)
        self._note(held, "Failed" if first else "BackOff", container.message, warning=True)
        return [container.due - time.monotonic()]

    def _watch_over(self, held: _Held, container: Container) -> list[float]:
        """See whether a running container has ended or has become ready."""
        spec, at = held.specs[container.name], time.monotonic()
        if is_process(spec):
            ended = self._processes.ended(held.pod, container)
            if ended is not None:
                container.ended(ended)
            container.ready = ended is None
            return [_SHOW_END_S] if ended else []
        faults = faults_of(held.pod, container.name)
        is_init = container in held.init
        life_s = simulated_life_s(held.pod, spec, container, self._timing, is_init=is_init)
        pauses = []
        if life_s is not None:
            container.due = container.due if container.due is not None else at + life_s
            if at >= container.due:
                container.ended(Exit(faults.exit_code if faults.fails(container.restarts) else 0, now()))
                return [_SHOW_END_S]
            pauses.append(container.due - at)
        if not container.ready and not faults.not_ready and not is_init:
            container.ready_due = container.ready_due if container.ready_due is not None else at + self._timing.ready_s
            container.ready = at >= container.ready_due
            if not container.ready:
                pauses.append(container.ready_due - at)
        return pauses

    async def _stop(self, held: _Held) -> float | None:
        """End every container, then let the API server forget the pod."""
        pod, at = held.pod, time.monotonic()
        grace_s = pod["metadata"].get("deletionGracePeriodSeconds")
        running = [c for c in held.all() if c.state == "running"]
        if held.stop_due is None:
            held.stop_due = at + min(self._timing.stop_s, grace_s if grace_s is not None else 30)
            held.kill_due = at + (grace_s if grace_s is not None else 30)
            for container in running:
                self._note(held, "Killing", f"Stopping container {container.name}")
                self._processes.stop(pod, container)
        for container in running:
            if is_process(held.specs[container.name]):
                if at >= held.kill_due:
                    self._processes.stop(pod, container, kill=True)
                ended = self._processes.ended(pod, container)
                if ended is not None:
                    container.ended(ended)
            elif at >= held.stop_due:
                # A service goes in peace; the work of a Job is cut off.
                container.ended(Exit(TERMINATED if is_work(pod) else 0, now()))
        if any(c.state == "running" for c in held.all()):
            due = held.stop_due if at < held.stop_due else held.kill_due
            return max(0.05, due - at)
        self._processes.tidy(pod)
        await self._write(held, stopping=True)
        if grace_s or not pod["metadata"].get("finalizers"):
            await self._cluster.delete(POD, held.pod, grace_s=0)
        return None

    async def _write(self, held: _Held, *, stopping: bool) -> None:
        if stopping and (held.pod.get("status") or {}).get("phase") in ("Succeeded", "Failed"):
            return
        status = status_of(held.pod, held.init, held.main, pod_ip=self._ip(held.pod), stopping=stopping)
        held.pod = await self._cluster.set_status(POD, held.pod, status)

    def _ip(self, pod: Object) -> str:
        return HOST_IP if pod["spec"].get("hostNetwork") else self._addresses.of(pod)

    def _note(self, held: _Held, reason: str, message: str, *, warning: bool = False) -> None:
        node = held.pod["spec"].get("nodeName", "")
        self._cluster.events.note(held.pod, reason, message, warning=warning, component=self.name, host=node)


def _take_up(pod: Object) -> _Held:
    status, spec = pod.get("status") or {}, pod["spec"]
    entries = {e["name"]: e for key in ("initContainerStatuses", "containerStatuses") for e in status.get(key) or []}
    init = [container_of(s, entries.get(s["name"])) for s in spec.get("initContainers") or []]
    main = [container_of(s, entries.get(s["name"])) for s in spec["containers"]]
    specs = {s["name"]: s for s in [*(spec.get("initContainers") or []), *spec["containers"]]}
    return _Held(pod, init, main, specs=specs)
