"""`osconsole` without a subcommand: the console on this terminal."""

import contextlib
import gc
import logging
import os
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import msgspec

from osconsole.cli.options import connection
from osconsole.errors import UsageError
from osconsole.model.connection import Options
from osconsole.session import Session
from osconsole.settings import config_dir, read_settings, state_dir


@click.command()
@connection
@click.option("--layouts", type=click.Path(path_type=Path), default=None, metavar="DIR", help="Screens of your own.")
@click.option("--mouse", is_flag=True, help="Take the mouse (a terminal's own selection then needs Shift).")
def console(options: Options, layouts: Path | None, mouse: bool) -> int:
    """Open the console: what runs, what is wrong and why, and keys that act on it."""
    return open_console(options, layouts, mouse=mouse)


def open_console(options: Options, layouts: Path | None = None, *, mouse: bool = False) -> int:
    """Run the console until it is left; its exit code.

    Raises:
        UsageError: this is no terminal.
        DocumentError: settings or the first screen's layout are wrong.
    """
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise UsageError(
            "the console needs a terminal for input and output, and this is none: "
            "'osconsole status' and 'osconsole why' print the same"
        )
    if layouts is not None and not layouts.is_dir():
        raise UsageError(f"--layouts {layouts}: no such folder")
    gc.disable()  # hardly any garbage comes of imports, but collecting it costs a tenth of the start
    from osconsole.ui.app import Console

    settings = read_settings()
    folders = tuple(folder for folder in (layouts, config_dir() / "layouts") if folder is not None)
    with private_terminal(state_dir() / "osconsole.log"):
        app = Console(Session(msgspec.structs.replace(options, adopts=True)), folders=folders, own_keys=settings.keys)
        gc.freeze()
        gc.enable()
        app.run(mouse=mouse)
    return app.return_code or 0


@contextlib.contextmanager
def private_terminal(log: Path) -> Iterator[None]:
    """The terminal for the screen alone: whatever else writes to standard error goes to the program's log."""
    log.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    sink = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    stderr, real = os.dup(2), sys.__stderr__
    sys.stderr.flush()
    with os.fdopen(os.dup(1), "w", encoding=sys.stdout.encoding) as terminal:
        os.dup2(sink, 2)
        sys.__stderr__ = terminal  # type: ignore[misc]  # where Textual draws
        handler = logging.FileHandler(log)
        handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
        logging.getLogger("osconsole").addHandler(handler)
        try:
            yield
        finally:
            logging.getLogger("osconsole").removeHandler(handler)
            handler.close()
            sys.__stderr__ = real  # type: ignore[misc]
            os.dup2(stderr, 2)
            os.close(stderr)
            os.close(sink)
