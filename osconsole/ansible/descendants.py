"""The processes below this one: become the parent of orphans, find children, end all. Linux only."""

import ctypes
import os
import signal
import time
from pathlib import Path

_PR_SET_CHILD_SUBREAPER = 36
_POLL_S = 0.02


def adopt_orphans() -> None:
    """Become the parent of descendants whose own parent ends, so that `end_all` finds them."""
    ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def children(word: str = "") -> list[int]:
    """Direct children that still run; with a word only those whose command line has it."""
    found = []
    for task in Path("/proc/self/task").iterdir():
        for pid in (task / "children").read_text().split():
            command = _read(Path(f"/proc/{pid}/cmdline"))
            if command and word in command:
                found.append(int(pid))
    return found


def end_all(grace_s: float) -> None:
    """TERM to every child, KILL after the grace, until none is left; what they leave is adopted and ended too."""
    deadline = time.monotonic() + grace_s
    number = signal.SIGTERM
    told: set[int] = set()
    while _any_left():
        if number == signal.SIGTERM and time.monotonic() > deadline:
            number, told = signal.SIGKILL, set()
        for pid in children():
            if pid not in told or number == signal.SIGKILL:
                told.add(pid)
                signal_one(pid, number)
        time.sleep(_POLL_S)


def signal_one(pid: int, number: signal.Signals) -> None:
    """Send a signal; a process that is gone is no error."""
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        return


def _any_left() -> bool:
    """Collect the dead; True while a child lives."""
    while True:
        try:
            pid, _ = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return False
        if pid == 0:
            return True


def _read(path: Path) -> str:
    try:
        return path.read_bytes().replace(b"\0", b" ").decode(errors="replace")
    except OSError:
        return ""
