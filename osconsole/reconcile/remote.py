"""Remote: commands in containers and ports of pods, for a person: allowed, noted in the journal, then carried out.

The journal gets who, where and which command, never what was typed or shown. Nothing here touches a terminal.
"""

import shlex
from collections.abc import AsyncGenerator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager

import msgspec

from osconsole.errors import OsconsoleError, Refused
from osconsole.journal import Entry, Journal, begun, masked
from osconsole.kube import access, portforward
from osconsole.kube.api import Api
from osconsole.kube.exec import run
from osconsole.model.kinds import BY_KEY, key
from osconsole.model.ref import Ref
from osconsole.model.remote import SHELL, Exec, Forward, Terminal
from osconsole.reconcile.desk import Rules

# A websocket is asked for by GET; since 1.35 servers want the right to create as well, and SPDY always did.
_VERBS = ("create", "get")


class Remote:
    """What is done inside pods over one connection."""

    def __init__(self, api: Api, journal: Journal, rules: Rules) -> None:
        self._api = api
        self._journal = journal
        self._rules = rules

    async def missing(self, what: Exec | Forward) -> str:
        """Empty when the rights reach, else the missing right or the reason in words."""
        if self._rules.read_only:
            return self._rules.read_only
        subresource = "exec" if isinstance(what, Exec) else "portforward"
        kind = BY_KEY[key("Pod")]
        for verb in _VERBS:
            lacks = await access.missing(self._api, verb, kind, what.pod.namespace, what.pod.name, subresource)
            if lacks:
                return f"no permission: {lacks}"
        return ""

    async def exec(self, what: Exec, terminal: Terminal) -> int:
        """Run a command to its end; its exit code.

        Raises:
            Refused: this session may not, or the rights do not reach.
            ApiError, Unreachable: it cannot be run there, or the line was cut.
        """
        await self._allowed(what)
        container = f" container {what.container}" if what.container else ""
        entry = self._begun(f"run {_words(what.argv)} in pod {what.pod.name}{container}", what.pod)
        with self._ended(entry):
            return await run(self._api, what, terminal)

    @asynccontextmanager
    async def forwarding(
        self, wanted: Sequence[Forward], told: portforward.Told
    ) -> AsyncGenerator[tuple[Forward, ...], None]:
        """Forward ports while the context lasts; see `kube.portforward.forwarding`."""
        for what in wanted:
            await self._allowed(what)
        ports = ", ".join(str(what.remote) for what in wanted)
        entry = self._begun(f"forward port {ports} of pod {wanted[0].pod.name}", wanted[0].pod)
        with self._ended(entry):
            async with portforward.forwarding(self._api, wanted, told) as found:
                yield found

    async def _allowed(self, what: Exec | Forward) -> None:
        if lacks := await self.missing(what):
            raise Refused(f"{what.pod.short}: {lacks}")

    def _begun(self, did: str, pod: Ref) -> Entry:
        """Note that it begins; nothing is done that is not noted."""
        entry = begun(did, pod, self._rules.context, self._rules.login)
        self._journal.write(entry)
        return entry

    @contextmanager
    def _ended(self, entry: Entry) -> Iterator[None]:
        """Note how it ended, whatever happens."""
        result = "broken off"
        try:
            yield
            result = "done"
        except OsconsoleError as error:
            result = str(error)
            raise
        finally:
            self._journal.write(msgspec.structs.replace(entry, result=result))


def _words(argv: Sequence[str]) -> str:
    """A command as the journal has it: values behind telling names are masked, in `--password X` and `TOKEN=X`."""
    if tuple(argv) == SHELL:
        return "a shell"
    words, before = [], ""
    for word in argv:
        name, equals, value = word.partition("=")
        if equals:
            words.append(f"{name}={masked({name: value})[name]}")
        else:
            words.append(masked({before: word})[before])
        before = word if word.startswith("-") and not equals else ""
    return f"'{shlex.join(words)}'"
