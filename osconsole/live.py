"""Live: a session's world as a cluster tells it now: connects, watches, reconnects, writes, reads logs.

It never raises for weather: a cluster that does not answer is a `Status`, not an exception.
"""

import asyncio
import importlib
import time
from collections.abc import AsyncGenerator, Callable, Iterable
from typing import TYPE_CHECKING, Any

import msgspec

from osconsole.errors import KubeconfigError, OsconsoleError, Unauthorized, Unreachable
from osconsole.journal import Entry, Journal
from osconsole.kube.kubeconfig import load
from osconsole.kube.target import Target
from osconsole.model.changes import Lost
from osconsole.model.connection import Context, Options, Status, Submitted
from osconsole.model.intents import Intent
from osconsole.model.kinds import APART, KINDS, Kind
from osconsole.model.logs import LogLine
from osconsole.model.preview import Preview
from osconsole.model.ref import KindKey, Ref
from osconsole.model.resource import Resource
from osconsole.model.snapshot import Snapshot
from osconsole.reconcile import states
from osconsole.settings import Settings, read_settings
from osconsole.store import Store

if TYPE_CHECKING:
    from osconsole.history.history import History
    from osconsole.kube.api import Api
    from osconsole.link import Link
    from osconsole.model.run import Expected
    from osconsole.reconcile.remote import Remote

HEAVY = "osconsole.link"  # brings the HTTP client and all that writes; imported when it runs, after the first frame
RETRY_S = 2.0  # how often a kubeconfig that is not there is looked for


class Live:
    """The cluster of a kubeconfig as a `Source` of a session."""

    playback = None

    def __init__(self, options: Options) -> None:
        """Reads the settings.

        Raises:
            DocumentError: they are broken.
        """
        self._options = options
        self._settings = read_settings()
        self.store = Store()
        self._link: Link | None = None
        self._line = _Line(options, self.store.nudge)
        self._wanted: tuple[tuple[KindKey, ...], str | None] = ((), None)
        self._driving = False
        self._again = asyncio.Event()
        self._tasks: asyncio.TaskGroup | None = None

    async def run(self) -> None:
        """Connect, watch, reconnect; returns only by cancellation."""
        await asyncio.to_thread(importlib.import_module, HEAVY)
        async with asyncio.TaskGroup() as tasks:
            self._tasks = tasks
            while True:
                self._again.clear()
                link = tasks.create_task(self._connect(), name="link")
                await self._again.wait()
                link.cancel()
                await asyncio.wait([link])

    @property
    def status(self) -> Status:
        """How the line stands, now; the kubeconfig may have been read anew since it was opened."""
        if self._link:
            api = self._link.api
            self._line.learn(rtt_ms=api.rtt_ms, **_parties(api.line.target))
        return self._line.status

    def now(self) -> float:
        """The clock of this machine."""
        return time.time()

    def history(self) -> "History | None":
        """What is kept of this context, while there is a connection."""
        return self._link.history if self._link else None

    def journal(self, limit: int = 100) -> tuple[Entry, ...]:
        """What was decided and done in this context, newest last."""
        return Journal(self._line.status.context).read(limit)

    def expected(self, service: str) -> "Expected | None":
        """How long a run of a dataplane service may take and how many tasks it has, from earlier ones here."""
        return self._link.history.expected(service) if self._link else None

    def show(self, kinds: Iterable[KindKey], namespace: str | None = None) -> None:
        """What must be watched now (replaces the last call), the most urgent first; None is the scope."""
        self._wanted = (tuple(kinds), namespace)
        if self._link:
            scope = self._line.status.namespace if namespace is None else namespace
            more = (kind for kind in states.READS if self._driving and kind not in self._wanted[0])
            wanted = (*self._wanted[0], *more)
            self._link.informers.show((kind, "" if kind in APART else scope) for kind in wanted)

    def kinds(self) -> tuple[Kind, ...]:
        """The kinds of our table and those that the server serves."""
        return self._link.informers.kinds if self._link else KINDS

    def contexts(self) -> tuple[Context, ...]:
        """The contexts of the kubeconfig; empty when it cannot be read."""
        return _contexts(self._options, self._settings)

    def use(self, context: str) -> None:
        """Go over to another context; the snapshot starts anew."""
        self._options = msgspec.structs.replace(self._options, context=context, namespace=None)
        self.store.reset()
        self._again.set()

    def scope(self, namespace: str) -> None:
        """Go over to another namespace, "" for all."""
        self._options = msgspec.structs.replace(self._options, namespace=namespace)
        self._line.say(namespace=namespace)
        self.show(*self._wanted)

    async def read(self, ref: Ref) -> Resource | None:
        """A fresh GET."""
        return await self.connected().read(ref)

    async def inventory(self, nodeset: Resource) -> dict[str, Any]:
        """What Ansible is told about the hosts of a NodeSet, read now."""
        return await self.connected().inventory(nodeset)

    async def operators(self) -> tuple[tuple[Ref, ...], str]:
        """The pods of the operators, and the container that reconciles."""
        from osconsole.kube import operators

        return await operators.pods(self.connected().api)

    async def can(self, intent: Intent, snapshot: Snapshot) -> str:
        """Empty when the rights reach, else the missing right or the reason in words."""
        return await self.connected().desk.can(intent, snapshot, self.now())

    async def preview(self, intent: Intent, snapshot: Snapshot) -> Preview:
        """What the intent would do."""
        return await self.connected().desk.preview(intent, snapshot, self.now())

    async def submit(self, preview: Preview, snapshot: Snapshot) -> Submitted:
        """Carry out what was previewed."""
        submitted = await self.connected().desk.submit(preview, snapshot, self.now())
        if submitted.driven_here:
            self._drive(submitted.ref)
        return submitted

    async def steer(self, run: Ref, state: str) -> None:
        """Have a run stop, halt or go on between two steps."""
        if await self.connected().steer(run, state, self.now()):
            self._drive(run)

    async def logs(self, refs: tuple[Ref, ...], **choice: Any) -> AsyncGenerator[LogLine, None]:
        """Lines of all pods under the objects; `choice` as `Session.logs` has it."""
        from osconsole.kube.fan import Fan
        from osconsole.kube.logs import Choice

        fan = Fan(self.connected().api, self.store, refs, Choice(**choice))
        task = self._group().create_task(fan.run(), name="logs")
        try:
            async for line in fan.lines():
                yield line
        finally:
            task.cancel()

    def remote(self) -> "Remote":
        """What is done inside pods.

        Raises:
            Unreachable: there is no connection now.
        """
        return self.connected().remote

    def connected(self) -> "Link":
        """The connection.

        Raises:
            Unreachable: there is none now.
        """
        if self._link is None:
            raise Unreachable(self._line.status.why or "not connected yet: try again in a moment")
        return self._link

    async def _connect(self) -> None:
        """One connection, from the first look at the kubeconfig until it is cancelled."""
        from osconsole.link import Link, rules_of

        api = await self._opened()
        try:
            rules = rules_of(self._options, self._line.status)
            self._link = Link(api, self.store, rules, self._need_runs)
            self.show(*self._wanted)
            await self._link.run(self._line.heard, adopts=self._options.adopts and not rules.read_only)
        finally:
            self._link = None
            await api.close()

    async def _opened(self) -> "Api":
        from osconsole.kube.api import Api

        while True:
            try:
                api = Api(self._options)
            except KubeconfigError as error:
                self._line.heard(error)
                scope = self._line.status.namespace
                self.store.apply(Lost(kind, scope, str(error), time.time()) for kind in self._wanted[0])
                await asyncio.sleep(RETRY_S)
                continue
            target = api.line.target
            namespace = target.namespace if self._options.namespace is None else self._options.namespace
            marks = self._settings.context(target.context)
            self._line.say(
                context=target.context,
                namespace=namespace,
                read_only=self._options.read_only or marks.read_only,
                protected=marks.protected,
                state="connecting",
                why="",
                **_parties(target),
            )
            return api

    def _drive(self, run: Ref) -> None:
        """Carry a run on from here."""
        self._group().create_task(self.connected().driver.drive(run), name=f"drive {run.name}")

    def _need_runs(self) -> None:
        """From now on watch what deciding on runs reads."""
        if not self._driving:
            self._driving = True
            self.show(*self._wanted)

    def _group(self) -> asyncio.TaskGroup:
        if self._tasks is None:
            raise Unreachable("the session does not run")
        return self._tasks


class _Line:
    """How the line stands; who follows the world looks again when that changes."""

    def __init__(self, options: Options, nudge: Callable[[], None]) -> None:
        self.status = Status(context=options.context, namespace=options.namespace or "", since=time.time())
        self._nudge = nudge

    def heard(self, failure: Unreachable | None) -> None:
        """The pulse, or the lack of a kubeconfig."""
        refused = isinstance(failure, Unauthorized | KubeconfigError)
        self.say(state="denied" if refused else "lost" if failure else "live", why=str(failure or ""))

    def say(self, **news: Any) -> None:
        """Change the status, and tell."""
        before = self.status
        if news.get("state", before.state) != before.state:
            news["since"] = time.time()
        self.learn(**news)
        if self.status is not before:
            self._nudge()

    def learn(self, **news: Any) -> None:
        """Change what differs, untold."""
        if any(getattr(self.status, name) != value for name, value in news.items()):
            self.status = msgspec.structs.replace(self.status, **news)


def _parties(target: Target) -> dict[str, Any]:
    """Who speaks to whom, as the status has it."""
    return {
        "server": target.cluster.server,
        "user": target.user.as_ or target.user_name,
        "insecure": target.cluster.insecure_skip_tls_verify,
    }


def _contexts(options: Options, settings: Settings) -> tuple[Context, ...]:
    """The contexts of the kubeconfig, with what the settings say of each."""
    try:
        found = load(options)
    except OsconsoleError:
        return ()
    if isinstance(found, Target):
        return (Context(found.context, found.cluster.server, found.user_name, found.namespace, current=True),)
    marked = ((context, settings.context(context.name)) for context in found.contexts())
    return tuple(msgspec.structs.replace(c, read_only=m.read_only, protected=m.protected) for c, m in marked)
