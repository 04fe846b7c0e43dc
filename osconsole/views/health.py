"""Health: one word of state and one sentence for one object. The door; the rules are data and functions elsewhere.

Conditions are judged by `model.reading` (what they say), kinds that say it in another way by `views.rules`, and
`model.standing` says what has lasted. What its children say is bubbled by the tree. Of kinds that have no standing a
verdict that would alarm is held back as "progressing" until it is GRACE_S old.
"""

from collections.abc import Callable

from osconsole.model.resource import Resource
from osconsole.model.running import KINDS as FOLDED
from osconsole.model.snapshot import Snapshot
from osconsole.model.standing import ALARM_S, Standing, stand, stands
from osconsole.views.rules import cluster, metal, neighbours, pods, versions
from osconsole.views.state import DEGRADED, FAILED, OK, PROGRESSING, STALE, WORDS
from osconsole.views.state import Verdict as _Verdict
from osconsole.views.text import clean

GRACE_S = ALARM_S
LOST_S = 10.0  # a line that is down for less brings no news, and its kinds are not called stale

Verdict = _Verdict

# Kinds that are judged by more than conditions.
RULES: dict[str, Callable[[Resource, Snapshot], Verdict]] = {
    "Pod": pods.pod,
    "Deployment": pods.workload,
    "StatefulSet": pods.workload,
    "DaemonSet": pods.workload,
    "ReplicaSet": pods.workload,
    "Job": pods.job,
    "Node": cluster.node,
    "PersistentVolumeClaim": cluster.claim,
    "PodDisruptionBudget": cluster.budget,
    "Event": cluster.event,
    "BareMetalHost": metal.host,
    "OpenStackVersion": versions.version,
}

# What these say of a failure stands: a Job that gave up never tries again.
FINAL = frozenset({"Job"})


def judge(resource: Resource, snapshot: Snapshot, now: float) -> Verdict:
    """The object's own verdict; `until` says when it may differ though nothing changed (0: never)."""
    line = snapshot.line(resource.kind, resource.ref.namespace)
    verdict = _own(resource, snapshot, now)
    if line.state != "lost":
        return verdict
    due = max(line.seen, line.at) + LOST_S
    if now >= due:
        return Verdict(STALE, f"last known: {verdict.word}", verdict.since)
    return Verdict(verdict.word, verdict.why, verdict.since, min(verdict.until, due) if verdict.until else due)


def _own(resource: Resource, snapshot: Snapshot, now: float) -> Verdict:
    if resource.deleted:
        return Verdict(PROGRESSING, "is being deleted", resource.deleted)
    standing = None
    if stands(resource):
        standing = snapshot.standings.get(resource.ref) or stand(None, resource, now)
    rule = RULES.get(resource.ref.kind)
    if rule is not None:
        found = rule(resource, snapshot)
        if standing is not None and resource.ref.kind in FOLDED:
            late = standing.read.patience_s > 0 and pods.hurt(resource, snapshot, now)
            return _folded(found, (standing.hurried() if late else standing).at(now))
        return found if resource.ref.kind in FINAL else _graced(found, now)
    if standing is None:
        return Verdict(OK, "", resource.created)
    return neighbours.refine(resource, _stands(standing.at(now)), snapshot, now)


def _folded(found: Verdict, standing: Standing) -> Verdict:
    """What a rule says of an object in full, as far as it has lasted."""
    if standing.word == standing.read.word:
        return found
    why = found.why or "is ready, and has to stay so for a moment"
    return Verdict(standing.word, "" if standing.word == OK else why, found.since, standing.due())


def _graced(verdict: Verdict, now: float) -> Verdict:
    """An alarm is shown only when it is GRACE_S old; one whose age is not known counts from nothing."""
    if verdict.word not in {FAILED, DEGRADED} or verdict.since == 0:
        return verdict
    due = verdict.since + GRACE_S
    return verdict if now >= due else Verdict(PROGRESSING, verdict.why, verdict.since, due)


def _stands(standing: Standing) -> Verdict:
    """The verdict of a standing: its word, and what the object says now where that is another."""
    read = standing.read
    since = standing.since if standing.before else read.since or standing.since
    if standing.word in {FAILED, DEGRADED}:
        since = standing.alarm_since or since
    return Verdict(standing.word, clean(_why(standing)), since, standing.due())


def _why(standing: Standing) -> str:
    read = standing.read
    if standing.word == read.word or WORDS[standing.word].rank < WORDS[read.word].rank:
        return "" if standing.word == OK else read.why
    if read.word == OK and standing.word not in {FAILED, DEGRADED}:
        return "is ready, and has to stay so for a moment"
    return f"{standing.why} (at this moment: {read.why or 'ready'})"
