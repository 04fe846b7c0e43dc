"""`compare`: what differs between two moments, or between one and now."""

import json
import time

import click

from osconsole.cli import kept
from osconsole.cli import options as shared
from osconsole.cli.known import known, run
from osconsole.cli.status import TREE
from osconsole.model.connection import Options
from osconsole.model.snapshot import Snapshot
from osconsole.views import compare as differing
from osconsole.views.moments import moment


@click.command()
@shared.connection
@click.argument("first")
@click.argument("second", required=False)
@click.option("-o", "--output", type=click.Choice(["text", "json"]), default="text", help="How to print it.")
def compare(*, options: Options, first: str, second: str | None, output: str) -> int:
    """What differs between the moments FIRST and SECOND (now where it is not named): 02:13, 2h (ago), a date and time.

    Takes what consoles on this machine have kept. Exit 0 when nothing differs, 1 when something does.
    """
    now = time.time()
    at, until = moment(first, now), moment(second, now) if second else now
    _, scope = kept.place(options)
    old = kept.world(options, at)
    new = kept.world(options, until) if second else run(_now(options, old))
    found = differing.differences((old, at), (new, until), scope)
    if output == "json":
        print(json.dumps(differing.as_json(found), indent=2))
    elif found:
        print("\n".join(map(differing.as_text, found)))
    else:
        print("nothing differs")
    return 1 if found else 0


async def _now(options: Options, old: Snapshot) -> Snapshot:
    """The world now, as far as the old one reaches."""
    async with known(options, TREE | {kind for kind in old.objects if kind.kind not in differing.LEFT_OUT}) as session:
        return session.snapshot
