"""Layouts: what each screen shows, as data. One YAML document a screen; adding one touches no Python.

A layout has columns of panes. On a small terminal the columns after the first become tabs under it.
"""

from typing import Literal

import msgspec

from osconsole.documents import decode
from osconsole.errors import DocumentError
from osconsole.model import kinds
from osconsole.model.ref import KindKey
from osconsole.views import reports
from osconsole.views.checks.table import CHECKS
from osconsole.views.columns import COLUMNS


class Pane(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One pane.

    Attributes:
        title: stands in the rule above it; "" draws none.
        show: what it is made of: "table" of one kind, "tree" under the roots, "attention" (worst problem first),
            "running" (what runs now), "transitions" (what happened), "events" (Kubernetes Events),
            "progress" (a deployment, service by service), "nodes" (NodeSets, their hosts and what each host got),
            "checks" (what OpenStack stands on), a report of `views.reports`, or of the Deployment that the screen is
            about: "deployment" (every service), "matrix" (hosts by services), "failures", "tail" (its newest output).
        kind: of a table.
        roots: kinds at the top of a tree.
        columns: names of `views.columns`; empty takes the kind's own.
        unfold: how many levels of a tree are open at first.
        checks: names of `views.checks`; empty takes all.
        sort: a column's name, with "-" in front for the largest first.
        weight: share of the height of its column.
    """

    show: Literal[
        "table", "tree", "attention", "running", "transitions", "events", "progress", "nodes",
        "checks", "quorum", "update", "images", "certificates", "backups",
        "deployment", "matrix", "failures", "tail", "coverage",
    ]  # fmt: skip
    title: str = ""
    kind: str = ""
    roots: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()
    unfold: int = 1
    checks: tuple[str, ...] = ()
    sort: str = ""
    weight: int = 1

    @property
    def subject(self) -> kinds.Kind | None:
        """The kind of a table, None for other panes."""
        return kinds.find(self.kind) if self.kind else None


class ServedPane(Pane, frozen=True, kw_only=True):
    """The table of a kind as the server serves it, which need not be one of ours; no document says that."""

    served: kinds.Kind

    @property
    def subject(self) -> kinds.Kind | None:
        """That kind."""
        return self.served


class Layout(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A screen: `columns` of panes from left to right, each with its `width` as a share.

    `watch` names further kinds that its rules need, beside those that the panes show.
    """

    version: Literal[1]
    title: str
    columns: tuple[tuple[Pane, ...], ...]
    widths: tuple[int, ...] = ()
    about: str = ""
    watch: tuple[str, ...] = ()

    @property
    def panes(self) -> tuple[Pane, ...]:
        """All panes, column by column."""
        return tuple(pane for column in self.columns for pane in column)


def layout(text: str, source: str) -> Layout:
    """A layout from YAML.

    Raises:
        DocumentError: unknown key, kind or column, with file and line where known.
    """
    found = decode(text, Layout, source)
    for pane in found.panes:
        for word in (*pane.roots, *((pane.kind,) if pane.kind else ())):
            _known_kind(word, source)
        for name in pane.columns:
            if name not in COLUMNS:
                raise DocumentError(
                    f"{source}: pane '{pane.title}': unknown column '{name}': known are {', '.join(COLUMNS)}"
                )
        for name in pane.checks:
            if name not in CHECKS:
                raise DocumentError(
                    f"{source}: pane '{pane.title}': unknown check '{name}': known are {', '.join(CHECKS)}"
                )
        if pane.show == "table" and not pane.kind:
            raise DocumentError(f"{source}: pane '{pane.title}' shows a table: say of which 'kind'")
    for word in found.watch:
        _known_kind(word, source)
    return found


def _known_kind(word: str, source: str) -> None:
    if kinds.find(word) is None:
        raise DocumentError(f"{source}: unknown kind '{word}': see osconsole/model/kinds.py for those that are known")


# What the judgements behind every screen read: the header tells of the whole control plane, and of runs.
ALWAYS = (
    *("Pod", "Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "Job", "ConfigMap"),
    *(kind.kind for kind in kinds.KINDS if kind.group.endswith("openstack.org")),
)


def watched(found: Layout) -> frozenset[KindKey]:
    """The kinds that must be watched while the layout is on screen."""
    words = {*ALWAYS, *found.watch}
    for pane in found.panes:
        words.update(pane.roots)
        if pane.show in {"events", "transitions"}:
            words.add("Event")
    named = {kind.key for word in words if (kind := kinds.find(word))}
    named |= {pane.subject.key for pane in found.panes if pane.subject}
    return frozenset(named.union(*(reports.reads(pane.show, pane.checks) for pane in found.panes)))


def generic(kind: kinds.Kind) -> Layout:
    """The layout of `:kind` for a kind that has no file of its own."""
    pane = ServedPane(show="table", kind=kind.kind, title=kind.plural, served=kind)
    return Layout(version=1, title=kind.plural, columns=((pane,),))
