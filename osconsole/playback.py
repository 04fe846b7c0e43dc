"""Playback: the time of a recording as a person moves it. It puts the world of that time into a store."""

import asyncio
import time

from osconsole.model.transitions import Transition
from osconsole.store import Store
from osconsole.tape import Tape

SPEEDS = (0.1, 0.25, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0, 200.0, 500.0, 1000.0)


class Playback:
    """Time that goes, halts and jumps. Every change of it is seen by those who follow the store.

    Attributes:
        speed: seconds of the recording in a second.
        playing: whether time goes by itself.
    """

    def __init__(
        self, tape: Tape, store: Store, *, speed: float = 1.0, until: float | None = None, skip_s: float = 0.0
    ) -> None:
        """At its beginning, halted; `until` is where it will halt of itself.

        Of a stretch in which nothing happens only the last `skip_s` seconds are played; 0 plays all of it.
        """
        self.tape = tape
        self.speed = speed
        self.playing = False
        self._store = store
        self._skip_s = skip_s
        self._until = tape.end if until is None else until
        self._at, self._mark = tape.begin, 0.0  # the moment shown, and the machine's clock when time began to go
        self._count = 0
        self._woken = asyncio.Event()
        self.seek(tape.begin)

    def now(self) -> float:
        """The moment that is shown, in Unix seconds."""
        if not self.playing:
            return self._at
        return min(self._at + (time.monotonic() - self._mark) * self.speed, self._limit)

    @property
    def words(self) -> str:
        """How time goes, for the header."""
        if not self.playing:
            return "at its end" if self._at >= self.tape.end else "paused"
        return f"x{self.speed:g}"

    async def run(self) -> None:
        """Let time go while it is not halted; until cancelled."""
        while True:
            self._woken.clear()
            wait_s = self._pass() if self.playing else None
            try:
                async with asyncio.timeout(wait_s):
                    await self._woken.wait()
            except TimeoutError:
                continue

    def play(self) -> None:
        """Let time go on; from the end, from the beginning again."""
        if self._at >= self.tape.end:
            self.seek(self.tape.begin)
        if self._at >= self._until:
            self._until = self.tape.end
        self.playing, self._mark = True, time.monotonic()
        self._changed()

    def pause(self) -> None:
        """Halt."""
        self._at, self.playing = self.now(), False
        self._changed()

    def faster(self) -> float:
        """The next speed, which it returns."""
        return self._at_speed(min((s for s in SPEEDS if s > self.speed), default=self.speed))

    def slower(self) -> float:
        """The speed before, which it returns."""
        return self._at_speed(max((s for s in SPEEDS if s < self.speed), default=self.speed))

    def seek(self, at: float) -> None:
        """Go to a moment, forth or back, and go on from there as before."""
        self._at, self._mark = min(max(at, self.tape.begin), self.tape.end), time.monotonic()
        self._show(self.tape.reached(self._at))

    def step(self) -> bool:
        """Halt, and let one more event happen; False at the end."""
        self.pause()
        self._advance(self._at)
        if self._count >= len(self.tape.moments):
            return False
        self._at = max(self._at, self.tape.moments[self._count].at)
        self._show(self._count + 1)
        return True

    def jump(self, *, back: bool = False) -> Transition | None:
        """Halt, and go to where something became different, which it returns; None when nothing did."""
        self.pause()
        found = self.tape.earlier(self._at) if back else self.tape.later(self._at)
        if found:
            self.seek(found.at)
        return found

    @property
    def _limit(self) -> float:
        return self._until if self._until > self._at else self.tape.end

    def _at_speed(self, speed: float) -> float:
        self._at, self._mark = self.now(), time.monotonic()
        self.speed = speed
        self._changed()
        return speed

    def _pass(self) -> float:
        """What has become due; how long until the next."""
        now = self.now()
        self._advance(now)
        if now >= self._limit:
            self.pause()
            return 0.0
        moments = self.tape.moments
        due = min(moments[self._count].at if self._count < len(moments) else self._limit, self._limit)
        if 0 < self._skip_s < due - now:
            self._at, self._mark = due - self._skip_s, time.monotonic()
            now = self._at
            self._store.nudge()
        return max(0.001, (due - now) / self.speed)

    def _advance(self, now: float) -> None:
        count = self.tape.reached(now)
        if count > self._count:
            self._store.apply(moment.change for moment in self.tape.moments[self._count : count])
            self._count = count

    def _show(self, count: int) -> None:
        self._count = count
        self._store.turn(self.tape.world(count))
        self._woken.set()

    def _changed(self) -> None:
        self._store.nudge()
        self._woken.set()
