"""Gist: the few fields of a Pod, a Job or a workload whose change is news or moves its word of state.

`kube.mirror` takes it from an object together with everything else, so that two versions are compared without reading
either of them again. What many objects say alike is one value, shared by all: ten thousand pods that run well have the
gists of a few dozen. What a difference means is `model.phases`.
"""

from collections.abc import Callable
from functools import lru_cache
from typing import Any, Generic, TypeVar

import msgspec

from osconsole.model.conditions import Entry
from osconsole.model.ref import KindKey

T = TypeVar("T")


class Ended(msgspec.Struct, frozen=True, gc=False, rename="camel"):
    """How a container ended."""

    exit_code: int = 0
    reason: str = ""


class Waiting(msgspec.Struct, frozen=True, gc=False):
    """Why a container is not started."""

    reason: str = ""
    message: str = ""


class State(msgspec.Struct, frozen=True, gc=False):
    """What a container does; with neither, it runs."""

    terminated: Ended | None = None
    waiting: Waiting | None = None


class Container(msgspec.Struct, frozen=True, gc=False, rename="camel"):
    """One container of a pod."""

    name: str = ""
    ready: bool = False
    restart_count: int = 0
    state: State = State()
    last_state: State = State()


class Pod(msgspec.Struct, frozen=True, gc=False):
    """Of a Pod; init containers come first, `inits` of them."""

    node: str = ""
    phase: str = ""
    reason: str = ""
    message: str = ""
    containers: tuple[Container, ...] = ()
    inits: int = 0


class Job(msgspec.Struct, frozen=True, gc=False):
    """Of a Job."""

    backoff_limit: int = 6
    suspended: bool = False
    started: bool = False
    failed: int = 0


class Workload(msgspec.Struct, frozen=True, gc=False):
    """Of a Deployment, StatefulSet or DaemonSet: how many pods are ready, wanted, there and new, and their images."""

    ready: int = 0
    wanted: int = 0
    images: tuple[str, ...] = ()
    made: int = 0
    updated: int = 0


Gist = Pod | Job | Workload


class Status(msgspec.Struct, frozen=True, gc=False, rename="camel"):
    """What the status of any kind may have."""

    conditions: list[Entry] | None = None
    observed_generation: int = 0


class Spec(msgspec.Struct, frozen=True, gc=False):
    """A spec of which nothing is looked at."""


class PodStatus(Status, frozen=True, gc=False, rename="camel"):
    """Of a Pod."""

    phase: str = ""
    reason: str = ""
    message: str = ""
    container_statuses: tuple[Container, ...] | None = None
    init_container_statuses: tuple[Container, ...] | None = None


class PodSpec(Spec, frozen=True, gc=False, rename="camel"):
    """Of a Pod."""

    node_name: str = ""


class JobStatus(Status, frozen=True, gc=False, rename="camel"):
    """Of a Job."""

    start_time: str | None = None
    failed: int = 0


class JobSpec(Spec, frozen=True, gc=False, rename="camel"):
    """Of a Job."""

    backoff_limit: int = 6
    suspend: bool = False


class _Image(msgspec.Struct, frozen=True, gc=False):
    image: str = ""


class _Containers(msgspec.Struct, frozen=True, gc=False):
    containers: tuple[_Image, ...] = ()


class _Template(msgspec.Struct, frozen=True, gc=False):
    spec: _Containers = _Containers()


class WorkloadSpec(Spec, frozen=True, gc=False):
    """Of a Deployment, StatefulSet or DaemonSet."""

    replicas: int = 1
    template: _Template = _Template()


class ReplicasStatus(Status, frozen=True, gc=False, rename="camel"):
    """Of a Deployment or StatefulSet."""

    replicas: int = 0
    ready_replicas: int = 0
    updated_replicas: int = 0
    current_revision: str = ""
    update_revision: str = ""


class DaemonsStatus(Status, frozen=True, gc=False, rename="camel"):
    """Of a DaemonSet."""

    number_ready: int = 0
    desired_number_scheduled: int = 0
    current_number_scheduled: int = 0
    updated_number_scheduled: int = 0


@lru_cache(16384)
def _shared(value: T) -> T:
    """The one that is kept of all that are equal."""
    if isinstance(value, Pod):
        return msgspec.structs.replace(value, containers=tuple(map(_shared, value.containers)))
    return value


def _pod(spec: PodSpec, status: PodStatus) -> Pod:
    inits = status.init_container_statuses or ()
    containers = (*inits, *(status.container_statuses or ()))
    return Pod(spec.node_name, status.phase, status.reason, status.message, containers, len(inits))


def _job(spec: JobSpec, status: JobStatus) -> Job:
    return Job(spec.backoff_limit, spec.suspend, bool(status.start_time), status.failed)


def _replicas(spec: WorkloadSpec, status: ReplicasStatus) -> Workload:
    return Workload(status.ready_replicas, spec.replicas, _images(spec), status.replicas, status.updated_replicas)


def _ordered(spec: WorkloadSpec, status: ReplicasStatus) -> Workload:
    """Of a StatefulSet, which counts no updated pods when all are."""
    rolled = status.current_revision == status.update_revision
    updated = status.replicas if rolled else status.updated_replicas
    return Workload(status.ready_replicas, spec.replicas, _images(spec), status.replicas, updated)


def _daemons(spec: WorkloadSpec, status: DaemonsStatus) -> Workload:
    made, updated = status.current_number_scheduled, status.updated_number_scheduled
    return Workload(status.number_ready, status.desired_number_scheduled, _images(spec), made, updated)


def _images(spec: WorkloadSpec) -> tuple[str, ...]:
    return tuple(one.image for one in spec.template.spec.containers)


class Form(msgspec.Struct, frozen=True):
    """How objects of a kind are read: the types of their spec and status, and the gist of these."""

    spec: type[Spec]
    status: type[Status]
    of: Callable[[Any, Any], Gist]

    def gist(self, spec: Spec | None, status: Status | None) -> Gist:
        """The gist, one for all objects that say the same."""
        found: Gist = _shared(self.of(spec or self.spec(), status or self.status()))
        return found


FORMS: dict[KindKey, Form] = {
    KindKey("", "Pod"): Form(PodSpec, PodStatus, _pod),
    KindKey("batch", "Job"): Form(JobSpec, JobStatus, _job),
    KindKey("apps", "Deployment"): Form(WorkloadSpec, ReplicasStatus, _replicas),
    KindKey("apps", "StatefulSet"): Form(WorkloadSpec, ReplicasStatus, _ordered),
    KindKey("apps", "DaemonSet"): Form(WorkloadSpec, DaemonsStatus, _daemons),
}

Sp = TypeVar("Sp")
St = TypeVar("St")


class _Body(msgspec.Struct, Generic[Sp, St], frozen=True, gc=False):
    spec: Sp | None = None
    status: St | None = None


@lru_cache
def _decoder(kind: KindKey) -> msgspec.json.Decoder[Any]:
    form = FORMS[kind]
    return msgspec.json.Decoder(_Body[form.spec, form.status])  # type: ignore[name-defined]


def read(kind: KindKey, raw: bytes) -> Gist | None:
    """The gist of an object's JSON; None when it is of no such kind, or cannot be read."""
    form = FORMS.get(kind)
    if form is None:
        return None
    try:
        body = _decoder(kind).decode(raw)
    except msgspec.MsgspecError:
        return None
    found: Gist = form.gist(body.spec, body.status)
    return found
