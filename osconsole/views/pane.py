"""One door for every pane: its content as a Table, whatever it shows."""

import operator
from collections.abc import Callable, Mapping

from osconsole.model.ref import Ref
from osconsole.model.snapshot import Snapshot
from osconsole.views import board, deployments, nodes, reports, single, table, timeline, tree
from osconsole.views.layout import Pane
from osconsole.views.reports import Report
from osconsole.views.rows import Table
from osconsole.views.table import Memo

RENEW_S = 10.0  # what the clock alone changes in a report is shown so much later at the most


_PLAIN: dict[str, Callable[[Snapshot, str, float], Table]] = {
    "attention": board.attention,
    "running": board.running,
    "transitions": timeline.recent,
    "events": board.events,
}
_FOLDED: dict[str, Callable[[Snapshot, str, float, Mapping[Ref, bool]], Table]] = {
    "progress": deployments.rows,
    "nodes": nodes.rows,
}


def content(snapshot: Snapshot, pane: Pane, scope: str, now: float, *, folds: Mapping[Ref, bool], memo: Memo) -> Table:
    """What a pane shows in a namespace ("" for all); `folds` and `memo` belong to the pane on screen."""
    if pane.show == "table":
        return table.rows(snapshot, pane, scope, now, memo)
    if pane.show == "tree":
        return tree.rows(snapshot, pane, scope, now, folds)
    if plain := _PLAIN.get(pane.show):
        return plain(snapshot, scope, now)
    if folded := _FOLDED.get(pane.show):
        return folded(snapshot, scope, now, folds)
    if pane.show in single.PANES:
        return single.rows(pane.show, snapshot, scope, now)
    report = reports.find(pane.show, pane.checks)
    return _report(report, snapshot, scope, now, memo) if report else Table((), (), f"a pane cannot show {pane.show}")


def _report(report: Report, snapshot: Snapshot, scope: str, now: float, memo: Memo) -> Table:
    """Its rows; those of the last time while nothing that it reads has moved and the clock says little else."""
    sources = tuple(snapshot.objects.get(key) for key in report.reads)
    shape = (scope, *(snapshot.line(key, scope) for key in report.reads))
    before = memo.source
    same = isinstance(before, tuple) and len(before) == len(sources) and all(map(operator.is_, before, sources))
    if memo.table is None or not same or memo.shape != shape or now >= memo.until:
        memo.table = report.rows(snapshot, scope, now)
        memo.source, memo.shape, memo.until = sources, shape, now + RENEW_S
    return memo.table
