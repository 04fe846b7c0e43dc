"""Safe to restart, not safe because ..., cannot tell because ...: on the smallest worlds that differ in one thing."""

import pytest

from osconsole.model.changes import Denied, Listed, Lost
from osconsole.model.ref import KindKey
from osconsole.model.snapshot import Snapshot
from osconsole.views import quorum, quorum_table

T = 1_767_225_600.0
NOW = T + 3600
LABELS = {"app": "galera"}
KINDS = ("StatefulSet", "Deployment", "Pod", "PodDisruptionBudget", "Endpoints", "Service", "Galera", "RabbitMq")
API = {
    "Galera": "mariadb.openstack.org/v1beta1", "RabbitMq": "rabbitmq.openstack.org/v1beta1",
    "OVNDBCluster": "ovn.openstack.org/v1beta1", "Memcached": "memcached.openstack.org/v1beta1",
}  # fmt: skip


@pytest.fixture
def service(make, condition):
    """A service with its StatefulSet and pods, all well; keywords make it less so."""

    def made(kind="Galera", replicas=3, ready=3, updated=None, status=None, spec=None, since="2026-01-01T00:00:00Z"):
        cr = make(API[kind], kind, "x", spec={"replicas": replicas, **(spec or {})}, status=status or {})
        counts = {"replicas": replicas, "readyReplicas": ready, "observedGeneration": 1}
        counts["updatedReplicas"] = replicas if updated is None else updated
        revisions = {"currentRevision": "a", "updateRevision": "b" if updated is not None else "a"}
        sts = make("apps/v1", "StatefulSet", "x", owner=cr, spec={"replicas": replicas}, status=counts | revisions)
        pods = [
            make(
                "v1", "Pod", f"x-{n}", owner=sts, spec={"containers": [{"name": "c"}]},
                status={"phase": "Running", "conditions": [condition("Ready", str(n < ready), at=since)]},
                metadata={"labels": LABELS},
            )
            for n in range(replicas)
        ]  # fmt: skip
        return cr, sts, *pods

    return made


def world(*objects) -> Snapshot:
    """A snapshot in which every kind that matters is listed."""
    kinds = {key: [] for key in quorum.READS}
    for found in objects:
        kinds.setdefault(found.kind, []).append(found)
    return Snapshot().apply([Listed(key, "", tuple(found), T) for key, found in kinds.items()])


def asked(objects, now=NOW, *, more=()):
    return quorum.safety(objects[0], world(*objects, *more), now)


def budget(make, allowed):
    spec, status = {"selector": {"matchLabels": LABELS}}, {"disruptionsAllowed": allowed}
    return make("policy/v1", "PodDisruptionBudget", "x-pdb", spec=spec, status=status)


def test_three_of_three_is_safe_and_says_what_nobody_sees(service, make):
    found = asked(service(status={"bootstrapped": True}), more=[budget(make, 1)])
    assert (found.word, found.ready, found.wanted, found.notes) == ("safe", 3, 3, ())
    assert found.sentence == "safe: 3/3 pods ready; membership and sync state (wsrep) are not visible from Kubernetes"


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"ready": 2}, "2 of 3 pods ready, not x-2"),
        ({"replicas": 1, "ready": 1}, "it has one pod"),
        ({"replicas": 2, "ready": 2}, "one alone is no majority"),
        ({"updated": 1}, "a rollout of x is under way (1 of 3 updated)"),
        ({"since": "2026-01-01T00:59:40Z"}, "x-0 is back only since 20s"),
        ({"status": {"bootstrapped": False}}, "not bootstrapped"),
        ({"status": {"stopRequired": True}}, "has to stop"),
        ({"status": {"safeToBootstrap": "x-1"}}, "x-1 was chosen to form the cluster anew"),
        ({"status": {"attributes": {"x-2": {"seqno": "17"}}}}, "x-2 waits to join (seqno 17)"),
        ({"kind": "RabbitMq", "status": {"upgradePhase": "WaitingForCluster"}}, "an upgrade is under way"),
        ({"kind": "RabbitMq", "status": {"wipeReason": "version"}}, "its storage is to be wiped"),
        (
            {"kind": "RabbitMq", "status": {"currentVersion": "3.9"}, "spec": {"targetVersion": "4.2"}},
            "version 3.9 is to become 4.2",
        ),
        ({"kind": "OVNDBCluster", "status": {"readyCount": 2}}, "counts 2 of 3 members ready"),
    ],
)
def test_not_safe(service, make, change, words):
    found = asked(service(**change), more=[budget(make, 1)])
    assert found.word == "not safe"
    assert words in found.sentence


def test_members_that_came_back_count_when_they_have_settled(service):
    young = service(since="2026-01-01T00:59:40Z")
    found = asked(young)
    assert found.until == NOW - 20 + quorum.SETTLE_S
    assert asked(young, found.until).word == "safe"


def test_budgets_and_endpoints_are_heard(service, make):
    objects = service()
    assert "no disruption budget guards it" in asked(objects).notes
    shut = asked(objects, more=[budget(make, 0)])
    assert "x-pdb allows no disruption" in shut.sentence
    door = make("v1", "Service", "x", owner=objects[0], spec={"selector": LABELS})
    some = make("v1", "Endpoints", "x", subsets=[{"addresses": [{"ip": "1"}], "notReadyAddresses": [{"ip": "2"}]}])
    assert "Service x reaches 2 of 3 pods" in asked(objects, more=[door, some]).sentence
    none = make("v1", "Endpoints", "x", subsets=[])
    assert "Service x reaches no pod" in asked(objects, more=[door, none]).sentence


def test_what_replicates_nothing_says_so(service):
    found = asked(service(kind="Memcached", replicas=2, ready=2))
    assert found.word == "safe"
    assert "share of the cache is lost" in found.sentence
    mirrored = asked(service(kind="RabbitMq", status={"queueType": "Mirrored"}))
    assert "queues without replicas" in mirrored.sentence


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (Denied(KindKey("", "Pod"), "", "list pods", T), "no permission to see Pods: list pods"),
        (Lost(KindKey("", "Pod"), "", "refused", T), "Pods are not seen now (lost)"),
        (Listed(KindKey("apps", "StatefulSet"), "", (), T), "no workload of Galera x is known"),
    ],
)
def test_what_is_not_seen_is_not_guessed(service, change, words):
    objects = service()
    found = quorum.safety(objects[0], world(*objects).apply([change]), NOW)
    assert found.word == "cannot tell"
    assert words in found.sentence


def test_kinds_without_a_rule_and_without_pods(service, make):
    assert asked([make("v1", "ConfigMap", "c")]).word == "cannot tell"
    off = make(API["Galera"], "Galera", "x", spec={"replicas": 0})
    assert asked([off]).sentence.startswith("safe: 0/0 pods ready; it has no pods")


def test_the_table_has_a_row_for_each(service):
    objects = service()
    found = quorum_table.rows(world(*objects), "openstack", NOW)
    assert [[c.text for c in row.cells[1:4]] for row in found.rows] == [["Galera x", "safe", "3/3"]]
    assert "no service" in quorum_table.rows(world(), "openstack", NOW).empty
