"""Operator: what the operators write about one object, as it comes; other lines are let go."""

from collections.abc import AsyncIterator

from osconsole.model.logs import LogLine
from osconsole.model.ref import Ref
from osconsole.model.snapshot import Snapshot
from osconsole.ui.desk import Desk
from osconsole.ui.screens.logs import LogsScreen
from osconsole.views.operatorlog import About

TAIL = 2000  # lines of each operator from before, among which those about the object are looked for


class OperatorScreen(LogsScreen):
    """A `Place` like the logs of an object, only that others write them."""

    def __init__(self, desk: Desk, ref: Ref) -> None:
        super().__init__(desk, (ref,))
        self.name = f"operator {ref.short}"
        self._ref = ref

    def refresh(self, snapshot: Snapshot, now: float) -> None:
        """The title; lines come by themselves."""
        self.slot.title = f"what operators write about {self._ref.short}, in the last {TAIL:,} lines of each"
        self.note()

    async def _lines(self) -> AsyncIterator[LogLine]:
        pods, container = await self.desk.session.operators()
        choice = {"container": self._container or container, "follow": not self._previous, "previous": self._previous}
        filters: dict[tuple[Ref, str], About] = {}
        async for line in self.desk.session.logs(pods, tail=TAIL, **choice):
            about = filters.setdefault((line.pod, line.container), About(self._ref))
            if line.mark or about.take(line.text):
                yield line
