"""`plan list|check|run`: plans as documents and as runs."""

from pathlib import Path
from typing import Any

import click

from osconsole.cli import options as shared
from osconsole.errors import UsageError
from osconsole.model.connection import Options
from osconsole.reconcile import planfiles
from osconsole.views.text import clean, count

_folder = click.option(
    "--plans",
    "folder",
    type=click.Path(exists=True, file_okay=False),
    callback=lambda ctx, option, folder: folder or "",
    metavar="DIR",
    help="Look here first.",
)


@click.group()
def plan() -> None:
    """Plans: what should become true, in which order, and how to know that it did."""


@plan.command("list")
@_folder
def listing(folder: str) -> int:
    """The plans that are known, with what they are for; exit 1 when one is broken."""
    known = planfiles.known(folder)
    for name, found in known.items():
        print(f"{name:<24} {clean(found if isinstance(found, str) else found.about)}")
    return 1 if any(isinstance(found, str) for found in known.values()) else 0


@plan.command()
@click.argument("names", nargs=-1, required=True)
@_folder
def check(names: tuple[str, ...], folder: str) -> int:
    """Read plans (names or files) and say what is wrong with them."""
    wrong = []
    for name in names:
        try:
            found = planfiles.read(name, folder)
        except UsageError as error:
            wrong.append(str(error))
        else:
            print(f"{name}: good: {count(len(found.steps), 'step')} on {found.target.kind}")
    if wrong:
        raise UsageError("\n".join(wrong))
    return 0


@plan.command()
@shared.connection
@click.argument("name")
@click.option("--input", "given", multiple=True, metavar="K=V", help="An input of the plan; V may be JSON.")
@_folder
@click.option("--dry-run", is_flag=True, help="Show what would be done, and do nothing.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.option("--wait", "waits", is_flag=True, help="Return when it is through.")
@click.option("--timeout", "timeout_s", type=click.FloatRange(0), default=7200.0, show_default=True,
              help="Seconds for --wait; 0 is for ever.")  # fmt: skip
def run(*, options: Options, name: str, given: tuple[str, ...], folder: str, **flags: Any) -> int:
    """Run a plan as a run that survives this command."""
    from osconsole.cli import actions
    from osconsole.cli.known import run as go
    from osconsole.model.intents import RunPlan
    from osconsole.views.deploywords import variable

    found = planfiles.read(name, folder)
    inputs = dict(variable(text, "--input") for text in given)
    return go(
        actions.carry(options, lambda session: RunPlan(Path(name).stem, found, session.status.namespace, inputs), flags)
    )
