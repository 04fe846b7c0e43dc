"""Pods, their workloads and Jobs: judged by phases and counts."""

from osconsole.model.resource import Resource
from osconsole.model.running import STUCK
from osconsole.model.snapshot import Snapshot
from osconsole.model.words import ALARMS
from osconsole.views import endings, facts
from osconsole.views.state import DEGRADED, FAILED, OFF, OK, PROGRESSING, Verdict
from osconsole.views.text import clean, count


def pod(resource: Resource, _: Snapshot) -> Verdict:
    """A Pod: what its worst container does."""
    found = facts.pod(resource)
    if found.phase == "Succeeded":
        return Verdict(OK, "completed", found.since)
    if found.phase == "Failed":
        return _ended(found)
    stuck = next((c for c in found.containers if c.state == "waiting" and c.reason in STUCK), None)
    if stuck:
        code = f" (exit {stuck.last_exit})" if stuck.last_exit else ""
        return Verdict(FAILED, f"{stuck.reason}{code}: {STUCK[stuck.reason]}", found.since)
    if found.reason == "Unschedulable":
        return Verdict(DEGRADED, f"no node takes it: {clean(found.message)}", found.since)
    if found.phase == "Running" and found.ready == found.total:
        return Verdict(OK, "", found.since)
    if found.phase == "Running":
        return _not_ready(found)
    if found.phase == "Unknown":
        return Verdict(DEGRADED, f"node {found.node or '?'} does not report it", found.since)
    waiting = next((c for c in found.containers if c.state == "waiting" and c.reason), None)
    return Verdict(DEGRADED, f"does not run yet: {clean(waiting.reason if waiting else found.phase)}", found.since)


def _ended(found: facts.PodFacts) -> Verdict:
    ended = next((c for c in found.containers if c.state == "terminated" and c.exit_code), None)
    how = f"container {ended.name} exited with {ended.exit_code}" if ended else found.message or found.reason
    hosts = endings.words(ended.message) if ended else ""
    return Verdict(FAILED, hosts or clean(how), found.since)


def _not_ready(found: facts.PodFacts) -> Verdict:
    late = next((c for c in found.containers if not c.ready and not c.init), None)
    name = late.name if late else ""
    if late and late.last_exit:
        again = f"container {name} exited with {late.last_exit}, started {count(late.restarts, 'time')} again"
        return Verdict(DEGRADED, again, found.since)
    return Verdict(DEGRADED, f"container {name} is not ready", found.since)


def workload(resource: Resource, snapshot: Snapshot) -> Verdict:
    """A Deployment, StatefulSet, DaemonSet or ReplicaSet: what its counts say."""
    found = facts.workload(resource)
    if found.desired == 0 and found.current == 0:
        none = "no node matches" if resource.ref.kind == "DaemonSet" else "scaled to zero"
        return Verdict(OFF, none, resource.created)
    if not found.caught_up:
        return Verdict(PROGRESSING, "its controller has not seen this generation yet", changed(resource, snapshot))
    if found.ready == found.desired == found.current and found.updated >= found.desired:
        return Verdict(OK, "", resource.created)
    refused = next((c for c in resource.conditions if c.type == "ReplicaFailure" and c.ok), None)
    late = next((c for c in resource.conditions if c.reason == "ProgressDeadlineExceeded" and not c.ok), None)
    if refused or late:
        said = f"its pods are refused: {refused.message}" if refused else "its rollout is late"
        since = refused.since if refused else late.since if late else 0.0
        return Verdict(DEGRADED if found.ready else FAILED, clean(said), since)
    why = f"{found.ready} of {count(found.desired, 'pod')} ready"
    since = changed(resource, snapshot)
    if found.current >= found.desired and (found.updated < found.desired or found.current > found.desired):
        if found.held:
            return Verdict(DEGRADED, f"{found.updated} of {found.desired} new: OnDelete waits for old pods to go", 0.0)
        return Verdict(PROGRESSING, f"rolling: {found.updated} of {found.desired} new, {why}", since)
    return Verdict(DEGRADED if found.ready else FAILED, why, since)


def hurt(resource: Resource, snapshot: Snapshot, now: float) -> bool:
    """A pod of a workload, through its ReplicaSets, is in trouble of its own."""
    for ref in snapshot.children.get(resource.uid, ()):
        found = snapshot.get(ref)
        if found is not None and ref.kind == "ReplicaSet" and hurt(found, snapshot, now):
            return True
        standing = snapshot.standings.get(ref) if ref.kind == "Pod" else None
        if standing is not None and standing.at(now).word in ALARMS:
            return True
    return False


def changed(resource: Resource, snapshot: Snapshot) -> float:
    """When the workload's counts last changed, as far as we watched; else its oldest possible moment."""
    seen = (t.at for t in reversed(snapshot.recent) if t.ref == resource.ref and t.what in {"ready", "generation"})
    return next(seen, resource.created)


def job(resource: Resource, _: Snapshot) -> Verdict:
    """A Job: a failed pod is a warning at once, though the Job itself calls it progress."""
    found = facts.job(resource)
    if found.complete:
        return Verdict(OK, "completed", found.ended)
    if found.gave_up:
        return Verdict(FAILED, f"{found.gave_up} after {count(found.failed, 'failed pod')}", found.ended)
    if found.failed:
        return Verdict(DEGRADED, f"attempt {found.failed + 1} of {found.limit + 1}", 0.0)
    return Verdict(PROGRESSING, "running" if found.active else "not started", found.started or resource.created)
