"""Visits: a shell or a command in a container, on the person's own terminal, and back to the console."""

import shlex
from collections.abc import Callable

import msgspec

from osconsole.errors import OsconsoleError
from osconsole.model.ref import Ref
from osconsole.model.remote import SHELL, Exec
from osconsole.terminal import OwnTerminal
from osconsole.ui.desk import Desk
from osconsole.ui.screens.choice import Choice, ChoiceSheet
from osconsole.views import facts, inside
from osconsole.views.text import clean

_WAYS = "exit comes back to the console; so does Ctrl-] three times when nothing answers"

NO_PODS = frozenset({
    "Namespace", "Node", "Service", "Endpoints", "Event", "Secret", "ConfigMap", "ServiceAccount", "PersistentVolume",
    "PersistentVolumeClaim", "Lease", "Role", "RoleBinding", "CustomResourceDefinition", "OpenStackVersion",
    "OpenStackDataPlaneService", "NetConfig", "IPSet", "Reservation",
})  # fmt: skip


class Visits:
    """Asks where to, and goes there."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def do_exec(self) -> None:
        """A shell in one of its containers."""
        self._begin(SHELL)

    def say_exec(self, text: str) -> None:
        """`:exec df -h`."""
        self._begin(argv_of(text))

    def _begin(self, argv: tuple[str, ...]) -> None:
        ref = self._desk.place.subject()
        if ref is None:
            self._desk.say("nothing is selected")
        elif senseless := no_pods(ref):
            self._desk.say(f"exec: {senseless}", "warn")
        else:
            self.start(ref, argv)

    def start(self, ref: Ref, argv: tuple[str, ...] = SHELL) -> None:
        """Go into a pod of an object; which one, and which container, is asked where there is a choice."""
        found = inside.pods(self._desk.session.snapshot, ref)
        if not found:
            self._desk.say(f"{ref.short}: no pod of it runs, as far as is known here", "warn")
            return
        named = {pod.ref.name: pod for pod in found}
        words = {name: f"{facts.pod(pod).node}  {facts.pod(pod).phase}" for name, pod in named.items()}
        self._choose(
            "into which pod?", words, lambda name: self._container(Exec(named[name].ref, argv, stdin=True, tty=True))
        )

    def _container(self, what: Exec) -> None:
        pod = self._desk.session.snapshot.get(what.pod)
        names = inside.containers(pod) if pod else []
        self._choose(
            f"into which container of {what.pod.name}?",
            dict.fromkeys(names, ""),
            lambda name: self._confirm(msgspec.structs.replace(what, container=name)),
        )

    def _choose(self, title: str, words: dict[str, str], taken: Callable[[str], None]) -> None:
        """Ask, unless there is only one."""
        if len(words) == 1:
            taken(next(iter(words)))
            return

        def chosen(name: str) -> None:
            self._desk.close()
            taken(name)

        self._desk.show(ChoiceSheet(title, [Choice(name, said) for name, said in words.items()], chosen))

    def _confirm(self, what: Exec) -> None:
        """Have the name of a protected context typed."""
        status = self._desk.session.status
        if not status.protected:
            self._desk.start(self._go(what), "going into a pod")
            return

        def done(text: str) -> None:
            if text.strip() == status.context:
                self._desk.start(self._go(what), "going into a pod")
            else:
                self._desk.say("nothing was done", "warn")

        self._desk.prompt(f"type {status.context} to go into {what.pod.name}: ", done)

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


def no_pods(ref: Ref) -> str:
    """Why an object has nothing to go into; "" when it may have."""
    return f"a {ref.kind} has no pods to go into" if ref.kind in NO_PODS else ""


def argv_of(text: str) -> tuple[str, ...]:
    """The words of a command as a shell would cut them.

    Raises:
        OsconsoleError: a quote is not closed.
    """
    try:
        return tuple(shlex.split(text))
    except ValueError as error:
        raise OsconsoleError(f"{text}: {error}: mend the command") from None
