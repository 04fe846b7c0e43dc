"""Visits: a shell or a command in a container, on the person's own terminal, and back to the console."""

import shlex

from osconsole.errors import OsconsoleError
from osconsole.model.ref import Ref
from osconsole.model.remote import SHELL, Exec
from osconsole.model.resource import Resource
from osconsole.terminal import OwnTerminal
from osconsole.ui.desk import Desk
from osconsole.ui.into import Into
from osconsole.views import inside
from osconsole.views.text import clean

_WAYS = "exit comes back to the console; so does Ctrl-] three times when nothing answers"


class Visits:
    """Asks where to, and goes there."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._into = Into(desk)

    def do_exec(self) -> None:
        """A shell in one of its containers."""
        self._begin(SHELL)

    def say_exec(self, text: str) -> None:
        """`:exec df -h`."""
        self._begin(argv_of(text))

    def _begin(self, argv: tuple[str, ...]) -> None:
        if ref := self._into.about("exec"):
            self.start(ref, argv)

    def start(self, ref: Ref, argv: tuple[str, ...] = SHELL) -> None:
        """Go into a pod of an object; which one, and which container, is asked where there is a choice."""
        self._into.pod(ref, "into which pod?", lambda pod: self._container(pod, argv))

    def _container(self, pod: Resource, argv: tuple[str, ...]) -> None:
        name = pod.ref.name
        self._into.choose(
            f"into which container of {name}?",
            dict.fromkeys(inside.containers(pod), ""),
            lambda container: self._into.confirmed(
                f"go into {name}", lambda: self._visit_soon(Exec(pod.ref, argv, container, stdin=True, tty=True))
            ),
        )

    def _visit_soon(self, what: Exec) -> None:
        self._desk.start(self._go(what), "going into a pod")

    async def _go(self, what: Exec) -> None:
        if lacks := await self._desk.session.may(what):
            raise OsconsoleError(f"{what.pod.short}: {lacks}")
        code = await self._desk.host.lent(lambda: self._visit(what))
        self._desk.say(f"back from {what.pod.name}: {clean(what.words)} ended with {code}")

    async def _visit(self, what: Exec) -> int:
        """The terminal is ours here, and the console is not on it."""
        with OwnTerminal(tty=True) as terminal:
            place = f"pod {what.pod.name} container {what.container} in {what.pod.namespace}"
            await terminal.write(f"\r{clean(what.words)} in {place}: {_WAYS}\r\n".encode())
            code = await self._desk.session.exec(what, terminal)
            if what.argv != SHELL and not terminal.left:
                await terminal.write(f"\r\nended with {code}: a key comes back to the console".encode())
                await terminal.read()
            return code


def argv_of(text: str) -> tuple[str, ...]:
    """The words of a command as a shell would cut them.

    Raises:
        OsconsoleError: a quote is not closed.
    """
    try:
        return tuple(shlex.split(text))
    except ValueError as error:
        raise OsconsoleError(f"{text}: {error}: mend the command") from None
