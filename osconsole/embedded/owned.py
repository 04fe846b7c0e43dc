"""The processes that a cluster owns: recorded, and ended with all they started.

A process is known by id and start time, so that a reused id is never mistaken for ours; what it started is found by
parentage, by session, and by a mark in the environment.
"""

import os
import signal
import time
from collections.abc import Iterable
from pathlib import Path

import msgspec

from osconsole.errors import OsconsoleError

MARK = "OSCONSOLE_CLUSTER"
_TERM_S = 15.0
_KILL_S = 10.0
_POLL_S = 0.02


class Process(msgspec.Struct, frozen=True):
    """One process: `started` is its start time in clock ticks since boot."""

    pid: int
    started: int
    name: str = ""


class _Stat(msgspec.Struct, frozen=True):
    """What /proc says of a process."""

    process: Process
    parent: int
    session: int


class Record:
    """DIR/processes.json: what was started for a cluster, in order."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._path = directory / "processes.json"

    def read(self) -> list[Process]:
        """What is recorded, alive or not."""
        try:
            return msgspec.json.decode(self._path.read_bytes(), type=list[Process])
        except (FileNotFoundError, msgspec.MsgspecError):
            return []

    def alive(self) -> dict[str, Process]:
        """The recorded processes that run, by name."""
        return {process.name: process for process in self.read() if is_alive(process)}

    def environment(self) -> dict[str, str]:
        """What a process of the cluster has around it: ours, and the mark by which it is found."""
        return {**os.environ, MARK: str(self._directory), "PYTHONUNBUFFERED": "1"}

    def add(self, name: str, pid: int) -> Process:
        """Record a process that was just started in a session of its own."""
        stat = _stat(pid)
        found = Process(pid, stat.process.started if stat else 0, name)
        kept = [process for process in self.read() if process.name != name]
        self._write([*kept, found])
        return found

    def end(self, name: str) -> None:
        """End one recorded process, by force where it takes too long."""
        found = self.alive().get(name)
        if found is None:
            return
        _signal([found], signal.SIGTERM)
        deadline = time.monotonic() + _TERM_S
        while is_alive(found):
            if time.monotonic() > deadline:
                _signal([found], signal.SIGKILL)
            time.sleep(_POLL_S)
        self._write([process for process in self.read() if process.name != name])

    def end_all(self) -> list[str]:
        """End every recorded process and all that they started; the names of those that ran."""
        owned = self.alive()
        _signal(owned.values(), signal.SIGTERM)
        deadline = time.monotonic() + _TERM_S
        family = self._family(owned.values())
        while time.monotonic() < deadline and any(is_alive(process) for process in owned.values()):
            family |= self._family(owned.values())
            time.sleep(_POLL_S)
        deadline = time.monotonic() + _KILL_S
        while left := {p for p in family | self._family(owned.values()) if is_alive(p)}:
            if time.monotonic() > deadline:
                pids = ", ".join(str(process.pid) for process in left)
                raise OsconsoleError(f"processes {pids} of the cluster in {self._directory} do not end: look at them")
            _signal(left, signal.SIGKILL)
            time.sleep(_POLL_S)
        self._write([])
        return list(owned)

    def _family(self, owned: Iterable[Process]) -> set[Process]:
        """What runs now and belongs to the cluster: recorded, started by one of those, or marked."""
        stats = _all()
        ours = {process.pid for process in owned if is_alive(process)}
        sessions = {process.pid for process in owned}
        mark = f"{MARK}={self._directory}".encode()
        found = {pid for pid, stat in stats.items() if stat.session in sessions or _marked(pid, mark)} | ours
        grown = True
        while grown:
            more = {pid for pid, stat in stats.items() if stat.parent in found} - found
            grown = bool(more)
            found |= more
        found.discard(os.getpid())
        return {stats[pid].process for pid in found if pid in stats}

    def _write(self, processes: list[Process]) -> None:
        part = self._path.with_suffix(".part")
        part.write_bytes(msgspec.json.encode(processes))
        part.replace(self._path)


def is_alive(process: Process) -> bool:
    """Whether this very process runs (a zombie does not)."""
    stat = _stat(process.pid)
    return stat is not None and stat.process.started == process.started


def _signal(processes: Iterable[Process], number: signal.Signals) -> None:
    for process in processes:
        if is_alive(process):
            try:
                os.kill(process.pid, number)
            except ProcessLookupError:
                continue


def _stat(pid: int) -> _Stat | None:
    try:
        text = Path(f"/proc/{pid}/stat").read_text(errors="replace")
    except OSError:
        return None
    # The name in parentheses may hold anything, so count from its end.
    fields = text[text.rindex(")") + 2 :].split()
    if fields[0] in ("Z", "X"):
        return None
    return _Stat(Process(pid, int(fields[19])), int(fields[1]), int(fields[3]))


def _all() -> dict[int, _Stat]:
    found = {}
    for entry in os.listdir("/proc"):
        stat = _stat(int(entry)) if entry.isdigit() else None
        if stat is not None:
            found[stat.process.pid] = stat
    return found


def _marked(pid: int, mark: bytes) -> bool:
    try:
        return mark in Path(f"/proc/{pid}/environ").read_bytes().split(b"\0")
    except OSError:
        return False
