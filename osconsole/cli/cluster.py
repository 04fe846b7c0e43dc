"""`osconsole cluster start|stop|status`: the embedded cluster by itself."""

import sys
from pathlib import Path

import click

from osconsole.cli.cluster_node import node
from osconsole.embedded import cluster as embedded
from osconsole.embedded.world.objects import WORLDS

_dir = click.option(
    "--dir",
    "directory",
    type=click.Path(path_type=Path, file_okay=False),
    default=embedded.default_directory,
    show_default="the state directory of the user",
    help="where the cluster keeps everything",
)


def _say(text: str) -> None:
    click.echo(text, err=True)


@click.group()
def cluster() -> None:
    """Run a Kubernetes cluster of our own on loopback."""


cluster.add_command(node)


@cluster.command()
@_dir
@click.option("--world", type=click.Choice(WORLDS), help="what a new cluster holds  [default: demo]")
@click.option("--nodes", type=click.IntRange(1, 64), help="compute nodes of a new demo world  [default: 3]")
def start(directory: Path, world: str | None, nodes: int | None) -> None:
    """Start the cluster, or make it; the last line is the path of its kubeconfig."""
    kubeconfig = embedded.start(directory, world or "", nodes=nodes or 0, say=_say)
    click.echo(str(kubeconfig))


@cluster.command()
@_dir
def stop(directory: Path) -> None:
    """Stop the cluster; its objects stay. Returns when every process is gone."""
    _say("stopped" if embedded.stop(directory) else f"no cluster runs in {directory}")


@cluster.command()
@_dir
def status(directory: Path) -> None:
    """Say what runs; exit 0 when all of it does, else 1."""
    state = embedded.status(directory)
    for name, pid in state.processes.items():
        click.echo(f"{name:<8} {f'runs (pid {pid})' if pid else 'does not run'}")
    if state.address:
        click.echo(f"address  {state.address}")
        click.echo(f"holds    {', '.join(f'{count} {plural}' for plural, count in state.counts.items())}")
    sys.exit(0 if state.running else 1)
