"""One door for every pane: its content as a Table, whatever it shows."""

from collections.abc import Mapping

from osconsole.model.ref import Ref
from osconsole.model.snapshot import Snapshot
from osconsole.views import board, nodes, progress, table, tree
from osconsole.views.layout import Pane
from osconsole.views.rows import Table
from osconsole.views.table import Memo


def content(snapshot: Snapshot, pane: Pane, scope: str, now: float, *, folds: Mapping[Ref, bool], memo: Memo) -> Table:
    """What a pane shows in a namespace ("" for all); `folds` and `memo` belong to the pane on screen."""
    match pane.show:
        case "table":
            return table.rows(snapshot, pane, scope, now, memo)
        case "tree":
            return tree.rows(snapshot, pane, scope, now, folds)
        case "attention":
            return board.attention(snapshot, scope, now)
        case "running":
            return board.running(snapshot, scope, now)
        case "transitions":
            return board.transitions(snapshot, scope)
        case "events":
            return board.events(snapshot, scope, now)
        case "progress":
            return progress.rows(snapshot, scope, now, folds)
        case "nodes":
            return nodes.rows(snapshot, scope, now, folds)
