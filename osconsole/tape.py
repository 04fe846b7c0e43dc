"""Tape: a whole recording in memory, from which the world at any moment is had at once. Knows nothing of who looks.

A few snapshots are kept along the way; the world at a moment is the one before it and the changes since.
"""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from itertools import takewhile
from pathlib import Path

from osconsole.errors import RecordingError, UsageError
from osconsole.eventlines import Finding
from osconsole.model.changes import Listed, Put
from osconsole.model.kinds import KINDS, Kind
from osconsole.model.ref import Ref
from osconsole.model.resource import Resource
from osconsole.model.snapshot import Snapshot
from osconsole.model.transitions import Transition
from osconsole.recording import Moment, read

_BATCH = 32  # moments that are folded together; few enough that no transition falls out of a snapshot's ring
_UNITS = {"": 1, "s": 1, "m": 60, "h": 3600}
_OFFSET = re.compile(r"\d+(?:\.\d+)?|(?:\d+(?:\.\d+)?[smh])+")
_PART = re.compile(r"(\d+(?:\.\d+)?)([smh]?)")
_CLOCK = re.compile(r"\d\d:\d\d(?::\d\d)?")
_DAY_S = 86_400.0
_FRAMES = 100  # snapshots that are kept


class Tape:
    """A recording that was read.

    Attributes:
        name: of the file, without its endings.
        moments: all of them, in order.
        transitions: all that became different, in order.
        findings: what is wrong with the recording.
    """

    def __init__(self, name: str, moments: Iterable[Moment], findings: Iterable[Finding] = ()) -> None:
        """Raises RecordingError when there is nothing in it."""
        self.name = name
        self.moments = tuple(moments)
        self.findings = tuple(findings)
        if not self.moments:
            raise RecordingError(f"the recording {name} is empty: it has no watch event")
        self.transitions: list[Transition] = []
        self._times = [moment.at for moment in self.moments]
        self._frames: list[Snapshot] = []  # worlds along the way
        self._counts: list[int] = []  # the moments in each of them
        self._owned: dict[Ref, set[Ref]] = {}
        self._scan()
        for found in self._resources():
            for owner in found.owners:
                self._owned.setdefault(owner.ref, set()).add(found.ref)
        self._news = [one.at for one in self.transitions]

    @classmethod
    def of(cls, path: Path) -> "Tape":
        """The tape of a file.

        Raises:
            RecordingError: it cannot be read, or is no recording.
        """
        findings: list[Finding] = []
        moments = tuple(read(path, findings.append))
        return cls(path.name.removesuffix(".xz").removesuffix(".gz").removesuffix(".ndjson"), moments, findings)

    def _scan(self) -> None:
        world, every = Snapshot(), max(_BATCH, len(self.moments) // _FRAMES)
        kept = 0
        for start in range(0, len(self.moments), _BATCH):
            last = world.recent[-1:]
            world = world.apply(moment.change for moment in self.moments[start : start + _BATCH])
            self.transitions += _fresh(last, world)
            if start - kept >= every:
                kept = start
                self._frames.append(world)
                self._counts.append(min(len(self.moments), start + _BATCH))

    @property
    def begin(self) -> float:
        """When it begins."""
        return self._times[0]

    @property
    def end(self) -> float:
        """When it ends."""
        return self._times[-1]

    def kinds(self) -> tuple[Kind, ...]:
        """The kinds of our table, and what else it has."""
        known = {kind.key for kind in KINDS}
        more = {found.kind: found.api_version for found in self._resources() if found.kind not in known}
        return (
            *KINDS,
            *(Kind(key.group, version.rpartition("/")[2], key.kind, key.kind.lower()) for key, version in more.items()),
        )

    def below(self, ref: Ref) -> frozenset[Ref]:
        """An object and all that it owns or ever owned."""
        found, wanted = {ref}, [ref]
        while wanted:
            fresh = self._owned.get(wanted.pop(), set()) - found
            found |= fresh
            wanted.extend(fresh)
        return frozenset(found)

    def _resources(self) -> Iterator[Resource]:
        for moment in self.moments:
            match moment.change:
                case Put(resource=found):
                    yield found
                case Listed(resources=several):
                    yield from several

    def when(self, text: str) -> float:
        """The moment that a person means: `90`, `90s`, `5m`, `1h2m` from the beginning, `14:03:18`, or a date and time.

        Raises:
            UsageError: it is none of these, or lies before the recording; what lies after it is its end.
        """
        word = text.strip()
        if match := _OFFSET.fullmatch(word):
            found = self.begin + sum(float(n) * _UNITS[unit] for n, unit in _PART.findall(match[0]))
        else:
            found = self._clock(word)
        if found < self.begin - 1:
            raise UsageError(f"'{text}' is before the recording, which begins at {_written(self.begin)}")
        return min(max(found, self.begin), self.end)

    def _clock(self, word: str) -> float:
        first = datetime.fromtimestamp(self.begin, UTC).astimezone()
        try:
            found = datetime.fromisoformat(f"{first.date()}T{word}" if _CLOCK.fullmatch(word) else word)
        except ValueError:
            raise UsageError(
                f"'{word}' is no time of a recording: write 90s or 5m (from its beginning), 14:03:18, "
                "or 2026-11-24T14:03:18"
            ) from None
        at = (found if found.tzinfo else found.astimezone()).timestamp()
        return at + _DAY_S if _CLOCK.fullmatch(word) and at < self.begin - 1 else at

    def reached(self, at: float) -> int:
        """How many moments there are up to a time."""
        return bisect_right(self._times, at)

    def world(self, count: int) -> Snapshot:
        """The world after so many moments."""
        place = bisect_right(self._counts, count)
        done, world = (self._counts[place - 1], self._frames[place - 1]) if place else (0, Snapshot())
        return world.apply(moment.change for moment in self.moments[done:count]) if count > done else world

    def happened(self, at: float) -> int:
        """How many transitions there were up to a time."""
        return bisect_right(self._news, at)

    def later(self, at: float) -> Transition | None:
        """The first transition after a time."""
        place = bisect_right(self._news, at)
        return self.transitions[place] if place < len(self.transitions) else None

    def earlier(self, at: float) -> Transition | None:
        """The last transition before a time."""
        place = bisect_left(self._news, at)
        return self.transitions[place - 1] if place else None


def _written(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).astimezone().isoformat(timespec="seconds")


def _fresh(last: tuple[Transition, ...], world: Snapshot) -> list[Transition]:
    """What a world tells that came after what was the last."""
    found = takewhile(lambda one: not last or one is not last[0], reversed(world.recent))
    return list(found)[::-1]
