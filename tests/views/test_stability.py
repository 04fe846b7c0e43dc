"""S01, S08 on recordings of upstream's own operators: every object, judged after every change.

What a person sees never goes back and forth within its grace, no alarm is raised by a bring-up that heals, what fails
for good is shown as failed, and progress never goes back.
"""

from random import Random

import msgspec
import pytest

from osconsole.model import kinds
from osconsole.model.changes import Put
from osconsole.model.ref import Ref
from osconsole.model.resource import resource
from osconsole.model.running import KINDS as FOLDED
from osconsole.model.snapshot import Snapshot
from osconsole.model.standing import grace
from osconsole.views import board, contradictions, health, nodes, progress, tree
from osconsole.views.state import DEGRADED, FAILED, UNKNOWN, WORDS
from osconsole.views.summary import summary
from tests.recordings import moments

Story = dict[Ref, list[tuple[float, str]]]


@pytest.fixture(scope="module", params=["fresh-up", "actions"])
def played(request):
    """Of one recording: own words and words in the tree of every OpenStack object, done services, contradictions."""
    world, own, shown, done = Snapshot(), {}, {}, {}
    against = set()
    for moment in moments(request.param):
        world, at = world.apply([moment.change]), moment.at
        for kind, objects in world.objects.items():
            if kind.group.endswith("openstack.org"):
                for found in objects.values():
                    note(own, found.ref, at, health.judge(found, world, at).word)
                    note(shown, found.ref, at, tree.grow(found, world, at).verdict.word)
            elif kind.kind in FOLDED or kind.group == "cert-manager.io":
                for found in objects.values():
                    if not found.deleted:
                        one = found.ref._replace(name=f"{found.ref.name} {found.uid}")
                        since = world.standings[found.ref].at(at).since  # by time alone, between two moments
                        note(own, one, since, health.judge(found, world, at).word)
        for deployment in world.all(progress.DEPLOYMENT):
            lanes = progress.lanes(deployment, world)
            done.setdefault(deployment.ref, []).append(sum(lane.done for lane in lanes))
        against |= {(c.rule, c.ref.name) for c in contradictions.find(world, "", at)}
    return request.param, own, shown, done, against


def note(story: Story, ref: Ref, at: float, word: str) -> None:
    told = story.setdefault(ref, [])
    if not told or told[-1][1] != word:
        told.append((at, word))


@pytest.mark.parametrize("which", [1, 2], ids=["own", "tree"])
def test_no_word_goes_back_and_forth_within_its_grace(played, which):
    assert len(played[which]) > 50
    for ref, told in played[which].items():
        for (_, before), (came, word), (went, after) in zip(told, told[1:], told[2:], strict=False):
            assert before != after or went - came >= grace(word), (ref, told)


def test_a_bring_up_that_heals_raises_no_alarm(played):
    name, _, shown, _, against = played
    if name == "fresh-up":
        assert {ref: told for ref, told in shown.items() if any(w in {FAILED, DEGRADED} for _, w in told)} == {}
        assert {told[-1][1] for told in shown.values()} == {"ok"}
        assert against == set()


@pytest.mark.parametrize("off_s", [-10_800.0, 10_800.0])
def test_a_clock_that_is_not_the_clusters_raises_no_alarm(off_s):
    world, asked = Snapshot(), set()
    for number, moment in enumerate(moments("fresh-up")):
        at = moment.at + off_s
        world = world.apply([msgspec.structs.replace(moment.change, at=at)])
        if number % 20 == 0:
            roots = [r for kind in board.ROOTS for r in world.all(kinds.key(kind))]
            asked |= {tree.grow(root, world, at).verdict.word for root in roots}
    assert not asked & {FAILED, DEGRADED, UNKNOWN}


def test_what_fails_is_shown_and_what_contradicts_is_said(played):
    name, _, shown, _, against = played
    if name == "actions":
        told = {ref.short: [word for _, word in words] for ref, words in shown.items()}
        assert told["DataPlaneDeployment edpm-fail"][-2:] == [DEGRADED, FAILED]
        assert FAILED in told["NodeSet edpm-compute"]
        assert against == {("child-in-error", "cinder"), ("stuck-nodeset", "edpm-networker")}


def test_progress_never_goes_back(played):
    assert all(counts == sorted(counts) for counts in played[3].values())


def test_a_tree_that_is_kept_is_the_one_that_would_be_grown(monkeypatch):
    world, different = Snapshot(), 0
    kept = tree.Kept(tree.AROUND)
    for number, moment in enumerate(moments("actions")):
        world, at = world.apply([moment.change]), moment.at
        monkeypatch.setattr(tree, "_kept", kept)
        roots = [r for kind in board.ROOTS for r in world.all(kinds.key(kind))]
        shown = [told(tree.grow(root, world, at)) for root in roots]
        if number % 5 == 0:
            monkeypatch.setattr(tree, "_kept", tree.Kept())
            assert shown == [told(tree.grow(root, world, at)) for root in roots], moment
            different += 1
    assert different > 20


def told(node: tree.Node) -> object:
    return node.resource.ref, node.own, node.verdict, node.ready, node.wanted, [told(child) for child in node.children]


ODD = (None, "", 3, [], {}, "x", [None], {"a": None}, True, -1.5)


def spoilt(value: object, random: Random, share: float = 0.03) -> object:
    if random.random() < share:
        return random.choice(ODD)
    if isinstance(value, dict):
        return {key: spoilt(inner, random) for key, inner in value.items()}
    return [spoilt(inner, random) for inner in value] if isinstance(value, list) else value


@pytest.mark.parametrize("seed", range(3))
def test_bodies_of_any_shape_in_any_order_are_judged(seed):
    random, world = Random(seed), Snapshot()
    puts = [moment.change for moment in moments("actions") if isinstance(moment.change, Put)]
    for number, put in enumerate(random.sample(puts, 100)):
        body = put.resource.body()
        body |= {part: spoilt(body[part], random) for part in ("spec", "status") if part in body}
        world = world.apply([Put(resource(body), put.at)])
        if number % 10 == 9:
            for objects in world.objects.values():
                assert {health.judge(found, world, put.at).word for found in objects.values()} <= set(WORDS)
            board.attention(world, "", put.at + 100)
            nodes.rows(world, "", put.at + 100, {})
            summary(world, "", put.at + 100)
