"""Contradictions: each named rule on the smallest world in which it holds, and on one in which it does not."""

from pathlib import Path

import pytest

from osconsole.model.changes import Gone, Listed, Put
from osconsole.model.ref import KindKey
from osconsole.model.snapshot import Snapshot
from osconsole.views import board, contradictions
from osconsole.views.rules import conflicts
from osconsole.views.summary import summary

T = 1_767_225_600.0
DATAPLANE = "dataplane.openstack.org/v1beta1"
HASH = "n1q"


def found(world, now=T + 300):
    return {(c.rule, c.ref.name): c for c in contradictions.find(world, "openstack", now)}


def deployment(make, name, condition, *, done=True, error="", **spec):
    spec = {"nodeSets": ["edpm-compute"], **spec}
    status = {"deployed": done, "nodeSetHashes": {"edpm-compute": HASH}} if done else {}
    if error:
        status["conditions"] = [condition("DeploymentReady", "False", error, "Error", "gave up")]
    return make(DATAPLANE, "OpenStackDataPlaneDeployment", name, spec=spec, status=status)


def nodeset(make, condition, *, ready="True", hosts=40):
    nodes = {f"edpm-compute-{n}": {} for n in range(hosts)}
    status = {"conditions": [condition("Ready", ready, "Requested", "Info")], "configHash": HASH}
    return make(DATAPLANE, "OpenStackDataPlaneNodeSet", "edpm-compute", spec={"nodes": nodes}, status=status)


def test_ready_with_pods_down(cloud, snapshot_of, make):
    down = make(
        "apps/v1", "Deployment", "keystone", owner=cloud["keystone"], spec={"replicas": 2},
        status={"readyReplicas": 0, "replicas": 2, "updatedReplicas": 2, "observedGeneration": 1},
    )  # fmt: skip
    world = snapshot_of(*cloud.values(), down)
    said = found(world)["pods-down", "keystone"]
    assert said.sentence == "says Ready, but Deployment keystone: 0 of 2 pods ready"
    assert said.evidence == (down.ref,)
    assert ("pods-down", "keystone") not in found(snapshot_of(*cloud.values()))
    assert said in summary(world, "openstack", T + 300).contradictions
    assert any(row.ref == cloud["keystone"].ref for row in board.attention(world, "openstack", T + 300).rows)


def test_ready_with_a_child_in_error(cloud, snapshot_of, make, condition):
    error = condition("Ready", "False", "Error", "Error", "boom")
    bad = make(
        "nova.openstack.org/v1beta1", "NovaConductor", "nova-cell1-conductor", owner=cloud["cell1"],
        status={"conditions": [error]},
    )  # fmt: skip
    world = snapshot_of(*cloud.values(), bad)
    assert "NovaConductor nova-cell1-conductor is in error" in found(world)["child-in-error", "nova-cell1"].sentence
    assert not found(world, T + 10)


def test_a_controller_that_does_not_look(make, snapshot_of, condition):
    status = {"conditions": [condition("Ready", "True")], "observedGeneration": 4}
    late = make("nova.openstack.org/v1beta1", "Nova", "nova", metadata={"generation": 5}, status=status)
    world = snapshot_of(late)
    assert not found(world, T + 30)
    assert "generation 5 was asked for" in found(world, T + 61)["not-looking", "nova"].sentence


def test_a_running_deployment_whose_job_was_deleted(make, snapshot_of, condition):
    status = {
        "conditions": [condition("DeploymentReady", "False", "Requested", "Info", "Deployment in progress")],
        "ansibleEEHashes": {"bootstrap-d-edpm-compute": "x", "ovn-d-edpm-compute": "y"},
        "nodeSetConditions": {"edpm-compute": [condition("ServiceBootstrapDeploymentReady", "True")]},
    }
    spec = {"nodeSets": ["edpm-compute"]}
    run = make(DATAPLANE, "OpenStackDataPlaneDeployment", "d", spec=spec, status=status)
    job = make("batch/v1", "Job", "ovn-d-edpm-compute", owner=run, status={"active": 1})
    world = snapshot_of(nodeset(make, condition), run, job)
    assert not found(world)
    world = world.apply([Gone(job.ref, T + 5)])
    assert "its Job ovn-d-edpm-compute is gone" in found(world)["job-missing", "d"].sentence


def test_a_deployment_of_a_nodeset_that_is_not_there(make, snapshot_of, condition):
    run = deployment(make, "d", condition, done=False, nodeSets=["edpm-compute", "gone"])
    world = snapshot_of(nodeset(make, condition, ready="False"), run)
    said = found(world)["no-such-nodeset", "d"]
    assert (said.word, "NodeSet gone" in said.sentence) == ("waiting-for-person", True)
    there = make(DATAPLANE, "OpenStackDataPlaneNodeSet", "gone", status={"conditions": [condition("Ready", "False")]})
    assert not found(world.apply([Put(there, T)]))


@pytest.mark.parametrize(
    ("runs", "words"),
    [
        ([{"ansibleLimit": "edpm-compute-0"}], "1 of 40 hosts"),
        ([{"ansibleLimit": "edpm-compute-?"}, {"ansibleLimit": "edpm-compute-1*"}], "20 of 40 hosts"),
        ([{"servicesOverride": ["reboot-os"]}], "ran only reboot-os"),
        ([{}, {"ansibleLimit": "edpm-compute-0"}], ""),
        ([{"ansibleLimit": "*"}], ""),
        ([{"ansibleLimit": "all:!edpm-compute-0"}, {"ansibleLimit": "edpm-compute-0"}], ""),
        ([], ""),
    ],
)
def test_a_limited_run_is_not_the_whole(make, snapshot_of, condition, runs, words):
    made = [deployment(make, f"d{n}", condition, **spec) for n, spec in enumerate(runs)]
    said = found(snapshot_of(nodeset(make, condition), *made)).get(("limited-run", "edpm-compute"))
    assert (said is None) if not words else (words in said.sentence)


def test_a_nodeset_stuck_behind_a_failed_neighbour(make, snapshot_of, condition):
    run = deployment(make, "d", condition, done=False, error="BackoffLimitExceeded", nodeSets=["other", "edpm-compute"])
    body = run.body()
    body["status"]["nodeSetConditions"] = {"edpm-compute": [condition("NodeSetDeploymentReady", "False", "Requested")]}
    run = make(DATAPLANE, "OpenStackDataPlaneDeployment", "d", spec=body["spec"], status=body["status"])
    world = snapshot_of(nodeset(make, condition, ready="False"), run)
    assert "until that Deployment is deleted" in found(world)["stuck-nodeset", "edpm-compute"].sentence
    assert not found(world.apply([Gone(run.ref, T)]))


def test_an_update_that_waits_for_nobody(make, snapshot_of, condition):
    stages = [
        condition("MinorUpdateOVNControlplane", "True"),
        condition("MinorUpdateOVNDataplane", "False", "Requested", "Info"),
    ]
    status = {"conditions": stages, "deployedVersion": "18.0.1"}
    spec = {"targetVersion": "18.0.2"}
    version = make("core.openstack.org/v1beta1", "OpenStackVersion", "controlplane", spec=spec, status=status)
    world = snapshot_of(version, nodeset(make, condition))
    assert "servicesOverride [ovn]" in found(world)["update-waits", "controlplane"].sentence
    failed = deployment(make, "old", condition, done=False, error="BackoffLimitExceeded")
    blocked = found(world.apply([Put(failed, T)]))["update-waits", "controlplane"]
    assert "Deployment old has failed and counts as running" in blocked.sentence
    under_way = deployment(make, "new", condition, done=False, servicesOverride=["ovn"])
    assert not found(world.apply([Put(under_way, T)]))


def test_an_operator_that_is_down_while_its_objects_say_ready(cloud, snapshot_of, make):
    name = "keystone-operator-controller-manager"
    operator = make(
        "apps/v1",
        "Deployment",
        name,
        spec={"replicas": 1},
        status={"observedGeneration": 1, "replicas": 1, "updatedReplicas": 1},
    )
    world = snapshot_of(*cloud.values(), operator)
    assert "keystone-operator is down: 1 object" in found(world)["operator-down", name].sentence
    assert "KeystoneAPI keystone" in found(world)["operator-down", name].sentence


def test_what_flaps_is_said_though_it_is_never_long_enough(make, condition):
    def nova(version, status):
        ready = condition("Ready", status, "Requested", "Info")
        return make(
            "nova.openstack.org/v1beta1",
            "Nova",
            "nova",
            metadata={"resourceVersion": version, "uid": "u"},
            status={"conditions": [ready]},
        )

    world = Snapshot().apply([Listed(KindKey("nova.openstack.org", "Nova"), "", (nova("1", "True"),), T)])
    for n in range(10):
        world = world.apply([Put(nova(str(n + 2), "False" if n % 2 == 0 else "True"), T + n * 6)])
    assert "lost it 5 times" in found(world, T + 70)["flaps", "nova"].sentence


def test_every_rule_has_a_test():
    source = Path(__file__).read_text(encoding="utf-8")
    assert [r.name for r in contradictions.RULES if f'"{r.name}"' not in source] == []


def test_conditions_of_services():
    assert conflicts.condition_of("ssh-known-hosts") == "ServiceSshKnownHostsDeploymentReady"
