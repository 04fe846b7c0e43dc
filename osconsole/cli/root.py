"""The `osconsole` command: global options, the table of subcommands, errors to exit codes; `main` is its entry.

Subcommands are imported when they are called, so that none pays for another's imports.
"""

import contextlib
import difflib
import importlib
import logging
import os
import sys

import click

from osconsole.cli import signals
from osconsole.cli.encoding import fit_output
from osconsole.errors import OsconsoleError

COMMANDS = {
    "admit": "osconsole.cli.admit:admit",
    "backup": "osconsole.cli.actions:backup",
    "bundle": "osconsole.cli.bundle:bundle",
    "check": "osconsole.cli.check:check",
    "cluster": "osconsole.cli.cluster:cluster",
    "compare": "osconsole.cli.compare:compare",
    "console": "osconsole.cli.console:console",
    "coverage": "osconsole.cli.coverage:coverage",
    "demo": "osconsole.cli.demo:demo",
    "deploy": "osconsole.cli.actions:deploy",
    "exec": "osconsole.cli.remote:execute",
    "inventory": "osconsole.cli.inventory:inventory",
    "journal": "osconsole.cli.journal:journal",
    "logs": "osconsole.cli.logs:logs",
    "operator": "osconsole.cli.operator:operator",
    "plan": "osconsole.cli.plan:plan",
    "port-forward": "osconsole.cli.remote:forward",
    "progress": "osconsole.cli.progress:progress",
    "record": "osconsole.cli.record:record",
    "replay": "osconsole.cli.replay:replay",
    "restart": "osconsole.cli.actions:restart",
    "scale": "osconsole.cli.actions:scale",
    "status": "osconsole.cli.status:status",
    "timeline": "osconsole.cli.timeline:timeline",
    "wait": "osconsole.cli.status:wait",
    "why": "osconsole.cli.why:why",
    "writers": "osconsole.cli.writers:writers",
}
DEFAULT = "console"
OWN = frozenset({"-h", "--help", "--version"})  # options of the group; others are the console's


def _load(target: str) -> click.Command:
    module, _, name = target.partition(":")
    command: click.Command = getattr(importlib.import_module(module), name)
    return command


class _Lazy(click.Group):
    """A group that imports a subcommand only when it is used; without one it is the console."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        if not args or (args[0].startswith("-") and args[0] not in OWN):
            args = [DEFAULT, *args]
        return super().parse_args(ctx, args)

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted(COMMANDS)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args[0] not in COMMANDS:
            near = " or ".join(difflib.get_close_matches(args[0], COMMANDS, n=2))
            ctx.fail(f"no command '{args[0]}'" + (f": did you mean {near}?" if near else ""))
        return super().resolve_command(ctx, args)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        command = _load(COMMANDS[cmd_name])
        signals.interruptible()  # from here on there may be something to put in order
        return command


@click.group(cls=_Lazy, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="osconsole")
def root() -> None:
    """Operate OpenStack on Kubernetes: watch it, see why it is not ready, act on it."""


def run() -> int:
    """The exit code that the documentation promises; no traceback reaches the person."""
    _open_streams()
    fit_output()
    try:
        code = root.main(prog_name="osconsole", standalone_mode=False)
        sys.stdout.flush()
    except click.ClickException as error:
        error.show()
        code = error.exit_code
    except (click.Abort, KeyboardInterrupt):
        click.echo("stopped", err=True)
        code = 130
    except OsconsoleError as error:
        from osconsole.views.text import clean  # what a cluster or a plugin said may be in it

        click.echo("\n".join(clean(line) for line in f"osconsole: {error}".split("\n")), err=True)
        code = error.exit_code
    except BrokenPipeError:
        code = _unprinted()
    except OSError as error:
        code = _unprinted()
        _tell(f"osconsole: {error.strerror or error}" + (f": {error.filename}" if error.filename else ""))
    except Exception as error:
        code = 1
        _tell(f"osconsole: ended by a fault of its own ({type(error).__name__}): {_logged()} has more")
    return code if isinstance(code, int) else 0


def _open_streams() -> None:
    """Streams that the caller has closed lead nowhere, and their numbers are not taken by files of ours."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, mode))  # noqa: SIM115  # for as long as the program lives


def _unprinted() -> int:
    """What is still to be printed goes nowhere, since its reader has gone or its disk is full; the exit code."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return 1


def _tell(text: str) -> None:
    with contextlib.suppress(OSError):
        click.echo(text, err=True)


def _logged() -> str:
    """The path of the program's log, in which the error that is handled now is told."""
    from osconsole.cli.log import NAME, open_log
    from osconsole.settings import state_dir

    open_log()
    logging.getLogger(__name__).exception("a command ended")
    return str(state_dir() / NAME)
