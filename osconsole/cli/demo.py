"""`osconsole demo`: an embedded cluster, the operator and the console in one command.

The console runs in this process and knows nothing of the demo; leaving it stops what was started here.
"""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from osconsole.embedded import cluster
from osconsole.errors import UsageError

_GRACE_S = 15.0


@click.command()
@click.option(
    "--nodes", type=click.IntRange(1, 64), default=3, show_default=True, help="Compute nodes of a new cluster."
)
@click.option("--keep", is_flag=True, help="Leave the cluster and the operator running, with their objects.")
@click.option("--dir", "directory", type=click.Path(path_type=Path, file_okay=False), help="Where the cluster lives.")
def demo(nodes: int, keep: bool, directory: Path | None) -> int:
    """A whole OpenStack on this machine: control plane, compute nodes, real Ansible, and the console on it."""
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise UsageError("the demo needs a terminal: run it in one, or use `osconsole cluster start` and `operator`")
    with _place(directory, keep=keep) as place, _running(place, nodes, keep=keep) as kubeconfig:
        code = _console(kubeconfig)
    if keep:
        click.echo(f"kept: KUBECONFIG={kubeconfig}\n      osconsole cluster stop --dir {place} ends it", err=True)
    return code


def _console(kubeconfig: Path) -> int:
    """The console as `osconsole --kubeconfig FILE` runs it."""
    from osconsole.cli.console import console

    found = console.main(["--kubeconfig", str(kubeconfig)], standalone_mode=False)
    return found if isinstance(found, int) else 0


@contextmanager
def _place(directory: Path | None, *, keep: bool) -> Iterator[Path]:
    """The directory: the one that was named, else one that lives as long as the demo."""
    if directory is not None or keep:
        yield (directory or cluster.default_directory()).resolve()
        return
    made = Path(tempfile.mkdtemp(prefix="osconsole-demo-"))
    try:
        yield made
    finally:
        shutil.rmtree(made, ignore_errors=True)


@contextmanager
def _running(place: Path, nodes: int, *, keep: bool) -> Iterator[Path]:
    """The cluster with its operator; both end with the block unless they are kept."""
    click.echo("starting a cluster with an OpenStack control plane and compute nodes", err=True)
    kubeconfig = cluster.start(place, "demo", nodes=nodes, say=lambda text: click.echo(f"  {text}", err=True))
    operator = _operator(kubeconfig, place)
    try:
        yield kubeconfig
    finally:
        if not keep:
            _end(operator)
            cluster.stop(place)


def _operator(kubeconfig: Path, place: Path) -> subprocess.Popen[bytes]:
    log = os.open(place / "logs" / "operator.log", os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
    try:
        argv = [sys.executable, "-m", "osconsole", "operator", "--kubeconfig", str(kubeconfig)]
        return subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True)
    finally:
        os.close(log)


def _end(operator: subprocess.Popen[bytes]) -> None:
    operator.send_signal(signal.SIGTERM)
    try:
        operator.wait(_GRACE_S)
    except subprocess.TimeoutExpired:
        operator.kill()
        operator.wait()
