"""Session: one running console, and the only object that the UI is given. Values in, values out.

It owns the TaskGroup under which every stream runs. It never raises for weather: a cluster that does not answer is a
`Status`, not an exception. What things mean is judged in `views` and `reconcile`, never here.
"""

import asyncio
import importlib
import time
from collections.abc import AsyncGenerator, Iterable
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

import msgspec

from osconsole.errors import KubeconfigError, NotFound, OsconsoleError, Unauthorized, Unreachable
from osconsole.hindsight import Hindsight
from osconsole.journal import Entry, Journal
from osconsole.kube.kubeconfig import Target, load
from osconsole.model.changes import Lost
from osconsole.model.connection import Context, Options, Status, Submitted
from osconsole.model.intents import Intent, Restart, RunPlan
from osconsole.model.kinds import APART, KINDS, Kind
from osconsole.model.logs import LogLine
from osconsole.model.preview import Preview
from osconsole.model.ref import KindKey, Ref
from osconsole.model.resource import Resource
from osconsole.model.snapshot import Snapshot
from osconsole.reconcile import states
from osconsole.settings import read_settings
from osconsole.store import Store

if TYPE_CHECKING:
    from osconsole.kube.api import Api
    from osconsole.link import Link
    from osconsole.model.run import Expected

HEAVY = "osconsole.link"  # brings the HTTP client and all that writes; imported when it runs, after the first frame
RETRY_S = 2.0  # how often a kubeconfig that is not there is looked for


class Session:
    """`async with Session(Options()) as session:`; or `await session.run()` where a task of the caller owns it."""

    def __init__(self, options: Options) -> None:
        """Reads the settings.

        Raises:
            DocumentError: they are broken.
        """
        self._options = options
        self._settings = read_settings()
        self._store = Store()
        self._link: Link | None = None
        self.past = Hindsight(self._store, lambda: self._link.history if self._link else None, self.journal)
        self._status = Status(context=options.context, namespace=options.namespace or "", since=time.time())
        self._wanted: tuple[tuple[KindKey, ...], str | None] = ((), None)
        self._driving = False
        self._again = asyncio.Event()
        self._tasks: asyncio.TaskGroup | None = None
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
        """How the line stands, now."""
        if self._link and self._link.api.rtt_ms != self._status.rtt_ms:
            self._status = msgspec.structs.replace(self._status, rtt_ms=self._link.api.rtt_ms)
        return self.past.told(self._status)

    @property
    def snapshot(self) -> Snapshot:
        """The world, now, or at the moment that is looked at."""
        return self.past.snapshot

    def follow(self) -> AsyncGenerator[Snapshot, None]:
        """The latest snapshot, again whenever it or the status changed; slow readers skip revisions."""
        return self.past.follow()

    def show(self, kinds: Iterable[KindKey], namespace: str | None = None) -> None:
        """What must be watched now (replaces the last call), the most urgent first; None is the session's scope."""
        self._wanted = (tuple(kinds), namespace)
        if self._link:
            scope = self._status.namespace if namespace is None else namespace
            more = (kind for kind in states.READS if self._driving and kind not in self._wanted[0])
            wanted = (*self._wanted[0], *more)
            self._link.informers.show((kind, "" if kind in APART else scope) for kind in wanted)

    def kinds(self) -> tuple[Kind, ...]:
        """The kinds of our table and those that the server serves."""
        return self._link.informers.kinds if self._link else KINDS

    async def read(self, ref: Ref) -> Resource | None:
        """A fresh GET; None when there is no such object. Raises our errors."""
        return await self._connected().read(ref)

    async def inventory(self, nodeset: Resource) -> dict[str, Any]:
        """What Ansible is told about the hosts of a NodeSet, read now, secrets hidden. Raises our errors."""
        return await self._connected().inventory(nodeset)

    async def can(self, intent: Intent) -> str:
        """Empty when the rights reach, else the missing right or the reason in words. Raises our errors."""
        return await self._connected().desk.can(intent, self.snapshot, self.now())

    def contexts(self) -> tuple[Context, ...]:
        """The contexts of the kubeconfig; empty when it cannot be read."""
        try:
            found = load(self._options)
        except OsconsoleError:
            return ()
        if isinstance(found, Target):
            return (Context(found.context, found.cluster.server, found.user_name, found.namespace, current=True),)
        return tuple(self._marked(context) for context in found.contexts())

    async def use(self, context: str) -> None:
        """Go over to another context; the snapshot starts anew."""
        await self.past.look(0)
        self._options = msgspec.structs.replace(self._options, context=context, namespace=None)
        self._store.reset()
        self._again.set()

    def scope(self, namespace: str) -> None:
        """Go over to another namespace, "" for all."""
        self._options = msgspec.structs.replace(self._options, namespace=namespace)
        self._say(namespace=namespace)
        self.show(*self._wanted)

    async def preview(self, intent: Intent) -> Preview:
        """What the intent would do. Raises our errors; a refusal is a finding, Refused only what cannot be judged."""
        return await self._connected().desk.preview(intent, self.snapshot, self.now())

    async def submit(self, preview: Preview) -> Submitted:
        """Carry out what was previewed. Raises Refused, Conflict (preview anew) or another of our errors."""
        submitted = await self._connected().desk.submit(preview, self.snapshot, self.now())
        if isinstance(preview.intent, Restart | RunPlan):
            submitted = msgspec.structs.replace(submitted, driven_here=await self._drive(submitted.ref))
        return submitted

    async def abort(self, run: Ref) -> None:
        """Stop a run between two steps, for good."""
        await self._steer(run, states.STOPPED)

    async def pause(self, run: Ref) -> None:
        """Hold a run between two steps."""
        await self._steer(run, states.PAUSED)

    async def resume(self, run: Ref) -> None:
        """Let a held run go on."""
        await self._steer(run, states.ACTIVE)
        await self._drive(run)

    async def logs(self, what: Ref | tuple[Ref, ...], **choice: Any) -> AsyncGenerator[LogLine, None]:
        """Lines of a pod, of every pod under an object (new ones join while following), or of several objects.

        `choice`: the fields of `kube.logs.Choice`: follow, tail, previous, container, since_s.
        """
        from osconsole.kube.fan import Fan
        from osconsole.kube.logs import Choice

        refs = (what,) if isinstance(what, Ref) else what
        fan = Fan(self._connected().api, self._store, refs, Choice(**choice))
        task = self._group().create_task(fan.run(), name="logs")
        try:
            async for line in fan.lines():
                yield line
        finally:
            task.cancel()

    def expected(self, service: str) -> "Expected | None":
        """How long a run of a dataplane service may take and how many tasks it has, from earlier ones here."""
        return self._link.history.expected(service) if self._link else None

    def journal(self, limit: int = 100) -> tuple[Entry, ...]:
        """What was decided and done in this context, newest last."""
        return Journal(self._status.context).read(limit)

    def now(self) -> float:
        """Unix seconds: the one clock that the UI asks."""
        return self.past.now()

    async def _connect(self) -> None:
        """One connection, from the first look at the kubeconfig until it is cancelled."""
        from osconsole.link import Link, rules_of

        api = await self._opened()
        try:
            rules = rules_of(self._options, self._status)
            self._link = Link(api, self._store, rules, self._need_runs)
            self.show(*self._wanted)
            await self._link.run(self._heard, adopts=self._options.adopts and not rules.read_only)
        finally:
            self._link = None
            await api.close()

    async def _opened(self) -> "Api":
        from osconsole.kube.api import Api

        while True:
            try:
                api = Api(self._options)
            except KubeconfigError as error:
                self._heard(error)
                scope = self._status.namespace
                self._store.apply(Lost(kind, scope, str(error), time.time()) for kind in self._wanted[0])
                await asyncio.sleep(RETRY_S)
                continue
            target = api.line.target
            namespace = target.namespace if self._options.namespace is None else self._options.namespace
            marks = self._settings.context(target.context)
            self._say(
                context=target.context,
                server=target.cluster.server,
                user=self._options.as_user or target.user_name,
                namespace=namespace,
                read_only=self._options.read_only or marks.read_only,
                protected=marks.protected,
                state="connecting",
                why="",
            )
            return api

    def _heard(self, failure: Unreachable | None) -> None:
        """The pulse, or the lack of a kubeconfig."""
        refused = isinstance(failure, Unauthorized | KubeconfigError)
        self._say(state="denied" if refused else "lost" if failure else "live", why=str(failure or ""))

    def _say(self, **news: Any) -> None:
        """Change the status; those who follow look again."""
        before = self._status
        if news.get("state", before.state) != before.state:
            news["since"] = time.time()
        self._status = msgspec.structs.replace(before, **news)
        if self._status != before:
            self._store.nudge()

    async def _steer(self, run: Ref, state: str) -> None:
        found = await self.read(run)
        if found is None:
            raise NotFound(f"there is no run {run.name} in {run.namespace} any more", 404)
        await self._connected().desk.steer(found, state, self.now())

    async def _drive(self, run: Ref) -> bool:
        """Carry a run on from here, unless an operator does; whether we do."""
        link = self._connected()
        if await link.has_operator(run.namespace):
            return False
        self._group().create_task(link.driver.drive(run), name=f"drive {run.name}")
        return True

    def _need_runs(self) -> None:
        """From now on watch what deciding on runs reads."""
        if not self._driving:
            self._driving = True
            self.show(*self._wanted)

    def _connected(self) -> "Link":
        self.past.refuse()
        if self._link is None:
            raise Unreachable(self._status.why or "not connected yet: try again in a moment")
        return self._link

    def _group(self) -> asyncio.TaskGroup:
        if self._tasks is None:
            raise Unreachable("the session does not run")
        return self._tasks

    def _marked(self, context: Context) -> Context:
        marks = self._settings.context(context.name)
        return msgspec.structs.replace(context, read_only=marks.read_only, protected=marks.protected)
