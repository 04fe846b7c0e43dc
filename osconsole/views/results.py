"""Results: what each host of a NodeSet got of each service, last time, from Jobs, runs and summaries.

The newest run of a service that reached the host is told. Who was left out, and with what configuration, is coverage.
"""

from typing import Any

import msgspec

from osconsole.model.ref import Ref
from osconsole.model.resource import Resource
from osconsole.model.run import Run
from osconsole.model.snapshot import Snapshot
from osconsole.views import facts, progress
from osconsole.views.rules import neighbours
from osconsole.views.rules.conflicts import host_names, match
from osconsole.views.state import DEGRADED, FAILED, OK, PROGRESSING

MARK = neighbours.MARK


class Result(msgspec.Struct, frozen=True):
    """One host and one service: a word of state, what is said of it, when it ended (or began), and where to look."""

    service: str
    word: str
    says: str
    at: float
    deployment: Ref
    job: Ref


def results(nodeset: Resource, snapshot: Snapshot) -> dict[str, dict[str, Result]]:
    """Per host, per service in the order of their last run."""
    hosts = host_names(nodeset)
    out: dict[str, dict[str, Result]] = {host: {} for host in hosts}
    for deployment in neighbours.naming(nodeset, snapshot):
        reached = match(str(facts.value(deployment, "spec", "ansibleLimit") or ""), hosts)
        found = (job for job in neighbours.jobs(deployment, snapshot) if _of(job, nodeset))
        for job in sorted(found, key=lambda j: (j.created, j.ref.name)):
            service = job.labels.get(f"{MARK}service", job.ref.name)
            for host, (word, says, at) in _outcomes(job, deployment, snapshot, reached).items():
                out[host].pop(service, None)
                out[host][service] = Result(service, word, says, at, deployment.ref, job.ref)
    return out


def _of(job: Resource, nodeset: Resource) -> bool:
    """It runs on the hosts of this NodeSet: its own Job, or one for all NodeSets of the Deployment."""
    service, deployment = job.labels.get(f"{MARK}service", ""), job.labels.get(f"{MARK}deployment", "")
    return job.labels.get(f"{MARK}nodeset") == nodeset.ref.name or job.ref.name == f"{service}-{deployment}"


Outcome = tuple[str, str, float]


def _outcomes(job: Resource, deployment: Resource, snapshot: Snapshot, hosts: list[str]) -> dict[str, Outcome]:
    found = facts.job(job)
    at = found.ended or found.started or job.created
    run = next((r for p in progress.pods(job, snapshot) if (r := snapshot.runs.get(p.ref))), None)
    summary = (facts.value(deployment, "status", "ansibleExecutionSummaries") or {}).get(job.ref.name)
    out = {}
    for host in hosts:
        word, says = _by_run(host, run) if run else _by_summary(host, summary)
        if not word and found.complete:
            word = OK
        elif not word and found.gave_up:
            word, says = FAILED, found.gave_up
        elif not word:
            word, says = (DEGRADED, f"attempt {found.failed + 1}") if found.failed else (PROGRESSING, "")
        out[host] = (word, says, at)
    return out


def _by_run(host: str, run: Run) -> tuple[str, str]:
    """What the stream says of a host, "" when it says nothing."""
    for recap in run.recap:
        if recap.host == host:
            if recap.unreachable or recap.failed:
                last = run.hosts.get(host)
                what = "unreachable" if recap.unreachable else "failed"
                return FAILED, f"{what} in {last.task}" if last else what
            return OK, f"{recap.changed} changed" if recap.changed else ""
    last = run.hosts.get(host)
    if last is None:
        return "", ""
    if last.outcome in {"failed", "unreachable"}:
        return FAILED, f"{last.outcome} in {last.task}"
    return ("", "") if run.ended else (PROGRESSING, last.task)


def _by_summary(host: str, summary: Any) -> tuple[str, str]:
    """What upstream's execution summary says of a host; it exists only with newer runner images."""
    if not isinstance(summary, dict):
        return "", ""
    for key, what in (("unreachableHostList", "unreachable"), ("failedHostList", "failed")):
        if host in (summary.get(key) or ()):
            return FAILED, what
    return "", ""
