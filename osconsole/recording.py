"""Recording: watch events that were written down, read as the Changes that they were, in order of time.

The lines are read by `eventlines`; here they are put in order, and LIST lines are put together. Reading forgives what
it can and says so.
"""

import heapq
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec

from osconsole.errors import RecordingError
from osconsole.eventlines import DELETED, LIST, Event, Finding, Lines
from osconsole.model.changes import Change, Gone, Listed, Live, Put, Unrecorded
from osconsole.model.kinds import KINDS
from osconsole.model.ref import KindKey, Ref
from osconsole.model.resource import Resource

WINDOW_S = 2.0  # lines that are so late are put in their place
_HELD = 5_000  # lines held back for that, at most


class Moment(msgspec.Struct, frozen=True):
    """One change and when it came, in Unix seconds; moments never go back."""

    at: float
    change: Change


def read(path: Path, tell: Callable[[Finding], object] = lambda _: None) -> Iterator[Moment]:
    """The moments of a recording in their order; what is wrong with it is told when it has been read.

    Every kind that was watched is `Listed` once at the first moment, with what was there.

    Raises:
        RecordingError: it cannot be read, or is no recording.
    """
    lines = Lines(path)
    yield from _told(_ordered(lines.events(), lines.find), lines)
    if not lines.good:
        raise RecordingError(
            f"{path} is no recording: not one of its {lines.number} lines is a watch event: "
            "'osconsole record' writes recordings" + (f" ({lines.findings()[0].says})" if lines.findings() else "")
        )
    for finding in lines.findings():
        tell(finding)


def _ordered(events: Iterator[Event], find: Callable[[str, int], None]) -> Iterator[Event]:
    """The events by their time; those that come too late for that at the time where they stand."""
    held: list[Event] = []
    newest = given = 0.0
    for event in events:
        newest = max(newest, event.at)
        if event.at < given:
            find(f"is more than {WINDOW_S:.0f} s older than what stands before it, and is taken where it stands",
                 event.number)  # fmt: skip
            event = event._replace(at=given)
        heapq.heappush(held, event)
        while held and (held[0].at < newest - WINDOW_S or len(held) > _HELD):
            event = heapq.heappop(held)
            given = event.at
            yield event
    while held:
        yield heapq.heappop(held)


def _told(events: Iterator[Event], lines: Lines) -> Iterator[Moment]:
    """Events as moments: what was there is listed first, then everything as it came."""
    teller = _Teller(lines)
    waiting: list[Event] = []
    begun = False
    last = 0.0
    for event in events:
        if not begun:
            last = last or event.at
            if event.at - last <= WINDOW_S:
                last = event.at if event.type == LIST else last
                waiting.append(event)
                continue
            begun = True
            yield from teller.begin(waiting)
        yield from teller.tell(event)
    if not begun and waiting:
        yield from teller.begin(waiting)
    yield from teller.end()


class _Teller:
    """What has been listed, and what waits to be: LIST lines of a kind are one change."""

    def __init__(self, lines: Lines) -> None:
        self._lines = lines
        self._known: set[KindKey] = set()
        self._listing: dict[KindKey, list[Event]] = {}
        self._versions: dict[Ref, int] = {}
        self._last = 0.0

    def begin(self, waiting: list[Event]) -> Iterator[Moment]:
        """The first moment, and what came close to it."""
        at = self._last = waiting[0].at
        there: dict[KindKey, list[Resource]] = {kind.key: [] for kind in KINDS}
        for event in waiting:
            if event.type == LIST:
                there.setdefault(event.found.kind, []).append(event.found)
        watched = self._lines.kinds
        for kind, objects in there.items():
            # Where nothing says what was watched, it was OpenStack; of other kinds the first event tells.
            held = kind.group.endswith("openstack.org") if watched is None else kind in watched
            if held or objects:
                self._known.add(kind)
                yield Moment(at, Listed(kind, "", tuple(objects), at))
            else:
                yield Moment(at, Unrecorded(kind, "", at))
        for event in waiting:
            if event.type != LIST:
                yield from self.tell(event)

    def tell(self, event: Event) -> Iterator[Moment]:
        """One event, after the lists that it shows to be whole."""
        kind, at = event.found.kind, event.at
        self._last = at
        if event.type == LIST:
            self._listing.setdefault(kind, []).append(event)
            return
        if self._listing:
            yield from self._whole(kind, at)
        if kind not in self._known:
            self._known.add(kind)
            yield Moment(at, Listed(kind, "", (), at))
        if self._stale(event):
            self._lines.find("has an older version of its object than a line before it, and is skipped", event.number)
        elif event.type == DELETED:
            yield Moment(at, Gone(event.found.ref, at))
        else:
            yield Moment(at, Put(event.found, at))

    def end(self) -> Iterator[Moment]:
        """Lists that nothing follows."""
        last = max((events[-1].at for events in self._listing.values()), default=0.0)
        for kind in list(self._listing):
            yield self._list(kind, last)
        until = self._lines.until
        if self._lines.kinds and until > max(last, self._last):
            yield Moment(until, Live(min(self._lines.kinds), "", until))

    def _whole(self, kind: KindKey, at: float) -> Iterator[Moment]:
        for other, events in list(self._listing.items()):
            if other == kind or at - events[-1].at > WINDOW_S:
                yield self._list(other, at)

    def _list(self, kind: KindKey, at: float) -> Moment:
        self._known.add(kind)
        return Moment(at, Listed(kind, "", tuple(event.found for event in self._listing.pop(kind)), at))

    def _stale(self, event: Event) -> bool:
        """Whether something newer of the object has been told already; versions that are no numbers do not tell."""
        version = event.found.version
        if not version.isdecimal():
            return False
        before = self._versions.get(event.found.ref, 0)
        self._versions[event.found.ref] = max(before, int(version))
        return int(version) < before
