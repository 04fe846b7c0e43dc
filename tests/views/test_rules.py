"""Single kinds beyond their conditions, and objects that only their neighbours make clear."""

import pytest

from osconsole.model.changes import Put
from osconsole.views import board, health, tree

T = 1_767_225_600.0
DATAPLANE = "dataplane.openstack.org/v1beta1"


def word(resource, world, later=300.0):
    return health.judge(resource, world, T + later).word


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        ({"provisioning": {"state": "provisioned"}, "poweredOn": True}, "ok"),
        ({"provisioning": {"state": "provisioned"}, "poweredOn": False}, "degraded"),
        ({"provisioning": {"state": "inspecting"}}, "progressing"),
        ({"provisioning": {"state": "inspecting"}, "errorType": "inspection error"}, "failed"),
        ({"provisioning": {"state": "new-one"}}, "unknown"),
        ({}, "waiting-for-dependency"),
        (None, "waiting-for-dependency"),
        ("odd", "waiting-for-dependency"),
    ],
)
def test_bare_metal_hosts(make, snapshot_of, status, expected):
    host = make("metal3.io/v1alpha1", "BareMetalHost", "rack1", spec={"online": True}, status=status)
    assert word(host, snapshot_of(host)) == expected


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        ({"currentHealthy": 3, "desiredHealthy": 2, "expectedPods": 3}, "ok"),
        ({"currentHealthy": 1, "desiredHealthy": 2, "expectedPods": 3}, "degraded"),
        ({"expectedPods": 0, "currentHealthy": 0, "desiredHealthy": 1}, "ok"),
        ({}, "ok"),
    ],
)
def test_disruption_budgets(make, snapshot_of, status, expected):
    budget = make("policy/v1", "PodDisruptionBudget", "galera", status=status)
    assert word(budget, snapshot_of(budget)) == expected


def version(make, condition, deployed, *stages):
    conditions = [condition(f"MinorUpdate{name}", status) for name, status in stages]
    status = {"deployedVersion": deployed, "conditions": conditions, "observedGeneration": 1}
    spec = {"targetVersion": "18.0.2"}
    return make("core.openstack.org/v1beta1", "OpenStackVersion", "controlplane", spec=spec, status=status)


def test_an_update_is_done_by_its_versions_not_by_its_conditions(make, snapshot_of, condition):
    half = version(make, condition, "18.0.1", ("OVNControlplane", "True"), ("RabbitMQ", "False"), ("MariaDB", "True"))
    verdict = health.judge(half, snapshot_of(half), T)
    assert (verdict.word, verdict.why) == ("progressing", "update 18.0.1 → 18.0.2: RabbitMQ")
    done = version(make, condition, "18.0.2")
    assert word(done, snapshot_of(done)) == "ok"


def test_a_control_plane_is_not_broken_while_it_is_updated(cloud, snapshot_of, make, condition):
    unknown = {"conditions": [condition("Ready", "Unknown", "Init")], "observedGeneration": 1}
    plane = make("core.openstack.org/v1beta1", "OpenStackControlPlane", "controlplane", status=unknown)
    half = version(make, condition, "18.0.1", ("OVNControlplane", "False"))
    verdict = health.judge(plane, snapshot_of(plane, half), T + 300)
    assert (verdict.word, verdict.why) == ("progressing", "update 18.0.1 → 18.0.2: OVN of the control plane")


def run(make, condition, name="d1", *, deployed=False, status="Unknown"):
    said = [condition("DeploymentReady", status, "Init")]
    body = {"spec": {"nodeSets": ["edpm-compute"]}, "status": {"conditions": said, "deployed": deployed}}
    return make(DATAPLANE, "OpenStackDataPlaneDeployment", name, **body)


def job(make, deployment, **status):
    meta = {"labels": {"openstackdataplaneservice": "ovn", "openstackdataplanenodeset": "edpm-compute"}}
    return make("batch/v1", "Job", "ovn", owner=deployment, metadata=meta, spec={"backoffLimit": 6}, status=status)


def test_a_deployment_that_goes_all_unknown_runs_on_while_its_jobs_do(make, snapshot_of, condition):
    deployment = run(make, condition)
    alone = snapshot_of(deployment)
    assert word(deployment, alone) == "waiting-for-dependency"
    running = health.judge(deployment, alone.apply([Put(job(make, deployment, active=1), T)]), T + 300)
    assert (running.word, running.why) == ("progressing", "runs ovn")
    retried = health.judge(deployment, alone.apply([Put(job(make, deployment, active=1, failed=2), T)]), T + 300)
    assert (retried.word, retried.why) == ("degraded", "ovn: attempt 3 of 7")
    done = run(make, condition, deployed=True)
    assert word(done, snapshot_of(done)) == "ok"


def test_a_nodeset_waits_for_nobody_while_a_deployment_runs(make, snapshot_of, condition):
    said = condition(
        "Ready", "False", "Requested", "Info", "NodeSet setup ready, waiting for OpenStackDataPlaneDeployment..."
    )
    nodeset = make(DATAPLANE, "OpenStackDataPlaneNodeSet", "edpm-compute", status={"conditions": [said]})
    world = snapshot_of(nodeset)
    assert tree.grow(nodeset, world, T + 300).own.word == "waiting-for-person"
    under_way = world.apply([Put(run(make, condition), T)])
    found = tree.grow(nodeset, under_way, T + 301)  # the NodeSet itself has not changed
    assert (found.own.word, found.own.why) == ("progressing", "Deployment d1 is under way")


def deployment(make, condition, *conditions, ready=0):
    status = {"replicas": 1, "readyReplicas": ready, "observedGeneration": 1, "conditions": list(conditions)}
    return make("apps/v1", "Deployment", "api", spec={"replicas": 1}, status=status)


def test_a_workload_says_why_it_gets_no_further(make, snapshot_of, condition):
    refused = deployment(make, condition, condition("ReplicaFailure", "True", "FailedCreate", "", "exceeded quota"))
    verdict = health.judge(refused, snapshot_of(refused), T + 300)
    assert (verdict.word, verdict.why) == ("failed", "its pods are refused: exceeded quota")
    late = deployment(make, condition, condition("Progressing", "False", "ProgressDeadlineExceeded"))
    assert health.judge(late, snapshot_of(late), T + 300).why == "its rollout is late"


def started(make, owner, at, **more):
    entry = {"name": "api", "ready": False, "state": {"running": {"startedAt": at}}, **more}
    status = {"phase": "Running", "containerStatuses": [entry]}
    return make("v1", "Pod", "api-1", owner=owner, spec={"containers": [{"name": "api"}]}, status=status)


def test_pods_may_take_their_time_to_start_but_not_to_start_again(make, snapshot_of):
    status = {"replicas": 1, "updatedReplicas": 1, "observedGeneration": 1}
    owner = make("apps/v1", "StatefulSet", "api", spec={"replicas": 1}, status=status)
    slow = started(make, owner, "2026-01-01T00:00:00Z")
    world = snapshot_of(owner, slow)
    assert [word(r, world, 60) for r in (owner, slow)] == ["progressing", "progressing"]
    assert [word(r, world, 151) for r in (owner, slow)] == ["failed", "degraded"]
    died = {"terminated": {"exitCode": 1}}
    again = started(make, owner, "2026-01-01T00:00:00Z", restartCount=2, lastState=died)
    assert [word(r, snapshot_of(owner, again), 60) for r in (owner, again)] == ["failed", "degraded"]


def test_a_body_unlike_its_kind_is_no_crash(make, snapshot_of):
    odd = make("v1", "Pod", "odd", spec={"containers": "x"}, status={"phase": 3})
    wrong = make("apps/v1", "Deployment", "odd", spec={"replicas": "three"}, status=[])
    world = snapshot_of(odd, wrong)
    assert word(odd, world) in {"degraded", "unknown"}
    assert word(wrong, world) in {"progressing", "failed"}


def test_a_job_that_gave_up_has_failed_at_once_and_stands_for_its_pods(make, condition, snapshot_of):
    plane = make("core.openstack.org/v1beta1", "OpenStackControlPlane", "cp", status={"conditions": []})
    gave_up = {"failed": 3, "conditions": [condition("Failed", "True", "BackoffLimitExceeded")]}
    job = make("batch/v1", "Job", "db-sync", owner=plane, spec={"backoffLimit": 2}, status=gave_up)
    pods = [make("v1", "Pod", f"db-sync-{n}", owner=job, status={"phase": "Failed"}) for n in range(3)]
    world = snapshot_of(plane, job, *pods)
    assert word(job, world, later=0.0) == "failed"
    told = [row.ref.kind for row in board.attention(world, "", T + 300).rows]
    assert told.count("Job") == 1
    assert "Pod" not in told


def test_a_pod_may_pull_its_image_and_then_start_but_not_for_ever(make, snapshot_of):
    creating = {"name": "api", "ready": False, "state": {"waiting": {"reason": "ContainerCreating"}}}
    body = {"phase": "Pending", "containerStatuses": [creating]}
    pending = make("v1", "Pod", "api-1", spec={"containers": [{"name": "api"}]}, status=body)
    world = snapshot_of(pending)
    assert [health.judge(pending, world, T + s).word for s in (300, 331)] == ["progressing", "degraded"]
    assert health.judge(pending, world, T + 331).why == "does not run yet: ContainerCreating"
    body = {"phase": "Running", "containerStatuses": [{"name": "api", "state": {"running": {}}}]}
    runs = make("v1", "Pod", "api-1", metadata={"uid": pending.uid, "resourceVersion": "9"}, status=body)
    started = world.apply([Put(runs, T + 290)])
    assert [health.judge(runs, started, T + s).word for s in (331, 439, 441)] == [
        "progressing", "progressing", "degraded",
    ]  # fmt: skip


def test_a_pod_that_was_ready_and_is_not_is_an_alarm_by_our_clock(make, snapshot_of):
    def serving(ready, version, at):
        status = {"phase": "Running", "containerStatuses": [{"name": "api", "ready": ready, "state": {"running": {}}}]}
        status["conditions"] = [{"type": "Ready", "status": str(ready), "lastTransitionTime": at}]
        return make("v1", "Pod", "api-1", metadata={"uid": "u", "resourceVersion": version}, status=status)

    world = snapshot_of(serving(True, "1", "2026-01-01T00:00:00Z"))
    late = serving(False, "2", "2025-12-31T20:00:00Z")  # the cluster's clock is four hours behind
    world = world.apply([Put(late, T + 50)])
    assert [health.judge(late, world, T + s).word for s in (59, 61, 79, 81)] == [
        "ok", "progressing", "progressing", "degraded",
    ]  # fmt: skip
    well = serving(True, "3", "2025-12-31T20:00:12Z")
    healed = world.apply([Put(well, T + 62)])
    assert [health.judge(well, healed, T + s).word for s in (63, 69, 71)] == ["progressing", "progressing", "ok"]
