"""`osconsole` without a subcommand: the console on this terminal."""

import contextlib
import gc
import os
import sys
import termios
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import click
import msgspec

from osconsole.cli.log import NAME
from osconsole.cli.options import connection
from osconsole.cli.signals import ended_in_order
from osconsole.errors import UsageError
from osconsole.model.connection import Options
from osconsole.session import Session, Source
from osconsole.settings import document_folders, read_settings, state_dir


@click.command()
@connection
@click.option("--layouts", type=click.Path(path_type=Path), default=None, metavar="DIR", help="Screens of your own.")
@click.option("--plans", type=click.Path(path_type=Path), default=None, metavar="DIR", help="Plans of your own.")
@click.option("--mouse", is_flag=True, help="Take the mouse (a terminal's own selection then needs Shift).")
def console(options: Options, layouts: Path | None, plans: Path | None, mouse: bool) -> int:
    """Open the console: what runs, what is wrong and why, and keys that act on it."""
    if plans is not None and not plans.is_dir():
        raise UsageError(f"--plans {plans}: no such folder")
    return open_console(msgspec.structs.replace(options, plans=str(plans or "")), layouts, mouse=mouse)


def open_console(
    options: Options, layouts: Path | None = None, *, mouse: bool = False, source: Source | None = None
) -> int:
    """Run the console until it is left; its exit code. Without a source it is on the cluster that the options name.

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
    with ended_in_order(), private_terminal(state_dir() / NAME) as show:
        show("\x1b[?1049h\x1b[?25l\x1b[H osconsole  connecting")  # seen while the rest is imported
        for fixed in ("COLUMNS", "LINES"):  # a shell's word of long ago would hide every later size of the terminal
            os.environ.pop(fixed, None)
        gc.disable()  # hardly any garbage comes of imports, but looking for it costs a tenth of the start
        from osconsole.ui.opening import first_frame, open_desk
        from osconsole.ui.theme import terminal_theme

        session = Session(msgspec.structs.replace(options, adopts=True), source)
        desk, found = open_desk(session, document_folders("layouts", str(layouts or "")), read_settings().keys)
        theme = terminal_theme(sys.stdout.encoding or "ascii")
        show(first_frame(desk, theme, *os.get_terminal_size()))

        from osconsole.ui.app import Console
        from osconsole.ui.lending import INTERRUPTED

        app = Console(desk, found, theme)
        gc.freeze()
        # In a storm much is made and little of it is garbage: it is looked for in small steps, which nobody notices,
        # and through the whole world, which takes 0.1 s, hardly ever.
        gc.set_threshold(3_000, 10, 500)
        gc.enable()
        app.run(mouse=mouse)
    return INTERRUPTED if app.return_code is None else app.return_code


@contextlib.contextmanager
def private_terminal(log: Path) -> Iterator[Callable[[str], object]]:
    """The terminal for the screen alone; gives a way to write to it.

    Whatever else writes to standard error goes to the program's log. Keys typed from now on are not echoed and wait to
    be read. Afterwards everything is as it was, whatever happened.
    """
    modes = termios.tcgetattr(0)
    stderr, real, sink = os.dup(2), sys.__stderr__, _opened(log)
    sys.stderr.flush()
    terminal = os.fdopen(os.dup(1), "w", encoding=sys.stdout.encoding)

    def show(text: str) -> None:
        with contextlib.suppress(OSError):  # the terminal may be gone
            terminal.write(text)
            terminal.flush()

    os.dup2(sink, 2)
    sys.__stderr__ = terminal  # type: ignore[misc]  # where Textual draws
    try:
        termios.tcsetattr(0, termios.TCSANOW, _quiet(modes))
        yield show
    finally:
        show("\x1b[?25h\x1b[?1049l")
        with contextlib.suppress(OSError, termios.error):
            termios.tcsetattr(0, termios.TCSANOW, modes)
        with contextlib.suppress(OSError):
            terminal.close()
        sys.__stderr__ = real  # type: ignore[misc]
        os.dup2(stderr, 2)
        os.close(stderr)
        os.close(sink)


def _quiet(modes: list[Any]) -> list[Any]:
    """Terminal modes in which keys wait unchanged and unseen; Ctrl-C still interrupts."""
    given, output, control, local, *rest = modes
    return [given & ~termios.ICRNL, output, control, local & ~(termios.ECHO | termios.ICANON), *rest]


def _opened(log: Path) -> int:
    """The log to append to, or nowhere when it cannot be written."""
    try:
        log.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        return os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    except OSError:
        return os.open(os.devnull, os.O_WRONLY)
