"""Members of a quorum restart one by one, each judged right before it goes, the one that serves last."""

import pytest

from osconsole.model.changes import Gone, Listed, Put
from osconsole.model.intents import Restart
from osconsole.model.snapshot import Snapshot
from osconsole.reconcile import preflight, quorate, runs, states
from osconsole.reconcile.actions import Evict, Patch
from osconsole.reconcile.decide import Act, Wait, World
from osconsole.views.quorum import SETTLE_S

T = 1_767_225_600.0
NOW = T + 3600
LABELS = {"app": "galera"}
SERVED_BY = "statefulset.kubernetes.io/pod-name"


class Scene:
    """A Galera of three members, all well, and what happens to it."""

    def __init__(self, make, condition, serving="x-galera-2"):
        self.make, self.condition = make, condition
        self.galera = make(
            "mariadb.openstack.org/v1beta1", "Galera", "x", spec={"replicas": 3}, status={"bootstrapped": True}
        )
        counts = {"replicas": 3, "readyReplicas": 3, "updatedReplicas": 3, "observedGeneration": 1}
        counts |= {"currentRevision": "a", "updateRevision": "a"}
        self.load = make("apps/v1", "StatefulSet", "x-galera", owner=self.galera, spec={"replicas": 3}, status=counts)
        spec = {"selector": {"app": "galera", SERVED_BY: serving}, "ports": [{"port": 3306}]}
        self.service = make("v1", "Service", "x", owner=self.galera, spec=spec)
        self.pods = [self.pod(n) for n in range(3)]
        self.snapshot = _listed(self.galera, self.load, self.service, *self.pods)

    def pod(self, n, at="2026-01-01T00:00:00Z"):
        status = {"phase": "Running", "conditions": [self.condition("Ready", "True", at=at)]}
        containers = {"containers": [{"name": "galera"}]}
        return self.make(
            "v1", "Pod", f"x-galera-{n}", owner=self.load, spec=containers, status=status, metadata={"labels": LABELS}
        )

    def budget(self, allowed):
        spec, status = {"selector": {"matchLabels": LABELS}}, {"disruptionsAllowed": allowed}
        self.put(self.make("policy/v1", "PodDisruptionBudget", "x", spec=spec, status=status))

    def put(self, *resources):
        self.snapshot = self.snapshot.apply([Put(r, T) for r in resources])

    def waits(self, why):
        """Galera says that a member waits to join."""
        self.put(
            self.make(
                "mariadb.openstack.org/v1beta1", "Galera", "x", metadata={"uid": self.galera.uid}, spec={"replicas": 3},
                status={"bootstrapped": True, "attributes": {why: {"seqno": "7"}}},
            )
        )  # fmt: skip

    def run(self):
        (create,) = preflight.writes(preflight.judge(Restart(self.galera.ref), self.snapshot, NOW), self.snapshot, NOW)
        meta = create.body["metadata"]
        return self.make("v1", "ConfigMap", meta["name"], metadata={"labels": meta["labels"]}, data=create.body["data"])

    def decide(self, run, now=NOW):
        return runs.decide(run, World(self.snapshot), now)


def _listed(*objects) -> Snapshot:
    kinds = {key: [] for key in states.READS}
    for found in objects:
        kinds.setdefault(found.kind, []).append(found)
    return Snapshot().apply([Listed(key, "", tuple(found), T) for key, found in kinds.items()])


@pytest.fixture
def scene(make, condition):
    return Scene(make, condition)


def test_the_preview_shows_order_and_judgement(scene):
    scene.budget(1)
    found = preflight.judge(Restart(scene.galera.ref), scene.snapshot, NOW)
    assert found.refused == ""
    assert found.rolls == ("x-galera-1", "x-galera-0", "x-galera-2")
    assert found.confirm == "x"
    assert [(f.level, f.text) for f in found.findings] == [
        ("ok", "Galera x: safe, 3 of 3 members are ready"),
        ("warn", "Galera x: membership and sync state (wsrep) are not visible from Kubernetes"),
    ]
    assert "the quorum is judged anew" in found.because


@pytest.mark.parametrize("kind", ["StatefulSet", "Pod"])
def test_whatever_one_points_at_is_judged(scene, kind):
    scene.waits("x-galera-1")
    target = scene.load if kind == "StatefulSet" else scene.pods[0]
    found = preflight.judge(Restart(target.ref), scene.snapshot, NOW)
    assert found.refused == "Galera x: not safe because x-galera-1 waits to join (seqno 7)"


def test_a_budget_that_allows_nothing_refuses(scene):
    scene.budget(0)
    found = preflight.judge(Restart(scene.galera.ref), scene.snapshot, NOW)
    assert "PodDisruptionBudget x allows no disruption now" in found.refused


def test_what_is_not_seen_is_not_restarted(scene):
    blind = Snapshot().apply([Put(r, T) for r in (scene.galera, scene.load, *scene.pods)])
    assert "cannot tell because" in preflight.judge(Restart(scene.galera.ref), blind, NOW).refused


def test_each_member_is_judged_right_before_it_goes(scene):
    run = scene.run()
    first = scene.decide(run)
    assert isinstance(first, Act)
    assert [type(a) for a in first.actions] == [Evict]
    assert first.actions[0].ref.name == "x-galera-1"

    scene.waits("x-galera-2")
    held = scene.decide(run)
    assert held == Wait("Galera x: not safe because x-galera-2 waits to join (seqno 7)", NOW + runs.PATIENCE_S)

    gave_up = scene.decide(run, NOW + runs.PATIENCE_S)
    assert isinstance(gave_up, Act)
    assert isinstance(gave_up.actions[0], Patch)
    assert gave_up.actions[0].patch["metadata"]["labels"] == {runs.LABEL: runs.FAILED}
    assert "x-galera-2 waits to join" in gave_up.actions[0].patch["data"]["step"]


def single(scene):
    """The same with one member, which is well."""
    counts = scene.load.get("status") | {"replicas": 1, "readyReplicas": 1, "updatedReplicas": 1}
    uids = {name: {"metadata": {"uid": found.uid}} for name, found in (("x", scene.galera), ("load", scene.load))}
    scene.snapshot = scene.snapshot.apply([Gone(pod.ref, T) for pod in scene.pods[1:]])
    scene.put(
        scene.make("mariadb.openstack.org/v1beta1", "Galera", "x", spec={"replicas": 1}, status={"bootstrapped": True},
                   **uids["x"]),
        scene.make("apps/v1", "StatefulSet", "x-galera", owner=scene.galera, spec={"replicas": 1}, status=counts,
                   **uids["load"]),
    )  # fmt: skip


def test_a_single_member_restarts_after_a_warning_and_its_typed_name(scene):
    single(scene)
    found = preflight.judge(Restart(scene.galera.ref), scene.snapshot, NOW)
    assert (found.refused, found.confirm, found.rolls) == ("", "x", ("x-galera-0",))
    assert [(f.level, f.text) for f in found.findings] == [
        (
            "warn",
            "Galera x has one member: an outage until it is back: every API that asks the database fails meanwhile",
        )
    ]
    assert scene.decide(scene.run()).actions[0].ref.name == "x-galera-0"
    scene.waits("x-galera-0")  # and whatever else speaks against it still does
    assert "waits to join" in preflight.judge(Restart(scene.galera.ref), scene.snapshot, NOW).refused


def test_a_run_that_nobody_agreed_to_an_outage_for_waits_at_the_last_member(scene):
    run = scene.run()
    single(scene)
    waiting = scene.decide(scene.make("v1", "ConfigMap", run.ref.name, metadata={"labels": run.labels},
                                      data=run.get("data") | {"step": "2 of 3 pods restarted"}))  # fmt: skip
    assert isinstance(waiting, Wait)
    assert "it has one pod" in waiting.what


def test_a_member_that_is_back_must_stay_a_while_before_the_next(scene, make):
    run = scene.run()
    scene.snapshot = scene.snapshot.apply([Gone(scene.pods[1].ref, T)])
    scene.put(scene.pod(1, at="2026-01-01T01:00:00Z"))
    counted = scene.decide(run)
    run = make(
        "v1", "ConfigMap", run.ref.name, metadata={"labels": {runs.LABEL: runs.ACTIVE}},
        data=run.get("data") | counted.actions[0].patch["data"],
    )  # fmt: skip
    waiting = scene.decide(run)
    assert isinstance(waiting, Wait)
    assert "x-galera-1 is back only since" in waiting.what
    assert waiting.until == NOW + SETTLE_S
    second = scene.decide(run, NOW + SETTLE_S)
    assert second.actions[0].ref.name == "x-galera-0"


def test_the_one_that_serves_goes_last_also_when_that_changes_meanwhile(scene, make):
    run = scene.run()
    spec = {"selector": {SERVED_BY: "x-galera-1"}, "ports": [{"port": 3306}]}
    scene.put(make("v1", "Service", "x", owner=scene.galera, spec=spec))
    assert scene.decide(run).actions[0].ref.name == "x-galera-2"
    assert quorate.active(scene.load, scene.snapshot) == "x-galera-1"


def test_a_run_wakes_when_what_the_judgement_read_changes(scene):
    world = World(scene.snapshot)
    runs.decide(scene.run(), world, NOW)
    assert {(kind, "openstack") for kind in quorate.READS} <= world.kinds
