"""Facts: the few values of a body that judgements and columns read, decoded once per Resource.

A Resource never changes, so its facts are kept beside it for as long as that very object is asked for.
"""

from collections.abc import Callable
from typing import Any, TypeVar

import msgspec

from osconsole.model.conditions import instant
from osconsole.model.ref import Ref
from osconsole.model.resource import Resource, dig

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


class PodFacts(msgspec.Struct, frozen=True):
    """What is asked of a pod; `since` is when its Ready condition last changed."""

    phase: str
    node: str
    ip: str
    image: str
    containers: tuple[Container, ...]
    since: float
    reason: str
    message: str

    @property
    def ready(self) -> int:
        """Containers that are ready."""
        return sum(c.ready for c in self.containers if not c.init)

    @property
    def total(self) -> int:
        """Containers that count."""
        return sum(not c.init for c in self.containers)

    @property
    def restarts(self) -> int:
        """Restarts of all containers."""
        return sum(c.restarts for c in self.containers)


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


_kept: dict[tuple[str, Ref], tuple[Resource, Any]] = {}
_MOST = 200_000  # entries; far above any cluster, so that the table cannot grow for ever


def _keep(name: str, resource: Resource, make: Callable[[Resource], F]) -> F:
    key = (name, resource.ref)
    found = _kept.get(key)
    if found is not None and found[0] is resource:
        kept: F = found[1]
        return kept
    if len(_kept) > _MOST:
        _kept.clear()
    value = make(resource)
    _kept[key] = (resource, value)
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
    return _keep("/".join(path), resource, lambda r: r.get(*path))


def _pod(resource: Resource) -> PodFacts:
    body = resource.body()
    spec, status = _dict(body.get("spec")), _dict(body.get("status"))
    images = [c.get("image", "") for c in spec.get("containers") or [] if isinstance(c, dict)]
    containers = [_container(e, init=True) for e in status.get("initContainerStatuses") or []]
    containers += [_container(e, init=False) for e in status.get("containerStatuses") or []]
    if not any(not c.init for c in containers):
        containers += [Container(str(c.get("name", ""))) for c in spec.get("containers") or []]
    ready = next((c for c in resource.conditions if c.type == "Ready"), None)
    scheduled = next((c for c in resource.conditions if c.type == "PodScheduled" and not c.ok), None)
    return PodFacts(
        phase=str(status.get("phase", "Unknown")),
        node=str(spec.get("nodeName") or ""),
        ip=str(status.get("podIP") or ""),
        image=str(images[0]) if images else "",
        containers=tuple(containers),
        since=ready.since if ready else resource.created,
        reason=str(status.get("reason") or (scheduled.reason if scheduled else "")),
        message=str(status.get("message") or (scheduled.message if scheduled else "")),
    )


def _container(entry: Any, *, init: bool) -> Container:
    entry = _dict(entry)
    state = _dict(entry.get("state"))
    name = next((n for n in ("running", "terminated", "waiting") if n in state), "waiting")
    detail, last = _dict(state.get(name)), _dict(dig(entry, "lastState", "terminated"))
    return Container(
        name=str(entry.get("name", "")),
        ready=bool(entry.get("ready")),
        restarts=int(entry.get("restartCount") or 0),
        state=name,
        reason=str(detail.get("reason") or ""),
        message=str(detail.get("message") or ""),
        exit_code=int(detail.get("exitCode") or 0),
        since=instant(detail.get("startedAt") or detail.get("finishedAt")),
        last_reason=str(last.get("reason") or ""),
        last_exit=int(last.get("exitCode") or 0),
        init=init,
    )


def _workload(resource: Resource) -> WorkloadFacts:
    body = resource.body()
    spec, status = _dict(body.get("spec")), _dict(body.get("status"))
    images = dig(spec, "template", "spec", "containers", default=[])
    image = str(images[0].get("image", "")) if images and isinstance(images[0], dict) else ""
    if resource.ref.kind == "DaemonSet":
        desired = int(status.get("desiredNumberScheduled") or 0)
        ready, current = int(status.get("numberReady") or 0), int(status.get("currentNumberScheduled") or 0)
        updated = int(status.get("updatedNumberScheduled") or 0)
    else:
        desired = 1 if spec.get("replicas") is None else int(spec["replicas"])
        ready, current = int(status.get("readyReplicas") or 0), int(status.get("replicas") or 0)
        updated = int(status.get("updatedReplicas") or (current if resource.ref.kind == "ReplicaSet" else 0))
        if resource.ref.kind == "StatefulSet" and status.get("currentRevision") == status.get("updateRevision"):
            updated = current
    held = dig(spec, "updateStrategy", "type") == "OnDelete"
    return WorkloadFacts(desired, ready, updated, current, image, resource.observed >= resource.generation, held)


def _job(resource: Resource) -> JobFacts:
    body = resource.body()
    spec, status = _dict(body.get("spec")), _dict(body.get("status"))
    failed = next((c for c in resource.conditions if c.type == "Failed" and c.ok), None)
    done = next((c for c in resource.conditions if c.type in {"Complete", "Failed"} and c.ok), None)
    return JobFacts(
        active=int(status.get("active") or 0),
        succeeded=int(status.get("succeeded") or 0),
        failed=int(status.get("failed") or 0),
        limit=6 if spec.get("backoffLimit") is None else int(spec["backoffLimit"]),
        started=instant(status.get("startTime")),
        ended=instant(status.get("completionTime")) or (done.since if done else 0.0),
        complete=any(c.type == "Complete" and c.ok for c in resource.conditions),
        gave_up=(failed.reason or "Failed") if failed else "",
    )


def _dict(found: Any) -> dict[str, Any]:
    return found if isinstance(found, dict) else {}
