"""Health: one word of state and one sentence for one object, from its own status.

What its children say is bubbled by the tree. A verdict that would alarm is held back as "progressing" until it is
GRACE_S old: operators write False/Error for seconds while all is well (`domain.md` §7).
"""

from collections.abc import Callable

from osconsole.model.conditions import ERROR, READY, Condition, find, mirror
from osconsole.model.resource import Resource
from osconsole.model.snapshot import Snapshot
from osconsole.views import endings, facts
from osconsole.views.state import DEGRADED, FAILED, OFF, OK, PAUSED, PERSON, PROGRESSING, STALE, UNKNOWN, WAITING
from osconsole.views.state import Verdict as _Verdict
from osconsole.views.text import clean, count

GRACE_S = 30.0

Verdict = _Verdict

# Container states that do not heal by themselves, with what they mean.
STUCK = {
    "CrashLoopBackOff": "the container keeps exiting",
    "ImagePullBackOff": "its image cannot be pulled",
    "ErrImagePull": "its image cannot be pulled",
    "InvalidImageName": "its image has an invalid name",
    "CreateContainerConfigError": "a Secret or ConfigMap that it needs is missing",
    "CreateContainerError": "the container cannot be created",
    "RunContainerError": "the container cannot be started",
}

# Kinds of OpenStack whose status has no conditions: being there is all that they do.
SILENT = frozenset({
    "NetConfig", "Reservation", "OpenStackDataPlaneService", "Topology", "BGPConfiguration", "OpenStackBackupConfig",
})  # fmt: skip


def judge(resource: Resource, snapshot: Snapshot, now: float) -> Verdict:
    """The object's own verdict; `until` says when it may differ though nothing changed (0: never)."""
    line = snapshot.line(resource.kind, resource.ref.namespace)
    verdict = _own(resource, snapshot, now)
    if line.state == "lost" and now - max(line.seen, line.at) > 10:
        return Verdict(STALE, f"last known: {verdict.word}", verdict.since)
    return verdict


def _own(resource: Resource, snapshot: Snapshot, now: float) -> Verdict:
    if resource.deleted:
        return Verdict(PROGRESSING, "is being deleted", resource.deleted)
    rule = RULES.get(resource.ref.kind)
    if rule is not None:
        return _graced(rule(resource, snapshot), now)
    if resource.conditions:
        return _graced(_by_conditions(resource), now)
    if resource.ref.group.endswith("openstack.org") and resource.ref.kind not in SILENT:
        return Verdict(WAITING, "no controller has looked at it yet", resource.created)
    return Verdict(OK, "", resource.created)


def _graced(verdict: Verdict, now: float) -> Verdict:
    """An alarm is shown only when it is GRACE_S old; one whose age is not known counts from nothing."""
    if verdict.word not in {FAILED, DEGRADED} or verdict.since == 0:
        return verdict
    due = verdict.since + GRACE_S
    return verdict if now >= due else Verdict(PROGRESSING, verdict.why, verdict.since, due)


def _by_conditions(resource: Resource) -> Verdict:
    """A custom resource of the operators: by Ready, else by its worst condition."""
    ready = find(resource.conditions, READY)
    worst = mirror(resource.conditions)
    since = ready.since if ready else (worst.since if worst else 0.0)
    if ready is None and worst is not None and all(c.ok for c in resource.conditions):
        return Verdict(OK, "", since)
    if not resource.caught_up:
        return Verdict(PROGRESSING, f"its controller has not seen generation {resource.generation} yet", since)
    if ready and ready.ok:
        return Verdict(OK, "", since)
    return _by_condition(worst, since) if worst else Verdict(UNKNOWN, "says nothing of its state", since)


def _by_condition(worst: Condition, since: float) -> Verdict:
    text = clean(worst.message.strip() or worst.reason)
    since = worst.since or since
    if "deployment paused" in text.lower() or "infrastructure-only" in text.lower():
        return Verdict(PAUSED, text, since)
    if "waiting for OpenStackDataPlaneDeployment" in text:
        return Verdict(PERSON, "its nodes are set up: nothing runs on them until a Deployment is made", since)
    if worst.status == "False" and (worst.severity == "Error" or worst.reason in {ERROR, "BackoffLimitExceeded"}):
        return Verdict(FAILED, f"{worst.type}: {text}", since)
    if worst.status == "False" and worst.severity == "Warning":
        return Verdict(DEGRADED, f"{worst.type}: {text}", since)
    if worst.status == "False":
        return Verdict(PROGRESSING, text, since)
    return Verdict(WAITING, text, since)


def _pod(resource: Resource, _: Snapshot) -> Verdict:
    pod = facts.pod(resource)
    if pod.phase == "Succeeded":
        return Verdict(OK, "completed", pod.since)
    if pod.phase == "Failed":
        ended = next((c for c in pod.containers if c.state == "terminated" and c.exit_code), None)
        how = f"container {ended.name} exited with {ended.exit_code}" if ended else pod.message or pod.reason
        hosts = endings.words(ended.message) if ended else ""
        return Verdict(FAILED, hosts or clean(how), pod.since)
    stuck = next((c for c in pod.containers if c.state == "waiting" and c.reason in STUCK), None)
    if stuck:
        code = f" (exit {stuck.last_exit})" if stuck.last_exit else ""
        return Verdict(FAILED, f"{stuck.reason}{code}: {STUCK[stuck.reason]}", pod.since)
    if pod.reason == "Unschedulable":
        return Verdict(DEGRADED, f"no node takes it: {clean(pod.message)}", pod.since)
    if pod.phase == "Running" and pod.ready == pod.total:
        return Verdict(OK, "", pod.since)
    if pod.phase == "Running":
        late = next((c.name for c in pod.containers if not c.ready and not c.init), "")
        return Verdict(DEGRADED, f"container {late} is not ready", pod.since)
    waiting = next((c for c in pod.containers if c.state == "waiting" and c.reason), None)
    return Verdict(PROGRESSING, clean(waiting.reason if waiting else pod.phase), pod.since)


def _workload(resource: Resource, snapshot: Snapshot) -> Verdict:
    found = facts.workload(resource)
    noun = "pod"
    if found.desired == 0 and found.current == 0:
        return Verdict(
            OFF, "scaled to zero" if resource.ref.kind != "DaemonSet" else "no node matches", resource.created
        )
    if not found.caught_up:
        return Verdict(PROGRESSING, "its controller has not seen this generation yet", _changed(resource, snapshot))
    if found.ready == found.desired == found.current and found.updated >= found.desired:
        return Verdict(OK, "", resource.created)
    why = f"{found.ready} of {count(found.desired, noun)} ready"
    if found.updated < found.desired or found.current != found.desired:
        return Verdict(
            PROGRESSING, f"rolling: {found.updated} of {found.desired} new, {why}", _changed(resource, snapshot)
        )
    since = _changed(resource, snapshot)
    return Verdict(DEGRADED if found.ready else FAILED, why, since)


def _changed(resource: Resource, snapshot: Snapshot) -> float:
    """When the workload's counts last changed, as far as we watched; else its oldest possible moment."""
    seen = (t.at for t in reversed(snapshot.recent) if t.ref == resource.ref and t.what in {"ready", "generation"})
    return next(seen, resource.created)


def _job(resource: Resource, _: Snapshot) -> Verdict:
    job = facts.job(resource)
    if job.complete:
        return Verdict(OK, "completed", job.ended)
    if job.gave_up:
        return Verdict(FAILED, f"{job.gave_up} after {count(job.failed, 'failed pod')}", job.ended)
    if job.failed:
        return Verdict(DEGRADED, f"attempt {job.failed + 1} of {job.limit + 1}", 0.0)
    return Verdict(PROGRESSING, "running" if job.active else "not started", job.started or resource.created)


def _node(resource: Resource, _: Snapshot) -> Verdict:
    ready = find(resource.conditions, READY)
    pressure = next((c for c in resource.conditions if c.type.endswith("Pressure") and c.ok), None)
    if ready is None or ready.status == "Unknown":
        return Verdict(FAILED, clean(ready.message) if ready else "never reported", ready.since if ready else 0.0)
    if not ready.ok:
        return Verdict(FAILED, clean(ready.message), ready.since)
    if pressure:
        return Verdict(DEGRADED, f"{pressure.type}: {clean(pressure.message)}", pressure.since)
    if facts.value(resource, "spec", "unschedulable"):
        return Verdict(PAUSED, "cordoned: takes no new pods", ready.since)
    return Verdict(OK, "", ready.since)


def _claim(resource: Resource, _: Snapshot) -> Verdict:
    phase = str(facts.value(resource, "status", "phase") or "Pending")
    if phase == "Bound":
        return Verdict(OK, "", resource.created)
    return Verdict(PROGRESSING if phase == "Pending" else FAILED, f"{phase}: no volume is bound", resource.created)


def _event(resource: Resource, _: Snapshot) -> Verdict:
    warning = facts.value(resource, "type") == "Warning"
    return Verdict(DEGRADED if warning else OK, clean(str(facts.value(resource, "message") or "")))


def _version(resource: Resource, _: Snapshot) -> Verdict:
    """A minor update is done when deployedVersion is targetVersion, whatever its conditions say (`domain.md` §7.7)."""
    target, deployed = (
        facts.value(resource, "spec", "targetVersion"),
        facts.value(resource, "status", "deployedVersion"),
    )
    if target and deployed == target:
        return Verdict(OK, "", resource.created)
    if target and deployed:
        return Verdict(PROGRESSING, f"update {deployed} → {target}")
    ready = find(resource.conditions, "Initialized")
    return Verdict(OK if ready and ready.ok else PROGRESSING, "" if ready and ready.ok else "not initialised yet")


RULES: dict[str, Callable[[Resource, Snapshot], Verdict]] = {
    "Pod": _pod,
    "Deployment": _workload,
    "StatefulSet": _workload,
    "DaemonSet": _workload,
    "ReplicaSet": _workload,
    "Job": _job,
    "Node": _node,
    "PersistentVolumeClaim": _claim,
    "Event": _event,
    "OpenStackVersion": _version,
}
