"""The entry of `osconsole`, kept small: from its first moment to its last Ctrl-C ends it with 130 and no traceback.

Until the command itself is imported there is nothing to put in order, so the program just ends.
"""

import os
import signal
import sys
from types import FrameType


def main() -> None:
    """Run, and exit."""
    code = _STOPPED
    try:
        if signal.getsignal(signal.SIGINT) is signal.default_int_handler:  # a shell's background job ignores it
            signal.signal(signal.SIGINT, _end)
        from osconsole.cli.root import run

        code = run()
    except KeyboardInterrupt:  # once more, while it was ending
        pass
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # what is left is the interpreter's
    sys.exit(code)


_STOPPED = 130  # what a shell says of a program that Ctrl-C ended


def _end(number: int, frame: FrameType | None) -> None:
    try:
        os.write(2, b"stopped\n")
    finally:
        os._exit(_STOPPED)
