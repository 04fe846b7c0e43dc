"""Outcomes: what became of each host in one service of a Deployment, from its run, its Job or its summary."""

from collections.abc import Mapping
from typing import Any

import msgspec

from osconsole.model.run import HostResult, Recap, Run
from osconsole.views import endings
from osconsole.views.progress import Lane, Service
from osconsole.views.state import DEGRADED, FAILED, OK, PROGRESSING, WAITING


class Outcome(msgspec.Struct, frozen=True):
    """One host: a word of state ("" where the run does not concern it), what is said, whether it changed something.

    `through`: the whole run ended well. A host without a failure is not through where others failed: playbooks may stop
    on all hosts when one fails.
    """

    word: str = ""
    says: str = ""
    changed: bool = False
    through: bool = False


def outcomes(service: Service, lane: Lane) -> dict[str, Outcome]:
    """Of every host that the Deployment reaches on the lane's NodeSet."""
    recapped = {line.host: line for line in service.run.recap} if service.run else {}
    if any(host in recapped for host in lane.reached):  # whom the recap does not name took no part
        return {h: _outcome(h, service, recapped) if h in recapped else Outcome() for h in lane.reached}
    return {host: _outcome(host, service, recapped) for host in lane.reached}


def _outcome(host: str, service: Service, recapped: Mapping[str, Recap]) -> Outcome:
    run = service.run
    last = run.hosts.get(host) if run else None
    if line := recapped.get(host):
        return _recapped(line, last, through=service.word == OK)
    if last is not None and last.outcome in {"failed", "unreachable"}:
        return Outcome(FAILED, f"{last.outcome} in {last.task}")
    if said := summarised(host, service.summary):
        return Outcome(FAILED, said)
    if service.word == OK:
        return Outcome(OK, through=True)
    if service.word == WAITING:
        return Outcome(WAITING)
    if service.word == FAILED and endings.summarised(service.summary):
        return Outcome(OK, "not among those that failed")
    if service.word == FAILED:
        return Outcome(FAILED, service.why)
    return _under_way(host, service, run)


def _under_way(host: str, service: Service, run: Run | None) -> Outcome:
    again = service.word == DEGRADED
    said = f"attempt {service.attempt} of {service.attempts}" if again else ""
    if run and not run.ended and host in run.waiting:
        said = f"{said}: waited for in {run.task}" if said else f"waited for in {run.task}"
    return Outcome(DEGRADED if again else PROGRESSING, said)


def _recapped(line: Recap, last: HostResult | None, *, through: bool) -> Outcome:
    if line.unreachable or line.failed:
        what = "unreachable" if line.unreachable else "failed"
        return Outcome(FAILED, f"{what} in {last.task}" if last and last.task else what)
    return Outcome(OK, f"{line.changed} changed" if line.changed else "", line.changed > 0, through)


def summarised(host: str, summary: Mapping[str, Any]) -> str:
    """What upstream's execution summary says against a host; "" when nothing."""
    for key, what in (("unreachableHostList", "unreachable"), ("failedHostList", "failed")):
        names = summary.get(key)
        if isinstance(names, list) and host in names:
            return what
    return ""
