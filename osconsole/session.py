"""Session: one running console, and the only object that the UI is given. Values in, values out.

Where its world comes from is its source's business: a cluster as it is now (`live`), or a recording (`replay`). What
things mean is judged in `views` and `reconcile`, never here.
"""

import asyncio
from collections.abc import AsyncGenerator, Callable, Iterable, Sequence
from contextlib import AbstractAsyncContextManager
from types import TracebackType
from typing import TYPE_CHECKING, Any, Protocol, Self

from osconsole.hindsight import Hindsight, Kept
from osconsole.journal import Entry
from osconsole.live import Live
from osconsole.model.connection import Context, Options, Status, Submitted
from osconsole.model.intents import Intent
from osconsole.model.kinds import Kind
from osconsole.model.logs import LogLine
from osconsole.model.preview import Preview
from osconsole.model.ref import KindKey, Ref
from osconsole.model.remote import Exec, Forward, Terminal
from osconsole.model.resource import Resource
from osconsole.model.snapshot import Snapshot
from osconsole.reconcile import states
from osconsole.store import Store

if TYPE_CHECKING:
    from osconsole.model.plan import Plan
    from osconsole.model.run import Expected
    from osconsole.playback import Playback
    from osconsole.reconcile.remote import Remote


class Source(Protocol):
    """Where a session's world comes from, and what can be done there; methods mean what the session's mean."""

    @property
    def store(self) -> Store:
        """What comes from it."""

    @property
    def status(self) -> Status:
        """How the line stands."""

    @property
    def playback(self) -> "Playback | None":
        """How its time is moved; None where time moves by itself."""

    async def run(self) -> None:
        """Bring the world in; returns only by cancellation."""

    def now(self) -> float:
        """Its clock."""

    def history(self) -> Kept | None:
        """What it knows of its past."""

    def journal(self, limit: int = 100) -> tuple[Entry, ...]:
        """What was done."""

    def expected(self, service: str) -> "Expected | None":
        """How long a service takes."""

    def show(self, kinds: Iterable[KindKey], namespace: str | None = None) -> None:
        """What is looked at."""

    def kinds(self) -> tuple[Kind, ...]:
        """What there may be."""

    def contexts(self) -> tuple[Context, ...]:
        """Where else one can go."""

    def use(self, context: str) -> None:
        """Go there."""

    def scope(self, namespace: str) -> None:
        """Another namespace."""

    async def read(self, ref: Ref) -> Resource | None:
        """One object, fresh."""

    async def inventory(self, nodeset: Resource) -> dict[str, Any]:
        """What Ansible is told."""

    async def operators(self) -> tuple[tuple[Ref, ...], str]:
        """Who reconciles."""

    async def can(self, intent: Intent, snapshot: Snapshot) -> str:
        """Rights."""

    async def preview(self, intent: Intent, snapshot: Snapshot) -> Preview:
        """What an intent would do."""

    async def submit(self, preview: Preview, snapshot: Snapshot) -> Submitted:
        """Do it."""

    async def steer(self, run: Ref, state: str) -> None:
        """Have a run stop, halt or go on: one of `reconcile.states`."""

    def logs(self, refs: tuple[Ref, ...], **choice: Any) -> AsyncGenerator[LogLine, None]:
        """Lines of logs."""

    def remote(self) -> "Remote":
        """What is done inside pods."""


class Session:
    """`async with Session(Options()) as session:`; or `await session.run()` where a task of the caller owns it."""

    def __init__(self, options: Options, source: Source | None = None) -> None:
        """Without a source it is the cluster that the options name.

        Raises:
            DocumentError: the settings are broken.
        """
        self._source: Source = Live(options) if source is None else source
        self._plans = options.plans
        self.past = Hindsight(self._source.store, self._source.history, self._source.journal, self._source.now)
        self._own: tuple[asyncio.TaskGroup, asyncio.Task[None]] | None = None

    async def __aenter__(self) -> Self:
        tasks = await asyncio.TaskGroup().__aenter__()
        self._own = (tasks, tasks.create_task(self.run(), name="session"))
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._own:
            (tasks, task), self._own = self._own, None
            task.cancel()
            if isinstance(error, asyncio.CancelledError):
                await tasks.__aexit__(kind, error, trace)
            else:  # an error of the body leaves as itself, not in a group
                await tasks.__aexit__(None, None, None)

    async def run(self) -> None:
        """Bring the world in; returns only by cancellation."""
        await self._source.run()

    @property
    def status(self) -> Status:
        """How the line stands, now."""
        return self.past.told(self._source.status)

    @property
    def playback(self) -> "Playback | None":
        """How the time of a recording is moved; None where time moves by itself."""
        return self._source.playback

    @property
    def snapshot(self) -> Snapshot:
        """The world, now, or at the moment that is looked at."""
        return self.past.snapshot

    def now(self) -> float:
        """Unix seconds: the one clock that the UI asks."""
        return self.past.now()

    def follow(self) -> AsyncGenerator[Snapshot, None]:
        """The latest snapshot, again whenever it or the status changed; slow readers skip revisions."""
        return self.past.follow()

    def show(self, kinds: Iterable[KindKey], namespace: str | None = None) -> None:
        """What must be watched now (replaces the last call), the most urgent first; None is the session's scope."""
        self._source.show(kinds, namespace)

    def kinds(self) -> tuple[Kind, ...]:
        """The kinds of our table and those that the server serves."""
        return self._source.kinds()

    async def read(self, ref: Ref) -> Resource | None:
        """A fresh GET; None when there is no such object. Raises our errors."""
        return await self._present().read(ref)

    async def inventory(self, nodeset: Resource) -> dict[str, Any]:
        """What Ansible is told about the hosts of a NodeSet, read now, secrets hidden. Raises our errors."""
        return await self._present().inventory(nodeset)

    async def operators(self) -> tuple[tuple[Ref, ...], str]:
        """The pods of the operators, and the container that reconciles ("": the only one). Raises our errors."""
        return await self._present().operators()

    async def can(self, intent: Intent) -> str:
        """Empty when the rights reach, else the missing right or the reason in words. Raises our errors."""
        return await self._present().can(intent, self.snapshot)

    def contexts(self) -> tuple[Context, ...]:
        """The contexts of the kubeconfig; empty when it cannot be read."""
        return self._source.contexts()

    async def use(self, context: str) -> None:
        """Go over to another context; the snapshot starts anew."""
        await self.past.look(0)
        self._source.use(context)

    def scope(self, namespace: str) -> None:
        """Go over to another namespace, "" for all."""
        self._source.scope(namespace)

    def plans(self) -> "dict[str, Plan | str]":
        """Every plan by name; for a file that is wrong, what is wrong with it."""
        from osconsole.reconcile import planfiles

        return planfiles.known(self._plans)

    async def preview(self, intent: Intent) -> Preview:
        """What the intent would do. Raises our errors; a refusal is a finding, Refused only what cannot be judged."""
        return await self._present().preview(intent, self.snapshot)

    async def submit(self, preview: Preview) -> Submitted:
        """Carry out what was previewed. Raises Refused, Conflict (preview anew) or another of our errors."""
        return await self._present().submit(preview, self.snapshot)

    async def abort(self, run: Ref) -> None:
        """Stop a run between two steps, for good."""
        await self._present().steer(run, states.STOPPED)

    async def pause(self, run: Ref) -> None:
        """Hold a run between two steps."""
        await self._present().steer(run, states.PAUSED)

    async def resume(self, run: Ref) -> None:
        """Let a held run go on."""
        await self._present().steer(run, states.ACTIVE)

    def logs(self, what: Ref | tuple[Ref, ...], **choice: Any) -> AsyncGenerator[LogLine, None]:
        """Lines of a pod, of every pod under an object (new ones join while following), or of several objects.

        `choice`: the fields of `kube.logs.Choice`: follow, tail, previous, container, since_s, every.
        """
        return self._present().logs((what,) if isinstance(what, Ref) else what, **choice)

    async def may(self, what: Exec | Forward) -> str:
        """Empty when a command may be run, or a port forwarded, else the missing right or the reason in words."""
        return await self._present().remote().missing(what)

    async def exec(self, what: Exec, terminal: Terminal) -> int:
        """Run a command in a container, noted in the journal; its exit code. Raises our errors."""
        return await self._present().remote().exec(what, terminal)

    def forwarding(
        self, wanted: Sequence[Forward], told: Callable[[str], None]
    ) -> AbstractAsyncContextManager[tuple[Forward, ...]]:
        """Forward ports while the context lasts, noted in the journal; gives them with their local ports.

        What goes wrong with one connection is told. Raises our errors.
        """
        return self._present().remote().forwarding(wanted, told)

    def expected(self, service: str) -> "Expected | None":
        """How long a run of a dataplane service may take and how many tasks it has, from earlier ones here."""
        return self._source.expected(service)

    def journal(self, limit: int = 100) -> tuple[Entry, ...]:
        """What was decided and done in this context, newest last."""
        return self._source.journal(limit)

    def _present(self) -> Source:
        """What can be asked, unless a past moment is looked at.

        Raises:
            Refused: one is.
        """
        self.past.refuse()
        return self._source
