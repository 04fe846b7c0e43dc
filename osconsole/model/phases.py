"""Phases: what happened to a Pod, a Job or a workload between two versions of it, told from their gists."""

from collections.abc import Iterator

from osconsole.model.conditions import Condition
from osconsole.model.gist import Container, Ended, Job, Pod, Workload, read
from osconsole.model.resource import Resource

# What happened: (what, old, new, severity, message).
Happening = tuple[str, str, str, str, str]

_ORDINARY = frozenset({"", "ContainerCreating", "PodInitializing"})


def happenings(old: Resource, new: Resource) -> Iterator[Happening]:
    """What happened to an object of a kind that has a gist; nothing where a version cannot be read."""
    was = old.gist or read(old.kind, old.raw)
    now = new.gist or read(new.kind, new.raw)
    if isinstance(now, Job) and isinstance(was, Job):
        yield from _of_job(was, now)
        yield from _of_end(old.conditions, new.conditions)
    elif was is now:
        return
    elif isinstance(now, Pod) and isinstance(was, Pod):
        yield from _of_pod(was, now)
    elif isinstance(now, Workload) and isinstance(was, Workload):
        yield from _of_workload(was, now)


def _of_pod(was: Pod, now: Pod) -> Iterator[Happening]:
    if now.node and not was.node:
        yield "scheduled", "", now.node, "", ""
    before = {c.name: c for c in was.containers}
    for container in now.containers:
        earlier = before.get(container.name) or Container()
        if earlier is not container:
            yield from _of_container(earlier, container)
    if was.phase != now.phase:
        severity, message = ("Error", _why_failed(now)) if now.phase == "Failed" else ("", "")
        yield "phase", was.phase, now.reason or now.phase, severity, message


def _of_container(was: Container, now: Container) -> Iterator[Happening]:
    if now.restart_count > was.restart_count:
        ended = now.last_state.terminated or now.state.terminated
        how = f": {_ending(ended)}" if ended else ""
        counts = str(was.restart_count), str(now.restart_count)
        yield "restarts", *counts, "Warning", f"container {now.name} was started again{how}"
    reason = now.state.waiting.reason if now.state.waiting else ""
    if now.state.waiting and reason not in _ORDINARY and (not was.state.waiting or was.state.waiting.reason != reason):
        said = f": {now.state.waiting.message}" if now.state.waiting.message else ""
        yield "waiting", "", reason, "Warning", f"container {now.name}{said}"


def _ending(found: Ended) -> str:
    return f"{found.reason or 'ended'}, exit code {found.exit_code}"


def _why_failed(pod: Pod) -> str:
    """The pod's own reason (evicted), else how its first failed container ended."""
    if pod.message:
        return pod.message
    ended = ((c.name, c.state.terminated) for c in pod.containers)
    return next((f"container {name}: {_ending(end)}" for name, end in ended if end and end.exit_code), pod.reason)


def _of_job(was: Job, now: Job) -> Iterator[Happening]:
    if now.started and not was.started:
        yield "phase", "", "started", "", ""
    if now.suspended != was.suspended:
        yield "phase", "", "suspended" if now.suspended else "resumed", "", ""
    if now.failed > was.failed:
        said = f"a pod of {now.backoff_limit + 1} that it may use has failed"
        yield "failed", str(was.failed), str(now.failed), "Warning", said


def _of_end(was: tuple[Condition, ...], now: tuple[Condition, ...]) -> Iterator[Happening]:
    """A Job is over when its conditions say so."""
    before = {c.type for c in was if c.ok}
    for condition in now:
        if condition.ok and condition.type not in before and condition.type in {"Complete", "Failed"}:
            bad = condition.type == "Failed"
            said = f"{condition.reason}: {condition.message}" if bad else ""
            yield "phase", "running", condition.type.lower(), "Error" if bad else "", said


def _of_workload(was: Workload, now: Workload) -> Iterator[Happening]:
    before, after = (f"{one.ready}/{one.wanted}" for one in (was, now))
    if before != after:
        yield "ready", before, after, "", ""
    for old, new in zip(was.images, now.images, strict=False):
        if old != new:
            yield "image", old, new, "", ""
