"""Facts: the few values of a body that judgements and columns read, decoded once per Resource.

A Resource never changes, so its facts are kept beside it for as long as that very object is asked for.
"""

from collections.abc import Callable
from typing import Any, TypeVar

import msgspec

from osconsole.model.conditions import READY, find, instant
from osconsole.model.ref import Ref
from osconsole.model.resource import Resource
from osconsole.views import shapes

F = TypeVar("F")


class Container(msgspec.Struct, frozen=True, gc=False):
    """One container of a pod: state is "running", "waiting" or "terminated"."""

    name: str
    ready: bool = False
    restarts: int = 0
    state: str = "waiting"
    reason: str = ""
    message: str = ""
    exit_code: int = 0
    since: float = 0.0
    last_reason: str = ""
    last_exit: int = 0
    init: bool = False


class PodFacts(msgspec.Struct, frozen=True, gc=False):
    """What is asked of a pod.

    `since` is when its Ready condition last changed; `ready` of `total` containers are, init containers aside, which
    count for `restarts`.
    """

    phase: str
    node: str
    ip: str
    image: str
    containers: tuple[Container, ...]
    since: float
    reason: str
    message: str
    ready: int
    total: int
    restarts: int


class WorkloadFacts(msgspec.Struct, frozen=True, gc=False):
    """Counts of a workload; `held`: its old pods go only when somebody deletes them."""

    desired: int
    ready: int
    updated: int
    current: int
    image: str
    caught_up: bool
    held: bool = False


class JobFacts(msgspec.Struct, frozen=True, gc=False):
    """Counts and times of a Job; `failed` counts pods, `limit` is backoffLimit."""

    active: int
    succeeded: int
    failed: int
    limit: int
    started: float
    ended: float
    complete: bool
    gave_up: str


_kept: dict[str, dict[Ref, tuple[Resource, Any]]] = {}
_MOST = 100_000  # entries of one name; far above any cluster, so that a table cannot grow for ever


def _keep(name: str, resource: Resource, make: Callable[[Resource], F]) -> F:
    table = _kept.setdefault(name, {})
    found = table.get(resource.ref)
    if found is not None and found[0] is resource:
        kept: F = found[1]
        return kept
    if len(table) > _MOST:
        table.clear()
    value = make(resource)
    table[resource.ref] = (resource, value)
    return value


def pod(resource: Resource) -> PodFacts:
    """Facts of a Pod."""
    return _keep("pod", resource, _pod)


def workload(resource: Resource) -> WorkloadFacts:
    """Facts of a workload."""
    return _keep("workload", resource, _workload)


def job(resource: Resource) -> JobFacts:
    """Facts of a Job."""
    return _keep("job", resource, _job)


def value(resource: Resource, *path: str) -> Any:
    """One value of the body, kept like the facts."""
    return _keep("/".join(path), resource, lambda r: shapes.value(r, *path))


def mapping(resource: Resource, *path: str) -> dict[str, Any]:
    """The object at a path, {} where there is none or it is something else."""
    found = value(resource, *path)
    return found if isinstance(found, dict) else {}


def sequence(resource: Resource, *path: str) -> list[Any]:
    """The list at a path, [] where there is none or it is something else."""
    found = value(resource, *path)
    return found if isinstance(found, list) else []


def text(resource: Resource, *path: str) -> str:
    """The text at a path, "" where there is none or it is something else."""
    found = value(resource, *path)
    return found if isinstance(found, str) else ""


def number(resource: Resource, *path: str) -> int | None:
    """The whole number at a path, None where there is none or it is something else."""
    found = value(resource, *path)
    return found if isinstance(found, int) and not isinstance(found, bool) else None


def _pod(resource: Resource) -> PodFacts:
    found = shapes.pod(resource)
    spec, status = found.spec, found.status
    planned = spec.containers or ()
    containers = [_container(e, init=True) for e in status.init_container_statuses or ()]
    containers += [_container(e, init=False) for e in status.container_statuses or ()]
    if not status.container_statuses:
        containers += [Container(c.name) for c in planned]
    ready = find(resource.conditions, READY)
    scheduled = next((c for c in resource.conditions if c.type == "PodScheduled" and not c.ok), None)
    return PodFacts(
        phase=status.phase,
        node=spec.node_name,
        ip=status.pod_ip,
        image=planned[0].image if planned else "",
        containers=tuple(containers),
        since=ready.since if ready else resource.created,
        reason=status.reason or (scheduled.reason if scheduled else ""),
        message=status.message or (scheduled.message if scheduled else ""),
        ready=sum([c.ready for c in containers if not c.init]),
        total=sum([not c.init for c in containers]),
        restarts=sum([c.restarts for c in containers]),
    )


def _container(entry: shapes.ContainerStatus, *, init: bool) -> Container:
    state, last = entry.state, entry.last_state.terminated or _NOTHING
    name, detail = "waiting", state.waiting or _NOTHING
    if state.running is not None:
        name, detail = "running", state.running
    elif state.terminated is not None:
        name, detail = "terminated", state.terminated
    began = instant(detail.started_at or detail.finished_at)
    return Container(
        entry.name, entry.ready, entry.restart_count, name, detail.reason, detail.message, detail.exit_code, began,
        last.reason, last.exit_code, init,
    )  # fmt: skip


_NOTHING = shapes.Detail()


def _workload(resource: Resource) -> WorkloadFacts:
    found = shapes.workload(resource)
    spec, status, kind = found.spec, found.status, resource.ref.kind
    images = spec.template.spec.containers
    if kind == "DaemonSet":
        desired, ready = status.desired_number_scheduled, status.number_ready
        current, updated = status.current_number_scheduled, status.updated_number_scheduled
    else:
        desired = 1 if spec.replicas is None else spec.replicas
        ready, current = status.ready_replicas, status.replicas
        updated = status.updated_replicas or (current if kind == "ReplicaSet" else 0)
        if kind == "StatefulSet" and status.current_revision == status.update_revision:
            updated = current
    return WorkloadFacts(
        desired, ready, updated, current, images[0].image if images else "",
        resource.observed >= resource.generation,
        bool(spec.update_strategy and spec.update_strategy.type == "OnDelete"),
    )  # fmt: skip


def _job(resource: Resource) -> JobFacts:
    found = shapes.job(resource)
    spec, status = found.spec, found.status
    failed = next((c for c in resource.conditions if c.type == "Failed" and c.ok), None)
    done = next((c for c in resource.conditions if c.type in {"Complete", "Failed"} and c.ok), None)
    return JobFacts(
        active=status.active,
        succeeded=status.succeeded,
        failed=status.failed,
        limit=6 if spec.backoff_limit is None else spec.backoff_limit,
        started=instant(status.start_time),
        ended=instant(status.completion_time) or (done.since if done else 0.0),
        complete=any(c.type == "Complete" and c.ok for c in resource.conditions),
        gave_up=(failed.reason or "Failed") if failed else "",
    )
