"""Upstream's own run, recorded as a console would: the past that is made again is the one that was judged live."""

from itertools import takewhile
from pathlib import Path

import pytest

from osconsole.history import masking
from osconsole.history.history import History
from osconsole.model.entry import Query
from osconsole.model.kinds import key
from osconsole.model.snapshot import Snapshot
from osconsole.views import compare, health, timeline
from osconsole.views.flicker import calmed
from osconsole.views.summary import summary
from tests.recordings import moments

BATCH_S = 2.0
PLANE = key("OpenStackControlPlane").ref("openstack", "controlplane")


class Recorded:
    """A history that was written while the recording played, by two consoles, and the worlds as they were."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.worlds: list[tuple[float, Snapshot]] = []
        consoles = [History("c", path, most=100_000) for _ in range(2)]
        world, batch, news, due, looked = Snapshot(), [], [], 0.0, 0.0
        for moment in moments("fresh-up"):
            at, change = moment.at, moment.change
            if looked and at > looked:
                self.worlds.append((looked, world))
                looked += 30.0
            looked, due = looked or at + 15.0, due or at + BATCH_S
            before = world.recent[-1:]
            world = world.apply([change])
            batch.append(change)
            fresh = takewhile(lambda one, old=before: not old or one is not old[0], reversed(world.recent))
            news += list(fresh)[::-1]
            if at > due or len(news) > 500:
                for console in consoles:
                    console.record(batch, news, at)
                batch, news, due = [], [], at + BATCH_S
        for console in consoles:
            console.record(batch, news, due)
            console.close()
        self.now = world

    def open(self) -> History:
        return History("c", self.path)


@pytest.fixture(scope="module")
def recorded(tmp_path_factory):
    return Recorded(tmp_path_factory.mktemp("recorded") / "history.sqlite")


def judged(world, at):
    """Every object's state and sentence."""
    out = {}
    for kind, objects in world.objects.items():
        if kind.kind not in masking.NEVER:
            out |= {ref: (v.word, v.why) for ref, r in objects.items() for v in [health.judge(r, world, at)]}
    return out


def test_the_state_at_a_moment_is_what_was_judged_then(recorded):
    history = recorded.open()
    assert len(recorded.worlds) >= 8
    words = set()
    for at, world in recorded.worlds:
        then = history.snapshot(at)
        assert judged(then, at) == judged(world, at)
        told = [(p.verdict.word, p.why) for p in summary(then, "", at).control_planes]
        assert told == [(p.verdict.word, p.why) for p in summary(world, "", at).control_planes]
        words.update(word for word, _ in told)
    assert {"ok", "progressing"} <= words or len(words) > 1


def test_everything_is_told_once_though_two_consoles_wrote(recorded):
    found = recorded.open().search(Query(), 100_000)
    assert len(found) > 3_000
    assert len({e.key for e in found}) == len(found)


def test_named_moments_of_the_run_are_in_the_timeline(recorded):
    history = recorded.open()
    told = {(e.ref.kind, e.ref.name, timeline.sentence(e)) for e in history.search(Query(), 100_000)}
    assert ("OpenStackControlPlane", "controlplane", "added") in told
    assert any(kind == "Job" and text == "running → complete" for kind, _, text in told)
    assert any(kind == "Pod" and text == "Pending → Running" for kind, _, text in told)
    ready = [e for e in history.search(Query(under=PLANE, grep="Ready"), 100_000) if e.ref == PLANE]
    assert any(e.what == "Ready" and e.new == "True" for e in ready)


def test_the_subtree_of_a_service_has_its_pods_and_nothing_of_others(recorded):
    keystone = key("KeystoneAPI").ref("openstack", "keystone")
    found = recorded.open().search(Query(under=keystone), 100_000)
    assert {"KeystoneAPI", "Deployment", "Job", "Pod"} <= {e.ref.kind for e in found}
    assert not any("glance" in e.ref.name for e in found)


def test_flicker_is_calmed_and_nothing_else_is_lost(recorded):
    found = recorded.open().search(Query(), 100_000)
    shown = calmed(found)
    assert len(shown) < len(found)
    assert [e for e in shown if e.source != "condition"] == [e for e in found if e.source != "condition"]
    assert any("flickered" in e.text for e in shown)


def test_two_moments_of_the_run_differ_by_what_happened_between(recorded):
    history = recorded.open()
    (first, _), (last, _) = recorded.worlds[2], recorded.worlds[-1]
    found = compare.differences((history.snapshot(first), first), (history.snapshot(last), last))
    assert any(d.ref.kind == "Job" and d.what == "come" for d in found)
    assert any(d.what == "state" for d in found)
    assert not any(d.ref.kind in {"Secret", "Event"} for d in found)


def test_no_masked_word_and_no_secret_data_is_in_the_file(recorded):
    world = recorded.open().snapshot(recorded.worlds[-1][0])
    for secret in world.all(key("Secret")):
        assert not {"data", "stringData"} & secret.body().keys()
