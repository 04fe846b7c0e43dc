"""Forwards: ports of this machine that lead to ports of pods, for as long as the console is on their context."""

import asyncio
from functools import partial
from typing import NamedTuple

from osconsole.errors import OsconsoleError
from osconsole.model.ref import Ref
from osconsole.model.remote import Forward, ports
from osconsole.ui.desk import Desk
from osconsole.ui.into import Into
from osconsole.ui.screens.choice import Choice, ChoiceSheet
from osconsole.views.text import clean, count

HOST = "127.0.0.1"


class _Held(NamedTuple):
    asked: Forward
    what: Forward  # with the port that it got
    task: asyncio.Task[None]


class Forwards:
    """Begins them, shows them, ends them."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._into = Into(desk)
        self._held: dict[str, _Held] = {}
        self._trouble: dict[Forward, str] = {}  # what went wrong last
        desk.leaving.append(self.end)

    def do_port_forward(self) -> None:
        """What is forwarded, to stop it; where nothing is, ask for a port."""
        if self._held:
            self._list()
        elif ref := self._into.about("forward"):
            self.start(ref)

    def say_port_forward(self, text: str) -> None:
        """`:forward 8443:443`."""
        if ref := self._into.about("forward"):
            self._forward(ref, text)

    def start(self, ref: Ref) -> None:
        """Ask for the port."""
        self._desk.prompt(f"forward to {ref.short}: [here:]there ", lambda text: self._forward(ref, text))

    def end(self) -> None:
        """All of them."""
        for held in self._held.values():
            held.task.cancel()

    def _forward(self, ref: Ref, text: str) -> None:
        if not text.strip():
            return
        try:
            local, remote = ports(text.strip())
        except OsconsoleError as error:
            self._desk.say(str(error), "warn")
            return

        def begin(pod: Ref) -> None:
            self._desk.start(self._hold(Forward(pod, local, remote)), f"forwarding port {remote}")

        self._into.pod(
            ref, "to which pod?",
            lambda pod: self._into.confirmed(f"reach {pod.ref.name}", lambda: begin(pod.ref)),
        )  # fmt: skip

    async def _hold(self, wanted: Forward) -> None:
        """One of them, until it is cancelled."""
        task = asyncio.current_task()
        assert task is not None
        told = partial(self._told, wanted)
        async with self._desk.session.forwarding((wanted,), told) as found:
            name = f"{HOST}:{found[0].local}"
            self._held[name] = _Held(wanted, found[0], task)
            self._count()
            self._desk.say(f"{name} leads to {_words(found[0])}; :forward lists and stops", "good")
            try:
                await asyncio.Event().wait()
            finally:
                del self._held[name]
                self._count()

    def _told(self, what: Forward, words: str) -> None:
        """A connection went wrong: no reason to come into the way of what is open, however many do."""
        self._trouble[what] = clean(words)
        self._desk.footer.say(f"forwarding: {clean(words)}", "warn")
        self._desk.host.wake()

    def _count(self) -> None:
        self._desk.header.aside = count(len(self._held), "forward") if self._held else ""
        self._desk.host.wake()

    def _list(self) -> None:
        choices = [
            Choice(name, "; ".join(filter(None, (f"leads to {_words(held.what)}", self._trouble.get(held.asked)))))
            for name, held in self._held.items()
        ]
        self._desk.show(ChoiceSheet("forwarded; ⏎ stops one, :forward PORT begins one", choices, self._stop))

    def _stop(self, name: str) -> None:
        self._desk.close()
        if held := self._held.get(name):
            held.task.cancel()
            self._desk.say(f"{name} leads nowhere any more")


def _words(what: Forward) -> str:
    return f"port {what.remote} of pod {clean(what.pod.name)}"
