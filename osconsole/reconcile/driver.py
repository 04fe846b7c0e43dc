"""The driver of runs: of all processes that could carry a run on, the holder of its Lease does.

An operator drives every run that it sees, a console those that it finds without a holder, a command its own. One that
dies leaves the run as it is; the next one goes on.
"""

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Callable
from contextlib import aclosing, suppress
from functools import partial

from osconsole.errors import ApiError, Forbidden, NotFound, OsconsoleError, Unreachable
from osconsole.kube.api import Api
from osconsole.kube.mirror import decode
from osconsole.model.changes import Gone, Put
from osconsole.model.kinds import BY_KEY, key
from osconsole.model.ref import KindKey, Ref
from osconsole.model.resource import Resource
from osconsole.model.snapshot import Snapshot
from osconsole.reconcile import runs
from osconsole.reconcile.actions import Action
from osconsole.reconcile.decide import Decider, Done, Outcome, World
from osconsole.reconcile.engine import Engine
from osconsole.reconcile.execute import Executor
from osconsole.reconcile.expectations import Written
from osconsole.reconcile.lease import RETRY_S, Lease
from osconsole.store import Store

LEASE = key("Lease")
DENIED_S = 60.0  # how often who may not have Leases asks again

log = logging.getLogger(__name__)


class Driver:
    """Drives runs whose Lease can be had; `need` asks for the kinds that deciding on a run reads."""

    def __init__(self, api: Api, store: Store, need: Callable[[], None]) -> None:
        self._api = api
        self._store = store
        self._need = need
        self._executor = Executor(api)
        self._driven: set[Ref] = set()

    async def run(self) -> None:
        """Drive every active run in the store, until cancelled."""
        async with asyncio.TaskGroup() as tasks, aclosing(self._store.follow(0.2)) as snapshots:
            async for snapshot in snapshots:
                for found in snapshot.all(runs.CONFIGMAP):
                    if _active(found) and found.ref not in self._driven:
                        tasks.create_task(self.drive(found.ref), name=f"drive {found.ref.name}")
                        self._driven.add(found.ref)

    async def drive(self, ref: Ref) -> None:
        """Carry one run to its end; weather is waited out. Returns when it is over, held, or somebody else's."""
        self._driven.add(ref)
        lease = Lease(self._api, ref.namespace, ref.name)
        try:
            self._need()
            if await self._taken(lease, ref):
                await self._carry_on(lease, ref)
        except* OsconsoleError as errors:
            log.warning("run %s: %s", ref.name, errors.exceptions[0])
        finally:
            self._driven.discard(ref)
            await asyncio.shield(self._forget(lease, ref))

    async def _taken(self, lease: Lease, ref: Ref) -> bool:
        """Take the Lease, waiting for its holder; False when the run is over by then."""
        while _goes_on(self._store.snapshot, ref):
            rest_s = RETRY_S
            try:
                if not await lease.take():
                    return True
            except Forbidden:
                rest_s = DENIED_S
            except (ApiError, Unreachable):
                pass
            await asyncio.sleep(rest_s)
        return False

    async def _carry_on(self, lease: Lease, ref: Ref) -> None:
        only = Decider(runs.DECIDER.kind, runs.DECIDER.group, _only(ref), runs.DECIDER.reads)
        engine = Engine((only,), partial(self._carry_out, lease), self._refresh)
        async with asyncio.TaskGroup() as tasks:
            keeping = tasks.create_task(lease.keep(), name=f"lease {ref.name}")
            await engine.run(self._while_active(ref))
            keeping.cancel()

    async def _while_active(self, ref: Ref) -> AsyncIterator[Snapshot]:
        async with aclosing(self._store.follow(0.05)) as snapshots:
            async for snapshot in snapshots:
                if not _goes_on(snapshot, ref):
                    return
                yield snapshot

    async def _carry_out(self, lease: Lease, action: Action) -> Written | None:
        await lease.sure()
        return await self._executor.carry_out(action)

    async def _refresh(self, ref: Ref) -> None:
        kind = BY_KEY[KindKey(ref.group, ref.kind)]
        try:
            answer = await self._api.send("GET", kind.path(ref.namespace, ref.name))
        except NotFound:
            self._store.apply([Gone(ref, time.time())])
            raise
        self._store.apply([Put(decode(answer.body, kind), time.time())])

    async def _forget(self, lease: Lease, ref: Ref) -> None:
        """Let go of the Lease; remove it when the run is over."""
        await lease.release()
        found = self._store.snapshot.get(ref)
        if found is None or found.labels.get(runs.LABEL) in {runs.DONE, runs.FAILED, runs.STOPPED}:
            with suppress(OsconsoleError):
                await self._api.delete(BY_KEY[LEASE].path(ref.namespace, ref.name))


def _active(run: Resource) -> bool:
    return run.labels.get(runs.LABEL) == runs.ACTIVE and not run.deleted


def _goes_on(snapshot: Snapshot, ref: Ref) -> bool:
    """The run is not known to have ended; one that has not been seen yet has not."""
    found = snapshot.get(ref)
    return found is None or _active(found)


def _only(ref: Ref) -> Callable[[Resource, World, float], Outcome]:
    def decide(run: Resource, world: World, now: float) -> Outcome:
        return runs.decide(run, world, now) if run.ref == ref else Done()

    return decide
