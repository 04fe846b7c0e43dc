"""Conflicts of the data plane: NodeSets, Deployments and minor updates that contradict their neighbours.

Sources: `domain.md` §2.7 (what makes a NodeSet Ready), §3.8 (stuck), §3.12 (update), §7.1 and §7.12.
"""

from typing import Any

import msgspec

from osconsole.model import kinds
from osconsole.model.conditions import READY, find, read
from osconsole.model.ref import Ref
from osconsole.model.resource import Resource
from osconsole.model.snapshot import Snapshot
from osconsole.model.standing import ALARM_S, CALM_S
from osconsole.views import facts, reach
from osconsole.views.rules import neighbours, versions
from osconsole.views.state import DEGRADED, FAILED, PERSON
from osconsole.views.text import count

NODESETS = frozenset({"OpenStackDataPlaneNodeSet"})
DEPLOYMENTS = frozenset({"OpenStackDataPlaneDeployment"})
VERSIONS = frozenset({"OpenStackVersion"})
JOB = kinds.key("Job")


class Conflict(msgspec.Struct, frozen=True):
    """What a rule found: the sentence, since when, who says otherwise, when it counts and how bad it is."""

    sentence: str
    since: float = 0.0
    evidence: tuple[Ref, ...] = ()
    due: float = 0.0
    word: str = DEGRADED


def job_missing(deployment: Resource, snapshot: Snapshot, _: float) -> Conflict | None:
    """Its status holds the hash of a Job that is not there: none is made again, and the Deployment waits for ever."""
    line = snapshot.line(JOB, deployment.ref.namespace)
    if neighbours.over(deployment) or line.state != "live":
        return None
    conditions = facts.mapping(deployment, "status", "nodeSetConditions")
    hashes = facts.mapping(deployment, "status", "ansibleEEHashes")
    jobs = neighbours.jobs(deployment, snapshot)
    there = {j.ref.name for j in jobs}
    gone = [n for n in hashes if n not in there and not _through(n, deployment, conditions)]
    if not gone or not conditions:
        return None
    since = max([facts.job(j).ended or j.created for j in jobs], default=deployment.created)
    said = (
        f"is under way, but its Job {gone[0]} is gone and will not be made again:"
        " clear status.ansibleEEHashes and touch the Deployment"
    )
    return Conflict(said, since, (JOB.ref(deployment.ref.namespace, gone[0]),), since + ALARM_S, FAILED)


def _through(job: str, deployment: Resource, conditions: dict[str, Any]) -> bool:
    """The service of a Job is done, by the conditions of any NodeSet; Jobs may be taken away ten minutes later."""
    for nodeset, entries in conditions.items():
        for end in (f"-{deployment.ref.name}-{nodeset}", f"-{deployment.ref.name}"):
            if job.endswith(end):
                found = find(read(entries), condition_of(job.removesuffix(end)))
                if found is not None and found.ok:
                    return True
    return False


def condition_of(service: str) -> str:
    """`ssh-known-hosts` -> `ServiceSshKnownHostsDeploymentReady`."""
    words = service.replace("_", "-").split("-")
    return f"Service{''.join(w[:1].upper() + w[1:] for w in words)}DeploymentReady"


def no_nodeset(deployment: Resource, snapshot: Snapshot, _: float) -> Conflict | None:
    """It is queued again every 15 s and never says so."""
    line = snapshot.line(neighbours.NODESET, deployment.ref.namespace)
    if neighbours.over(deployment) or line.state != "live":
        return None
    refs = [
        neighbours.NODESET.ref(deployment.ref.namespace, str(n)) for n in facts.sequence(deployment, "spec", "nodeSets")
    ]
    missing = [ref for ref in refs if snapshot.get(ref) is None]
    if not missing:
        return None
    said = f"waits, without saying so, for NodeSet {missing[0].name}, which does not exist: make it, or delete this"
    return Conflict(said, deployment.created, tuple(missing), deployment.created + CALM_S, PERSON)


def limited(nodeset: Resource, snapshot: Snapshot, _: float) -> Conflict | None:
    """Upstream calls a NodeSet Ready after any run, whatever `ansibleLimit` and `servicesOverride` left out."""
    if not nodeset.ready:
        return None
    current = facts.value(nodeset, "status", "configHash")
    runs = [d for d in neighbours.naming(nodeset, snapshot) if current and _carried(d, nodeset) == current]
    hosts = reach.hosts(nodeset)
    reached: set[str] = set()
    for run in runs:
        if not facts.value(run, "spec", "servicesOverride"):
            reached |= set(reach.reached(run, nodeset))
    if not runs or reached >= set(hosts):
        return None
    newest = runs[-1]
    ended = find(newest.conditions, READY)
    services = facts.sequence(newest, "spec", "servicesOverride")
    how = f"ran only {', '.join(map(str, services))}" if services else f"reached {', '.join(sorted(reached)[:3])}"
    said = (
        f"says Ready, but Deployment {newest.ref.name} {how}: of the Deployments that are still there, full runs with"
    )
    said += f" this configuration reached {len(reached)} of {count(len(hosts), 'host')}"
    return Conflict(said, ended.since if ended else 0.0, tuple(r.ref for r in runs))


def _carried(deployment: Resource, nodeset: Resource) -> Any:
    """The configuration that a Deployment has brought to a NodeSet, as its hash."""
    if not facts.value(deployment, "status", "deployed"):
        return None
    return facts.mapping(deployment, "status", "nodeSetHashes").get(nodeset.ref.name)


def stuck(nodeset: Resource, snapshot: Snapshot, _: float) -> Conflict | None:
    """Its Deployment failed on a neighbour and is frozen: this NodeSet counts as running until it is deleted."""
    if nodeset.ready:
        return None
    naming = neighbours.naming(nodeset, snapshot)
    if not naming or not neighbours.over(naming[-1]) or facts.value(naming[-1], "status", "deployed"):
        return None
    frozen = naming[-1]
    entries = facts.mapping(frozen, "status", "nodeSetConditions").get(nodeset.ref.name)
    mine = find(read(entries), "NodeSetDeploymentReady")
    if mine is None or mine.ok or mine.error:
        return None
    failed = find(frozen.conditions, "DeploymentReady")
    since = failed.since if failed else frozen.created
    said = (
        f"counts as running for Deployment {frozen.ref.name}, which has failed on another NodeSet and does nothing"
        " more: changes are refused until that Deployment is deleted"
    )
    return Conflict(said, since, (frozen.ref,), since + CALM_S, PERSON)


# The services by which a Deployment moves a stage of the update on.
MOVED_BY = {"MinorUpdateOVNDataplane": "ovn", "MinorUpdateDataplane": "update"}


def update_waits(version: Resource, snapshot: Snapshot, _: float) -> Conflict | None:
    """The update stands at a stage of the compute nodes, and no Deployment runs."""
    stage = versions.stage(version) if versions.updating(version) else ""
    if stage not in MOVED_BY:
        return None
    namespace = version.ref.namespace
    sets = tuple(s.ref for s in snapshot.all(neighbours.NODESET, namespace))
    runs = [d for d in snapshot.all(neighbours.DEPLOYMENT, namespace) if not facts.value(d, "status", "deployed")]
    if not sets or any(not neighbours.over(d) for d in runs):
        return None
    since = max((c.since for c in version.conditions if c.type in versions.STAGES and c.ok), default=0.0)
    old, new = versions.versions(version)
    said = f"the update {old} → {new} waits at {versions.spoken(stage)}: "
    if runs and stage == "MinorUpdateOVNDataplane":
        said += f"Deployment {runs[0].ref.name} has failed and counts as running until it is deleted"
        return Conflict(said, since, (runs[0].ref,), since + CALM_S, PERSON)
    said += f"nobody has made a Deployment with servicesOverride [{MOVED_BY[stage]}]"
    return Conflict(said, since, sets, since + CALM_S, PERSON)
