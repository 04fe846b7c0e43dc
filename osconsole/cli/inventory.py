"""`inventory`: what Ansible is told about the hosts of a NodeSet, secrets hidden; read once, when it is asked for."""

import json
from pathlib import Path
from typing import Any

import click

from osconsole.ansible import effective
from osconsole.ansible.inventory import render
from osconsole.cli import options as shared
from osconsole.cli.known import known, located, run
from osconsole.cli.status import TREE
from osconsole.errors import NotFound, UsageError
from osconsole.model.connection import Options
from osconsole.model.resource import Resource
from osconsole.model.snapshot import Snapshot
from osconsole.views import inventory as view
from osconsole.views.progress import NODESET
from osconsole.views.text import clean


@click.command()
@shared.connection
@click.option("-o", "--output", type=click.Choice(["text", "json"]), default="text", help="How to print it.")
@click.option("--diff", "before", type=click.Path(exists=True, dir_okay=False, path_type=Path), default=None,
              help="Show what is different from an earlier output of `-o json`.")  # fmt: skip
@click.argument("nodeset")
@click.argument("host", required=False, default="")
def inventory(*, options: Options, output: str, before: Path | None, nodeset: str, host: str) -> int:
    """The inventory of NODESET as it is now, or the variables that HOST gets of it. Values of secrets are hidden.

    The cluster keeps no copy of what an earlier Deployment was given: whether it differs is told by hashes, what by
    `--diff` with an output that you kept. Exit 1 when something differs.
    """
    return run(_inventory(options, (nodeset, host), before, as_json=output == "json"))


async def _inventory(options: Options, names: tuple[str, str], before: Path | None, *, as_json: bool) -> int:
    name, host = names
    async with known(options, TREE) as session:
        target = located(session, NODESET.ref(options.namespace or "", name))
        nodeset = session.snapshot.get(target)
        if nodeset is None:
            raise NotFound(f"there is no {target}", 404)
        content = await session.inventory(nodeset)
        shown = view.of(content, host, name)
        if before is not None:
            lines = list(effective.differences(_kept(before), shown, (str(before), "now")))
            print("\n".join(map(clean, lines)) or "nothing that is shown differs; hidden values cannot be compared")
            return 1 if lines else 0
        if as_json:
            print(json.dumps(shown, indent=2, ensure_ascii=False))
        else:
            print("".join(f"{clean(line)}\n" for line in _text(shown, host, nodeset, session.snapshot)), end="")
        return 0


def _text(shown: dict[str, Any], host: str, nodeset: Resource, snapshot: Snapshot) -> list[str]:
    return [*(f"# {line}" for line in view.head(shown, host, nodeset, snapshot)), *render(shown).splitlines()]


def _kept(file: Path) -> dict[str, Any]:
    try:
        return effective.plain(json.loads(file.read_text("utf-8")))
    except (OSError, ValueError) as error:
        raise UsageError(f"{file}: no output of `osconsole inventory -o json`: {error}") from None
