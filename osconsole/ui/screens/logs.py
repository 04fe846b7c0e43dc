"""Logs: lines of a pod, or of all pods under an object, as they come. Pods that come later join."""

import asyncio
import time
from collections.abc import AsyncIterator

from osconsole.errors import OsconsoleError
from osconsole.model.logs import LogLine
from osconsole.model.ref import KindKey, Ref
from osconsole.model.snapshot import Snapshot
from osconsole.ui.desk import Desk
from osconsole.ui.lines.logsource import LogSource
from osconsole.ui.screens.choice import Choice, ChoiceSheet
from osconsole.ui.screens.reading import Reading
from osconsole.views import facts, layout
from osconsole.views.text import clean

TAIL = 500  # lines of each container from before
FRAME_S = 0.07
SLICE_S = 0.004  # the longest that lines are taken in without letting keys through
_PLACE = layout.Layout(version=1, title="logs", columns=((layout.Pane(show="table", kind="Pod"),),))


class LogsScreen(Reading):
    """A `Place` that streams while it is on screen."""

    context = "log"

    def __init__(self, desk: Desk, what: tuple[Ref, ...], *, previous: bool = False, container: str = "") -> None:
        self.log = LogSource()
        super().__init__(desk, "logs", self.log, follow=not previous)
        self._what = what
        self._previous = previous
        self._container = container
        self._task: asyncio.Task[None] | None = None
        self._said = ""

    def kinds(self) -> frozenset[KindKey]:
        """Pods, to know their containers."""
        return layout.watched(_PLACE) | {KindKey(ref.group, ref.kind) for ref in self._what}

    def subject(self) -> Ref:
        """What the logs are of."""
        return self._what[0]

    def refresh(self, snapshot: Snapshot, now: float) -> None:
        """The title; lines come by themselves."""
        names = ", ".join(ref.short for ref in self._what[:3])
        container = f" container {self._container}" if self._container else ""
        mode = " previous" if self._previous else ""
        self.slot.title = f"logs{mode} of {names}{container}, each from its last {TAIL} lines on"
        self.note()

    def note(self) -> None:
        """Lines, follow, tags."""
        super().note()
        tags = [f"{self.log.tag(at)} {pod.name}" for at, (pod, _) in enumerate(self.log.streams[:4])]
        words = [
            f"{self.log.total:,} lines", f"the oldest {self.log.first:,} let go" if self.log.first else "",
            "following" if self.text.follow else "", self._said, self.slot.note,
            "  ".join(tags) if len(self.log.streams) > 1 else "",
        ]  # fmt: skip
        self.slot.note = "  ".join(word for word in words if word)

    def enter(self) -> None:
        """Start the stream."""
        self.leave()
        self.log = LogSource()
        self.text.replace(self.log)
        self.text.follow = not self._previous
        self._said = ""
        self._task = self.desk.start(self._stream(), "reading logs")

    def leave(self) -> None:
        """End the stream."""
        if self._task:
            self._task.cancel()
            self._task = None

    async def _stream(self) -> None:
        """Read, and draw what has come at most so many times a second."""
        try:
            async with asyncio.TaskGroup() as tasks:
                reader = tasks.create_task(self._read())
                shown = -1
                while not reader.done():
                    await asyncio.wait({reader}, timeout=FRAME_S)
                    if shown != self.log.total:
                        shown = self.log.total
                        self._draw()
        except* OsconsoleError as found:
            self._said = clean(str(found.exceptions[0]))
        else:
            self._said = "the stream has ended"
        self._draw()

    def _lines(self) -> AsyncIterator[LogLine]:
        choice = {"container": self._container} if self._container else {"every": True}
        return self.desk.session.logs(
            self._what, follow=not self._previous, previous=self._previous, tail=TAIL, **choice
        )

    async def _read(self) -> None:
        since = time.monotonic()
        async for line in self._lines():
            self.log.append(line)
            if time.monotonic() - since > SLICE_S:
                await asyncio.sleep(0)
                since = time.monotonic()

    def _draw(self) -> None:
        self.note()
        self.desk.busy.set()
        self.desk.host.wake()

    # Keys

    def do_times(self) -> None:
        """Show when each line was written, or not."""
        self.log.times = not self.log.times
        self.text.redraw()

    def do_follow(self) -> None:
        """Stay at the end, or where it is."""
        self.text.follow = not self.text.follow
        self.note()

    def do_previous_logs(self) -> None:
        """The container before its last restart, or the present one again."""
        self._previous = not self._previous
        self.enter()
        self.desk.renew()

    def do_container(self) -> None:
        """Choose one of the containers."""
        snapshot = self.desk.session.snapshot
        pods = [pod for pod, _ in self.log.streams] or list(self._what)
        found = [pod for ref in pods if ref.kind == "Pod" and (pod := snapshot.get(ref))]
        names = {container.name for pod in found for container in facts.pod(pod).containers}
        choices = [Choice("all"), *(Choice(name) for name in sorted(names))]
        self.desk.show(ChoiceSheet("container", choices, self._choose))

    def do_request(self) -> None:
        """Only the lines of one request, by whichever service they were written; again: all lines."""
        if self.text.filter_words.startswith("req-"):
            self._request("")
            return
        found = self._requests()
        if len(found) <= 1:
            self._request(found[0] if found else "")
            return
        choices = [Choice(name) for name in found]
        self.desk.show(ChoiceSheet("request", choices, self._request))

    def _requests(self) -> list[str]:
        """Ids on the line that was found, else on those that are shown."""
        at = self.text.selected if self.text.needle else None
        here = self.log.requests(at) if at is not None else []
        shown = [name for number in self.text.shown for name in self.log.requests(number)]
        return list(dict.fromkeys(here or shown))

    def _request(self, name: str) -> None:
        if not name and not self.text.filter_words:
            self.desk.say("no line here has the id of a request (req-...)")
        self.text.filter(name)
        self._draw()

    def whole(self, number: int) -> str:
        """A line, however long."""
        return self.log.whole(number)

    def _choose(self, name: str) -> None:
        self._container = "" if name == "all" else name
        self.enter()
        self.desk.renew()
