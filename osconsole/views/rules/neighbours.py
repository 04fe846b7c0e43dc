"""Objects that cannot be judged by themselves: their own words are wrong while a neighbour is at work.

A rule takes the verdict that the object's own standing gives and returns the one that is true. The tree asks these
kinds again at every change, because what they look at is not below them.
"""

from collections.abc import Callable

from osconsole.model import kinds
from osconsole.model.conditions import BACKOFF, find
from osconsole.model.resource import Resource
from osconsole.model.snapshot import Snapshot
from osconsole.model.standing import CALM_S
from osconsole.views import facts
from osconsole.views.rules import certificates, versions
from osconsole.views.state import DEGRADED, FAILED, OFF, OK, PERSON, PROGRESSING, STALE, UNKNOWN, WAITING, Verdict
from osconsole.views.text import clean, count

DEPLOYMENT = kinds.key("OpenStackDataPlaneDeployment")
NODESET = kinds.key("OpenStackDataPlaneNodeSet")
VERSION = kinds.key("OpenStackVersion")
MARK = "openstackdataplane"

# The kinds that rules here and in `conflicts` look at without owning them.
AROUND = frozenset({"OpenStackDataPlaneDeployment", "OpenStackDataPlaneNodeSet", "OpenStackVersion"})


def refine(resource: Resource, verdict: Verdict, snapshot: Snapshot, now: float) -> Verdict:
    """The verdict as its neighbours correct it."""
    rule = RULES.get(resource.ref.kind)
    return verdict if rule is None else rule(resource, verdict, snapshot, now)


def deployment(resource: Resource, verdict: Verdict, snapshot: Snapshot, _: float) -> Verdict:
    """A Deployment of compute nodes: its Jobs are true, its conditions go all Unknown for reasons outside of it."""
    if facts.value(resource, "status", "deployed"):
        ready = find(resource.conditions, "DeploymentReady")
        return Verdict(OK, "", ready.since if ready else resource.created)
    if verdict.word not in {OK, WAITING, PROGRESSING}:
        return verdict
    ours = jobs(resource, snapshot)
    tried = [j for j in ours if (f := facts.job(j)).failed and not f.complete]
    if tried:
        tried.sort(key=lambda j: (not facts.job(j).gave_up, j.created, j.ref))
        found = facts.job(tried[0])
        name = clean(tried[0].labels.get(f"{MARK}service") or tried[0].ref.name)
        if found.gave_up:
            return Verdict(FAILED, f"{name}: {found.gave_up} after {count(found.failed, 'failed pod')}", found.ended)
        said = f"{name}: attempt {found.failed + 1} of {found.limit + 1}"
        return Verdict(DEGRADED, said, found.started, verdict.until)
    if ours:
        begun = [j for j in ours if not facts.job(j).complete]
        names = dict.fromkeys(clean(j.labels.get(f"{MARK}service") or j.ref.name) for j in begun)
        since = min(facts.job(j).started or j.created for j in ours)
        said = f"runs {', '.join(names)}" if names else f"{count(len(ours), 'Job')} done, the next is to come"
        return Verdict(PROGRESSING, said, since, verdict.until)
    return verdict


def jobs(resource: Resource, snapshot: Snapshot) -> list[Resource]:
    """The Jobs that a Deployment owns."""
    return [j for ref in snapshot.children.get(resource.uid, ()) if ref.kind == "Job" and (j := snapshot.get(ref))]


def nodeset(resource: Resource, verdict: Verdict, snapshot: Snapshot, now: float) -> Verdict:
    """A NodeSet: it reads "waiting for Deployment" while one that names it runs, and for a moment after."""
    if verdict.word not in {PERSON, WAITING, PROGRESSING, OFF}:
        return verdict
    mine = naming(resource, snapshot)
    running = next((d for d in mine if not over(d)), None)
    if running is not None:
        said = f"Deployment {clean(running.ref.name)} is under way"
        return Verdict(PROGRESSING, said, running.created, verdict.until)
    ended = max((c.since for d in mine if (c := find(d.conditions, "DeploymentReady"))), default=0.0)
    if verdict.word == PERSON and now < ended + CALM_S:
        return Verdict(PROGRESSING, "its Deployment has ended: its state is about to follow", ended, ended + CALM_S)
    return verdict


def naming(resource: Resource, snapshot: Snapshot) -> list[Resource]:
    """The Deployments that name a NodeSet, oldest first."""
    found = (
        d
        for d in snapshot.all(DEPLOYMENT, resource.ref.namespace)
        if not d.deleted and resource.ref.name in facts.sequence(d, "spec", "nodeSets")
    )
    return sorted(found, key=lambda d: (d.created, d.ref.name))


def over(deployment: Resource) -> bool:
    """It has ended, well or for good with an error."""
    if done(deployment):
        return True
    condition = find(deployment.conditions, "DeploymentReady")
    return bool(condition and condition.status == "False" and condition.reason == BACKOFF)


def done(deployment: Resource) -> bool:
    """It has ended well."""
    return bool(facts.value(deployment, "status", "deployed"))


def plane(resource: Resource, verdict: Verdict, snapshot: Snapshot, _: float) -> Verdict:
    """A control plane: during a minor update most of its conditions are Unknown by design."""
    version = snapshot.get(VERSION.ref(resource.ref.namespace, resource.ref.name))
    if version is None or not versions.updating(version) or verdict.word in {FAILED, DEGRADED, STALE, UNKNOWN}:
        return verdict
    said = versions.version(version, snapshot).why
    return Verdict(PROGRESSING, said, verdict.since, verdict.until)


RULES: dict[str, Callable[[Resource, Verdict, Snapshot, float], Verdict]] = {
    "OpenStackDataPlaneDeployment": deployment,
    "OpenStackDataPlaneNodeSet": nodeset,
    "OpenStackControlPlane": plane,
    "Certificate": certificates.refine,
}
