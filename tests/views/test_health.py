"""One word and one sentence for one object."""

import pytest

from osconsole.model.changes import Lost, Put
from osconsole.model.ref import KindKey
from osconsole.views import health, tree

T = 1_767_225_600.0  # 2026-01-01T00:00:00Z, when the test objects were made


def cr(make, *conditions, generation=1, observed=1):
    return make(
        "keystone.openstack.org/v1beta1", "KeystoneAPI", "keystone",
        metadata={"generation": generation}, status={"conditions": list(conditions), "observedGeneration": observed},
    )  # fmt: skip


@pytest.mark.parametrize(
    ("status", "reason", "severity", "message", "later", "word"),
    [
        ("True", "Ready", "", "Setup complete", 0, "ok"),
        ("False", "Requested", "Info", "Deployment in progress", 100, "progressing"),
        ("False", "Error", "Error", "DBsync job error occurred", 100, "failed"),
        ("False", "Error", "Error", "internal endpoint not found", 10, "progressing"),
        ("False", "Requested", "Warning", "Input data resources missing", 100, "degraded"),
        ("Unknown", "Init", "", "Deployment not started", 0, "waiting-for-dependency"),
    ],
)
def test_conditions(make, snapshot_of, condition, status, reason, severity, message, later, word):
    found = cr(make, condition("Ready", status, reason, severity, message))
    assert health.judge(found, snapshot_of(found), T + later).word == word


def test_a_nodeset_that_is_set_up_waits_for_a_person(make, snapshot_of, condition):
    said = "NodeSet setup ready, waiting for OpenStackDataPlaneDeployment..."
    ready = condition("Ready", "False", "Requested", "Info", said)
    found = make("dataplane.openstack.org/v1beta1", "OpenStackDataPlaneNodeSet", "n", status={"conditions": [ready]})
    verdict = health.judge(found, snapshot_of(found), T)
    assert (verdict.word, "until a Deployment is made" in verdict.why) == ("waiting-for-person", True)


def test_ready_counts_only_at_its_generation(make, snapshot_of, condition):
    found = cr(make, condition("Ready", "True"), generation=3, observed=2)
    verdict = health.judge(found, snapshot_of(found), T)
    assert (verdict.word, "generation 3" in verdict.why) == ("progressing", True)


def test_what_nobody_looked_at_is_not_well(make, snapshot_of):
    new = make("keystone.openstack.org/v1beta1", "KeystoneAPI", "keystone", spec={"replicas": 1})
    quiet = make("network.openstack.org/v1beta1", "NetConfig", "netconfig", spec={})
    world = snapshot_of(new, quiet)
    assert health.judge(new, world, T).word == "waiting-for-dependency"
    assert health.judge(quiet, world, T).word == "ok"


def test_an_alarm_says_when_it_is_due(make, snapshot_of, condition):
    found = cr(make, condition("Ready", "False", "Error", "Error", "boom"))
    early = health.judge(found, snapshot_of(found), T + 1)
    assert (early.word, early.until) == ("progressing", T + health.GRACE_S)
    assert health.judge(found, snapshot_of(found), early.until).word == "failed"


def pod(make, phase, state, *, ready=False, **rest):
    entry = {"name": "api", "ready": ready, "restartCount": 3, "state": state, **rest}
    return make(
        "v1", "Pod", "p", spec={"containers": [{"name": "api"}]}, status={"phase": phase, "containerStatuses": [entry]}
    )


@pytest.mark.parametrize(
    ("phase", "state", "ready", "word", "words"),
    [
        ("Running", {"running": {}}, True, "ok", ""),
        ("Running", {"running": {}}, False, "degraded", "container api is not ready"),
        ("Running", {"waiting": {"reason": "CrashLoopBackOff"}}, False, "failed", "CrashLoopBackOff"),
        ("Pending", {"waiting": {"reason": "ErrImagePull"}}, False, "failed", "image cannot be pulled"),
        ("Pending", {"waiting": {"reason": "ContainerCreating"}}, False, "progressing", "ContainerCreating"),
        ("Failed", {"terminated": {"exitCode": 2}}, False, "failed", "exited with 2"),
        ("Succeeded", {"terminated": {"exitCode": 0}}, False, "ok", "completed"),
    ],
)
def test_pods(make, snapshot_of, phase, state, ready, word, words):
    found = pod(make, phase, state, ready=ready)
    verdict = health.judge(found, snapshot_of(found), T + 100)
    assert verdict.word == word
    assert words in verdict.why


@pytest.mark.parametrize(
    ("wanted", "ready", "updated", "word"),
    [
        (3, 3, 3, "ok"),
        (3, 2, 3, "degraded"),
        (3, 0, 3, "failed"),
        (3, 3, 1, "progressing"),
        (0, 0, 0, "off"),
    ],
)
def test_workloads(make, snapshot_of, wanted, ready, updated, word):
    status = {"readyReplicas": ready, "replicas": wanted, "updatedReplicas": updated, "observedGeneration": 1}
    found = make("apps/v1", "Deployment", "d", spec={"replicas": wanted}, status=status)
    assert health.judge(found, snapshot_of(found), T + 200).word == word


def test_a_failed_pod_degrades_everything_above_and_says_which(cloud, snapshot_of, make):
    bad = make(
        "v1",
        "Pod",
        "keystone-1-1",
        owner=cloud["rs"],
        metadata={"uid": cloud["pod1"].uid},
        spec={"containers": [{"name": "api"}]},
        status={
            "phase": "Running",
            "containerStatuses": [{"name": "api", "state": {"waiting": {"reason": "CrashLoopBackOff"}}}],
        },
    )
    world = snapshot_of(*cloud.values()).apply([Put(bad, T)])
    top = tree.grow(cloud["cp"], world, T + 100)
    assert top.verdict.word == "degraded"
    assert top.cause == bad.ref


def test_a_line_that_is_down_makes_what_it_brought_stale(make, snapshot_of):
    found = pod(make, "Running", {"running": {}}, ready=True)
    world = snapshot_of(found, at=T).apply([Lost(KindKey("", "Pod"), "", "refused", T + 5)])
    assert health.judge(found, world, T + 8).word == "ok"
    assert health.judge(found, world, T + 60).word == "stale"
