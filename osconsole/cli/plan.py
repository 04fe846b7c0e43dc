"""`plan list|check|run`: plans as documents and as runs."""

from pathlib import Path
from typing import Any

import click

from osconsole.cli import options as shared
from osconsole.model.connection import Options
from osconsole.reconcile import planfiles


@click.group()
def plan() -> None:
    """Plans: what should become true, in which order, and how to know that it did."""


@plan.command("list")
@click.option("--plans", "folder", default="", metavar="DIR", help="Look here first.")
def listing(folder: str) -> int:
    """The plans that are known, with what they are for."""
    for name in planfiles.files(folder):
        print(f"{name:<24} {planfiles.read(name, folder).about}")
    return 0


@plan.command()
@click.argument("names", nargs=-1, required=True)
@click.option("--plans", "folder", default="", metavar="DIR", help="Look here first.")
def check(names: tuple[str, ...], folder: str) -> int:
    """Read plans (names or files) and say what is wrong with them."""
    for name in names:
        found = planfiles.read(name, folder)
        print(f"{name}: good: {len(found.steps)} steps on {found.target.kind}")
    return 0


@plan.command()
@shared.connection
@click.argument("name")
@click.option("--input", "given", multiple=True, metavar="K=V", help="An input of the plan; V may be JSON.")
@click.option("--plans", "folder", default="", metavar="DIR", help="Look here first.")
@click.option("--dry-run", is_flag=True, help="Show what would be done, and do nothing.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.option("--wait", "waits", is_flag=True, help="Return when it is through.")
@click.option("--timeout", "timeout_s", type=float, default=7200.0, show_default=True, help="Seconds for --wait.")
def run(*, options: Options, name: str, given: tuple[str, ...], folder: str, **flags: Any) -> int:
    """Run a plan as a run that survives this command."""
    from osconsole.cli import actions
    from osconsole.cli.known import run as go
    from osconsole.model.intents import RunPlan

    found = planfiles.read(name, folder)
    inputs = dict(actions.variable(text) for text in given)
    return go(
        actions.carry(options, lambda session: RunPlan(Path(name).stem, found, session.status.namespace, inputs), flags)
    )
