"""The operator: deciders, engine, execute and the mirror of what they read, as one controller process.

It takes the groups that nobody else visibly reconciles, is single by a Lease, and waits for an API server that is away.
"""

import asyncio
import logging
import time
from collections.abc import Iterable
from contextlib import aclosing

import msgspec

from osconsole.errors import ApiError, Refused, Unreachable
from osconsole.kube.api import Api
from osconsole.kube.discovery import served
from osconsole.kube.mirror import ALL, decode
from osconsole.kube.reflector import changes
from osconsole.model.changes import Gone, Put
from osconsole.model.kinds import BY_KEY, Kind, key
from osconsole.model.ref import KindKey, Ref
from osconsole.model.resource import dig
from osconsole.reconcile import runs
from osconsole.reconcile.decide import Decider
from osconsole.reconcile.driver import Driver
from osconsole.reconcile.engine import Engine
from osconsole.reconcile.execute import Executor
from osconsole.reconcile.expectations import Written
from osconsole.reconcile.groups import OWNERS, deciders, groups
from osconsole.reconcile.lease import RETRY_S, Lease
from osconsole.reconcile.single import Say, acquire
from osconsole.store import Store

CRD = key("CustomResourceDefinition")

log = logging.getLogger(__name__)


class Settings(msgspec.Struct, frozen=True):
    """What to reconcile: `groups` () are all that nobody else owns; `namespace` "" is all namespaces."""

    groups: tuple[str, ...] = ()
    namespace: str = ""


async def run(api: Api, settings: Settings, say: Say) -> None:
    """Reconcile until cancelled.

    Raises:
        Refused: a group that was asked for has another controller, or the Lease was lost.
        UsageError: a group that does not exist.
    """
    await _reach(api, say)
    wanted = await _choose(api, settings, say)
    lease = await acquire(api, settings.namespace, say)
    say(f"reconciling {', '.join(wanted)} in {settings.namespace or 'all namespaces'}")
    try:
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(lease.keep(), name="lease")
            tasks.create_task(Operator(api, settings, deciders(wanted), lease).run(), name="operator")
    finally:
        await asyncio.shield(lease.release())


class Operator:
    """The mirror and the engine over it."""

    def __init__(self, api: Api, settings: Settings, chosen: Iterable[Decider], lease: Lease) -> None:
        self._api = api
        self._lease = lease
        self._settings = settings
        self._deciders = tuple(chosen)
        self._store = Store()
        self._executor = Executor(api)
        self._installed: dict[KindKey, asyncio.Event] = {}
        self.engine = Engine((d for d in self._deciders if d is not runs.DECIDER), self._carry_out, self._refresh)

    async def run(self) -> None:
        """Mirror and decide until cancelled."""
        wanted = {kind for d in self._deciders for kind in (d.kind, *d.reads)}
        kinds = [BY_KEY[kind] for kind in sorted(wanted)]
        self._installed = {kind.key: asyncio.Event() for kind in kinds}
        async with asyncio.TaskGroup() as tasks:
            for kind in kinds:
                tasks.create_task(self._mirror(kind), name=f"mirror {kind.resource}")
            tasks.create_task(self._watch_crds(), name="mirror of CRDs")
            if runs.DECIDER in self._deciders:
                driver = Driver(self._api, self._store, lambda: None)
                tasks.create_task(driver.run(), name="driver of runs")
            async with aclosing(self._store.follow(0.01)) as snapshots:
                await self.engine.run(snapshots)

    async def _carry_out(self, action: object) -> Written | None:
        await self._lease.sure()
        return await self._executor.carry_out(action)  # type: ignore[arg-type]

    async def _refresh(self, ref: Ref) -> None:
        """Get one object into the store."""
        kind = BY_KEY[KindKey(ref.group, ref.kind)]
        now = time.time()
        try:
            answer = await self._api.send("GET", kind.path(ref.namespace, ref.name))
        except ApiError:
            self._store.apply([Gone(ref, now)])
            raise
        self._store.apply([Put(decode(answer.body, kind, ALL), now)])

    async def _mirror(self, kind: Kind) -> None:
        """Reflect one kind; anew as soon as its CRD is installed."""
        while True:
            async with asyncio.TaskGroup() as tasks:
                reflecting = tasks.create_task(self._reflect(kind), name=f"reflect {kind.resource}")
                await self._installed[kind.key].wait()
                self._installed[kind.key].clear()
                reflecting.cancel()

    async def _reflect(self, kind: Kind) -> None:
        namespace = self._settings.namespace if kind.namespaced else ""
        async with aclosing(changes(self._api, kind, namespace, secrets=ALL)) as batches:
            async for batch in batches:
                self._store.apply(batch)

    async def _watch_crds(self) -> None:
        """Notice kinds that are installed while we run."""
        async with aclosing(changes(self._api, BY_KEY[CRD])) as batches:
            async for batch in batches:
                for change in batch:
                    if isinstance(change, Put):
                        self._appeared(change)

    def _appeared(self, change: Put) -> None:
        body = change.resource.body()
        kind = KindKey(dig(body, "spec", "group", default=""), dig(body, "spec", "names", "kind", default=""))
        established = any(c.type == "Established" and c.ok for c in change.resource.conditions)
        lines = self._store.snapshot.lines
        absent = any(k == kind and line.state == "absent" for (k, _), line in lines.items())
        if kind in self._installed and established and absent:
            self._installed[kind].set()


async def _reach(api: Api, say: Say) -> None:
    """Wait until the API server answers."""
    told = False
    while True:
        try:
            await api.send("GET", "/readyz")
            return
        except (Unreachable, ApiError) as error:
            if not isinstance(error, Unreachable) and error.code < 500:
                return  # it answers; what it thinks of /readyz is another matter
            if not told:
                say(f"waiting for the API server: {error}")
                told = True
            await asyncio.sleep(RETRY_S)


async def _choose(api: Api, settings: Settings, say: Say) -> tuple[str, ...]:
    """The groups to reconcile."""
    known = {offer.kind.key for offer in (await served(api)).kinds}
    busy = await _controllers(api)
    chosen = []
    for group in groups(settings.groups):
        rivals = sorted(busy & OWNERS[group])
        if rivals and settings.groups:
            raise Refused(
                f"{group}: {', '.join(rivals)} of upstream reconciles it here. Stop that first "
                "(operatorOverrides with replicas 0), or leave this group out"
            )
        if rivals:
            say(f"leaving {group} to {', '.join(rivals)}")
            continue
        kinds = {d.kind for d in deciders((group,))}
        if not known & kinds:
            say(f"{group}: none of its kinds is installed yet")
        chosen.append(group)
    if not chosen:
        raise Refused("nothing to do: every group has another controller")
    return tuple(chosen)


async def _controllers(api: Api) -> set[str]:
    """The names of upstream's operators that run here."""
    found = set()
    kind = BY_KEY[key("Deployment")]
    async with aclosing(api.pages(kind.path(), {"labelSelector": "openstack.org/operator-name"})) as pages:
        async for page in pages:
            for item in page.items or ():
                resource = decode(item, kind)
                if resource.get("spec", "replicas", default=1):
                    found.add(resource.labels["openstack.org/operator-name"])
    return found
