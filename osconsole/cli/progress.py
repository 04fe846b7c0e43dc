"""`progress`: how far a Deployment of compute nodes is, for scripts and for a glance."""

import json
from contextlib import suppress
from typing import Any

import click

from osconsole.cli import options as shared
from osconsole.cli import rows
from osconsole.cli.known import known, run, until
from osconsole.cli.status import TREE
from osconsole.errors import NotFound, Unreachable
from osconsole.model.connection import Options
from osconsole.model.resource import Resource
from osconsole.model.snapshot import Snapshot
from osconsole.session import Session
from osconsole.views import deployments, facts, matrix
from osconsole.views.outcomes import outcomes
from osconsole.views.progress import DEPLOYMENT, JOB, Lane, Service, lanes
from osconsole.views.progress import pods as pods_of
from osconsole.views.state import FAILED

LOGS_S = 5.0  # how long logs of runs under way are waited for
OUTPUT = click.option("-o", "--output", type=click.Choice(["text", "json"]), default="text", help="How to print it.")


@click.command()
@shared.connection
@OUTPUT
@click.option("--watch", is_flag=True, help="Print it again whenever it has changed, until it has ended.")
@click.argument("deployment", required=False, default="")
def progress(*, options: Options, output: str, watch: bool, deployment: str) -> int:
    """How far DEPLOYMENT is (else the one under way, else the newest): services, hosts, what failed.

    Exit 0 when it is deployed or under way without a failure, 1 when not.
    """
    return run(_progress(options, deployment, as_json=output == "json", watch=watch))


async def _progress(options: Options, name: str, *, as_json: bool, watch: bool) -> int:
    async with known(options, TREE) as session:
        found = _deployment(session, name)
        with suppress(Unreachable):  # what cannot be read in time is told by Jobs alone
            await until(session, lambda snapshot: _heard(found, snapshot), LOGS_S)
        word = shown = ""
        async for snapshot in session.follow():
            found = snapshot.get(found.ref) or found
            parts = lanes(found, snapshot)
            word, said = deployments.judged(found, parts)
            now = json.dumps(_as_json(found, parts, word, said), indent=None if watch else 2)
            if now != shown:
                print(now if as_json else _as_text(found, session), flush=True)
            shown = now
            if not watch or word in deployments.ENDED or snapshot.get(found.ref) is None:
                break
        return 1 if word == FAILED or any(s.word == FAILED for p in parts for s in p.services) else 0


def _deployment(session: Session, name: str) -> Resource:
    """By its name, else the one that matters most."""
    snapshot, scope = session.snapshot, session.status.namespace
    found = [d for d in snapshot.all(DEPLOYMENT, scope) if d.ref.name == name]
    one = found[0] if found else None if name else deployments.chosen(None, snapshot, scope)
    if one is None:
        where = f"in {scope or 'any namespace'}"
        raise NotFound(f"there is no OpenStackDataPlaneDeployment {name} {where}".replace("  ", " "), 404)
    return one


def _heard(deployment: Resource, snapshot: Snapshot) -> bool:
    """Something is known of the newest pod of each of its Jobs."""
    jobs = [j for j in snapshot.owned(deployment) if j.kind == JOB]
    newest = [tried[0] for job in jobs if (tried := pods_of(job, snapshot))]
    return all(pod.ref in snapshot.runs for pod in newest if facts.pod(pod).phase != "Pending")


def _as_text(deployment: Resource, session: Session) -> str:
    snapshot, now = session.snapshot, session.now()
    tables = [deployments.one(deployment, snapshot, now), matrix.rows(deployment, snapshot)]
    failed = matrix.failures(deployment, snapshot)
    return "\n\n".join(rows.text(table, now) for table in [*tables, *([failed] if failed.rows else [])])


def _as_json(deployment: Resource, parts: tuple[Lane, ...], word: str, said: str) -> dict[str, Any]:
    return {
        "namespace": deployment.ref.namespace, "name": deployment.ref.name, "state": word, "says": said,
        "expectedSeconds": deployments.expected_s(parts) or None,
        "nodeSets": [
            {
                "name": part.nodeset, "hosts": part.hosts, "reached": list(part.reached), "done": part.done,
                "services": [_service(service, part) for service in part.services],
            }
            for part in parts
        ],
    }  # fmt: skip


def _service(service: Service, part: Lane) -> dict[str, Any]:
    run = service.run
    failures = [
        {"host": f.host, "task": f.task, "outcome": f.outcome, "item": f.item, "message": f.message}
        for f in (run.failures if run else ())
    ]
    return {
        "name": service.name, "state": service.word, "why": service.why,
        "attempt": service.attempt, "attempts": service.attempts,
        "task": run.task if run else "", "tasks": run.tasks if run else 0,
        "expectedTasks": service.expected.tasks if service.expected else 0,
        "expectedSeconds": service.expected.duration_s if service.expected else None,
        "startedAt": service.started or None, "endedAt": service.ended or None,
        "waiting": list(run.waiting) if run else [], "failures": failures,
        "hosts": {host: {"state": o.word, "says": o.says} for host, o in outcomes(service, part).items()},
    }  # fmt: skip
