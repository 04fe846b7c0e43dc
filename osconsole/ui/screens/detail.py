"""Detail: one object in full: why it is as it is, its conditions, its YAML, its Events."""

import asyncio

from osconsole.model.ref import KindKey, Ref
from osconsole.model.resource import Resource
from osconsole.model.snapshot import Snapshot
from osconsole.ui.desk import Desk
from osconsole.ui.lines.source import Lines
from osconsole.ui.screens.reading import Reading
from osconsole.views import detail, layout
from osconsole.views.rows import Line

PARTS = detail.PARTS
_PLACE = layout.Layout(version=1, title="detail", columns=((layout.Pane(show="tree"),),))


class DetailScreen(Reading):
    """A `Place` about one object; Tab goes through the parts."""

    def __init__(self, desk: Desk, ref: Ref, part: str = "summary") -> None:
        super().__init__(desk, ref.short, Lines(()), pointer=True)
        self.ref = ref
        self.part = part
        self._shown: tuple[Line, ...] = ()
        self._fresh: Resource | None = None  # what is watched does not hold who owns what
        self._asked = ""
        self._reading: asyncio.Task[None] | None = None

    def kinds(self) -> frozenset[KindKey]:
        """The kind, Events, and all that may explain it."""
        return layout.watched(_PLACE) | {KindKey(self.ref.group, self.ref.kind), KindKey("", "Event")}

    def refresh(self, snapshot: Snapshot, now: float) -> None:
        """The part that is shown, as of now."""
        resource = snapshot.get(self.ref)
        titles = "  ".join(part.upper() if part == self.part else part for part in PARTS)
        self.slot.title = f"{self.ref}  {titles}"
        if resource is None:
            gone = "is gone; this is how it was last" if self._shown else "is not known (yet)"
            self.slot.note = gone
            return
        if self.part == "writers":
            resource = self._owned(resource)
        found = detail.lines(resource, snapshot, now, self.part)
        self.note()
        if found != self._shown:
            self._shown = found
            self.text.replace(Lines(found))

    def _owned(self, resource: Resource) -> Resource:
        """The object as it was read last; it is read once more for each version that is seen."""
        idle = self._reading is None and self.desk.session.status.state == "live"
        if idle and resource.version != self._asked:
            self._asked = resource.version
            self._reading = self.desk.start(self._ask(), f"reading {self.ref}")
        return self._fresh or resource

    async def _ask(self) -> None:
        try:
            self._fresh = await self.desk.session.read(self.ref) or self._fresh
        finally:
            self._reading = None
        self.desk.renew()

    def leave(self) -> None:
        """Nothing is read for a screen that is not shown."""
        if self._reading:
            self._reading.cancel()

    def subject(self) -> Ref:
        """The object itself."""
        return self.ref

    def _turn(self, by: int) -> None:
        self.turn_to(PARTS[(PARTS.index(self.part) + by) % len(PARTS)])

    def turn_to(self, part: str) -> None:
        """Show another part."""
        self.part = part
        self.text.end(top=True)
        self.desk.renew()

    def do_next_pane(self) -> None:
        """The next part."""
        self._turn(1)

    def do_previous_pane(self) -> None:
        """The part before."""
        self._turn(-1)

    def do_yaml(self) -> None:
        """As YAML."""
        self.turn_to("yaml")

    def do_detail(self) -> None:
        """In short."""
        self.turn_to("summary")

    def do_open(self) -> None:
        """Go to the object that the line names."""
        at = self.text.selected
        ref = self._shown[at].ref if at is not None and at < len(self._shown) else None
        if ref and ref != self.ref:
            self.desk.open(DetailScreen(self.desk, ref))
