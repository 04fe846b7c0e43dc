"""What differs between two moments, as a table that stays as it is."""

from osconsole.model.ref import KindKey
from osconsole.model.snapshot import Snapshot
from osconsole.ui.desk import Desk
from osconsole.ui.screens.layout import LayoutScreen
from osconsole.views import layout
from osconsole.views.layout import Layout, Pane
from osconsole.views.rows import Table


class CompareScreen(LayoutScreen):
    """A `Place` of differences, found when it was opened."""

    def __init__(self, desk: Desk, title: str, found: Table) -> None:
        super().__init__(desk, Layout(version=1, title=title, columns=((Pane(show="transitions", title=title),),)))
        self._found = found

    def kinds(self) -> frozenset[KindKey]:
        """What every screen needs."""
        return layout.watched(self.layout)

    def refresh(self, snapshot: Snapshot, now: float) -> None:
        """Nothing moves in the past."""
        self.table.put(self._found)
        self.view.note()
