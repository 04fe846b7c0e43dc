"""The program's own log: tracebacks and notes for whoever looks after it, in the state folder, never on the screen."""

import logging

from osconsole.settings import state_dir

NAME = "osconsole.log"
MOST_BYTES = 4_000_000


def open_log() -> None:
    """Send everything that is logged to the file; once it is large, the last one is kept beside it.

    A folder that cannot be written leaves us without a log, not without the program.
    """
    root = logging.getLogger()
    logging.raiseExceptions = False  # a full disk is no reason to write over the screen
    if root.handlers:
        return
    path = state_dir() / NAME
    handler: logging.Handler
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        if path.exists() and path.stat().st_size > MOST_BYTES:
            path.replace(path.with_suffix(".log.1"))
        handler = logging.FileHandler(path, encoding="utf-8", errors="backslashreplace")
        path.chmod(0o600)
    except OSError:
        handler = logging.NullHandler()
    handler.setFormatter(logging.Formatter("%(asctime)s %(process)d %(levelname)s %(name)s: %(message)s"))
    root.addHandler(handler)
    root.setLevel(logging.INFO)
