"""Replay: a session's world as a recording tells it. Read-only: nobody can be asked, and nothing can be done.

The recording's clock is the session's, so ages, graces and the timeline are those of the moment that is shown.
"""

from collections.abc import AsyncGenerator, Iterable
from functools import lru_cache
from typing import Any, NoReturn

from osconsole.errors import NotFound, Refused
from osconsole.journal import Entry as Act
from osconsole.model.connection import REPLAY, Context, Status, Submitted
from osconsole.model.entry import Entry, Query, of_transition
from osconsole.model.intents import Intent
from osconsole.model.kinds import Kind
from osconsole.model.logs import LogLine
from osconsole.model.preview import Preview
from osconsole.model.ref import KindKey, Ref
from osconsole.model.resource import Resource
from osconsole.model.snapshot import Snapshot
from osconsole.playback import Playback
from osconsole.store import Store
from osconsole.tape import Tape

READ_ONLY = "this is a recording: it can be looked at, and nothing can be changed in it"
_entry = lru_cache(16_384)(of_transition)


class Replay:
    """A recording as a `Source` of a session, at its beginning; `namespace` "" is all."""

    def __init__(
        self, tape: Tape, namespace: str = "", *, speed: float = 1.0, until: float | None = None, skip_s: float = 0.0
    ) -> None:
        self.store = Store()
        self.playback = Playback(tape, self.store, speed=speed, until=until, skip_s=skip_s)
        self._tape = tape
        self._namespace = namespace
        self._kinds = tape.kinds()
        self._told = Told(tape, self.playback)

    async def run(self) -> None:
        """Let the recording's time go; returns only by cancellation."""
        await self.playback.run()

    @property
    def status(self) -> Status:
        """That it is a recording, and how it plays."""
        return Status(self._tape.name, namespace=self._namespace, read_only=True, state=REPLAY, why=self.playback.words)

    def now(self) -> float:
        """The recording's clock."""
        return self.playback.now()

    def history(self) -> "Told":
        """All that happened up to now."""
        return self._told

    def journal(self, limit: int = 100) -> tuple[Act, ...]:
        """A recording has no journal."""
        return ()

    def expected(self, service: str) -> None:
        """Nothing is known of other runs."""

    def show(self, kinds: Iterable[KindKey], namespace: str | None = None) -> None:
        """All that was recorded is there anyway."""

    def kinds(self) -> tuple[Kind, ...]:
        """The kinds of our table and those of the recording."""
        return self._kinds

    def contexts(self) -> tuple[Context, ...]:
        """The recording."""
        return (Context(self._tape.name, namespace=self._namespace, current=True, read_only=True),)

    def use(self, context: str) -> None:
        """There is no other context."""
        raise Refused(f"this is a recording, which has no context '{context}': leave it, and open the console there")

    def scope(self, namespace: str) -> None:
        """Another namespace, "" for all."""
        self._namespace = namespace
        self.store.nudge()

    async def read(self, ref: Ref) -> Resource | None:
        """The object as the recording has it."""
        return self.store.snapshot.get(ref)

    async def inventory(self, nodeset: Resource) -> dict[str, Any]:
        """It is in a Secret, whose data no recording has."""
        raise NotFound(f"the inventory of {nodeset.ref.name} is in a Secret, and a recording holds no data of Secrets")

    async def operators(self) -> tuple[tuple[Ref, ...], str]:
        """No recording has their logs."""
        raise NotFound("a recording holds no logs of operators")

    async def can(self, intent: Intent, snapshot: Snapshot) -> str:
        """Nothing can be done."""
        return READ_ONLY

    async def preview(self, intent: Intent, snapshot: Snapshot) -> Preview:
        """Nothing can be done."""
        _refuse()

    async def submit(self, preview: Preview, snapshot: Snapshot) -> Submitted:
        """Nothing can be done."""
        _refuse()

    async def steer(self, run: Ref, state: str) -> None:
        """Nothing can be done."""
        _refuse()

    def remote(self) -> NoReturn:
        """Nothing runs in a recording."""
        _refuse()

    def logs(self, refs: tuple[Ref, ...], **choice: Any) -> AsyncGenerator[LogLine, None]:
        """There are none."""
        raise NotFound(f"a recording holds no logs, also none of {', '.join(ref.short for ref in refs)}")


class Told:
    """What a recording knows of its past, up to the moment that is shown."""

    trouble = "the recording does not reach so far"

    def __init__(self, tape: Tape, playback: Playback) -> None:
        self._tape = tape
        self._playback = playback

    def snapshot(self, at: float) -> Snapshot:
        """The world at a moment; empty before the recording."""
        return self._tape.world(self._tape.reached(at))

    def search(self, query: Query, limit: int = 1000) -> tuple[Entry, ...]:
        """The newest entries that match, newest first."""
        below = self.below(query.under) if query.under else None
        until = self._tape.happened(self._playback.now())
        found: list[Entry] = []
        for place in range(until - 1, -1, -1):
            entry = _entry(self._tape.transitions[place])
            if query.matches(entry, below):
                found.append(entry)
                if len(found) == limit:
                    break
        return tuple(found)

    def below(self, ref: Ref) -> frozenset[Ref]:
        """An object and all that it owns or ever owned."""
        return self._tape.below(ref)


def _refuse() -> NoReturn:
    raise Refused(READ_ONLY)
