"""What has lasted counts: no false alarm, no flicker, no word taken back at once. Rules of conditions as data."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from osconsole.model import reading, standing
from osconsole.model.conditions import Condition
from osconsole.model.reading import Reading
from osconsole.model.standing import ALARM_S, CALM_S, first, fold

T = 1_767_225_600.0
WAITING, DEPLOYMENT, BACKOFF = "waiting-for-dependency", "OpenStackDataPlaneDeployment", "BackoffLimitExceeded"
WORDS = ("ok", "progressing", "waiting-for-dependency", "waiting-for-person", "degraded", "failed", "paused")


def played(*steps, end=None):
    """The words shown, with when: of (seconds, word[, generation]); `end` looks on after the last step."""
    at, word, *more = steps[0]
    found = first(Reading(word), more[0] if more else 1, at)
    shown = [(at, found.word)]
    for at, word, *more in steps[1:]:
        before = found.at(at)
        if before.word != shown[-1][1]:
            shown.append((before.since, before.word))
        found = fold(found, Reading(word), more[0] if more else 1, at)
        if found.at(at).word != shown[-1][1]:
            shown.append((at, found.at(at).word))
    last = found.at(end if end is not None else at)
    return shown if last.word == shown[-1][1] else [*shown, (last.since, last.word)]


def test_an_error_that_heals_in_fifteen_seconds_was_never_one():
    assert played((0, "progressing"), (1, "failed"), (16.6, "progressing"), (20, "ok")) == [
        (0, "progressing"),
        (20, "ok"),
    ]


def test_an_error_that_lasts_is_one():
    assert played((0, "progressing"), (1, "failed"), end=40) == [(0, "progressing"), (31, "failed")]


def test_an_error_that_is_interrupted_at_each_try_is_one_all_the_same():
    tries = [(at + half * 0.4, ("failed", "waiting-for-dependency")[half]) for at in range(1, 40) for half in (0, 1)]
    assert played((0, "progressing"), *tries, end=40) == [(0, "progressing"), (31, "failed")]


def test_ready_that_flickers_never_leaves_ok():
    assert played((0, "ok"), (50, "progressing"), (53, "ok"), (60, "waiting-for-dependency"), (64.4, "ok")) == [
        (0, "ok")
    ]


def test_a_new_generation_is_shown_at_once_and_stands_for_its_grace():
    assert played((0, "ok", 1), (50, "progressing", 2), (53, "ok", 2), end=99) == [
        (0, "ok"), (50, "progressing"), (60, "ok"),
    ]  # fmt: skip


def test_an_input_that_nobody_makes_is_an_alarm_in_the_end(make, condition):
    said = condition("InputReady", "False", "Requested", "Info", "Input data resources missing: secret/osp-secret")
    found = standing.stand(None, make("nova.openstack.org/v1beta1", "Nova", "n", status={"conditions": [said]}), T)
    assert [found.at(T + s).word for s in (0, 329, 331)] == ["progressing", "progressing", "degraded"]


def test_what_is_final_needs_no_grace():
    found = fold(first(Reading("progressing"), 1, 0), Reading("failed", final=True), 1, 5)
    assert found.at(5).word == "failed"


def test_the_first_sight_of_an_old_error_is_an_alarm():
    assert first(Reading("failed", since=100), 1, 1_000).at(1_000).word == "failed"
    assert first(Reading("failed", since=990), 1, 1_000).at(1_000).word == "progressing"


@given(st.lists(st.tuples(st.floats(0.01, 40), st.sampled_from(WORDS), st.booleans()), min_size=1, max_size=60))
def test_nothing_goes_back_and_forth_within_its_grace(moves):
    at, generation, steps = 0.0, 1, [(0.0, "progressing", 1)]
    for wait, word, edited in moves:
        at, generation = at + wait, generation + edited
        steps.append((at, word, generation))
    shown = played(*steps, end=at + 100)
    for (_, before), (came, word), (went, after) in zip(shown, shown[1:], shown[2:], strict=False):
        if before == after:
            assert went - came >= (ALARM_S if word in {"failed", "degraded"} else CALM_S) - 1e-6
    assert shown[-1][1] == moves[-1][1]  # in the end it is what it is


@pytest.mark.parametrize(
    ("kind", "condition", "word"),
    [
        ("Nova", Condition("NovaAPIDBReady", "False", "Error", "Error", "DB create job still running"), "progressing"),
        ("Nova", Condition("NovaAllCellReady", "False", "Warning", "Init", "waits for DB creation"), WAITING),
        ("Nova", Condition("ServiceConfigReady", "False", "Info", "Init", "not started"), WAITING),
        ("Nova", Condition("DBReady", "Unknown", "", "Requested", "DB create"), "progressing"),
        ("Nova", Condition("DBReady", "Unknown", "", "Init", "not started"), WAITING),
        ("MariaDBDatabase", Condition("ServerReady", "False", "Info", "DatabaseWaitingInitialized", "x"), WAITING),
        ("Neutron", Condition("External Config Ready", "False", "Error", "Error", "no such Secret"), "failed"),
        ("Nova", Condition("InputReady", "False", "Warning", "Error", "missing"), "degraded"),
        ("Nova", Condition("InputReady", "False", "", "Error", "missing"), "failed"),
        ("CinderVolume", Condition("DeploymentReady", "False", "", "", "Deployment error occurred: no"), "degraded"),
        ("CinderVolume", Condition("DeploymentReady", "False", "Info", "NotRequested", "x"), WAITING),
        ("OpenStackBaremetalSet", Condition("X", "False", "Warning", "Requested", "2 of 4 hosts"), "degraded"),
        (DEPLOYMENT, Condition("DeploymentReady", "False", "Error", BACKOFF, "x"), "failed"),
        ("OpenStackControlPlane", Condition("Ready", "False", "Info", "Requested", "Deployment paused"), "paused"),
        ("Whatever", Condition("NeverSeenReady", "Maybe", "Loud", "Because", "x"), "unknown"),
    ],
)  # fmt: skip
def test_rules(kind, condition, word):
    assert reading.rule(kind, condition).word == word


def test_every_rule_says_why_it_is_there_and_is_reached():
    assert all(rule.because for rule in reading.RULES)
    assert len({rule.because for rule in reading.RULES}) == len(reading.RULES)
    assert reading.RULES[-1].matches("Any", Condition("Any"))


def test_the_worst_condition_speaks_and_an_old_generation_counts_for_nothing(make, condition):
    group = "nova.openstack.org/v1beta1"
    said = [
        condition("Ready", "False", "Requested", "Info", "Deployment in progress"),
        condition("DeploymentReady", "False", "Requested", "Info", "Deployment in progress"),
        condition("Neutron External Configs Ready", "False", "Error", "Error", "no such Secret"),
    ]
    found = reading.read(make(group, "Nova", "nova", status={"conditions": said}))
    assert (found.word, found.why) == ("failed", "Neutron External Configs Ready: no such Secret")
    late = make(
        group,
        "Nova",
        "nova",
        metadata={"generation": 2},
        status={"conditions": [condition("Ready", "True")], "observedGeneration": 1},
    )
    assert reading.read(late).word == "progressing"
    assert reading.read(make(group, "Nova", "nova")).word == "waiting-for-dependency"
    assert (
        reading.read(make(group, "Nova", "nova", status={"conditions": [{"type": "Odd"}, 3, None]})).word
        == "waiting-for-dependency"
    )


def test_who_has_a_standing(make, condition):
    nova = make("nova.openstack.org/v1beta1", "Nova", "nova")
    quiet = make("network.openstack.org/v1beta1", "NetConfig", "netconfig")
    pod = make("v1", "Pod", "p", status={"conditions": [condition("Ready", "True")]})
    assert [standing.judged(r) for r in (nova, quiet, pod)] == [True, False, False]
