"""Time controls: what keys do in a recording."""

from typing import TYPE_CHECKING

from osconsole.ui.desk import Desk
from osconsole.views.timeline import told

if TYPE_CHECKING:
    from osconsole.playback import Playback


class TimeControls:
    """Handlers of keys that move a recording's time."""

    def __init__(self, desk: Desk, playback: "Playback") -> None:
        self._desk = desk
        self._playback = playback

    def do_halt(self) -> None:
        """Pause, or go on."""
        if self._playback.playing:
            self._playback.pause()
        else:
            self._playback.play()

    def do_step(self) -> None:
        """Let one event happen."""
        if not self._playback.step():
            self._desk.say("this is the end of the recording")

    def do_next_transition(self) -> None:
        """To where something became different."""
        self._jump(back=False)

    def do_previous_transition(self) -> None:
        """Back to where something became different."""
        self._jump(back=True)

    def do_faster(self) -> None:
        """Faster."""
        self._desk.say(f"{self._playback.faster():g} times as fast as it was")

    def do_slower(self) -> None:
        """Slower."""
        self._desk.say(f"{self._playback.slower():g} times as fast as it was")

    def _jump(self, *, back: bool) -> None:
        found = self._playback.jump(back=back)
        if found is None:
            self._desk.say(f"nothing became different {'before' if back else 'after'} this")
            return
        said = f"{found.ref.short}: {told(found)}"
        room = max(20, self._desk.frame.width - 2)
        self._desk.say(said if len(said) <= room else said[: room - 1] + "…")
