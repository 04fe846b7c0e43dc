"""The terminal driver: Textual's, but keys go to the application in one step, and SIGCONT begins nothing anew.

Textual hands a key through five queues. Each of them costs a turn of the event loop, and in a storm of changes a turn
is long.

Textual takes every SIGCONT for the end of its own suspension and starts its threads a second time; the first ones then
never end, nor does the program. But shells, systemd and the kernel send it as well, behind the SIGTERM or SIGHUP that
ends a session, and behind a SIGSTOP of which nobody was told.
"""

from typing import Any

from textual.drivers.linux_driver import LinuxDriver
from textual.events import Key, Paste
from textual.message import Message

_AGAIN = "\x1b[?1049h\x1b[?25l"  # the alternate screen without a cursor: a shell may have taken them away


class TerminalDriver(LinuxDriver):
    """The driver of the console."""

    _begun = False

    def send_message(self, message: Message) -> None:
        """Pass on what the terminal says; this runs in a thread that reads it."""
        if isinstance(message, Key | Paste):
            self._loop.call_soon_threadsafe(self._app.typed, message)  # type: ignore[attr-defined]
        else:
            super().send_message(message)

    def start_application_mode(self) -> None:
        """Take the terminal."""
        self._begun = True
        super().start_application_mode()  # type: ignore[no-untyped-call]

    def stop_application_mode(self) -> None:
        """Give the terminal back."""
        self._begun = False
        super().stop_application_mode()

    def _sigcont_application(self, *signal: Any) -> None:
        if self._begun:
            self.write(_AGAIN)
        else:
            super()._sigcont_application(*signal)
        if self._begun and self._app.is_running:
            self._app.call_later(self._app.repaint)  # type: ignore[attr-defined]
