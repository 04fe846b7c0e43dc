"""`osconsole demo`: an embedded cluster, the operator and the console in one command.

The console runs in this process and knows nothing of the demo; leaving it stops what was started here.
"""

import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from osconsole.cli.signals import ended_in_order, undisturbed
from osconsole.embedded import cluster
from osconsole.errors import UsageError

_OPERATOR = "operator"


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
    with ended_in_order(), _place(directory, keep=keep) as place, _running(place, nodes, keep=keep) as kubeconfig:
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
    """The cluster with its operator; what was started here ends with the block unless it is kept."""
    before = cluster.status(place).processes
    click.echo("starting a cluster with an OpenStack control plane and compute nodes", err=True)
    kubeconfig = cluster.start(place, "demo", nodes=nodes, say=lambda text: click.echo(f"  {text}", err=True))
    try:
        if not before.get(_OPERATOR):
            argv = [sys.executable, "-m", "osconsole", "operator", "--kubeconfig", str(kubeconfig)]
            cluster.accompany(place, _OPERATOR, argv)
        yield kubeconfig
    finally:
        with undisturbed():
            if not keep:
                _end(place, before)


def _end(place: Path, before: dict[str, int]) -> None:
    """End what did not run before: the operator first, while it can still say that it leaves."""
    if not before.get(_OPERATOR):
        cluster.end(place, _OPERATOR)
    if not all(before.values()):
        cluster.stop(place)
