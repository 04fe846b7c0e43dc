"""Panes about one Deployment: the one that the screen is about, else the one under way, else the newest."""

from collections.abc import Callable

from osconsole.model.ref import Ref
from osconsole.model.resource import Resource
from osconsole.model.snapshot import Snapshot
from osconsole.views import deployments, matrix
from osconsole.views.rows import Table

PANES: dict[str, Callable[[Resource, Snapshot, float], Table]] = {
    "deployment": deployments.one,
    "matrix": lambda found, snapshot, _: matrix.rows(found, snapshot),
    "failures": lambda found, snapshot, _: matrix.failures(found, snapshot),
    "tail": lambda found, snapshot, _: matrix.tail(found, snapshot),
}


def rows(show: str, snapshot: Snapshot, scope: str, now: float, about: Ref | None = None) -> Table:
    """The rows of a pane of PANES."""
    found = deployments.chosen(about, snapshot, scope)
    if found is None:
        return Table((), (), f"{about.short} is gone" if about else "no Deployment: D on a NodeSet makes one")
    return PANES[show](found, snapshot, now)
