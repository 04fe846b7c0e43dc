"""Explanations: honest where nothing is known, calm with bad input, better with evidence."""

import time

import pytest

from osconsole.model import kinds
from osconsole.model.changes import Listed, Put
from osconsole.model.evidence import NONE, Evidence, Fresh, LogTail
from osconsole.model.ref import KindKey, Ref
from osconsole.model.snapshot import Snapshot
from osconsole.views.why.explain import explain
from osconsole.views.why.lines import as_json, lines

T = 1_767_225_600.0
NOW = T + 600
CRASHING = {
    "phase": "Running",
    "containerStatuses": [
        {
            "name": "main",
            "restartCount": 7,
            "state": {"waiting": {"reason": "CrashLoopBackOff"}},
            "lastState": {"terminated": {"exitCode": 1, "reason": "Error"}},
        }
    ],
}


def nova(make, condition, *conditions, **rest):
    found = list(conditions) or [condition("NovaOtherReady", "False", "Error", "Error", "the flux is low")]
    return make("nova.openstack.org/v1beta1", "Nova", "nova", status={"conditions": found}, **rest)


def text(found, now=NOW):
    return "\n".join("".join(part for part, _ in line.spans) for line in lines(found, now))


def test_an_unknown_case_ends_at_the_last_thing_known(make, snapshot_of, condition):
    found = explain(nova(make, condition).ref, snapshot_of(nova(make, condition)), NOW)
    assert (found.cause, found.clears) == ("", "")
    assert "the flux is low" in found.sentence
    assert "for 10m" in found.sentence
    assert "No rule knows more" in text(found)


def test_what_is_well_is_said_in_one_step(cloud, snapshot_of):
    found = explain(cloud["keystone"].ref, snapshot_of(*cloud.values()), NOW)
    assert found.sentence == "KeystoneAPI keystone is ok"
    assert len(found.steps) == 1
    assert "No rule" not in text(found)


def test_an_object_that_is_not_there_is_said_to_be_so():
    ref = Ref("nova.openstack.org", "Nova", "openstack", "nova")
    loading = explain(ref, Snapshot(), NOW)
    assert "is not known yet" in loading.sentence
    assert loading.wants == (Fresh(ref),)
    listed = Snapshot().apply([Listed(KindKey(ref.group, ref.kind), "", (), T)])
    assert "does not exist" in explain(ref, listed, NOW).sentence


def test_the_log_is_asked_for_by_value_and_makes_the_difference(make, snapshot_of, condition):
    top = nova(make, condition, condition("Ready", "False", "Error", "Warning", "conductor 0/1"))
    pod = make("v1", "Pod", "conductor-0", owner=top, status=CRASHING)
    world = snapshot_of(top, pod).apply([Listed(kinds.key("Galera"), "", (), T)])
    first = explain(top.ref, world, NOW)
    want = LogTail(pod.ref, "main", previous=True, life=7)
    assert first.wants == (want,)
    assert first.cause == "crash-loop"
    read = Evidence(logs={want: ("starting", "(2003, \"Can't connect to MySQL server on 'db.openstack.svc'\")", "end")})
    second = explain(top.ref, world, NOW, read)
    assert second.cause == "database-unreachable"
    assert second.wants == ()
    log = next(step for step in second.steps if step.what == "log")
    assert "Can't connect" in log.says
    assert log.ref == pod.ref
    refused = explain(top.ref, world, NOW, Evidence(refused={want: "no permission"}))
    assert (refused.cause, refused.wants) == ("crash-loop", ())


def test_secrets_are_never_asked_for(make, snapshot_of, condition):
    message = 'Input data error occurred Secret "osp-secret" not found'
    top = nova(make, condition, condition("InputReady", "False", "Error", "Error", message))
    found = explain(top.ref, snapshot_of(top), NOW)
    assert found.cause == "input-secret-missing"
    assert not any(isinstance(want, Fresh) and want.ref.kind == "Secret" for want in found.wants)


def test_a_kind_that_is_not_watched_is_wanted_fresh(make, snapshot_of):
    claim = make("v1", "PersistentVolumeClaim", "c", spec={"storageClassName": "x"}, status={"phase": "Pending"})
    world = snapshot_of(claim)
    want = Fresh(kinds.key("StorageClass").ref("", "x"))
    assert want in explain(claim.ref, world, NOW).wants
    answered = explain(claim.ref, world, NOW, Evidence(objects={want: None}))
    assert answered.cause == "storage-class-unknown"
    assert explain(claim.ref, world, NOW, Evidence(refused={want: "no"})).cause == "claim-waits-for-pod"


def test_escape_sequences_do_not_reach_a_line(make, snapshot_of, condition):
    evil = "\x1b[2J\x1b]0;owned\x07 \u202e not found"
    top = nova(make, condition, condition("Ev\x1b[31mil", "False", "Error", "Error", evil))
    pod = make("v1", "Pod", "p\x1b", owner=top, status=CRASHING)
    world = snapshot_of(top, pod)
    found = explain(top.ref, world, NOW)
    found = explain(top.ref, world, NOW, Evidence(logs=dict.fromkeys(found.wants, (evil,))))
    shown = text(found) + found.sentence + found.clears
    assert not any(ord(c) < 0x20 and c != "\n" for c in shown)
    assert "\u202e" not in shown


def test_ten_thousand_lines_are_one_short_one(make, snapshot_of, condition):
    long = "\n".join(f"line {n} of a traceback " + "x" * 60 for n in range(10_000))
    top = nova(make, condition, condition("DBSyncReady", "False", "Error", "Error", long))
    began = time.process_time()
    found = explain(top.ref, snapshot_of(top), NOW)
    assert time.process_time() - began < 0.5
    assert len(found.sentence) < 600
    assert all(len(step.says) <= 400 for step in found.steps)


@pytest.mark.parametrize(
    "status",
    [
        {},
        {"conditions": None},
        {"conditions": "broken"},
        {"conditions": [None, 7, {"type": "Never.Seen Before", "status": "Perhaps", "severity": "Loud"}]},
        {"conditions": [{"type": "Ready", "status": "False", "severity": "Info", "reason": "Error", "message": None}]},
        {"conditions": [{"type": "Ready", "status": "False", "severity": "Error", "reason": "Requested"}]},
        {"observedGeneration": "three", "conditions": [{"type": "InputReady", "status": "False"}]},
        {"hash": [], "nodeSetConditions": [], "ansibleEEHashes": "x", "ansibleExecutionSummaries": []},
    ],
)
@pytest.mark.parametrize(
    ("api_version", "kind"),
    [
        ("nova.openstack.org/v1beta1", "Nova"),
        ("dataplane.openstack.org/v1beta1", "OpenStackDataPlaneDeployment"),
        ("dataplane.openstack.org/v1beta1", "OpenStackDataPlaneNodeSet"),
        ("core.openstack.org/v1beta1", "OpenStackVersion"),
        ("example.org/v1", "Stranger"),
        ("v1", "Service"),
    ],
)
def test_any_status_is_explained(make, snapshot_of, status, api_version, kind):
    found = make(api_version, kind, "it", spec={"nodeSets": ["a"], "services": ["b"]}, status=status)
    told = explain(found.ref, snapshot_of(found), NOW)
    assert told.sentence
    assert told.steps
    assert as_json(told, NOW)["ref"]["name"] == "it"


def test_owners_in_a_circle_end(make, snapshot_of, condition):
    first = nova(make, condition)
    second = make("nova.openstack.org/v1beta1", "NovaCell", "cell", owner=first, status={"conditions": []})
    body = first.body()
    body["metadata"]["ownerReferences"] = [
        {"apiVersion": second.api_version, "kind": "NovaCell", "name": "cell", "uid": second.uid, "controller": True}
    ]
    body["metadata"]["resourceVersion"] = "999"
    world = snapshot_of(first, second).apply([Put(make_from(body), T)])
    for ref in (first.ref, second.ref):
        assert explain(ref, world, NOW).steps


def make_from(body):
    from osconsole.model.resource import resource

    return resource(body)


def test_causes_that_point_at_each_other_end(make, snapshot_of, condition):
    """Keystone waits for its database, the database for keystone: each is looked at once."""
    waits = condition("DBReady", "False", "Requested", "Info", "DB create job still running")
    asks = condition("ServiceConfigReady", "False", "Error", "Warning", "internal endpoint not found")
    keystone = make("keystone.openstack.org/v1beta1", "KeystoneAPI", "k", status={"conditions": [waits]})
    galera = make("mariadb.openstack.org/v1beta1", "Galera", "g", status={"conditions": [asks]})
    found = explain(keystone.ref, snapshot_of(keystone, galera), NOW, NONE)
    assert [step.ref.name for step in found.steps] == ["k", "g"]
    assert found.cause == "waits-for-keystone"


def test_what_is_blocked_is_said(make, snapshot_of, condition):
    message = 'failed calling webhook "x.kb.io": connection refused'
    top = nova(make, condition, condition("Ready", "False", "Error", "Error", message))
    found = explain(top.ref, snapshot_of(top), NOW)
    assert "Writes to the control plane" in found.blocked
    assert found.blocked in text(found)


def test_what_the_root_keeps_from_being_done_is_said_below_it(make, snapshot_of, condition):
    status = {"conditions": [condition("Ready", "Unknown", "Init")]}
    plane = make("core.openstack.org/v1beta1", "OpenStackControlPlane", "cp", status=status)
    version = make(
        "core.openstack.org/v1beta1", "OpenStackVersion", "cp",
        spec={"targetVersion": "2"}, status={"deployedVersion": "1", "conditions": [condition("Initialized", "True")]},
    )  # fmt: skip
    top = nova(make, condition, owner=plane)
    found = explain(top.ref, snapshot_of(plane, version, top), NOW)
    assert found.cause == ""
    assert "Edits of the control plane are not applied" in found.blocked
    assert found.blocked in text(found)


def test_a_workload_says_what_changed_it(make, snapshot_of):
    spec = {"replicas": 2, "template": {"spec": {"containers": [{"name": "main", "image": "x:1"}]}}}
    status = {"replicas": 2, "readyReplicas": 1, "updatedReplicas": 2, "observedGeneration": 1}
    old = make("apps/v1", "StatefulSet", "s", spec=spec, status={**status, "readyReplicas": 2})
    body = old.body()
    body["spec"]["template"]["spec"]["containers"][0]["image"] = "x:2"
    body["status"] = status
    body["metadata"] |= {"resourceVersion": "99", "generation": 2}
    world = snapshot_of(old).apply([Put(make_from(body), NOW - 240)])
    says = explain(old.ref, world, NOW).steps[0].says
    assert "changed 4m ago" in says


def test_the_line_that_sounds_of_trouble_is_shown_without_its_colours(make, snapshot_of):
    pod = make("v1", "Pod", "p", status=CRASHING)
    log = ("started", "\x1b[0;31mERROR: the flux is low\x1b[0m", "\x1b[0;32mbye\x1b[0m", "")
    first = explain(pod.ref, snapshot_of(pod), NOW)
    found = explain(pod.ref, snapshot_of(pod), NOW, Evidence(logs=dict.fromkeys(first.wants, log)))
    assert [step.says for step in found.steps if step.what == "log"] == ["ERROR: the flux is low"]
