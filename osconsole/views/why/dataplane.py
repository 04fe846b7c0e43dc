"""What takes more than one object to see on the data plane: missing Jobs, locked NodeSets, failed hosts."""

from collections.abc import Callable

from osconsole.model import kinds
from osconsole.model.conditions import Condition, find, read
from osconsole.model.resource import Resource
from osconsole.views import endings, facts, progress
from osconsole.views.rules import neighbours
from osconsole.views.state import DEGRADED, FAILED, OK, PROGRESSING
from osconsole.views.text import count
from osconsole.views.why.case import Case, Words, mapped

NODESET, DEPLOYMENT = kinds.key("OpenStackDataPlaneNodeSet"), kinds.key("OpenStackDataPlaneDeployment")
NODESET_READY = "NodeSetDeploymentReady"


def _nodeset_missing(case: Case) -> Words | None:
    namespace = case.resource.ref.namespace
    names = [str(n) for n in case.items("spec.nodeSets")]
    if not case.world.watched(NODESET, namespace):
        return None
    absent = [n for n in names if case.world.missing(NODESET.ref(namespace, n))]
    return {"missing": ", ".join(absent)} if absent else None


def _waits_for_nodeset(case: Case) -> Words | None:
    """A Deployment that has made no Job yet because one of its NodeSets is not set up."""
    if any(s.job for part in progress.lanes(case.resource, case.world.snapshot) for s in part.services):
        return None
    namespace = case.resource.ref.namespace
    for name in case.items("spec.nodeSets"):
        found = case.world.get(NODESET.ref(namespace, str(name)))
        setup = find(found.conditions, "SetupReady") if found else None
        if setup and not setup.ok:
            return {"nodeset": str(name), "message": setup.message.strip() or setup.reason}
    return None


def _job_lost(case: Case) -> Words | None:
    """It runs, its next Job is recorded in ansibleEEHashes, and there is no such Job (`domain.md` §7.1)."""
    found = case.resource
    if not progress.under_way(found):
        return None
    recorded = case.mapping("status.ansibleEEHashes")
    key, namespace = kinds.key("Job"), found.ref.namespace
    conditions = case.mapping("status.nodeSetConditions")
    waits = {c.type for entries in conditions.values() for c in read(entries) if not c.ok and c.type != NODESET_READY}
    for name in recorded:
        if case.world.missing(key.ref(namespace, name)) and _named(name, waits):
            return {"job": name}
    return None


def _named(job: str, types: set[str]) -> bool:
    """The Job is of a service that one of the condition types is about: `Service<CamelCase>DeploymentReady`."""
    return any(
        _joined(job).startswith(t.removeprefix("Service").removesuffix("DeploymentReady").lower()) for t in types
    )


def _joined(name: str) -> str:
    return name.replace("-", "").replace("_", "").lower()


def _hosts(case: Case) -> Words | None:
    """Hosts that failed, from the newest pod that says so, else from the Deployment's summaries."""
    for part in progress.lanes(case.resource, case.world.snapshot):
        for service in part.services:
            if service.word in {FAILED, DEGRADED}:
                summary = _summary(case, service.job.name if service.job else "")
                said = [service.why] if summary in service.why else [service.why, summary]
                return {
                    "service": service.name, "nodeset": part.nodeset, "said": ", ".join(w for w in said if w),
                    "job": service.job.name if service.job else "?",
                    "attempt": f"attempt {service.attempt} of {service.attempts}",
                }  # fmt: skip
    return None


def _failed_hosts(case: Case) -> Words | None:
    """Hosts that the newest pod of a Job, or a pod itself, says failed."""
    job = case.resource.ref.kind == "Job"
    tried = progress.pods(case.resource, case.world.snapshot) if job else [case.resource]
    said = progress.failure(tried, case.world.snapshot)
    return {"said": said} if said else None


def _runs(case: Case) -> Words | None:
    """What a Deployment is at, NodeSet by NodeSet."""
    if not progress.under_way(case.resource):
        return None
    parts = progress.lanes(case.resource, case.world.snapshot)
    said = [f"{p.nodeset}: {s.name} ({p.done} of {len(p.services)} done)" for p in parts if (s := p.current) and s.job]
    return {"said": ", ".join(said)} if said else None


def _gave_up(case: Case) -> Words | None:
    return _hosts(case) if not progress.under_way(case.resource) else None


def _retrying(case: Case) -> Words | None:
    return _hosts(case) if progress.under_way(case.resource) else None


def _summary(case: Case, job: str) -> str:
    found = case.mapping("status.ansibleExecutionSummaries").get(job)
    return endings.summarised(found) if isinstance(found, dict) else ""


def _newest(case: Case) -> Resource | None:
    """The newest Deployment that names the NodeSet."""
    return next(reversed(neighbours.naming(case.resource, case.world.snapshot)), None)


def _mine(deployment: Resource, name: str) -> Condition | None:
    """What a Deployment says of one NodeSet."""
    found = mapped(facts.value(deployment, "status", "nodeSetConditions")).get(name)
    return find(read(found), NODESET_READY)


def _failed(deployment: Resource) -> bool:
    condition = find(deployment.conditions, "DeploymentReady")
    return bool(condition and condition.error)


def _locked(case: Case) -> Words | None:
    """The newest Deployment failed for good while this NodeSet's part of it was under way: it stays so for ever."""
    newest = _newest(case)
    if newest is None or not _failed(newest) or progress.under_way(newest):
        return None
    mine = _mine(newest, case.resource.ref.name)
    return {"deployment": newest.ref.name} if mine and mine.status == "False" and not mine.error else None


def _lanes(case: Case) -> tuple[str, progress.Lane, list[str]] | None:
    """The newest Deployment of a NodeSet while it runs, the NodeSet's lane in it, and others that are not through."""
    newest = _newest(case)
    if newest is None or not progress.under_way(newest):
        return None
    lanes = progress.lanes(newest, case.world.snapshot)
    mine = next((part for part in lanes if part.nodeset == case.resource.ref.name), None)
    others = [p.nodeset for p in lanes if p is not mine and p.current]
    return (newest.ref.name, mine, others) if mine else None


def _deploying(case: Case) -> Words | None:
    found = _lanes(case)
    now = found[1].current if found else None
    if found is None or now is None or now.job is None or now.word != PROGRESSING:
        return None
    name, mine, _ = found
    return {
        "deployment": name,
        "done": f"{mine.done} of {len(mine.services)}",
        "service": now.name,
        "job": now.job.name,
    }


def _held_up(case: Case) -> Words | None:
    found = _lanes(case)
    return {"deployment": found[0]} if found and found[1].current and _deploying(case) is None else None


def _waits_for_neighbours(case: Case) -> Words | None:
    found = _lanes(case)
    if found is None or found[1].current or not found[1].services or not found[2]:
        return None
    return {"deployment": found[0], "others": ", ".join(found[2])}


def _deployment_failed(case: Case) -> Words | None:
    newest = _newest(case)
    mine = _mine(newest, case.resource.ref.name) if newest else None
    return {"deployment": newest.ref.name} if newest and mine and mine.error else None


def _colliding(case: Case) -> Words | None:
    """Two Deployments run on one NodeSet: the API does not prevent it, Ansible runs twice on the same hosts."""
    at = [d for d in neighbours.naming(case.resource, case.world.snapshot) if progress.under_way(d)]
    busy = [d.ref.name for d in at if any(not facts.job(j).complete for j in neighbours.jobs(d, case.world.snapshot))]
    return {"deployments": ", ".join(busy), "deployment": busy[-1]} if len(busy) > 1 else None


def _drifted(case: Case) -> Words | None:
    status = case.mapping("status")
    wanted, deployed = status.get("configHash"), status.get("deployedConfigHash")
    return {} if wanted and deployed and wanted != deployed else None


def _never(case: Case) -> Words | None:
    status = case.mapping("status")
    waits = case.own.word not in {OK}
    return {} if waits and status.get("configHash") and not status.get("deployedConfigHash") else None


def _old_failures(case: Case) -> Words | None:
    """Failed Deployments of an ovn service count as running in an update and hold it up (`domain.md` §3.12)."""
    failed = []
    for found in case.world.all(DEPLOYMENT, case.resource.ref.namespace):
        if not _failed(found) or facts.value(found, "status", "deployed"):
            continue
        lanes = progress.lanes(found, case.world.snapshot)
        if any(s.name.startswith("ovn") for part in lanes for s in part.services):
            failed.append(found.ref.name)
    if not failed:
        return None
    return {"deployments": ", ".join(sorted(failed)), "deployment": min(failed), "count": count(len(failed), "failure")}


SEEN: dict[str, tuple[str, Callable[[Case], Words | None]]] = {
    "nodeset-missing": ("a NodeSet of spec.nodeSets does not exist", _nodeset_missing),
    "waits-for-nodeset": ("no Job yet, and a NodeSet of it is not SetupReady", _waits_for_nodeset),
    "job-lost": ("status.ansibleEEHashes names the next Job, and there is no such Job", _job_lost),
    "gave-up": ("it ended in error, and the Job of a service of a NodeSet failed", _gave_up),
    "retrying": ("a Job has failed pods and runs again", _retrying),
    "failed-hosts": ("the runner's summary, or its log, names hosts that failed", _failed_hosts),
    "runs": ("it has not ended, and one of its services has a Job", _runs),
    "locked": ("its newest Deployment failed while this NodeSet was not through", _locked),
    "deploying": ("its newest Deployment runs a Job on this NodeSet", _deploying),
    "held-up": ("its newest Deployment runs, and has no Job for this NodeSet or one that fails", _held_up),
    "waits-for-neighbours": (
        "its services are through, those of others in the Deployment are not",
        _waits_for_neighbours,
    ),
    "deployment-failed": ("its newest Deployment failed on it", _deployment_failed),
    "colliding": ("two Deployments that name it have Jobs that run", _colliding),
    "drifted": ("status.configHash is not status.deployedConfigHash", _drifted),
    "never-deployed": ("there is no status.deployedConfigHash", _never),
    "old-failures": ("failed Deployments with an ovn service were never deleted", _old_failures),
}
