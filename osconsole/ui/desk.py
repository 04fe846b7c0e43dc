"""Desk: what is on screen and where keys go. Plain synchronous code; Textual only calls it and draws its frame.

A key goes to the prompt if one is open, else to the sheet, else to the place, else to the desk's own handlers.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from typing import Any, Protocol

from osconsole.errors import OsconsoleError
from osconsole.model.snapshot import Snapshot
from osconsole.session import Session
from osconsole.ui import keys
from osconsole.ui.ask import Ask
from osconsole.ui.keys import Keymap
from osconsole.ui.lines.frame import Frame
from osconsole.ui.screens.place import Place
from osconsole.ui.screens.sheet import Sheet
from osconsole.ui.screens.texts import TextSheet
from osconsole.ui.widgets.footer import FooterWidget
from osconsole.ui.widgets.header import HeaderWidget
from osconsole.ui.widgets.prompt import Complete, PromptWidget
from osconsole.views.rows import Line
from osconsole.views.summary import summary
from osconsole.views.text import clean

log = logging.getLogger(__name__)
FRESHEN_S = 5.0  # how often verdicts are judged anew while some may still turn by time alone
LIVELY_S = 90.0  # how long after the last change that may be
PAST = 50  # places that are remembered


class Host(Protocol):
    """What the desk needs of the application."""

    def start(self, work: Coroutine[Any, Any, None], name: str) -> asyncio.Task[None]:
        """Run something that waits, owned by the application's TaskGroup."""

    def wake(self) -> None:
        """Something is different: draw it soon."""

    async def lent(self, use: Callable[[], Awaitable[int]]) -> int:
        """Run something that has the terminal to itself; the world goes on meanwhile."""

    def copy(self, text: str) -> None:
        """To the clipboard of the person's terminal."""

    def repaint(self) -> None:
        """Draw every cell again."""

    def leave(self) -> None:
        """End the program, well."""


class Desk:
    """One person at one terminal."""

    def __init__(self, session: Session, host: Host, first: Callable[["Desk"], Place], keymap: Keymap) -> None:
        self.session = session
        self.host = host
        self.keymap = keymap
        self.header = HeaderWidget()
        self.footer = FooterWidget()
        self.handlers: Sequence[object] = ()
        self.leaving: list[Callable[[], None]] = []  # ends what goes on in a context that is left
        self.ask: Ask | None = None
        self.sheet: Sheet | None = None
        self.past: list[Place] = []
        self.future: list[Place] = []
        self._typed: dict[str, list[str]] = {}
        self.busy = asyncio.Event()  # the place has long work to do
        self.behind = False  # the place could not show all of the world that it was given: it wants it again soon
        self._moved = self._fresh = 0.0
        self._unkept = False  # history cannot be written, and that was told
        self.place = first(self)
        self.frame = Frame(self.header, self.place.body, self.footer)
        self._sync()

    @property
    def context(self) -> str:
        """Which keys work here: one of `ui.keys.CONTEXTS`."""
        return self.place.context + (keys.REPLAYED if self.session.playback else "")

    # What is shown

    def put(self, snapshot: Snapshot) -> None:
        """The world has moved."""
        self._moved = self.session.now()
        self._show(snapshot, self._moved)

    def _show(self, snapshot: Snapshot, now: float) -> None:
        self._fresh = now
        self.behind = False
        self.busy.set()
        status = self.session.status
        self.header.status = status
        self.header.summary = summary(snapshot, status.namespace, now)
        self.place.refresh(snapshot, now)
        self._warn()

    def _warn(self) -> None:
        """Say once that history cannot be kept, as on a full disk."""
        trouble = "" if self.session.playback else self.session.past.trouble
        if trouble and not self._unkept:
            self.footer.say(clean(f"what happens is not kept: {trouble}"), "warn")  # not in the way of what is open
        self._unkept = bool(trouble)

    def renew(self) -> None:
        """Show the place as of now, e.g. because other things became visible."""
        self.place.refresh(self.session.snapshot, self.session.now())
        self._sync()

    def freshen_at(self, now: float) -> float:
        """When the world should be judged anew though it did not move: graces end, progress has a length."""
        return self._fresh + (FRESHEN_S if now - self._moved < LIVELY_S else 60.0)

    def freshen(self, now: float) -> bool:
        """Judge anew if that is due; whether it was."""
        due = now >= self.freshen_at(now)
        if due:
            self._show(self.session.snapshot, now)
        return due

    def _sync(self) -> None:
        """Bring frame and hints in line with prompt, sheet and place."""
        frame = self.frame
        frame.body = self.place.body
        frame.footer = self.ask.prompt if self.ask else self.footer
        frame.sheet = self.sheet
        frame.sheet_height = self.sheet.wants(frame.width, max(1, frame.room - 1)) if self.sheet else 0
        self.footer.hints = self.sheet.hints if self.sheet else keys.footer(self.context)
        frame.fit()
        self.busy.set()
        self.host.wake()

    def resize(self, width: int, height: int) -> None:
        """The terminal has another size."""
        self.frame.resize(width, height)
        self._sync()

    def say(self, text: str, role: str = "") -> None:
        """Tell something in the footer; what is too long for it opens as a sheet."""
        text = clean(text.strip())
        if len(text) > max(20, self.frame.width - 2):
            self.show(TextSheet("message", [Line(((text, role),))], wrap=True))
        else:
            self.footer.say(text, role)
        self.host.wake()

    # Places

    def open(self, place: Place) -> None:
        """Go to a place; `backward` comes back from it."""
        self.past = [*self.past, self.place][-PAST:]
        self.future = []
        self._go(place)

    def backward(self) -> bool:
        """To the place before; False at the first one."""
        if not self.past:
            return False
        self.future.append(self.place)
        self._go(self.past.pop())
        return True

    def forward(self) -> bool:
        """Where `backward` came from; False when there is nothing."""
        if not self.future:
            return False
        self.past.append(self.place)
        self._go(self.future.pop())
        return True

    def _go(self, place: Place) -> None:
        self.place.leave()
        self.place = place
        self.sheet = None
        self.watch()
        place.enter()
        self.renew()

    def watch(self) -> None:
        """Tell the session what is looked at."""
        self.session.show(self.place.kinds())

    def show(self, sheet: Sheet) -> None:
        """Open a sheet over the place."""
        self.sheet = sheet
        self._sync()

    def close(self) -> None:
        """Close the sheet."""
        self.sheet = None
        self._sync()

    def prompt(
        self,
        sign: str,
        done: Callable[[str], None],
        *,
        text: str = "",
        changed: Callable[[str], None] | None = None,
        left: Callable[[], None] | None = None,
        complete: Complete | None = None,
    ) -> None:
        """Ask for a line of text; from here on keys belong to it."""
        past = self._typed.setdefault(sign, [])
        self.ask = Ask(PromptWidget(sign, text, complete=complete, past=past), done, changed, left)
        self._sync()

    # Keys

    def key(self, key: str, character: str | None) -> None:
        """A key was pressed."""
        if self.ask:
            self._to_prompt(self.ask, key, character)
        elif self.sheet:
            sheet = self.sheet
            if not sheet.key(key, character) and self.sheet is sheet:
                self.sheet = None
            self._sync()
        else:
            self.do(self.keymap.action(self.context, key, character))

    def paste(self, text: str) -> None:
        """Pasted text goes to the prompt, or nowhere."""
        if self.ask:
            self.ask.insert(text)
            self._sync()

    def _to_prompt(self, ask: Ask, key: str, character: str | None) -> None:
        said = ask.key(key, character)
        if said in {"done", "left"}:
            self.ask = None  # before what comes of it, which may ask for more
            ask.end(said)
            if said == "done" and ask.prompt.text:
                self._typed[ask.prompt.sign].append(ask.prompt.text)
        self._sync()

    def do(self, action: str) -> None:
        """Carry out an id of the table of keys."""
        if not action:
            return
        for handler in (self.place, *self.handlers):
            method = getattr(handler, f"do_{action}", None)
            if method is not None:
                method()
                break
        self._sync()

    # What waits

    def start(self, work: Coroutine[Any, Any, None], name: str) -> asyncio.Task[None]:
        """Run something that waits; its errors are told, they never end the console."""
        return self.host.start(self._guarded(work, name), name)

    async def _guarded(self, work: Coroutine[Any, Any, None], name: str) -> None:
        try:
            await work
        except OsconsoleError as error:
            self.say(str(error), "bad")
        except Exception as error:
            log.exception("%s failed", name)
            self.say(f"{name} failed in a way that we did not expect ({error!r}): the program's log has more", "bad")
        self._sync()
