"""Processes that belong to a pod though nobody holds their pid any more.

A shim and every descendant of its process inherit `OSCONSOLE_POD_ROOT`: that is how they are found after shim and agent
have been killed. Whoever stops a whole cluster calls `end_marked` with the folder of all pods.
"""

import os
import signal
import time
from pathlib import Path

_ROOT = b"OSCONSOLE_POD_ROOT="


def end_marked(folder: Path, patience_s: float = 2.0) -> int:
    """Kill every process of the pod, or of all the pods, under `folder`; how many there were.

    Zombies have no environment any more, so this ends as soon as the last one is dead.
    """
    mark = _ROOT + os.fsencode(folder) + b"/"
    ended: set[int] = set()
    deadline = time.monotonic() + patience_s
    while time.monotonic() < deadline:
        marked = _marked(mark)
        if not marked:
            break
        for pid in marked:
            ended.add(pid)
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                continue
        time.sleep(0.01)
    return len(ended)


def _marked(mark: bytes) -> list[int]:
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and int(entry.name) != os.getpid():
            try:
                variables = (entry / "environ").read_bytes().split(b"\0")
            except OSError:
                continue
            if any(variable.startswith(mark) for variable in variables):
                found.append(int(entry.name))
    return found
