"""Results: what each host of a NodeSet got of each service, last time.

The newest run of a service that reached the host is told. Who was left out, and with what configuration, is coverage.
"""

import msgspec

from osconsole.model.ref import Ref
from osconsole.model.resource import Resource
from osconsole.model.snapshot import Snapshot
from osconsole.views import progress, reach
from osconsole.views.outcomes import outcomes
from osconsole.views.rules import neighbours
from osconsole.views.state import WAITING


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
    out: dict[str, dict[str, Result]] = {host: {} for host in reach.hosts(nodeset)}
    for deployment in neighbours.naming(nodeset, snapshot):
        lane = next(
            (found for found in progress.lanes(deployment, snapshot) if found.nodeset == nodeset.ref.name), None
        )
        for service in lane.services if lane else ():
            if service.word == WAITING:
                continue
            at = service.ended or service.started or deployment.created
            job = service.job or deployment.ref
            for host, outcome in outcomes(service, lane).items() if lane else ():
                if outcome.word and host in out:
                    out[host].pop(service.name, None)
                    told = (outcome.word, outcome.says, at, deployment.ref, job)
                    out[host][service.name] = Result(service.name, *told)
    return out
