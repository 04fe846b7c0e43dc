"""What can be typed about the past: `:timeline`, `:at TIME`, `:compare TIME [TIME]`."""

from collections.abc import Callable

from osconsole.errors import UsageError
from osconsole.model.ref import Ref
from osconsole.model.snapshot import Snapshot
from osconsole.ui.desk import Desk
from osconsole.ui.screens.compare import CompareScreen
from osconsole.ui.screens.timeline import TimelineScreen
from osconsole.views import compare, moments


class Times:
    """The words, and what they do."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self.words: dict[str, Callable[[str], None]] = {
            "timeline": lambda _: self.timeline(None),
            "at": self.at,
            "compare": self.compare,
        }

    def timeline(self, ref: Ref | None) -> None:
        """What happened to an object and all under it, or to everything."""
        self._desk.open(TimelineScreen(self._desk, ref))

    def at(self, text: str) -> None:
        """Show a past moment; without a time that of the selected line of a timeline; `now` comes back.

        In a recording it goes there.

        Raises:
            UsageError: it is no time.
        """
        place, playback = self._desk.place, self._desk.session.playback
        if text and playback:
            playback.seek(playback.tape.end if text == moments.NOW else playback.tape.when(text))
            return
        if text:
            at = 0.0 if text == moments.NOW else self._moment(text)
        elif isinstance(place, TimelineScreen) and place.moment():
            at = place.moment()
        else:
            raise UsageError("which time? ':at 02:13', ':at 10m' (ago), ':at now'; in a timeline that of the line")
        self._desk.start(self._look(at), "looking back")

    async def _look(self, at: float) -> None:
        session = self._desk.session
        await session.past.look(at)
        self._desk.put(session.snapshot)
        when = moments.written(at, session.now()) if at else ""
        self._desk.say(f"as of {when}: ':at now' comes back" if at else "now again")

    def compare(self, text: str) -> None:
        """What differs between two moments; the second is now where it is not named.

        Raises:
            UsageError: these are no times.
        """
        words = text.split()
        if not 1 <= len(words) <= 2:
            raise UsageError("between which times? ':compare 02:13' (with now), ':compare 02:13 04:00'")
        old, new = self._moment(words[0]), self._moment(words[1]) if len(words) > 1 else 0.0
        self._desk.start(self._compare(old, new), "comparing")

    async def _compare(self, old: float, new: float) -> None:
        session = self._desk.session
        before = await session.past.world(old)
        now = new or session.now()
        after: Snapshot = await session.past.world(new) if new else session.snapshot
        found = compare.differences((before, old), (after, now), session.status.namespace)
        until = new or session.past.at
        title = f"{moments.written(old, now)} → {moments.written(until, now) if until else 'now'}"
        self._desk.open(CompareScreen(self._desk, title, compare.table(found)))

    def _moment(self, text: str) -> float:
        return moments.moment(text, self._desk.session.past.present())
