"""A session that has listed what a command needs, and errors that leave it as themselves."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager
from typing import TypeVar

import click

from osconsole.errors import Forbidden, OsconsoleError, Unreachable, UsageError
from osconsole.model.connection import Options
from osconsole.model.ref import KindKey, Ref
from osconsole.model.snapshot import Snapshot
from osconsole.session import Session

T = TypeVar("T")
PATIENCE_S = 20.0


def run(work: Awaitable[T]) -> T:
    """`asyncio.run`; an error of ours inside an exception group comes out alone."""

    async def main() -> T:
        return await work

    try:
        return asyncio.run(main())
    except BaseExceptionGroup as group:
        found = _first(group)
        if found is None:
            raise
        raise found from None


def _first(group: BaseExceptionGroup[BaseException]) -> OsconsoleError | None:
    for error in group.exceptions:
        if isinstance(error, OsconsoleError):
            return error
        if isinstance(error, BaseExceptionGroup) and (found := _first(error)):
            return found
    return None


@asynccontextmanager
async def known(options: Options, kinds: Iterable[KindKey]) -> AsyncIterator[Session]:
    """A session in which each of the kinds is listed, or known to be out of reach.

    Raises:
        Unreachable: the cluster does not answer, or not within PATIENCE_S.
    """
    wanted = frozenset(kinds)
    async with Session(options) as session:
        session.show(wanted)
        await until(session, lambda snapshot: settled(session, snapshot, wanted), PATIENCE_S)
        if session.status.insecure:
            click.echo(f"osconsole: {session.status.server}: TLS is not verified (insecure-skip-tls-verify)", err=True)
        yield session


def settled(session: Session, snapshot: Snapshot, kinds: frozenset[KindKey]) -> bool:
    """Every kind was listed once, or cannot be.

    Raises:
        Unreachable: the line is down.
    """
    status = session.status
    if status.state in {"lost", "denied"}:
        raise Unreachable(status.why)
    return all(snapshot.line(kind, status.namespace).state not in {"loading", "lost"} for kind in kinds)


async def until(session: Session, true: Callable[[Snapshot], bool], within_s: float) -> Snapshot:
    """The first snapshot for which `true` holds.

    Raises:
        Unreachable: it did not within so many seconds (0: for ever).
    """
    try:
        async with asyncio.timeout(within_s or None):
            async for snapshot in session.follow():
                if true(snapshot):
                    return snapshot
    except TimeoutError:
        where = session.status.server or "the cluster"
        raise Unreachable(f"{where} did not tell everything within {within_s:g} s: try again") from None
    raise Unreachable("the session has ended")


def located(session: Session, ref: Ref) -> Ref:
    """The Ref with its namespace: that of the scope, or the only one that has such an object.

    Raises:
        UsageError: several namespaces have one.
        Forbidden: the kind cannot be listed.
    """
    kind = KindKey(ref.group, ref.kind)
    line = session.snapshot.line(kind, session.status.namespace)
    if line.state == "denied":
        raise Forbidden(f"no permission: {line.why}", 403)
    if ref.namespace or session.status.namespace:
        return ref._replace(namespace=ref.namespace or session.status.namespace)
    found = [r.ref for r in session.snapshot.all(kind) if r.ref.name == ref.name]
    if len(found) > 1:
        places = ", ".join(sorted(r.namespace for r in found))
        raise UsageError(f"{ref.short} is in several namespaces ({places}): name one with -n")
    return found[0] if found else ref
