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
from osconsole.views.why import hosts
from osconsole.views.why.explain import explain
from osconsole.views.why.explanation import Explanation
from osconsole.views.why.lines import as_json, lines
from osconsole.views.why.world import World

ROUNDS = 3  # what is read may show what else to read
WELL = frozenset({"ok", "off"})


@click.command()
@shared.connection
@click.option("-o", "--output", type=click.Choice(["text", "json"]), default="text", help="How to print it.")
@click.argument("ref")
def why(*, options: Options, output: str, ref: str) -> int:
    """Why REF (kind/name, or host/name) is as it is, down to the cause. Exit 0 when it is well, 1 when not."""
    return run(_why(options, output, meant(ref, options.namespace or "")))


def meant(text: str, namespace: str) -> Ref:
    """What kind/name or host/name means.

    Raises:
        UsageError: nothing.
    """
    kind, _, name = text.partition("/")
    if kind.lower() == "host" and name:
        return Ref("", hosts.HOST, namespace, name)
    return shared.reference(text, namespace)


async def _why(options: Options, output: str, wanted: Ref) -> int:
    more = set() if wanted.kind == hosts.HOST else {KindKey(wanted.group, wanted.kind)}
    async with known(options, TREE | {kinds.key("Event")} | more) as session:
        return await answer(session, wanted, output)


async def answer(session: Session, wanted: Ref, output: str) -> int:
    """Print why it is as it is ("text" or "json"); the exit code.

    Raises:
        NotFound: there is no such object.
    """
    found = await explained(session, _target(session, wanted))
    if output == "json":
        print(json.dumps(as_json(found, session.now()), indent=2))
    else:
        print("\n".join("".join(text for text, _ in line.spans).rstrip() for line in lines(found, session.now())))
    return 0 if found.verdict.word in WELL else 1


def _target(session: Session, wanted: Ref) -> Ref:
    """The object that is there; a host in the scope.

    Raises:
        NotFound: there is none.
    """
    if wanted.kind == hosts.HOST:
        target = wanted._replace(namespace=wanted.namespace or session.status.namespace)
        there = hosts.find(target.name, target.namespace, World(session.snapshot, session.now(), NONE)) is not None
    else:
        target = located(session, wanted)
        there = session.snapshot.get(target) is not None
    if not there:
        raise NotFound(f"there is no {target}", 404)
    return target


async def explained(session: Session, target: Ref) -> Explanation:
    """The explanation, with what it would like to read."""
    evidence = NONE
    found = explain(target, session.snapshot, session.now(), evidence)
    for _ in range(ROUNDS):
        if not found.wants:
            break
        evidence = await learn(session, found.wants, evidence)
        found = explain(target, session.snapshot, session.now(), evidence)
    return found
