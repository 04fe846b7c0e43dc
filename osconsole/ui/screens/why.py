"""Why: the chain from one object to the cause of its trouble, live; Enter goes to what a step is about."""

import asyncio

from osconsole.evidence import learn
from osconsole.model.connection import REPLAY
from osconsole.model.evidence import NONE, Evidence, Want
from osconsole.model.ref import KindKey, Ref
from osconsole.model.snapshot import Snapshot
from osconsole.ui.desk import Desk
from osconsole.ui.lines.source import Lines
from osconsole.ui.screens.detail import DetailScreen
from osconsole.ui.screens.logs import LogsScreen
from osconsole.ui.screens.reading import Reading
from osconsole.views import layout
from osconsole.views.rows import Line
from osconsole.views.why.explain import explain
from osconsole.views.why.explanation import Explanation
from osconsole.views.why.hosts import HOST
from osconsole.views.why.lines import lines

AGAIN_S = 15.0  # after so long, objects that are not watched are read again
# What explains beside that which every screen watches.
MORE = ("Event", "PersistentVolumeClaim", "Node", "Certificate", "Issuer", "Service")
_PLACE = layout.Layout(version=1, title="why", columns=((layout.Pane(show="tree"),),), watch=MORE)


class WhyScreen(Reading):
    """A `Place` about the trouble of one object. What the explanation would like to read is read while it is shown."""

    def __init__(self, desk: Desk, ref: Ref) -> None:
        super().__init__(desk, f"why {ref.short}", Lines(()), pointer=True)
        self.text.wrap = True  # the sentence is what one came for
        self.ref = ref
        self.found: Explanation | None = None
        self._shown: tuple[Line, ...] = ()
        self._evidence = NONE
        self._read_at = 0.0
        self._reading: asyncio.Task[None] | None = None

    def kinds(self) -> frozenset[KindKey]:
        """The kind, and all that may explain it."""
        own = set() if self.ref.kind == HOST else {KindKey(self.ref.group, self.ref.kind)}
        return layout.watched(_PLACE) | own

    def refresh(self, snapshot: Snapshot, now: float) -> None:
        """The explanation as of now."""
        self.found = explain(self.ref, snapshot, now, self._evidence)
        self.slot.title = f"why {self.ref}"
        shown = lines(self.found, now)
        if shown != self._shown:
            self._shown = shown
            self.text.replace(Lines(shown))
        self.note()
        known = self._evidence
        if self.found.wants:
            self._read(self.found.wants, known)
        elif (known.objects or known.refused) and now - self._read_at > AGAIN_S:  # logs end with their container's life
            self._read((*known.objects, *known.refused), Evidence(logs=known.logs))

    def note(self) -> None:
        """What is sought, and that something is being read."""
        super().note()
        if self._reading and not self._reading.done():
            self.slot.note += "  reading more"

    def leave(self) -> None:
        """Nothing is read for a screen that is not shown."""
        if self._reading:
            self._reading.cancel()
            self._reading = None

    def _read(self, wants: tuple[Want, ...], known: Evidence) -> None:
        live = self.desk.session.status.state in {"live", REPLAY}
        if live and (self._reading is None or self._reading.done()):
            self._reading = self.desk.start(self._learn(wants, known), "reading what explains it")

    async def _learn(self, wants: tuple[Want, ...], known: Evidence) -> None:
        self._evidence = await learn(self.desk.session, wants, known)
        self._read_at = self.desk.session.now()
        self._reading = None
        self.desk.renew()

    def subject(self) -> Ref:
        """The object of the selected step."""
        at = self.text.selected
        ref = self._shown[at].ref if at is not None and at < len(self._shown) else None
        return ref or self.ref

    def do_open(self) -> None:
        """Go to what the step is about: its log, or its object."""
        at, steps = self.text.selected or 0, self.found.steps if self.found else ()
        step = steps[at - 1] if 0 < at <= len(steps) else None  # the first line is the sentence
        if step and step.what == "log":
            self.desk.open(LogsScreen(self.desk, (step.ref,)))
        else:
            self.desk.open(DetailScreen(self.desk, self.subject()))
