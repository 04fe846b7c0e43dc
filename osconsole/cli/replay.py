"""`replay`: a recording on the console, with controls over its time; or how things stood at a moment of it."""

import asyncio
import json
import sys
from pathlib import Path

import click

from osconsole.cli import status, why
from osconsole.cli.console import open_console
from osconsole.cli.log import open_log
from osconsole.model.connection import Options
from osconsole.replay import Replay
from osconsole.session import Session
from osconsole.tape import Tape
from osconsole.views.moments import exact
from osconsole.views.summary import summary
from osconsole.views.text import clean


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--speed", type=click.FloatRange(0.01, 10_000), default=1.0, show_default=True, help="Times as fast.")
@click.option(
    "--until", default="", metavar="T", help="To there: 90s or 5m from the beginning, 14:03:18, or a date and time."
)
@click.option(
    "--skip", "skip_s", type=click.FloatRange(0), default=0.0, metavar="S",
    help="Of stretches in which nothing happens play only the last S seconds.",
)  # fmt: skip
@click.option("--at-end", is_flag=True, help="Open at the end, or at --until, instead of at the beginning.")
@click.option("-n", "--namespace", default="", help="One namespace; else all.")
@click.option("--why", "about", default="", metavar="REF", help="Print why REF is as it is at that moment.")
@click.option("-o", "--output", type=click.Choice(["text", "json"]), default=None, help="Print how things stand.")
@click.option("--layouts", type=click.Path(path_type=Path), default=None, metavar="DIR", help="Screens of your own.")
def replay(
    *, file: Path, speed: float, until: str, skip_s: float, at_end: bool, namespace: str, about: str,
    output: str | None, layouts: Path | None,
) -> int:  # fmt: skip
    """Play the recording FILE on the console, read-only.

    Without a terminal, or with -o or --why, print what `status` or `why` would have said at that moment (the end, or
    --until), and exit as they do.
    """
    open_log()
    tape = Tape.of(file)
    stop = tape.when(until) if until else None
    source = Replay(tape, namespace, speed=speed, until=stop, skip_s=skip_s)
    for finding in tape.findings:
        more = f" (and {finding.count - 1} more)" if finding.count > 1 else ""
        print(f"osconsole: {file}: line {finding.line}{more} {clean(finding.says)}", file=sys.stderr)
    if output or about or not (sys.stdin.isatty() and sys.stdout.isatty()):
        source.playback.seek(tape.end if stop is None else stop)
        return _print(Session(Options(), source), tape, about, output or "text")
    if at_end:
        source.playback.seek(tape.end if stop is None else stop)
    else:
        source.playback.play()
    return open_console(Options(namespace=namespace), layouts, source=source)


def _print(session: Session, tape: Tape, about: str, output: str) -> int:
    """How things stand, or why, at the moment that the session shows."""
    scope, now = session.status.namespace, session.now()
    if about:
        return asyncio.run(why.answer(session, why.meant(about, scope), output))
    found = summary(session.snapshot, scope, now)
    happened = tape.happened(now)
    if output == "json":
        print(json.dumps(status.as_json(found) | {"at": exact(now), "transitions": happened}, indent=2))
    else:
        print(f"at {exact(now)}, {now - tape.begin:.0f} s after the beginning, {happened} transitions")
        print(status.as_text(found))
    return status.code(found)
