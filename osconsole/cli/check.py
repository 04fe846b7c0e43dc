"""`check`: what OpenStack stands on, by named checks, for scripts and for a glance before a change."""

import json
from typing import Any

import click

from osconsole.cli import options as shared
from osconsole.cli.glyphs import glyph, utf8
from osconsole.cli.known import known, run
from osconsole.model.connection import Options
from osconsole.views.checks.check import Check, Finding, ask
from osconsole.views.checks.table import chosen


@click.command()
@shared.connection
@click.option("-o", "--output", type=click.Choice(["text", "json"]), default="text", help="How to print it.")
@click.argument("names", nargs=-1, metavar="[NAME]...")
def check(*, options: Options, output: str, names: tuple[str, ...]) -> int:
    """Ask the named checks, or all. Exit 0 when each is good (or its subject is not there on purpose), 1 when not."""
    checks = chosen(names)
    found = run(_asked(options, checks))
    if output == "json":
        print(json.dumps([_as_json(one, answer) for one, answer in found], indent=2))
    else:
        wide = max(len(one.name) for one, _ in found)
        for one, answer in found:
            print(f"{glyph(answer.word)} {one.name:<{wide}}  {answer.sentence}".rstrip())
            if answer.remedy:
                print(f"  {'':<{wide}}  {'→' if utf8() else '->'} {answer.remedy}")
    return 0 if all(answer.good for _, answer in found) else 1


async def _asked(options: Options, checks: tuple[Check, ...]) -> list[tuple[Check, Finding]]:
    async with known(options, {key for one in checks for key in one.reads}) as session:
        scope = session.status.namespace
        return [(one, ask(one, session.snapshot, scope, session.now())) for one in checks]


def _as_json(one: Check, answer: Finding) -> dict[str, Any]:
    ref = answer.ref
    about = {"kind": ref.kind, "namespace": ref.namespace, "name": ref.name} if ref else None
    said = {"state": answer.word, "good": answer.good, "found": answer.sentence, "remedy": answer.remedy}
    return {"check": one.name, "asks": one.about, **said, "object": about}
