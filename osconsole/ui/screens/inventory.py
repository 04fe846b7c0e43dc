"""Inventory: what Ansible is told about the hosts of a NodeSet, or about one of them; values of secrets are hidden."""

import asyncio
import time

from osconsole.errors import OsconsoleError
from osconsole.model.ref import KindKey, Ref
from osconsole.model.resource import Resource
from osconsole.model.snapshot import Snapshot
from osconsole.ui.desk import Desk
from osconsole.ui.lines.source import Lines
from osconsole.ui.screens.reading import Reading
from osconsole.views import facts, inventory, layout
from osconsole.views.detail import body_lines
from osconsole.views.rows import Line
from osconsole.views.text import clean

_PLACE = layout.Layout(version=1, title="inventory", columns=((layout.Pane(show="tree"),),))


class InventoryScreen(Reading):
    """A `Place` of the inventory as it was read last; it is read again whenever its NodeSet is set up anew."""

    def __init__(self, desk: Desk, ref: Ref, host: str = "") -> None:
        super().__init__(desk, f"inventory {host or ref.name}", Lines(()), pointer=True)
        self._ref = ref
        self._host = host
        self._asked: tuple[object, ...] | None = None
        self._reading: asyncio.Task[None] | None = None
        self._said = "reading"

    def kinds(self) -> frozenset[KindKey]:
        """NodeSets and Deployments, with all that every screen watches."""
        return layout.watched(_PLACE)

    def subject(self) -> Ref:
        """The NodeSet."""
        return self._ref

    def refresh(self, snapshot: Snapshot, now: float) -> None:
        """Ask again if another inventory is there by now."""
        of = f"{self._host} of " if self._host else ""
        self.slot.title = f"inventory of {of}{self._ref.short}, secrets hidden"
        nodeset = snapshot.get(self._ref)
        if nodeset is None:
            self._said = "is not known (yet)"
        elif self._reading is None:
            state = [facts.value(nodeset, "status", name) for name in ("configHash", "inventorySecretName")]
            if (wanted := (nodeset.generation, *state)) != self._asked:
                self._asked = wanted
                self._reading = self.desk.start(self._read(nodeset), "reading the inventory")
        self.note()

    def note(self) -> None:
        """When it was read, what is sought."""
        super().note()
        self.slot.note = "  ".join(word for word in (self._said, self.slot.note) if word)

    def enter(self) -> None:
        """Read it anew."""
        self._asked = None

    def leave(self) -> None:
        """Nothing is read for a screen that is not shown."""
        if self._reading:
            self._reading.cancel()
            self._reading = None

    async def _read(self, nodeset: Resource) -> None:
        session = self.desk.session
        try:
            shown = inventory.of(await session.inventory(nodeset), self._host, self._ref.name)
            head = inventory.head(shown, self._host, nodeset, session.snapshot)
            lines = [*(Line(((f"# {clean(line)}", "quiet"),)) for line in head), *body_lines(shown)]
            self.text.replace(Lines(lines))
            self._said = f"read {time.strftime('%H:%M:%S', time.localtime(session.now()))}"
        except OsconsoleError as error:
            self.text.replace(Lines([Line(((clean(str(error)), "bad"),))]))
            self._said = ""
        finally:
            self._reading = None
        self.desk.renew()
