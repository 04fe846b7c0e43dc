"""Trees of processes: find them, stop them, kill them whole. Linux only: it reads /proc."""

import ctypes
import os
import signal
import time
from collections.abc import Iterable
from pathlib import Path

_PR_SET_PDEATHSIG = 1
_PR_SET_CHILD_SUBREAPER = 36
_DYING_S = 10.0  # a killed process is gone as soon as a busy machine gets to it


def die_with_parent() -> None:
    """Have the kernel kill this process when the one that started it is gone."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, int(signal.SIGKILL), 0, 0, 0)


def adopt_orphans() -> None:
    """Become the parent of descendants whose parent ends."""
    ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def children() -> dict[int, list[int]]:
    """Parent -> children, of all processes that are seen."""
    found: dict[int, list[int]] = {}
    for entry in os.listdir("/proc"):
        if entry.isdigit():
            parent = _stat(int(entry))[1]
            found.setdefault(parent, []).append(int(entry))
    return found


def tree(roots: Iterable[int]) -> list[int]:
    """The processes and all their descendants, parents first."""
    below = children()
    found = [pid for pid in roots if Path(f"/proc/{pid}").exists()]
    for pid in found:
        found.extend(child for child in below.get(pid, ()) if child not in found)
    return found


def send(pids: Iterable[int], number: signal.Signals) -> None:
    """Send a signal to each that is still there."""
    for pid in pids:
        try:
            os.kill(pid, number)
        except ProcessLookupError:
            continue


def freeze(roots: Iterable[int]) -> None:
    """Stop a whole tree; a process forked meanwhile is caught in the next pass."""
    roots = tuple(roots)
    stopped: set[int] = set()
    while new := [pid for pid in tree(roots) if pid not in stopped]:
        send(new, signal.SIGSTOP)
        stopped.update(new)


def thaw(roots: Iterable[int]) -> None:
    """Let a stopped tree run on."""
    send(tree(roots), signal.SIGCONT)


def kill(roots: Iterable[int]) -> None:
    """Kill a whole tree as by power loss: stopped first, so that nothing escapes. Returns when all of it is dead."""
    roots = tuple(roots)
    freeze(roots)
    doomed = tree(roots)
    send(doomed, signal.SIGKILL)
    deadline = time.monotonic() + _DYING_S
    while any(_stat(pid)[0] not in {"", "Z", "X"} for pid in doomed) and time.monotonic() < deadline:
        time.sleep(0.002)


def reap_adopted(seen: set[int]) -> set[int]:
    """Collect children that were dead already at the last call; returns those to pass to the next one.

    A child that is waited for elsewhere is never dead for so long.
    """
    dead = {pid for pid in children().get(os.getpid(), ()) if _stat(pid)[0] == "Z"}
    for pid in dead & seen:
        try:
            os.waitpid(pid, os.WNOHANG)
        except ChildProcessError:
            continue
    return dead - seen


def _stat(pid: int) -> tuple[str, int]:
    """(state, parent) of a process; ("", 0) when it is gone."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text(errors="replace").rpartition(")")[2].split()
    except OSError:
        return "", 0
    return fields[0], int(fields[1])
