"""`timeline`: what happened, to an object and all under it, or to everything in scope."""

import json
import sys
import time
from collections.abc import Callable, Iterable

import click

from osconsole.cli import kept
from osconsole.cli import options as shared
from osconsole.cli.known import known, located, run
from osconsole.cli.status import TREE
from osconsole.errors import NotFound, Unreachable
from osconsole.hindsight import acted
from osconsole.history.history import History
from osconsole.journal import Journal
from osconsole.model import kinds
from osconsole.model.connection import Options
from osconsole.model.entry import Entry, Query
from osconsole.model.ref import KindKey, Ref
from osconsole.session import Session
from osconsole.views import timeline as lines
from osconsole.views.moments import moment

RANKS = {"all": 0, "warning": 1, "error": 2}
EVENT = kinds.key("Event")


@click.command()
@shared.connection
@click.argument("ref", required=False)
@click.option("--since", default="", metavar="TIME", help="From: 2h (ago), 02:13, or a date and time.")
@click.option("--until", default="", metavar="TIME", help="To, likewise.")
@click.option("--severity", type=click.Choice(list(RANKS)), default="all", help="From this severity on.")
@click.option("--grep", default="", metavar="TEXT", help="With these letters; case is ignored.")
@click.option("--limit", type=click.IntRange(1), default=500, show_default=True, help="How many, the newest.")
@click.option("-f", "--follow", is_flag=True, help="Go on as things happen.")
@click.option("-o", "--output", type=click.Choice(["text", "json"]), default="text", help="How to print it.")
def timeline(*, options: Options, ref: str | None, output: str, limit: int, follow: bool, **choice: str) -> int:
    """What happened to REF (kind/name) and all under it, or to everything; newest last.

    Joins what the cluster tells with what consoles on this machine have kept; without the cluster only the latter.
    """
    now = time.time()
    since, until = (moment(choice[key], now) if choice[key] else 0.0 for key in ("since", "until"))
    under = shared.reference(ref, options.namespace or "") if ref else None
    query = Query(under, "", RANKS[choice["severity"]], choice["grep"], since, until)
    show = _as_json if output == "json" else _as_text
    try:
        return run(_live(options, query, limit, show if follow else None, show))
    except Unreachable as error:
        if follow:
            raise
        print(f"osconsole: only what was kept on this machine: {error}", file=sys.stderr)
        found = _kept(options, query, limit)
        show(found)
        if not found:
            print("nothing was kept", file=sys.stderr)
        return 0


Show = Callable[[Iterable[Entry]], None]


async def _live(options: Options, query: Query, limit: int, more: Show | None, show: Show) -> int:
    own = {KindKey(query.under.group, query.under.kind)} if query.under else set()
    async with known(options, TREE | {EVENT} | own) as session:
        query = _placed(query, session)
        found = await session.past.timeline(query, limit)
        if query.under and not found and session.snapshot.get(query.under) is None:
            raise NotFound(f"there is no {query.under}, and none is remembered: name the namespace with -n", 404)
        show(reversed(found))
        if not found:
            print("nothing is known to have happened", file=sys.stderr)
        if session.past.trouble:
            print(f"osconsole: without what was kept: {session.past.trouble}", file=sys.stderr)
        if more:
            await _follow(session, query, {entry.key for entry in found}, more)
    return 0


async def _follow(session: Session, query: Query, told: set[str], show: Show) -> None:
    """Entries as they come, each once; of an Event that comes again, only the first."""
    async for snapshot in session.follow():
        fresh = [entry for entry in lines.merged(lines.live(snapshot, query)) if entry.key not in told]
        told.update(entry.key for entry in fresh)
        show(reversed(fresh))


def _placed(query: Query, session: Session) -> Query:
    under = located(session, query.under) if query.under else None
    scope = "" if under else session.status.namespace
    return Query(under, scope, query.rank, query.grep, query.since, query.until)


def _kept(options: Options, query: Query, limit: int) -> list[Entry]:
    context, namespace = kept.place(options)
    history = History(context)
    try:
        under = _in(query.under, namespace) if query.under else None
        query = Query(under, "" if under else namespace, query.rank, query.grep, query.since, query.until)
        found = history.search(query, limit)
        below = history.below(under) if under else frozenset()
    finally:
        history.close()
    acts = [entry for entry in map(acted, Journal(context).read(limit)) if query.matches(entry, below)]
    return lines.merged(found, acts)[:limit][::-1]


def _in(ref: Ref, namespace: str) -> Ref:
    kind = kinds.find(ref.kind)
    return ref if ref.namespace or (kind and not kind.namespaced) else ref._replace(namespace=namespace)


def _as_text(entries: Iterable[Entry]) -> None:
    now = time.time()
    for entry in entries:
        print(lines.as_text(entry, now), flush=True)


def _as_json(entries: Iterable[Entry]) -> None:
    for found in lines.as_json(entries):
        print(json.dumps(found), flush=True)
