"""How far Deployments of compute nodes really are: per NodeSet and service, from Jobs, pods and Ansible runs.

The Deployment's own conditions flicker (`domain.md` §7); the Jobs do not.
"""

import hashlib
from collections.abc import Mapping
from typing import Any

import msgspec

from osconsole.model import kinds
from osconsole.model.conditions import find, read
from osconsole.model.ref import Ref
from osconsole.model.resource import Resource
from osconsole.model.run import Expected, Run
from osconsole.model.snapshot import Snapshot
from osconsole.views import endings, facts, reach
from osconsole.views.rules import neighbours
from osconsole.views.rules.conflicts import condition_of
from osconsole.views.state import DEGRADED, FAILED, OK, PROGRESSING, WAITING
from osconsole.views.text import clean, count

DEPLOYMENT = kinds.key("OpenStackDataPlaneDeployment")
NODESET = kinds.key("OpenStackDataPlaneNodeSet")
JOB = kinds.key("Job")
SERVICE = kinds.key("OpenStackDataPlaneService")
POD = kinds.key("Pod")
MARK = "openstackdataplane"


class Service(msgspec.Struct, frozen=True):
    """One service of one NodeSet in a Deployment.

    Attributes:
        word: a word of state.
        attempt, attempts: k of n; n is backoffLimit + 1.
        run: of the newest pod that has begun a task, None before any said anything.
        started, ended: Unix seconds, 0 when not (yet).
        expected: what earlier runs of it took, None when there were none.
        summary: upstream's execution summary of its Job, {} without one.
        everywhere: its Job is one for all NodeSets.
    """

    name: str
    word: str = WAITING
    job: Ref | None = None
    pod: Ref | None = None
    attempt: int = 0
    attempts: int = 0
    run: Run | None = None
    started: float = 0.0
    ended: float = 0.0
    why: str = ""
    expected: Expected | None = None
    summary: Mapping[str, Any] = {}
    everywhere: bool = False


class Lane(msgspec.Struct, frozen=True):
    """One NodeSet's part of a Deployment; `reached` are the hosts that the limit leaves."""

    nodeset: str
    hosts: int
    services: tuple[Service, ...]
    reached: tuple[str, ...] = ()

    @property
    def done(self) -> int:
        """Services that are through."""
        return sum(s.word == OK for s in self.services)

    @property
    def current(self) -> Service | None:
        """The first service that is not through."""
        return next((s for s in self.services if s.word != OK), None)


class _Facts(msgspec.Struct, frozen=True):
    """What is known of a whole Deployment: its Jobs by (service, NodeSet), and what its status keeps of them."""

    deployment: Resource
    jobs: Mapping[tuple[str, str], Resource]
    over: bool
    summaries: Mapping[str, Any]
    conditions: Mapping[str, Any]


def lanes(deployment: Resource, snapshot: Snapshot) -> tuple[Lane, ...]:
    """The lanes of a Deployment in the order of its NodeSets."""
    namespace = deployment.ref.namespace
    summaries = facts.mapping(deployment, "status", "ansibleExecutionSummaries")
    jobs = {
        (j.labels.get(f"{MARK}service", ""), j.labels.get(f"{MARK}nodeset", "")): j
        for j in snapshot.all(JOB, namespace)
        if j.labels.get(f"{MARK}deployment") == deployment.ref.name
    }
    known = _Facts(
        deployment, jobs, bool(facts.value(deployment, "status", "deployed")),
        {job: said for job, said in summaries.items() if isinstance(said, dict)},
        facts.mapping(deployment, "status", "nodeSetConditions"),
    )  # fmt: skip
    out = []
    for name in facts.sequence(deployment, "spec", "nodeSets"):
        nodeset = snapshot.get(NODESET.ref(namespace, str(name)))
        own = facts.sequence(nodeset, "spec", "services") if nodeset else []
        names = dict.fromkeys(map(str, facts.sequence(deployment, "spec", "servicesOverride") or own))
        found = tuple(_service(s, str(name), known, snapshot) for s in names)
        out.append(Lane(str(name), len(reach.hosts(nodeset)), _through(found), reach.reached(deployment, nodeset)))
    return tuple(out)


def _through(services: tuple[Service, ...]) -> tuple[Service, ...]:
    """Services run strictly one after the other: what stands before one that has begun is through, whatever is left."""
    begun = [at for at, s in enumerate(services) if not s.everywhere and (s.job or s.word == OK)]
    last = max(begun, default=0)
    return tuple(
        msgspec.structs.replace(service, word=OK, why=GONE)
        if at < last and not service.job and not service.everywhere
        else service
        for at, service in enumerate(services)
    )


def _service(name: str, nodeset: str, known: _Facts, snapshot: Snapshot) -> Service:
    jobs, expected = known.jobs, snapshot.expected.get(name)
    job = jobs.get((name, nodeset)) or next(
        (j for (s, _), j in jobs.items() if s == name and reach.everywhere(j)), None
    )
    if job is None:
        found = _without_job(name, nodeset, known, expected)
        return msgspec.structs.replace(found, everywhere=_for_all(name, known.deployment, snapshot))
    status = facts.job(job)
    tried = pods(job, snapshot)
    pod = tried[0] if tried else None
    runs = [run for p in tried if (run := snapshot.runs.get(p.ref))]
    run = next((run for run in runs if run.tasks), runs[0] if runs else None)
    word, why = PROGRESSING, ""
    if status.complete:
        word = OK
    elif status.gave_up:
        word, why = FAILED, f"{status.gave_up} after {count(status.failed, 'attempt')}"
    elif status.failed:
        word = DEGRADED
    summary = known.summaries.get(job.ref.name) or {}
    failed = "" if word == OK else failure(tried, snapshot) or endings.summarised(summary)
    attempt = min(status.failed + (0 if status.gave_up else 1), status.limit + 1)
    return Service(
        name, word, job.ref, pod.ref if pod else None, attempt, status.limit + 1, run,
        status.started, status.ended, ", ".join(w for w in (why, failed) if w) or _attempts(status),
        expected, summary, reach.everywhere(job),
    )  # fmt: skip


def _without_job(name: str, nodeset: str, known: _Facts, expected: Expected | None) -> Service:
    """What the Deployment's status keeps of a service whose Job is not there, or not yet."""
    deployment = known.deployment.ref.name
    names = (job_name(f"{name}-{deployment}-{nodeset}"), job_name(f"{name}-{deployment}"))
    summary: Mapping[str, Any] = next((s for n in names if isinstance(s := known.summaries.get(n), dict)), {})
    said = find(read(known.conditions.get(nodeset)), condition_of(name))
    if known.over or (said and said.ok):
        return Service(name, OK, why=GONE, expected=expected, summary=summary)
    if said and said.error:
        return Service(
            name, FAILED, why=endings.summarised(summary) or said.message, expected=expected, summary=summary
        )
    if summary and not endings.summarised(summary):
        return Service(name, OK, why=GONE, expected=expected, summary=summary)
    return Service(name, expected=expected, summary=summary)


def _for_all(name: str, deployment: Resource, snapshot: Snapshot) -> bool:
    """It runs once for all NodeSets: in the lane of the first that lists it, and the others do not wait."""
    found = snapshot.get(SERVICE.ref(deployment.ref.namespace, name))
    return bool(found and facts.value(found, "spec", "deployOnAllNodeSets"))


GONE = "its Job is no longer there"
_LONGEST = 63


def job_name(full: str) -> str:
    """How upstream names the Job of `<service>-<deployment>-<nodeset>`: a long one ends in digits of its hash."""
    if len(full) <= _LONGEST:
        return full
    return f"{full[:54].rstrip('-.')}-{hashlib.sha256(full.encode()).hexdigest()[:8]}"


def _attempts(job: facts.JobFacts) -> str:
    """What is left to say of a service whose failed pods are gone."""
    return f"{count(job.failed, 'attempt')} failed" if job.failed and not job.complete else ""


def pods(job: Resource, snapshot: Snapshot) -> list[Resource]:
    """The pods of a Job, newest first."""
    found = (r for r in snapshot.owned(job) if r.ref.kind == "Pod")
    return sorted(found, key=lambda r: (r.created, r.version), reverse=True)


def failure(tried: list[Resource], snapshot: Snapshot) -> str:
    """What went wrong in the newest pod that says so."""
    return next((said for pod in tried if (said := _failure(pod, snapshot))), "")


def _failure(pod: Resource, snapshot: Snapshot) -> str:
    """What went wrong in a pod: the failed task where its log was seen, else the hosts that its last words name."""
    run = snapshot.runs.get(pod.ref)
    if run is None or not run.failed:
        return next((said for c in facts.pod(pod).containers if (said := endings.words(c.message))), "")
    host = run.failed[0]
    last = run.hosts[host]
    more = f" and {len(run.failed) - 1} more" if len(run.failed) > 1 else ""
    message = f": {clean(last.message)}" if last.message else ""
    return f"{clean(host)}{more} {last.outcome} in {clean(last.task)}{message}"


def running(snapshot: Snapshot, scope: str) -> list[Resource]:
    """Deployments under way, and those that have failed while Jobs of them go on; oldest first."""
    found = [d for d in snapshot.all(DEPLOYMENT, scope) if under_way(d) or goes_on(d, snapshot)]
    return sorted(found, key=lambda d: d.created)


def under_way(deployment: Resource) -> bool:
    """It has neither ended well nor failed for good; other errors are tried again."""
    return not neighbours.over(deployment)


def goes_on(deployment: Resource, snapshot: Snapshot) -> list[Resource]:
    """Jobs that still run: a Deployment that has failed on one NodeSet leaves those of others alone."""
    return [job for job in neighbours.jobs(deployment, snapshot) if facts.job(job).active]


def service_of(job: Resource) -> str:
    """The service that a Job runs."""
    return clean(job.labels.get(f"{MARK}service") or job.ref.name)


def matters(deployment: Resource, snapshot: Snapshot) -> bool:
    """It is under way, or it is the newest that names one of its NodeSets."""
    if under_way(deployment):
        return True
    mine = set(map(str, facts.sequence(deployment, "spec", "nodeSets")))
    later = (d for d in snapshot.all(DEPLOYMENT, deployment.ref.namespace) if d.created > deployment.created)
    return not any(mine & set(map(str, facts.sequence(d, "spec", "nodeSets"))) for d in later)


def hosts_line(run: Run | None) -> str:
    """`21 ok  2 changed  1 unreachable`: the recap, or each host's last result so far."""
    if run is None:
        return ""
    if run.recap:
        changed = sum(r.changed > 0 and not (r.failed or r.unreachable) for r in run.recap)
        failed = sum(r.failed > 0 for r in run.recap)
        unreachable = sum(r.unreachable > 0 for r in run.recap)
        counts = {"ok": len(run.recap) - changed - failed - unreachable, "changed": changed}
        counts |= {"failed": failed, "unreachable": unreachable}
    else:
        counts = {}
        for last in run.hosts.values():
            counts[last.outcome] = counts.get(last.outcome, 0) + 1
    return "  ".join(f"{number} {word}" for word, number in counts.items() if number)
