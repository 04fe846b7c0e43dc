"""Phases: what happened to a Pod, a Job or a workload between two versions of it.

Only the fields that are compared are decoded: these kinds change far more often than all others.
"""

from collections.abc import Iterator
from typing import Any

import msgspec

from osconsole.model.resource import Resource

# What happened: (what, old, new, severity, message).
Happening = tuple[str, str, str, str, str]


class _Terminated(msgspec.Struct, frozen=True, gc=False, rename="camel"):
    exit_code: int = 0
    reason: str = ""


class _Waiting(msgspec.Struct, frozen=True, gc=False):
    reason: str = ""
    message: str = ""


class _State(msgspec.Struct, frozen=True, gc=False):
    terminated: _Terminated | None = None
    waiting: _Waiting | None = None


class _Container(msgspec.Struct, frozen=True, gc=False, rename="camel"):
    name: str = ""
    restart_count: int = 0
    state: _State = _State()
    last_state: _State = _State()


class _PodStatus(msgspec.Struct, frozen=True, gc=False, rename="camel"):
    phase: str = ""
    reason: str = ""
    message: str = ""
    container_statuses: list[_Container] = []
    init_container_statuses: list[_Container] = []

    @property
    def containers(self) -> list[_Container]:
        return [*self.init_container_statuses, *self.container_statuses]


class _PodSpec(msgspec.Struct, frozen=True, gc=False, rename="camel"):
    node_name: str = ""


class _Pod(msgspec.Struct, frozen=True, gc=False):
    spec: _PodSpec = _PodSpec()
    status: _PodStatus = _PodStatus()


class _JobCondition(msgspec.Struct, frozen=True, gc=False):
    type: str = ""
    status: str = ""
    reason: str = ""
    message: str = ""


class _JobStatus(msgspec.Struct, frozen=True, gc=False, rename="camel"):
    start_time: str = ""
    failed: int = 0
    conditions: list[_JobCondition] = []


class _JobSpec(msgspec.Struct, frozen=True, gc=False, rename="camel"):
    backoff_limit: int = 6
    suspend: bool = False


class _Job(msgspec.Struct, frozen=True, gc=False):
    spec: _JobSpec = _JobSpec()
    status: _JobStatus = _JobStatus()


class _Image(msgspec.Struct, frozen=True, gc=False):
    image: str = ""


class _PodTemplate(msgspec.Struct, frozen=True, gc=False):
    class Spec(msgspec.Struct, frozen=True, gc=False):
        containers: list[_Image] = []

    spec: Spec = Spec()


class _WorkloadSpec(msgspec.Struct, frozen=True, gc=False):
    replicas: int = 1
    template: _PodTemplate = _PodTemplate()


class _WorkloadStatus(msgspec.Struct, frozen=True, gc=False, rename="camel"):
    ready_replicas: int = 0
    number_ready: int = 0
    desired_number_scheduled: int = 0


class _Workload(msgspec.Struct, frozen=True, gc=False):
    spec: _WorkloadSpec = _WorkloadSpec()
    status: _WorkloadStatus = _WorkloadStatus()


_pod = msgspec.json.Decoder(_Pod).decode
_job = msgspec.json.Decoder(_Job).decode
_workload = msgspec.json.Decoder(_Workload).decode
_ORDINARY = frozenset({"", "ContainerCreating", "PodInitializing"})


def happenings(old: Resource, new: Resource) -> Iterator[Happening]:
    """What happened to an object of one of KINDS; nothing where a version cannot be read."""
    decode, compare = KINDS[new.ref.kind]
    try:
        was, now = decode(old.raw), decode(new.raw)
    except msgspec.MsgspecError:
        return
    yield from compare(was, now, new)


def _of_pod(was: _Pod, now: _Pod, _: Resource) -> Iterator[Happening]:
    if now.spec.node_name and not was.spec.node_name:
        yield "scheduled", "", now.spec.node_name, "", ""
    before = {c.name: c for c in was.status.containers}
    for container in now.status.containers:
        yield from _of_container(before.get(container.name, _Container()), container)
    if was.status.phase != now.status.phase:
        severity, message = ("Error", _why_failed(now.status)) if now.status.phase == "Failed" else ("", "")
        yield "phase", was.status.phase, now.status.reason or now.status.phase, severity, message


def _of_container(was: _Container, now: _Container) -> Iterator[Happening]:
    if now.restart_count > was.restart_count:
        ended = now.last_state.terminated or now.state.terminated
        how = f": {_ending(ended)}" if ended else ""
        counts = str(was.restart_count), str(now.restart_count)
        yield "restarts", *counts, "Warning", f"container {now.name} was started again{how}"
    reason = now.state.waiting.reason if now.state.waiting else ""
    if now.state.waiting and reason not in _ORDINARY and (not was.state.waiting or was.state.waiting.reason != reason):
        said = f": {now.state.waiting.message}" if now.state.waiting.message else ""
        yield "waiting", "", reason, "Warning", f"container {now.name}{said}"


def _ending(found: _Terminated) -> str:
    return f"{found.reason or 'ended'}, exit code {found.exit_code}"


def _why_failed(status: _PodStatus) -> str:
    """The pod's own reason (evicted), else how its first failed container ended."""
    if status.message:
        return status.message
    ended = ((c.name, c.state.terminated) for c in status.containers)
    return next((f"container {name}: {_ending(end)}" for name, end in ended if end and end.exit_code), status.reason)


def _of_job(was: _Job, now: _Job, _: Resource) -> Iterator[Happening]:
    if now.status.start_time and not was.status.start_time:
        yield "phase", "", "started", "", ""
    if now.spec.suspend != was.spec.suspend:
        yield "phase", "", "suspended" if now.spec.suspend else "resumed", "", ""
    if now.status.failed > was.status.failed:
        counts = str(was.status.failed), str(now.status.failed)
        yield "failed", *counts, "Warning", f"a pod of {now.spec.backoff_limit + 1} that it may use has failed"
    before = {c.type for c in was.status.conditions if c.status == "True"}
    for condition in now.status.conditions:
        if condition.status == "True" and condition.type not in before and condition.type in {"Complete", "Failed"}:
            bad = condition.type == "Failed"
            said = f"{condition.reason}: {condition.message}" if bad else ""
            yield "phase", "running", condition.type.lower(), "Error" if bad else "", said


def _of_workload(was: _Workload, now: _Workload, new: Resource) -> Iterator[Happening]:
    counted = _of_daemons if new.ref.kind == "DaemonSet" else _of_replicas
    if counted(was) != counted(now):
        yield "ready", counted(was), counted(now), "", ""
    before, after = was.spec.template.spec.containers, now.spec.template.spec.containers
    for old, image in zip(before, after, strict=False):
        if old != image:
            yield "image", old.image, image.image, "", ""


def _of_replicas(found: _Workload) -> str:
    return f"{found.status.ready_replicas}/{found.spec.replicas}"


def _of_daemons(found: _Workload) -> str:
    return f"{found.status.number_ready}/{found.status.desired_number_scheduled}"


KINDS: dict[str, tuple[Any, Any]] = {
    "Pod": (_pod, _of_pod),
    "Job": (_job, _of_job),
    "Deployment": (_workload, _of_workload),
    "StatefulSet": (_workload, _of_workload),
    "DaemonSet": (_workload, _of_workload),
}
