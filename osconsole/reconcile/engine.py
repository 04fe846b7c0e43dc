"""The engine: wakes deciders when something that they read has changed, and has their actions carried out.

It is level-triggered and keeps nothing that it could not rebuild: whatever is lost with the process is decided anew
from the next snapshot. It knows neither kinds nor HTTP.
"""

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable

from osconsole.errors import ApiError, Conflict, NotFound, OsconsoleError, Unreachable
from osconsole.model.ref import KindKey, Ref
from osconsole.model.resource import Resource
from osconsole.model.snapshot import Snapshot
from osconsole.reconcile.actions import Action
from osconsole.reconcile.decide import Act, Blocked, Decider, Outcome, Wait, World
from osconsole.reconcile.expectations import Expectations, Written
from osconsole.reconcile.readers import Readers, changed, moved
from osconsole.reconcile.workqueue import Workqueue

PATIENCE_S = 5.0  # how long an own write may take to come back before a GET is forced
WORKERS = 8

CarryOut = Callable[[Action], Awaitable[Written | None]]
Refresh = Callable[[Ref], Awaitable[None]]

log = logging.getLogger(__name__)


class Engine:
    """One set of deciders over one stream of snapshots.

    `carry_out` does one action and says what it wrote (None: nothing was left to do); `refresh` gets one object from
    the API server into the store.
    """

    def __init__(self, deciders: Iterable[Decider], carry_out: CarryOut, refresh: Refresh) -> None:
        self._deciders: dict[KindKey, Decider] = {d.kind: d for d in deciders}
        self._needed = {kind for d in self._deciders.values() for kind in (d.kind, *d.reads)}
        self._carry_out = carry_out
        self._refresh = refresh
        self._snapshot = Snapshot()
        self._settled = False
        self._queue: Workqueue[Ref] = Workqueue(time.monotonic)
        self._readers = Readers()
        self._expectations = Expectations(PATIENCE_S)
        self.outcomes: dict[Ref, Outcome] = {}

    async def run(self, snapshots: AsyncIterator[Snapshot]) -> None:
        """Decide until the snapshots end or the task is cancelled."""
        async with asyncio.TaskGroup() as tasks:
            workers = [tasks.create_task(self._work(), name=f"reconcile {n}") for n in range(WORKERS)]
            async for snapshot in snapshots:
                self._feed(snapshot)
            for worker in workers:
                worker.cancel()

    def _feed(self, new: Snapshot) -> None:
        """Take the next snapshot and wake whoever it concerns."""
        old, self._snapshot = self._snapshot, new
        if not self._settled:
            self._settled = all(_settled(new, kind) for kind in self._needed)
            if self._settled:
                for kind in self._deciders:
                    for resource in new.all(kind):
                        self._queue.add(resource.ref)
            return
        for ref in changed(old, new):
            if KindKey(ref.group, ref.kind) in self._deciders:
                self._queue.add(ref)
            for reader in self._readers.of(ref):
                self._queue.add(reader)
        for kind, namespace in moved(old, new):
            for reader in self._readers.of_scope(kind, namespace):
                self._queue.add(reader)

    async def _work(self) -> None:
        while True:
            ref = await self._queue.take()
            try:
                await self._handle(ref)
                self._queue.forget(ref)
            except Conflict:
                self._queue.retry(ref)
            except (ApiError, Unreachable) as error:
                delay_s = self._queue.retry(ref)
                log.warning("%s: %s; trying again in %.1f s", ref, error, delay_s)
            except OsconsoleError as error:
                self._queue.retry(ref)
                log.warning("%s: %s", ref, error)
            except Exception:
                self._queue.retry(ref)
                log.exception("%s: deciding failed", ref)
            finally:
                self._queue.done(ref)

    async def _handle(self, ref: Ref) -> None:
        """One look at one object."""
        if await self._still_waiting(ref):
            return
        resource = self._snapshot.get(ref)
        if resource is None:
            self._readers.forget(ref)
            self.outcomes.pop(ref, None)
            return
        outcome = self._decide(resource)
        match outcome:
            case Act(actions=actions, again_s=again_s):
                await self._act(ref, actions)
                if again_s:
                    self._queue.add_after(ref, again_s)
            case Wait(until=until) if until:
                self._queue.add_after(ref, until - time.time())
            case Blocked(what=what):
                log.info("%s: %s", ref, what)

    def _decide(self, resource: Resource) -> Outcome:
        world = World(self._snapshot)
        try:
            outcome = self._deciders[resource.kind].decide(resource, world, time.time())
        finally:  # also after an error: a change of what was read is a reason to try again
            self._readers.note(resource.ref, world)
        self.outcomes[resource.ref] = outcome
        return outcome

    async def _act(self, ref: Ref, actions: tuple[Action, ...]) -> None:
        writes: list[Written] = []
        try:
            for action in actions:
                written = await self._carry_out(action)
                if written is not None:
                    writes.append(written)
        finally:
            self._expectations.expect(ref, tuple(writes), time.monotonic())
            if writes:  # what has come back already will not wake it again
                self._queue.add(ref)

    async def _still_waiting(self, ref: Ref) -> bool:
        """Whether own writes for this object are still to come back; past the deadline they are fetched."""
        unseen = self._expectations.unseen(ref, self._snapshot)
        if not unseen:
            return False
        for written in unseen:
            self._readers.watch(written.ref, ref)
        late_s = self._expectations.overdue(ref, time.monotonic())
        if late_s < 0:
            self._queue.add_after(ref, -late_s)
            return True
        left = []
        for written in unseen:
            try:
                await self._refresh(written.ref)
                left.append(written)
            except NotFound:  # gone again before we saw it
                continue
        self._expectations.forget(ref)
        self._expectations.expect(ref, tuple(left), time.monotonic())
        self._queue.add(ref)
        return True


def _settled(snapshot: Snapshot, kind: KindKey) -> bool:
    """Whether a kind has been listed, or is known not to be there."""
    return any(key == kind and line.state != "loading" for (key, _), line in snapshot.lines.items())
