"""The screen of a layout: its panes side by side, above each other, or as tabs, as the terminal allows."""

from osconsole.model.ref import KindKey, Ref
from osconsole.model.snapshot import Snapshot
from osconsole.ui.desk import Desk
from osconsole.ui.lines.grid import Grid
from osconsole.ui.screens.paneview import PaneView
from osconsole.ui.screens.texts import TextSheet
from osconsole.ui.widgets.table import TableWidget
from osconsole.views import judged, reports
from osconsole.views import layout as layouts
from osconsole.views.rows import Row


class LayoutScreen:
    """A `Place` made from a layout; `file` is the name by which that is read again, "" where no file tells it."""

    context = "table"

    def __init__(self, desk: Desk, found: layouts.Layout, file: str = "") -> None:
        self.file = file
        self.about: Ref | None = None  # the object that the panes are about, where they are about one
        self._desk = desk
        self._all: list[PaneView] = []
        self.lay(found)

    def lay(self, found: layouts.Layout) -> None:
        """Be made from a layout; a pane that stays as it was keeps its rows, filter and selection."""
        before = {view.pane: view for view in self._all}
        self.layout, self.name = found, found.title
        self.views = [
            [before.pop(pane) if pane in before else PaneView(pane) for pane in column] for column in found.columns
        ]
        self.body = Grid([[view.slot for view in column] for column in self.views], found.widths)
        self._all = [view for column in self.views for view in column]
        self._focus()

    @property
    def view(self) -> PaneView:
        """The pane that has the keys."""
        return next(view for view in self._all if view.slot is self.body.focus)

    @property
    def table(self) -> TableWidget:
        """Its widget."""
        return self.view.table

    def _focus(self) -> None:
        for view in self._all:
            view.table.focused = view.slot is self.body.focus

    def kinds(self) -> frozenset[KindKey]:
        """What the panes and the judgements behind them read."""
        return layouts.watched(self.layout)

    def refresh(self, snapshot: Snapshot, now: float) -> None:
        """Only panes that are on screen."""
        scope = self._desk.session.status.namespace
        shown = self.body.visible
        for view in self._all:
            if not shown or view.slot in shown:
                view.refresh(snapshot, scope, now, self.about)
                self._desk.behind |= view.behind

    def subject(self) -> Ref | None:
        """The selected object."""
        row = self.table.row
        return row.ref if row else None

    def marked(self) -> tuple[Ref, ...]:
        """The marked objects, else the selected one."""
        found = tuple(row.ref for row in self.table.list.chosen if row.ref)
        subject = self.subject()
        return found or ((subject,) if subject else ())

    def clear(self) -> bool:
        """Filter first, then marks."""
        listing = self.table.list
        had = bool(listing.needle or listing.marked)
        if listing.needle:
            self.filter("")
        else:
            listing.marked.clear()
        self.view.note()
        return had

    def filter(self, needle: str) -> None:
        """Narrow the pane that has the keys."""
        self.table.list.filter(needle)
        self.view.note()

    def work(self) -> bool:
        """Let big tables grow."""
        return any(view.work() for view in self._all)

    def enter(self) -> None:
        """Nothing to start."""

    def leave(self) -> None:
        """Nothing to stop."""

    # Keys

    def do_filter(self) -> None:
        """Ask for a filter; it works while it is typed."""
        before = self.table.list.needle
        self._desk.prompt(
            "/", self.filter, text=before, changed=self.filter, left=lambda: self.filter(before if before else "")
        )

    def do_open(self) -> None:
        """Unfold, or show the object."""
        row = self.table.row
        if row is None:
            return
        if self.about is None and row.ref == row.key and row.ref and row.ref.kind == "OpenStackDataPlaneDeployment":
            self._desk.do("deployment")
        elif row.fold and self._foldable(row):
            self._fold(row, opened=row.fold == "shut")
        elif row.ref and row.ref.kind == "Namespace":
            self._desk.session.scope(row.ref.name)
            self._desk.do("back")
        elif reports.find(self.view.pane.show, self.view.pane.checks):
            name = row.cells[1].text.strip()
            self._desk.show(TextSheet(name, judged.whole(row, self.table.table.columns), wrap=True))
        else:
            self._desk.do("detail")

    def _foldable(self, row: Row) -> bool:
        return isinstance(row.key, Ref)

    def _fold(self, row: Row, *, opened: bool) -> None:
        if isinstance(row.key, Ref):
            self.view.folds[row.key] = opened
            self._desk.renew()

    def do_right(self) -> None:
        """Unfold."""
        row = self.table.row
        if row and row.fold == "shut" and self._foldable(row):
            self._fold(row, opened=True)

    def do_left(self) -> None:
        """Fold, or go to the row above that holds this one."""
        listing = self.table.list
        row = listing.row
        if row is None:
            return
        if row.fold == "open" and self._foldable(row):
            self._fold(row, opened=False)
            return
        for at in range(listing.at - 1, -1, -1) if row.depth else ():
            if listing.shown[at].depth < row.depth:
                listing.go(at)
                return

    def do_next_pane(self) -> None:
        """The next pane has the keys."""
        self.body.move_focus(1)
        self._focus()
        self._desk.renew()

    def do_previous_pane(self) -> None:
        """The pane before has the keys."""
        self.body.move_focus(-1)
        self._focus()
        self._desk.renew()

    def do_mark(self) -> None:
        """Mark the row and go on."""
        self.table.list.mark()
        self.table.list.move(1)
        self.view.note()

    def move(self, by: int) -> None:
        """Select another row."""
        self.table.list.move(by)

    def page(self) -> int:
        """Rows of a page."""
        return self.table.list.height

    def end(self, *, top: bool) -> None:
        """Select the first or the last row."""
        self.table.list.go(0 if top else len(self.table.list.shown) - 1)

    def do_sort_name(self) -> None:
        """By name."""
        self.table.sort_by("NAME")

    def do_sort_age(self) -> None:
        """By age."""
        self.table.sort_by("AGE")

    def do_sort_state(self) -> None:
        """Worst first."""
        self.table.sort_by("S")

    def do_sort_next(self) -> None:
        """By the column at the right."""
        self.table.shift_sort(1)

    def do_sort_previous(self) -> None:
        """By the column at the left."""
        self.table.shift_sort(-1)

    def do_sort_turn(self) -> None:
        """The other way round."""
        if self.table.list.order:
            self.table.list.sort(self.table.list.order[0])
