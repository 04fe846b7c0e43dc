"""`coverage`: which host got which service with the configuration as it is now, and what another run would need."""

import json
from typing import Any

import click

from osconsole.cli import options as shared
from osconsole.cli import rows
from osconsole.cli.known import known, run
from osconsole.cli.progress import OUTPUT
from osconsole.cli.status import TREE
from osconsole.errors import NotFound
from osconsole.model.connection import Options
from osconsole.views import coverage_table
from osconsole.views.coverage import Cover, Ledger, ledger, retry
from osconsole.views.progress import NODESET
from osconsole.views.state import OK


@click.command()
@shared.connection
@OUTPUT
@click.argument("nodeset", required=False, default="")
def coverage(*, options: Options, output: str, nodeset: str) -> int:
    """Which host of NODESET (else of all) got what. Exit 0 when every host is as asked for, 1 when not."""
    return run(_coverage(options, nodeset, as_json=output == "json"))


async def _coverage(options: Options, name: str, *, as_json: bool) -> int:
    async with known(options, TREE | set(coverage_table.READS)) as session:
        snapshot, scope = session.snapshot, session.status.namespace
        found = [n for n in snapshot.all(NODESET, scope) if name in {"", n.ref.name}]
        if name and not found:
            raise NotFound(f"there is no OpenStackDataPlaneNodeSet {name} in {scope or 'any namespace'}", 404)
        ledgers = [ledger(nodeset, snapshot) for nodeset in found]
        if as_json:
            print(json.dumps([_ledger(one) for one in ledgers], indent=2))
        else:
            print(rows.text(coverage_table.table(found, snapshot), session.now()))
        return 0 if all(one.current == len(one.hosts) and not one.reasons for one in ledgers) else 1


def _ledger(one: Ledger) -> dict[str, Any]:
    again = retry(one)
    return {
        "namespace": one.nodeset.namespace, "nodeSet": one.nodeset.name, "reasons": list(one.reasons),
        "hosts": len(one.hosts), "current": one.current, "running": one.running,
        "retry": {"services": list(again.services), "hosts": list(again.hosts), "command": again.command,
                  "note": again.note},
        "covers": [_cover(one.covers[host, service]) for host in one.hosts for service in one.services],
    }  # fmt: skip


def _cover(cover: Cover) -> dict[str, Any]:
    last = cover.last
    return {
        "host": cover.host, "service": cover.service, "state": cover.word, "current": cover.word == OK,
        "reasons": list(cover.reasons), "deployment": last.deployment.ref.name if last else None,
        "at": last.at if last else None, "config": cover.config or None,
    }  # fmt: skip
