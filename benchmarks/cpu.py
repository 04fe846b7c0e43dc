"""CPU time and memory of processes, from /proc: of this one, of another, of a whole family."""

import os
import time
from collections.abc import Iterable
from pathlib import Path

_TICKS = os.sysconf("SC_CLK_TCK")


def own_s() -> float:
    """CPU seconds of this process so far."""
    return time.process_time()


def precise_s(pid: int) -> float:
    """CPU seconds of all threads of a living process, to the nanosecond where the kernel tells."""
    total = 0
    try:
        for task in os.listdir(f"/proc/{pid}/task"):
            total += int(Path(f"/proc/{pid}/task/{task}/schedstat").read_text().split()[0])
    except FileNotFoundError:
        return of_s([pid])
    return total / 1e9


def of_s(pids: Iterable[int]) -> float:
    """CPU seconds of processes and of those children of theirs that were waited for; one that is gone counts 0."""
    total = 0
    for pid in pids:
        try:
            text = Path(f"/proc/{pid}/stat").read_text(errors="replace")
        except OSError:
            continue
        total += sum(int(value) for value in text[text.rindex(")") + 2 :].split()[11:15])
    return total / _TICKS


def family(pid: int) -> set[int]:
    """A process and everything that descends from it now."""
    parents: dict[int, int] = {}
    for entry in os.listdir("/proc"):
        if not entry.isdigit():
            continue
        try:
            text = Path(f"/proc/{entry}/stat").read_text(errors="replace")
        except OSError:
            continue
        parents[int(entry)] = int(text[text.rindex(")") + 2 :].split()[1])
    found = {pid}
    while more := {child for child, parent in parents.items() if parent in found} - found:
        found |= more
    return found


def resident_bytes(pid: int) -> int:
    """Resident memory of a process."""
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def shared_bytes(pid: int) -> int:
    """Memory of a process where a page that n processes share counts for one n-th (PSS)."""
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("Pss:")) * 1024
