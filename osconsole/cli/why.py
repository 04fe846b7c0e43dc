"""`why`: from an object down to the cause of its trouble, and what would clear it."""

import json

import click

from osconsole.cli import options as shared
from osconsole.cli.known import known, located, run
from osconsole.cli.status import TREE
from osconsole.errors import NotFound
from osconsole.evidence import learn
from osconsole.model import kinds
from osconsole.model.connection import Options
from osconsole.model.evidence import NONE
from osconsole.model.ref import KindKey, Ref
from osconsole.session import Session
from osconsole.views.why.explain import explain
from osconsole.views.why.explanation import Explanation
from osconsole.views.why.lines import as_json, lines

ROUNDS = 3  # what is read may show what else to read
WELL = frozenset({"ok", "off"})


@click.command()
@shared.connection
@click.option("-o", "--output", type=click.Choice(["text", "json"]), default="text", help="How to print it.")
@click.argument("ref")
def why(*, options: Options, output: str, ref: str) -> int:
    """Why REF (kind/name) is as it is, from it down to the cause. Exit 0 when it is well, 1 when not."""
    return run(_why(options, output, shared.reference(ref, options.namespace or "")))


async def _why(options: Options, output: str, wanted: Ref) -> int:
    async with known(options, TREE | {kinds.key("Event"), KindKey(wanted.group, wanted.kind)}) as session:
        target = located(session, wanted)
        if session.snapshot.get(target) is None:
            raise NotFound(f"there is no {target}", 404)
        found = await _explained(session, target)
        if output == "json":
            print(json.dumps(as_json(found, session.now()), indent=2))
        else:
            print("\n".join("".join(text for text, _ in line.spans).rstrip() for line in lines(found, session.now())))
        return 0 if found.verdict.word in WELL else 1


async def _explained(session: Session, target: Ref) -> Explanation:
    """The explanation, with what it would like to read."""
    evidence = NONE
    found = explain(target, session.snapshot, session.now(), evidence)
    for _ in range(ROUNDS):
        if not found.wants:
            break
        evidence = await learn(session, found.wants, evidence)
        found = explain(target, session.snapshot, session.now(), evidence)
    return found
