"""Shapes: the few fields of pods, workloads and Jobs that facts are made of, decoded typed and without all the rest.

A body that does not fit its shape gives an empty one: what it says is not known, and nothing falls over it.
"""

from collections.abc import Callable
from typing import TypeVar

import msgspec

from osconsole.model.resource import Resource

S = TypeVar("S")


class _Shape(msgspec.Struct, frozen=True, gc=False, rename="camel"):
    """Partial: fields that are not named are skipped."""


class Detail(_Shape, frozen=True):
    """Why a container is in its state."""

    reason: str = ""
    message: str = ""
    exit_code: int = 0
    started_at: str | None = None
    finished_at: str | None = None


class State(_Shape, frozen=True):
    """One of the three is set."""

    running: Detail | None = None
    terminated: Detail | None = None
    waiting: Detail | None = None


class ContainerStatus(_Shape, frozen=True):
    """One entry of containerStatuses."""

    name: str = ""
    ready: bool = False
    restart_count: int = 0
    state: State = State()
    last_state: State = State()


class Container(_Shape, frozen=True):
    """One container of a pod template."""

    name: str = ""
    image: str = ""


class PodSpec(_Shape, frozen=True):
    """Of a pod."""

    node_name: str = ""
    containers: list[Container] | None = None


class PodStatus(_Shape, frozen=True):
    """Of a pod."""

    phase: str = "Unknown"
    pod_ip: str = msgspec.field(default="", name="podIP")
    reason: str = ""
    message: str = ""
    container_statuses: list[ContainerStatus] | None = None
    init_container_statuses: list[ContainerStatus] | None = None


class Pod(_Shape, frozen=True):
    """A Pod."""

    spec: PodSpec = PodSpec()
    status: PodStatus = PodStatus()


class Template(_Shape, frozen=True):
    """A pod template."""

    spec: PodSpec = PodSpec()


class Strategy(_Shape, frozen=True):
    """How old pods go."""

    type: str = ""


class WorkloadSpec(_Shape, frozen=True):
    """Of a Deployment, StatefulSet, DaemonSet or ReplicaSet."""

    replicas: int | None = None
    template: Template = Template()
    update_strategy: Strategy | None = None


class WorkloadStatus(_Shape, frozen=True):
    """Of a Deployment, StatefulSet, DaemonSet or ReplicaSet."""

    replicas: int = 0
    ready_replicas: int = 0
    updated_replicas: int = 0
    current_revision: str = ""
    update_revision: str = ""
    desired_number_scheduled: int = 0
    number_ready: int = 0
    current_number_scheduled: int = 0
    updated_number_scheduled: int = 0


class Workload(_Shape, frozen=True):
    """A workload."""

    spec: WorkloadSpec = WorkloadSpec()
    status: WorkloadStatus = WorkloadStatus()


class JobSpec(_Shape, frozen=True):
    """Of a Job."""

    backoff_limit: int | None = None


class JobStatus(_Shape, frozen=True):
    """Of a Job."""

    active: int = 0
    succeeded: int = 0
    failed: int = 0
    start_time: str | None = None
    completion_time: str | None = None


class Job(_Shape, frozen=True):
    """A Job."""

    spec: JobSpec = JobSpec()
    status: JobStatus = JobStatus()


def _decoder(shape: type[S]) -> Callable[[Resource], S]:
    decode = msgspec.json.Decoder(shape).decode
    nothing = shape()

    def of(resource: Resource) -> S:
        try:
            return decode(resource.raw)
        except msgspec.MsgspecError:
            return nothing

    return of


pod = _decoder(Pod)
workload = _decoder(Workload)
job = _decoder(Job)

_members = msgspec.json.Decoder(dict[str, msgspec.Raw]).decode


def value(resource: Resource, *path: str) -> object:
    """One value of a body, None when it is not there; only that value is built, the rest is skipped."""
    raw: msgspec.Raw | bytes = resource.raw
    try:
        for part in path:
            found = _members(raw).get(part)
            if found is None:
                return None
            raw = found
        return msgspec.json.decode(raw)
    except msgspec.MsgspecError:
        return None
