"""`osconsole cluster node`: play faults on the sandbox nodes of an embedded cluster."""

from pathlib import Path

import click

from osconsole.embedded import cluster
from osconsole.embedded.nodes import control, spec

_FORM = "{:<20} {:<8} {:<34} {:<9} {:<22} {}"


@click.group()
def node() -> None:
    """Sandbox compute nodes: list them, or let one fail."""


_directory = click.option(
    "--dir",
    "directory",
    type=click.Path(file_okay=False, path_type=Path),
    default=cluster.default_directory,
    help="The cluster's directory.",
)


@node.command("list")
@_directory
def list_nodes(directory: Path) -> None:
    """Show each node: its state, how real it is, its SSH server and address."""
    _show(directory, control.Request("list"))


@node.command()
@click.argument("name")
@_directory
def off(name: str, directory: Path) -> None:
    """End a node as by loss of power."""
    _show(directory, control.Request("off", name))


@node.command()
@click.argument("name")
@_directory
def on(name: str, directory: Path) -> None:
    """Boot a node, or let a frozen one go on."""
    _show(directory, control.Request("on", name))


@node.command()
@click.argument("name")
@_directory
def freeze(name: str, directory: Path) -> None:
    """Stop every process of a node: its connections stay open and nobody answers."""
    _show(directory, control.Request("freeze", name))


def _show(directory: Path, request: control.Request) -> None:
    found = control.ask(spec.places(directory).home, request)
    click.echo(_FORM.format("NAME", "STATE", "LEVEL", "SERVER", "ADDRESS", "ROOT"))
    for one in found:
        if request.name in {"", one.name}:
            level = f"{one.level} ({spec.LEVELS[one.level]})"
            address = f"{one.user}@{one.address}:{one.port}"
            click.echo(_FORM.format(one.name, one.state, level, one.server, address, one.root or "/").rstrip())
            if one.problem:
                click.echo(f"  {one.problem}")
