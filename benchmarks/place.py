"""An embedded cluster (and an operator beside it) for as long as a measurement takes."""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec

from osconsole.embedded import cluster

PROGRAM = (sys.executable, "-m", "osconsole")


@contextmanager
def running(world: str) -> Iterator[Path]:
    """The kubeconfig of a new cluster; nothing of it is left afterwards."""
    home = Path(tempfile.mkdtemp(prefix="osconsole-bench-"))
    try:
        yield cluster.start(home / "cluster", world)
    finally:
        cluster.stop(home / "cluster")
        shutil.rmtree(home, ignore_errors=True)


def environment(kubeconfig: Path) -> dict[str, str]:
    """An environment in which our program touches nothing outside the cluster's directory."""
    home = kubeconfig.parent.parent
    kinds = {f"XDG_{kind}_HOME": str(home / kind.lower()) for kind in ("CONFIG", "STATE", "DATA", "CACHE")}
    # As a person's shell has it: modules that were compiled once are not compiled at every start.
    ours = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return {**ours, **kinds, "KUBECONFIG": str(kubeconfig), "TERM": "xterm-256color", "COLORTERM": "truecolor"}


@contextmanager
def operator(kubeconfig: Path) -> Iterator[subprocess.Popen[bytes]]:
    """The operator, reconciling."""
    with (kubeconfig.parent.parent / "operator.log").open("ab") as log:
        argv = [*PROGRAM, "operator", "--kubeconfig", str(kubeconfig)]
        child = subprocess.Popen(argv, env=environment(kubeconfig), stdout=log, stderr=log, stdin=subprocess.DEVNULL)
        try:
            yield child
        finally:
            child.terminate()
            child.wait(20)


def processes(kubeconfig: Path) -> dict[str, int]:
    """Process ids of the cluster's parts, by name."""
    found: list[dict[str, Any]] = msgspec.json.decode((kubeconfig.parent / "processes.json").read_bytes())
    return {entry["name"]: entry["pid"] for entry in found}
