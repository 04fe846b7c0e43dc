"""`exec` and `port-forward`: into a pod, from this terminal."""

import asyncio
import contextlib
import signal
import sys
from collections.abc import AsyncGenerator, Awaitable
from contextlib import asynccontextmanager

import click

from osconsole.cli import options as shared
from osconsole.cli.known import PATIENCE_S, known, located, run, settled, until
from osconsole.errors import Refused, Unreachable, UsageError
from osconsole.model import kinds
from osconsole.model.connection import Options
from osconsole.model.ref import Ref
from osconsole.model.remote import SHELL, Exec, Forward
from osconsole.model.remote import ports as pair
from osconsole.model.snapshot import Snapshot
from osconsole.session import Session
from osconsole.terminal import OwnTerminal
from osconsole.views.text import clean

_POD = kinds.key("Pod")
_STOPPED = 143  # what a shell says of a program that TERM ended


@click.command("exec")
@shared.connection
@click.option("-c", "--container", default="", help="The container; else the pod's default one.")
@click.option("-i", "--stdin", is_flag=True, help="Pass what comes on standard input.")
@click.option("-t", "--tty", is_flag=True, help="Give the command a terminal.")
@click.option("--yes", is_flag=True, help="Do not ask on a protected context.")
@click.argument("pod")
@click.argument("command", nargs=-1)
def execute(
    *, options: Options, container: str, stdin: bool, tty: bool, yes: bool, pod: str, command: tuple[str, ...]
) -> int:
    """Run COMMAND (put -- before it) in a container of POD; without one, a shell on this terminal.

    The exit code is the command's. Ctrl-] three times is the way out when nothing answers any more.
    """
    stdin, tty = stdin or not command, tty or not command
    if tty and not (sys.stdin.isatty() and sys.stdout.isatty()):
        if not command:
            raise UsageError("a shell needs a terminal, and this is none: say what to run, as in `exec POD -- id`")
        click.echo("osconsole: this is no terminal, so the command gets none", err=True)
        tty = False

    async def work() -> int:
        async with _found(options, pod) as (session, ref):
            _confirm(session, yes=yes)
            what = Exec(ref, command or SHELL, container, stdin, tty)
            with OwnTerminal(tty=tty) as terminal:
                return await session.exec(what, terminal)

    return run(_stoppable(work()))


@click.command("port-forward")
@shared.connection
@click.option("--yes", is_flag=True, help="Do not ask on a protected context.")
@click.argument("pod")
@click.argument("ports", nargs=-1, required=True, metavar="[LOCAL:]REMOTE...")
def forward(*, options: Options, yes: bool, pod: str, ports: tuple[str, ...]) -> int:
    """Have ports of this machine (on 127.0.0.1) lead to ports of POD, until Ctrl-C.

    `8080` is the same on both sides, `8443:443` another here, `:443` any free one here.
    """
    pairs = [pair(text) for text in ports]

    async def work() -> int:
        async with _found(options, pod) as (session, ref):
            _confirm(session, yes=yes)
            wanted = tuple(Forward(ref, local, remote) for local, remote in pairs)
            async with session.forwarding(wanted, _tell) as found:
                for one in found:
                    print(f"127.0.0.1:{one.local} leads to port {one.remote} of pod {one.pod.name}", flush=True)
                await asyncio.Event().wait()
        return 0

    return run(_stoppable(work()))


def _tell(words: str) -> None:
    click.echo(f"osconsole: {clean(words)}", err=True)


async def _stoppable(work: Awaitable[int]) -> int:
    """TERM and HUP end it as Ctrl-C does, so that the terminal is given back."""
    loop, task = asyncio.get_running_loop(), asyncio.current_task()
    stopped = asyncio.Event()

    def stop() -> None:
        stopped.set()
        if task:
            task.cancel()

    for number in (signal.SIGTERM, signal.SIGHUP):
        loop.add_signal_handler(number, stop)
    try:
        return await work
    except asyncio.CancelledError:
        if not stopped.is_set():
            raise
        return _STOPPED


@asynccontextmanager
async def _found(options: Options, text: str) -> AsyncGenerator[tuple[Session, Ref], None]:
    """A session that is connected, and the pod that is meant; pods are listed only to learn a namespace."""
    name = text.removeprefix("pods/").removeprefix("pod/")
    if not name or "/" in name:
        raise UsageError(f"'{text}' is no pod: write its name, as in openstackclient")
    async with known(options, ()) as session:
        await until(session, lambda _: _connected(session), PATIENCE_S)
        ref = _POD.ref(session.status.namespace, name)
        if not ref.namespace:
            session.show([_POD])
            await until(session, lambda snapshot: _listed(session, snapshot), PATIENCE_S)
            ref = located(session, ref)
        if not ref.namespace:
            raise UsageError(f"there is no pod {name} in any namespace")
        yield session, ref


def _connected(session: Session) -> bool:
    if session.status.state in {"lost", "denied"}:
        raise Unreachable(session.status.why)
    return session.status.state == "live"


def _listed(session: Session, snapshot: Snapshot) -> bool:
    return settled(session, snapshot, frozenset({_POD}))


def _confirm(session: Session, *, yes: bool) -> None:
    """Have the name of a protected context typed.

    Raises:
        Refused: nobody can be asked.
    """
    status = session.status
    if yes or not status.protected:
        return
    if not sys.stdin.isatty():
        raise Refused(f"context '{status.context}' is protected, and nobody can be asked here: say --yes to do it")
    with contextlib.suppress(click.Abort):
        if click.prompt(f"type {status.context} to go on", default="", show_default=False, err=True) == status.context:
            return
    raise Refused(f"context '{status.context}' is protected, and its name was not typed: nothing was done")
