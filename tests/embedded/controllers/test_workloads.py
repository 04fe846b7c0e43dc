"""Deployment, ReplicaSet, StatefulSet, DaemonSet: what becomes of them, in the words of the API."""

import shutil
import subprocess

import pytest

from osconsole.embedded.kinds import (
    CONTROLLER_REVISION,
    DAEMON_SET,
    DEPLOYMENT,
    PERSISTENT_VOLUME_CLAIM,
    POD,
    REPLICA_SET,
    STATEFUL_SET,
)

SELECTOR = {"matchLabels": {"app": "x"}}


async def test_deployment_rolls_and_never_loses_availability(world, template):
    strategy = {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": 1, "maxUnavailable": 0}}
    spec = {"replicas": 3, "selector": SELECTOR, "template": template(), "strategy": strategy}
    await world.create(DEPLOYMENT, "web", spec)
    await world.status(DEPLOYMENT, "web", readyReplicas=3, updatedReplicas=3, availableReplicas=3)
    pods = await world.objects(POD)
    assert {pod["spec"]["nodeName"] for pod in pods} == {"worker-0", "worker-1", "worker-2"}

    new = {"spec": {"template": {"spec": {"containers": [{"name": "main", "image": "quay.io/example/app:2"}]}}}}
    await world.patch(DEPLOYMENT, "web", new)
    least = 3

    async def rolled():
        nonlocal least
        deployment = await world.get(DEPLOYMENT, "web")
        least = min(least, deployment["status"].get("availableReplicas", 0))
        status = deployment["status"]
        return status["observedGeneration"] == deployment["metadata"]["generation"] and (
            status.get("updatedReplicas") == status.get("replicas") == 3
        )

    await world.until(rolled)
    assert least == 3
    await world.condition(DEPLOYMENT, "web", "Progressing")
    sets = {
        rs["metadata"]["annotations"]["deployment.kubernetes.io/revision"]: rs
        for rs in await world.objects(REPLICA_SET)
    }
    assert [sets["1"]["spec"]["replicas"], sets["2"]["spec"]["replicas"]] == [0, 3]
    assert len(await world.events("ScalingReplicaSet")) >= 4


async def test_recreate_waits_until_all_old_pods_are_gone(world, template):
    spec = {"replicas": 2, "selector": SELECTOR, "template": template(), "strategy": {"type": "Recreate"}}
    await world.create(DEPLOYMENT, "web", spec)
    await world.status(DEPLOYMENT, "web", availableReplicas=2)
    old = {pod["metadata"]["uid"] for pod in await world.objects(POD)}
    await world.patch(DEPLOYMENT, "web", {"spec": {"template": {"metadata": {"annotations": {"again": "1"}}}}})

    async def replaced():
        uids = {pod["metadata"]["uid"] for pod in await world.objects(POD)}
        assert not (uids & old and uids - old), "old and new pods at the same time"
        return len(uids) == 2 and not uids & old

    await world.until(replaced)


@pytest.mark.skipif(not shutil.which("kubectl"), reason="kubectl is not installed")
async def test_kubectl_follows_restarts_and_undoes_a_rollout(world, template):
    await world.create(DEPLOYMENT, "web", {"replicas": 1, "selector": SELECTOR, "template": template()})
    await world.status(DEPLOYMENT, "web", availableReplicas=1)
    base = ["kubectl", "--kubeconfig", str(world.processes.kubeconfig), "-n", world.namespace, "rollout"]

    def rollout(*words: str) -> str:
        return subprocess.run([*base, *words], check=True, capture_output=True, text=True, timeout=30).stdout

    rollout("restart", "deployment/web")
    assert "successfully rolled out" in rollout("status", "deployment/web", "--timeout=20s")
    rollout("undo", "deployment/web")
    assert "successfully rolled out" in rollout("status", "deployment/web", "--timeout=20s")
    assert "3" in rollout("history", "deployment/web")
    restarted = (await world.get(DEPLOYMENT, "web"))["spec"]["template"]["metadata"].get("annotations") or {}
    assert "kubectl.kubernetes.io/restartedAt" not in restarted


async def test_a_rollout_that_cannot_start_says_that_it_is_late(world, template):
    pending = template(annotations={"sandbox.osconsole.io/pending": "true"})
    await world.create(
        DEPLOYMENT,
        "web",
        {"replicas": 1, "selector": SELECTOR, "template": pending, "progressDeadlineSeconds": 2},
    )
    late = await world.condition(DEPLOYMENT, "web", "Progressing", "False")
    assert late["reason"] == "ProgressDeadlineExceeded"
    assert (await world.condition(DEPLOYMENT, "web", "Available", "False"))["reason"] == "MinimumReplicasUnavailable"


async def test_orphaned_pods_are_adopted(world, template):
    spec = {"replicas": 2, "selector": SELECTOR, "template": template()}
    await world.create(REPLICA_SET, "rs", spec)
    await world.status(REPLICA_SET, "rs", readyReplicas=2)
    before = {pod["metadata"]["uid"] for pod in await world.objects(POD)}
    await world.delete(REPLICA_SET, "rs", "Orphan")
    await world.gone(REPLICA_SET, "rs")
    assert not any(pod["metadata"].get("ownerReferences") for pod in await world.objects(POD))
    again = await world.create(REPLICA_SET, "rs", spec)
    await world.status(REPLICA_SET, "rs", readyReplicas=2)
    pods = await world.objects(POD)
    assert {pod["metadata"]["uid"] for pod in pods} == before
    assert {pod["metadata"]["ownerReferences"][0]["uid"] for pod in pods} == {again["metadata"]["uid"]}


async def test_statefulset_starts_and_rolls_in_order(world, template):
    claim = {"metadata": {"name": "data"}, "spec": {"accessModes": ["ReadWriteOnce"]}}
    claim["spec"]["resources"] = {"requests": {"storage": "1Gi"}}
    spec = {"replicas": 3, "serviceName": "db", "selector": SELECTOR, "template": template()}
    await world.create(STATEFUL_SET, "db", {**spec, "volumeClaimTemplates": [claim]})
    first = await world.status(STATEFUL_SET, "db", readyReplicas=3, currentReplicas=3)
    pods = {pod["metadata"]["name"]: pod for pod in await world.objects(POD)}
    assert sorted(pods) == ["db-0", "db-1", "db-2"]
    starts = [pods[name]["metadata"]["creationTimestamp"] for name in sorted(pods)]
    assert starts == sorted(starts)
    assert pods["db-1"]["spec"]["volumes"][0]["persistentVolumeClaim"]["claimName"] == "data-db-1"
    await world.status(PERSISTENT_VOLUME_CLAIM, "data-db-2", phase="Bound")

    await world.patch(STATEFUL_SET, "db", {"spec": {"updateStrategy": {"rollingUpdate": {"partition": 2}}}})
    await world.patch(STATEFUL_SET, "db", {"spec": {"template": {"metadata": {"annotations": {"again": "1"}}}}})
    half = await world.status(STATEFUL_SET, "db", readyReplicas=3, updatedReplicas=1, currentReplicas=2)
    assert half["status"]["updateRevision"] != half["status"]["currentRevision"] == first["status"]["currentRevision"]
    await world.patch(STATEFUL_SET, "db", {"spec": {"updateStrategy": {"rollingUpdate": {"partition": 0}}}})
    whole = await world.status(STATEFUL_SET, "db", readyReplicas=3, updatedReplicas=3, currentReplicas=3)
    assert whole["status"]["currentRevision"] == half["status"]["updateRevision"]
    assert len(await world.objects(CONTROLLER_REVISION)) == 2

    await world.patch(STATEFUL_SET, "db", {"spec": {"replicas": 1}})
    await world.status(STATEFUL_SET, "db", replicas=1)
    assert [pod["metadata"]["name"] for pod in await world.objects(POD)] == ["db-0"]
    assert len(await world.objects(PERSISTENT_VOLUME_CLAIM)) == 3


async def test_parallel_statefulset_does_not_wait(world, template):
    stuck = template(annotations={"sandbox.osconsole.io/not-ready": "true"})
    spec = {"replicas": 3, "serviceName": "db", "selector": SELECTOR, "podManagementPolicy": "Parallel"}
    await world.create(STATEFUL_SET, "db", {**spec, "template": stuck})
    await world.status(STATEFUL_SET, "db", replicas=3, readyReplicas=None)


async def test_daemonset_covers_the_nodes_and_rolls(world, template):
    await world.create(DAEMON_SET, "ovn", {"selector": SELECTOR, "template": template()})
    await world.status(DAEMON_SET, "ovn", numberReady=3, desiredNumberScheduled=3)
    assert len({pod["spec"]["nodeName"] for pod in await world.objects(POD)}) == 3
    await world.patch(DAEMON_SET, "ovn", {"spec": {"template": {"metadata": {"annotations": {"again": "1"}}}}})
    await world.status(DAEMON_SET, "ovn", numberReady=3, updatedNumberScheduled=3)
    only = {"spec": {"template": {"spec": {"nodeSelector": {"kubernetes.io/hostname": "worker-1"}}}}}
    await world.patch(DAEMON_SET, "ovn", only)
    await world.status(DAEMON_SET, "ovn", numberReady=1, desiredNumberScheduled=1, numberMisscheduled=0)


async def test_a_pod_that_fits_nowhere_says_so(world, template):
    await world.create(POD, "lost", template(nodeSelector={"disk": "none"})["spec"])
    why = await world.condition(POD, "lost", "PodScheduled", "False")
    assert why["message"] == "0/3 nodes are available: 3 node(s) didn't match Pod's node affinity/selector."
    assert await world.until(lambda: world.events("FailedScheduling"))
