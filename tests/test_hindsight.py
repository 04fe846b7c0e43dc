"""Hindsight: a past moment is shown as if it were now, and nothing can be asked of it."""

import pytest

from osconsole.errors import NotFound, Refused
from osconsole.hindsight import PAST, Hindsight
from osconsole.history.history import History
from osconsole.journal import Entry
from osconsole.model.changes import Gone, Listed, Put
from osconsole.model.connection import Status
from osconsole.model.entry import Query
from osconsole.store import Store

KEYSTONE = "keystone.openstack.org/v1beta1"


@pytest.fixture
def world(tmp_path, make, condition):
    """A live store whose KeystoneAPI was ready at 1000, is in error since 2000, and has lost its pod."""
    ready = {"conditions": [condition("Ready", "True", at="1970-01-01T00:00:10Z")]}
    bad = {"conditions": [condition("Ready", "False", "Error", "Error", "no database", at="1970-01-01T00:33:20Z")]}
    old = make(KEYSTONE, "KeystoneAPI", "keystone", status=ready)
    new = make(KEYSTONE, "KeystoneAPI", "keystone", metadata={"uid": old.uid}, status=bad)
    pod = make("v1", "Pod", "keystone-1", owner=old)
    store, history = Store(), History("a", tmp_path / "h")

    def step(now, *changes):
        before = store.snapshot.recent
        store.apply(changes)
        history.record(changes, store.snapshot.recent[len(before) :], now)

    step(1000.0, Listed(old.kind, "", (old,), 1000.0), Listed(pod.kind, "", (pod,), 1000.0))
    step(2000.0, Put(new, 2000.0), Gone(pod.ref, 2001.0))
    return store, history, old, pod


async def test_a_moment_is_shown_and_left_again(world):
    store, history, api, pod = world
    past = Hindsight(store, lambda: history, lambda _: ())
    seen = past.follow()
    assert (await anext(seen)).get(pod.ref) is None
    await past.look(1500.7)
    then = await anext(seen)
    assert then.get(api.ref).ready
    assert then.get(pod.ref)
    assert past.now() == 1500.0
    told = past.told(Status(state="live"))
    assert (told.state, told.read_only) == (PAST, True)
    with pytest.raises(Refused, match=":at now"):
        past.refuse()
    await past.look(0)
    assert (await anext(seen)) is store.snapshot
    past.refuse()
    await seen.aclose()


async def test_a_moment_of_which_nothing_is_known_is_said(world):
    store, history, *_ = world
    past = Hindsight(store, lambda: history, lambda _: ())
    with pytest.raises(NotFound, match="no console has watched"):
        await past.look(500.0)
    assert past.at == 0
    with pytest.raises(NotFound, match="no connection"):
        await Hindsight(store, lambda: None, lambda _: ()).look(1500.0)


async def test_the_timeline_joins_history_snapshot_and_journal(world):
    store, history, api, _ = world
    act = Entry("1", 1990.0, "ann", "admin", "10.0.0.1", "a", "restart KeystoneAPI keystone", api.ref, result="done")
    past = Hindsight(store, lambda: history, lambda _: (act,))
    told = await past.timeline(Query(under=api.ref))
    assert [(e.source, e.ref.name) for e in told] == [
        ("object", "keystone-1"),
        ("condition", "keystone"),
        ("action", "keystone"),
    ]
    assert [e.what for e in await past.timeline(Query(rank=2))] == ["Ready"]
    await past.look(1995.0)
    assert [e.source for e in await past.timeline(Query())] == ["action"]
