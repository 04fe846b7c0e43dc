"""The store: nothing is lost, slow readers skip, storms cost one fold."""

import asyncio
from contextlib import aclosing

from osconsole import store as stores
from osconsole.model.changes import Listed, Live, Lost, Put
from osconsole.model.kinds import key
from osconsole.store import Store


async def test_a_slow_reader_skips_revisions_and_never_the_last(make):
    store, seen = Store(), []
    async with asyncio.TaskGroup() as tasks:

        async def read() -> None:
            async with aclosing(store.follow(0.01)) as snapshots:
                async for snapshot in snapshots:
                    seen.append(len(list(snapshot.all(key("Pod")))))
                    if seen[-1] == 500:
                        return

        tasks.create_task(read())
        for number in range(500):
            store.apply([Put(make("v1", "Pod", f"p{number}"), float(number))])
            if number % 50 == 0:
                await asyncio.sleep(0)
    assert seen == sorted(seen)
    assert len(seen) < 50


async def test_many_changes_are_one_revision(make):
    store = Store()
    for number in range(1000):
        store.apply([Put(make("v1", "Pod", f"p{number}"), 1.0)])
    assert store.snapshot.revision == 1
    assert store.snapshot is store.snapshot
    store.apply([])
    assert store.snapshot.revision == 1


async def test_a_nudge_wakes_readers_and_a_reset_forgets(make):
    store = Store()
    store.apply([Put(make("v1", "Pod", "p"), 1.0)])
    async with asyncio.timeout(5), aclosing(store.follow(0)) as snapshots:
        first = await anext(snapshots)
        store.nudge()
        second = await anext(snapshots)
        assert second is not first
        assert list(second.all(key("Pod")))
        store.reset()
        third = await anext(snapshots)
        assert not list(third.all(key("Pod")))
        assert third.revision > second.revision


async def test_a_listener_hears_every_change_and_transition_once_and_nothing_in_peace(make):
    store = Store()
    store.apply([Put(make("v1", "Pod", "p"), 1.0)])
    assert store.snapshot.revision == 1
    heard = store.listen(0.01, 0.05)
    async with aclosing(heard), asyncio.timeout(5):
        assert await anext(heard) == ([], [])
        for number in range(600):
            store.apply([Put(make("v1", "Pod", f"q{number}"), 2.0)])
            store.nudge()
        told = await anext(heard)
        assert len(told.changes) == len(told.news) == 600
        assert await anext(heard) == ([], [])


async def test_in_a_storm_a_listener_hears_the_newest_of_each_object(make, monkeypatch):
    monkeypatch.setattr(stores, "_MOST", 10)
    store = Store()
    heard = store.listen(0.01, 0.01)
    async with aclosing(heard), asyncio.timeout(5):
        await anext(heard)
        versions = [make("v1", "Pod", "p", metadata={"uid": "u"}) for _ in range(50)]
        store.apply(Put(found, 1.0) for found in versions)
        told = await anext(heard)
        assert [change.resource for change in told.changes] == versions[-1:]


async def test_that_a_live_line_still_lives_wakes_nobody():
    store, kind, seen = Store(), key("Pod"), []
    store.apply([Listed(kind, "openstack", (), 1.0)])

    async def read() -> None:
        async with aclosing(store.follow(0)) as snapshots:
            async for snapshot in snapshots:
                seen.append(snapshot.lines[kind, "openstack"].state)
                if seen[-1] == "lost":
                    return

    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(read())
        await asyncio.sleep(0)
        for at in range(2, 20):
            store.apply([Live(kind, "openstack", float(at))])
            await asyncio.sleep(0)
        store.apply([Lost(kind, "openstack", "gone", 20.0)])
    assert seen == ["live", "lost"]
    assert store.snapshot.lines[kind, "openstack"].seen == 19.0
