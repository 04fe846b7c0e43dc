"""Running: what a Pod, a workload or a Node says of itself at this moment, as one word.

Coarse on purpose: it is what `standing` folds over time. The sentence, and what needs a whole body, is `views.rules`.
"""

import msgspec

from osconsole.model import gist
from osconsole.model.conditions import READY, Condition, find
from osconsole.model.reading import Reading
from osconsole.model.resource import Resource
from osconsole.model.words import ALARMS, DEGRADED, FAILED, OFF, OK, PROGRESSING

# How long what has never failed may take until it is ready; alarms count from then on.
START_S = 120.0
PENDING_S = 300.0  # and until its images are pulled, its volumes mounted

# Reasons for which a container waits that do not heal by themselves, with what they mean.
STUCK = {
    "CrashLoopBackOff": "the container keeps exiting",
    "ImagePullBackOff": "its image cannot be pulled",
    "ErrImagePull": "its image cannot be pulled",
    "InvalidImageName": "its image has an invalid name",
    "CreateContainerConfigError": "a Secret or ConfigMap that it needs is missing",
    "CreateContainerError": "the container cannot be created",
    "RunContainerError": "the container cannot be started",
}

KINDS = frozenset({"Pod", "Deployment", "StatefulSet", "DaemonSet", "Node"})


def read(resource: Resource, before: Reading | None = None) -> Reading | None:
    """The reading of an object of KINDS after the one before; None where its body cannot be read."""
    found = _read(resource, before)
    return msgspec.structs.replace(found, counted=True) if found and found.word in ALARMS else found


def _read(resource: Resource, before: Reading | None) -> Reading | None:
    if resource.ref.kind == "Node":
        return _node(resource)
    found = resource.gist or gist.read(resource.kind, resource.raw)
    if isinstance(found, gist.Pod):
        return _pod(found, resource, before)
    return _workload(found, resource) if isinstance(found, gist.Workload) else None


def _node(resource: Resource) -> Reading:
    ready = find(resource.conditions, READY)
    if ready is None or not ready.ok:
        return Reading(FAILED, since=ready.since if ready else resource.created)
    pressure = next((c for c in resource.conditions if c.type.endswith("Pressure") and c.ok), None)
    return Reading(DEGRADED, since=pressure.since) if pressure else Reading(OK, since=ready.since)


def _pod(found: gist.Pod, resource: Resource, before: Reading | None) -> Reading:
    ready = find(resource.conditions, READY)
    since = ready.since if ready else resource.created
    if found.phase == "Succeeded":
        return Reading(OK, since=since)
    if found.phase == "Failed":
        return Reading(FAILED, since=since, final=True)
    if any(c.state.waiting and c.state.waiting.reason in STUCK for c in found.containers):
        return Reading(FAILED, since=since)
    placed = find(resource.conditions, "PodScheduled")
    if found.phase == "Unknown" or (placed and not placed.ok and placed.reason == "Unschedulable"):
        return Reading(DEGRADED, since=since)
    if found.phase != "Running":
        return Reading(DEGRADED, since=since, patience_s=PENDING_S)
    late = [c for c in found.containers[found.inits :] if not c.ready]
    if found.containers and not late:
        return Reading(OK, since=since)
    return Reading(DEGRADED, since=since, patience_s=START_S if not any(map(_fell, late)) and _starts(before) else 0.0)


def _fell(container: gist.Container) -> bool:
    ended = container.state.terminated or container.last_state.terminated
    return container.restart_count > 0 or bool(ended and ended.exit_code)


def _starts(before: Reading | None) -> bool:
    """It has never been ready, as far as we watched."""
    return before is None or before.word == PROGRESSING or bool(before.patience_s)


def _workload(found: gist.Workload, resource: Resource) -> Reading:
    since = resource.created
    if found.wanted == 0 and found.made == 0:
        return Reading(OFF, since=since)
    if resource.observed < resource.generation:
        return Reading(PROGRESSING, since=since)
    if found.ready == found.wanted == found.made and found.updated >= found.wanted:
        return Reading(OK, since=since)
    told = next((c.since for c in resource.conditions if _refused(c)), None)
    lacking = DEGRADED if found.ready else FAILED
    if told is not None:
        return Reading(lacking, since=told)
    if found.made >= found.wanted and (found.updated < found.wanted or found.made > found.wanted):
        return Reading(PROGRESSING, since=since)
    # Pods that are in trouble say so themselves; those that only start have time.
    return Reading(lacking, since=since, patience_s=START_S)


def _refused(condition: Condition) -> bool:
    late = condition.reason == "ProgressDeadlineExceeded" and not condition.ok
    return late or (condition.type == "ReplicaFailure" and condition.ok)
