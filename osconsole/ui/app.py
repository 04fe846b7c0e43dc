"""The application: Textual's event loop and terminal around one desk. It owns every task of the console."""

import asyncio
import base64
import logging
import math
import os
import signal
import time
from collections.abc import Coroutine
from contextvars import Context, copy_context
from typing import Any

from textual import events
from textual.app import App, ComposeResult
from textual.screen import Screen

from osconsole.model.snapshot import Snapshot
from osconsole.ui.acts import Acts
from osconsole.ui.canvas import Canvas
from osconsole.ui.desk import Desk
from osconsole.ui.driver import TerminalDriver
from osconsole.ui.forwards import Forwards
from osconsole.ui.layouts import FIRST, Layouts
from osconsole.ui.lending import Lending
from osconsole.ui.looks import Looks
from osconsole.ui.moves import Moves
from osconsole.ui.plans import Plans
from osconsole.ui.theme import Theme
from osconsole.ui.timecontrols import TimeControls
from osconsole.ui.visits import Visits

log = logging.getLogger(__name__)
REST_S = 0.1  # the least time between two updates from the world
SHARE = 9  # work on an update, its slices included, is followed by so many times that of rest
REST_MOST_S = 2.0
SLICE_S = 0.004  # the longest that work goes on without letting keys through
FRAME_S = 0.05  # how often work that goes on for long is drawn
CROWD_S = 0.016  # keys that come in a crowd are drawn together
CLIP_BYTES = 8_000_000  # whether a terminal takes so much is its own affair


class _Screen(Screen[None], inherit_bindings=False):
    """A screen without Textual's own keys."""


class Console(Lending, App[int], inherit_bindings=False):
    """The console on a terminal: runs a desk that was opened. The session is started once the frame is out."""

    ENABLE_COMMAND_PALETTE = False
    CSS = "Screen { layout: horizontal; overflow: hidden; }"

    def __init__(self, desk: Desk, layouts: Layouts, theme: Theme) -> None:
        super().__init__(driver_class=TerminalDriver, ansi_color=True)
        self.session = session = desk.session
        self.animation_level = "none"
        self._layouts = layouts
        self._tasks: asyncio.TaskGroup | None = None
        self._woken = asyncio.Event()
        self._stale = False
        self._drawn = 0.0
        self._early: list[events.Key | events.Paste] = []  # what was typed before there was anything to type to
        self._around: Context | None = None  # Textual's, for what does not come through its queues
        self._spent_s = 0.0  # CPU time on the world since the last update
        self.desk = desk
        self.moves = Moves(desk, layouts)
        looks, forwards = Looks(desk, self.moves.commands.screen), Forwards(desk)
        acts = Acts(desk, forwards)
        controls = [TimeControls(desk, session.playback)] if session.playback else []
        desk.host = self
        desk.handlers = (self.moves, looks, acts, Visits(desk), forwards, Plans(desk, acts.ask), *controls)
        self.canvas = Canvas(desk.frame, theme, session.now, desk.resize, self.paint)

    def get_default_screen(self) -> Screen[None]:
        """Our own screen."""
        return _Screen(id="_default")

    def compose(self) -> ComposeResult:
        """One widget."""
        yield self.canvas

    def on_mount(self) -> None:
        """Begin once the first frame is drawn."""
        self.call_after_refresh(lambda: self.run_worker(self._live(), name="console", exit_on_error=False))

    async def _live(self) -> None:
        """Everything that waits, in one TaskGroup, until the console is left."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGHUP, signal.SIGTERM):
            loop.add_signal_handler(number, self.leave)
        loop.add_signal_handler(signal.SIGINT, self.interrupted)
        try:
            async with asyncio.TaskGroup() as tasks:
                self._tasks = tasks
                self.desk.watch()
                self.desk.place.enter()
                if fault := self._layouts.fault(FIRST):
                    self.desk.say(fault, "warn")
                tasks.create_task(self.session.run(), name="session")
                tasks.create_task(self._follow(), name="follow")
                tasks.create_task(self._clock(), name="clock")
                tasks.create_task(self._labour(), name="labour")
                self._around = copy_context()
                for event in self._early:
                    self.typed(event)
                self._early.clear()
        except Exception:
            log.exception("the console ended")
            self.exit(return_code=1, message="osconsole: ended by a fault of its own: its log has more")
        finally:
            self._tasks = None

    async def _follow(self) -> None:
        """Show the world whenever it moves, and leave time for keys in between."""
        async for snapshot in self.session.follow():
            await self._put(snapshot)
            while self.desk.behind:
                await self._put(self.session.snapshot)

    async def _put(self, snapshot: Snapshot) -> None:
        """Show the world, and rest."""
        begun, self._spent_s = time.thread_time(), 0.0
        try:
            self.desk.put(snapshot)
        except Exception as error:
            log.exception("a snapshot could not be shown")
            self.desk.say(f"what came could not be shown ({error!r}): the program's log has more", "bad")
        self.wake()
        self._spent_s += time.thread_time() - begun
        await asyncio.sleep(REST_S)
        await asyncio.sleep(min(REST_MOST_S, SHARE * self._spent_s) - REST_S)

    async def _clock(self) -> None:
        """Draw when an age, a message or the minute changes, and not otherwise."""
        while True:
            now = self.session.now()
            due = self.desk.frame.due(now) or math.inf
            due = min(due, self.desk.freshen_at(now))
            self._woken.clear()
            try:
                async with asyncio.timeout(max(0.02, due - now)):
                    await self._woken.wait()
            except TimeoutError:
                if self.desk.freshen(self.session.now()):
                    self.moves.relay()
                self.canvas.redraw()
            else:
                await asyncio.sleep(0.2)  # what wakes us comes in crowds

    async def _labour(self) -> None:
        """Work of the place that takes long, in slices between keys."""
        drawn, worked = 0.0, False
        while True:
            await self.desk.busy.wait()
            begun, used = time.perf_counter(), time.thread_time()
            while time.perf_counter() - begun < SLICE_S and self.desk.busy.is_set():
                if self.desk.place.work():
                    worked = True
                else:
                    self.desk.busy.clear()
            if worked and (begun - drawn > FRAME_S or not self.desk.busy.is_set()):
                drawn, worked = begun, False
                self.canvas.redraw()
            self._spent_s += time.thread_time() - used
            await asyncio.sleep(0)

    # What the desk asks for

    def start(self, work: Coroutine[Any, Any, None], name: str) -> asyncio.Task[None]:
        """A task of ours."""
        if self._tasks is None:
            work.close()
            raise RuntimeError("the console is not running")
        return self._tasks.create_task(work, name=name)

    def wake(self) -> None:
        """Draw soon, and look at the clock anew."""
        self._woken.set()
        if self.is_running and not self._stale:
            self._stale = True
            asyncio.get_running_loop().call_soon(self._redraw)

    def _redraw(self) -> None:
        self._stale, self._drawn = False, time.monotonic()
        self.canvas.redraw()

    def copy(self, text: str) -> None:
        """OSC 52; through tmux where we are in one."""
        data = base64.b64encode(text.encode()[:CLIP_BYTES]).decode()
        sequence = f"\x1b]52;c;{data}\x07"
        if os.environ.get("TMUX"):
            sequence = "\x1bPtmux;" + sequence.replace("\x1b", "\x1b\x1b") + "\x1b\\"
        if self._driver is not None:
            self._driver.write(sequence)

    # What the terminal says

    def typed(self, event: events.Key | events.Paste) -> None:
        """A key or pasted text goes to the desk, in the order in which it was typed, and what comes of it is drawn."""
        if self._tasks is None or self._around is None:
            self._early.append(event)
            return
        try:
            self._around.run(self._take, event)
        except Exception as error:
            log.exception("a key broke something")
            self.desk.say(f"that failed in a way that we did not expect ({error!r}): the program's log has more", "bad")

    def _take(self, event: events.Key | events.Paste) -> None:
        if isinstance(event, events.Key):
            self.desk.key(event.key, event.character)
        else:
            self.desk.paste(event.text)
        if self._stale and time.monotonic() - self._drawn > CROWD_S:
            self._redraw()
