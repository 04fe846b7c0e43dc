"""The engine wakes, waits for its own writes, backs off, and lets no object stop another."""

import asyncio
import contextlib
import time
from contextlib import aclosing

import pytest

from osconsole.errors import Conflict, NotFound
from osconsole.model.changes import Gone, Listed, Put
from osconsole.model.kinds import key
from osconsole.model.ref import Ref
from osconsole.model.resource import resource
from osconsole.reconcile import engine as module
from osconsole.reconcile.actions import Ensure, SetStatus
from osconsole.reconcile.decide import Act, Decider, Done, Wait
from osconsole.reconcile.engine import Engine
from osconsole.reconcile.execute import ref_of
from osconsole.reconcile.expectations import Written
from osconsole.store import Store

KIND, CHILD = key("KeystoneAPI"), key("Deployment")


def body(kind, name: str, version: int, **rest):
    group = {"KeystoneAPI": "keystone.openstack.org/v1beta1", "Deployment": "apps/v1"}[kind.kind]
    meta = {"name": name, "namespace": "n", "uid": name, "resourceVersion": str(version)}
    return {"apiVersion": group, "kind": kind.kind, "metadata": meta, **rest}


class Cluster:
    """A server whose watch can be held back: writes take a version, and come back when `deliver` says so."""

    def __init__(self, decide) -> None:
        self.store = Store()
        self.store.apply([Listed(KIND, "", (), 0.0), Listed(CHILD, "", (), 0.0)])
        self.version = 100
        self.written: list = []
        self.decided: list[str] = []
        self.held: list = []
        self.hold = False
        self.fail: dict[str, Exception] = {}

        def recorded(me, world, now):
            self.decided.append(me.ref.name)
            return decide(me, world, now)

        self.engine = Engine([Decider(KIND, "g", recorded, (CHILD,))], self.carry_out, self.refresh)

    def put(self, kind, name: str, **rest) -> None:
        self.version += 1
        self.store.apply([Put(resource(body(kind, name, self.version, **rest)), time.time())])

    async def carry_out(self, action):
        if isinstance(action, SetStatus):
            return None
        ref = ref_of(action.body)
        if ref.name in self.fail:
            raise self.fail.pop(ref.name)
        self.version += 1
        self.written.append(ref.name)
        made = resource(
            {**action.body, "metadata": {**action.body["metadata"], "uid": "u", "resourceVersion": str(self.version)}}
        )
        change = Put(made, time.time())
        self.held.append(change) if self.hold else self.store.apply([change])
        return Written(ref, made.version)

    async def refresh(self, ref: Ref):
        found = [c for c in self.held if c.resource.ref == ref]
        if not found:
            self.store.apply([Gone(ref, time.time())])
            raise NotFound(f"{ref} is gone", 404)
        self.store.apply(found)

    def deliver(self) -> None:
        self.store.apply(self.held)
        self.held = []

    @contextlib.asynccontextmanager
    async def running(self):
        async def run():
            async with aclosing(self.store.follow(0.0)) as snapshots:
                await self.engine.run(snapshots)

        async with asyncio.TaskGroup() as tasks:
            task = tasks.create_task(run())
            yield
            task.cancel()


async def until(holds) -> None:
    async with asyncio.timeout(5):
        while not holds():  # noqa: ASYNC110 (it watches a world, not an event)
            await asyncio.sleep(0.005)


def one_child(me, world, _now):
    """Make a Deployment of the same name."""
    if world.find(CHILD, "n", me.ref.name) is None:
        return Act((Ensure(body(CHILD, me.ref.name, 0)),))
    return Done()


async def test_an_object_is_woken_by_what_it_read_also_while_that_did_not_exist():
    cluster = Cluster(one_child)
    async with cluster.running():
        cluster.put(KIND, "a")
        await until(lambda: isinstance(cluster.engine.outcomes.get(KIND.ref("n", "a")), Done))
        assert cluster.written == ["a"]
        seen = len(cluster.decided)
        cluster.put(CHILD, "other")
        cluster.store.apply([Gone(CHILD.ref("n", "a"), time.time())])
        await until(lambda: cluster.written == ["a", "a"])
        assert len(cluster.decided) > seen


async def test_nobody_decides_before_the_own_write_is_seen():
    cluster = Cluster(one_child)
    cluster.hold = True
    async with cluster.running():
        cluster.put(KIND, "a")
        await until(lambda: cluster.written == ["a"])
        seen = len(cluster.decided)
        for _ in range(5):
            cluster.put(KIND, "a", spec={"n": cluster.version})
            await asyncio.sleep(0.01)
        assert len(cluster.decided) == seen
        cluster.deliver()
        await until(lambda: isinstance(cluster.engine.outcomes[KIND.ref("n", "a")], Done))
        assert cluster.written == ["a"]


async def test_a_watch_that_shows_nothing_is_asked_past_the_deadline(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(module, "PATIENCE_S", 0.05)
    cluster = Cluster(one_child)
    cluster.hold = True
    async with cluster.running():
        cluster.put(KIND, "a")
        await until(lambda: isinstance(cluster.engine.outcomes.get(KIND.ref("n", "a")), Done))
    assert cluster.written == ["a"]


async def test_conflicts_and_bugs_of_one_object_are_retried_and_stop_no_other():
    def decide(me, world, now):
        if me.ref.name == "broken" and cluster.decided.count("broken") < 3:
            raise ZeroDivisionError
        return one_child(me, world, now)

    cluster = Cluster(decide)
    cluster.fail["a"] = Conflict("somebody else was faster", 409)
    async with cluster.running():
        for name in ("broken", "a", "b"):
            cluster.put(KIND, name)
        await until(lambda: set(cluster.written) == {"a", "b", "broken"})


async def test_a_wait_with_a_time_comes_back_by_itself():
    def decide(me, _world, now):
        return Wait("a moment", now + 0.05) if cluster.decided.count(me.ref.name) < 2 else Done()

    cluster = Cluster(decide)
    async with cluster.running():
        cluster.put(KIND, "a")
        await until(lambda: isinstance(cluster.engine.outcomes.get(KIND.ref("n", "a")), Done))


async def test_nothing_is_decided_before_all_that_is_read_has_been_listed():
    cluster = Cluster(one_child)
    cluster.store.reset()
    async with cluster.running():
        cluster.store.apply([Listed(KIND, "", (resource(body(KIND, "a", 1)),), 0.0)])
        await asyncio.sleep(0.03)
        assert not cluster.decided
        cluster.store.apply([Listed(CHILD, "", (resource(body(CHILD, "a", 1)),), 0.0)])
        await until(lambda: cluster.decided == ["a"])
    assert not cluster.written
