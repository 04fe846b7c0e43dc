"""Journal: what was decided and done in this context, newest first."""

import time
from collections.abc import Sequence

from osconsole.model.ref import KindKey, Ref
from osconsole.model.snapshot import Snapshot
from osconsole.ui.desk import Desk
from osconsole.ui.lines.source import Lines
from osconsole.ui.screens.reading import Reading
from osconsole.views import layout
from osconsole.views.rows import Line
from osconsole.views.text import clean

_PLACE = layout.Layout(version=1, title="journal", columns=((layout.Pane(show="transitions"),),))


class JournalScreen(Reading):
    """A `Place` of journal entries."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk, "journal", Lines(()), pointer=True)
        self._refs: list[Ref | None] = []

    def kinds(self) -> frozenset[KindKey]:
        """What the header needs."""
        return layout.watched(_PLACE)

    def refresh(self, snapshot: Snapshot, now: float) -> None:
        """Read the journal again."""
        entries = list(reversed(self.desk.session.journal()))
        self._refs = [entry.ref for entry in entries]
        lines: Sequence[Line] = [
            Line((
                (time.strftime("%Y-%m-%d %H:%M:%S  ", time.localtime(entry.at)), "quiet"),
                (f"{clean(entry.user)}@{clean(entry.origin)}  ", "quiet"),
                (clean(entry.did), ""),
                (f"  {clean(str(entry.ref))}" if entry.ref else "", "quiet"),
                (f"  {clean(entry.result)}", "good" if entry.result == "done" else "bad"),
            ))
            for entry in entries
        ]  # fmt: skip
        self.text.replace(Lines(lines or [Line((("nothing was done from here yet", "quiet"),))]))

    def subject(self) -> Ref | None:
        """The object of the selected entry."""
        at = self.text.selected
        return self._refs[at] if at is not None and at < len(self._refs) else None
