"""The timeline says each thing once, in order, in words; flicker is one line."""

from datetime import UTC

from osconsole.model.changes import Listed, Progressed, Put
from osconsole.model.entry import Entry, Query
from osconsole.model.run import HostResult, Recap, Run
from osconsole.model.snapshot import Snapshot
from osconsole.views import timeline
from osconsole.views.flicker import calmed

KEYSTONE = "keystone.openstack.org/v1beta1"


def said(snapshot):
    return [timeline.sentence(e) for e in timeline.merged(timeline.live(snapshot, Query()))]


def changed(old, make, **body):
    meta = {"uid": old.uid} | body.pop("metadata", {})
    return make(old.api_version, old.ref.kind, old.ref.name, metadata=meta, **body)


def test_pods_and_jobs_tell_their_phases(make, snapshot_of):
    def status(**more):
        return {"status": more}

    pod, job = make("v1", "Pod", "p", **status(phase="Pending")), make("batch/v1", "Job", "j", **status())
    ended = {"terminated": {"exitCode": 2, "reason": "Error"}}
    crash = {
        "name": "c", "restartCount": 1, "lastState": ended,
        "state": {"waiting": {"reason": "CrashLoopBackOff", "message": "back-off 10s"}},
    }  # fmt: skip
    failed = {"type": "Failed", "status": "True", "reason": "BackoffLimitExceeded", "message": "7 pods"}
    steps = [
        changed(pod, make, spec={"nodeName": "worker-1"}, status={"phase": "Pending"}),
        changed(pod, make, spec={"nodeName": "worker-1"}, status={"phase": "Running", "containerStatuses": [crash]}),
        changed(pod, make, spec={"nodeName": "worker-1"}, status={
            "phase": "Failed", "reason": "Evicted", "message": "node was low on memory"}),
        changed(job, make, status={"startTime": "2026-01-01T00:00:00Z"}),
        changed(job, make, status={"startTime": "2026-01-01T00:00:00Z", "failed": 1, "conditions": [failed]}),
    ]  # fmt: skip
    world = snapshot_of(pod, job).apply([Put(found, 10.0 + n) for n, found in enumerate(steps)])
    assert said(world)[::-1] == [
        "scheduled on worker-1",
        "restarts 0 → 1: container c was started again: Error, exit code 2",
        "CrashLoopBackOff: container c: back-off 10s",
        "Pending → Running",
        "Running → Evicted: node was low on memory",
        "started",
        "failed 0 → 1: a pod of 7 that it may use has failed",
        "running → failed: BackoffLimitExceeded: 7 pods",
    ]
    assert {timeline.sentence(e) for e in timeline.live(world, Query(rank=2))} == {
        "Running → Evicted: node was low on memory",
        "running → failed: BackoffLimitExceeded: 7 pods",
    }


def test_a_changed_spec_names_who_and_what_but_no_secret(make, snapshot_of):
    old = make(KEYSTONE, "KeystoneAPI", "keystone", spec={"replicas": 1, "adminPassword": "a", "list": [1]})
    fields = [{"manager": "kubectl-edit", "operation": "Update", "time": "2026-01-01T00:00:00Z"}]
    new = changed(
        old, make, metadata={"generation": 2, "managedFields": fields},
        spec={"replicas": 3, "adminPassword": "b", "list": [1, 2], "fresh": True},
    )  # fmt: skip
    (line,) = said(snapshot_of(old).apply([Put(new, 5.0)]))
    assert line == (
        "spec changed by kubectl-edit: spec.adminPassword, spec.fresh - → true, spec.list, spec.replicas 1 → 3"
    )


def test_events_are_about_their_object_and_counted(make, snapshot_of):
    about = {"kind": "Pod", "name": "p", "namespace": "openstack", "apiVersion": "v1"}
    more = {"involvedObject": about, "reason": "BackOff", "message": "again", "type": "Warning"}
    event = make("v1", "Event", "e", count=7, lastTimestamp="2026-01-01T00:05:00Z", **more)
    (entry,) = timeline.live(snapshot_of(event), Query(rank=1))
    assert (entry.ref.name, entry.count, entry.at) == ("p", 7, 1_767_225_900.0)
    assert timeline.sentence(entry) == "BackOff (7 times): again"


def test_ansible_failures_are_told_when_they_come(make, snapshot_of):
    pod = make("v1", "Pod", "runner")
    bad = HostResult("Install packages", "failed", "no route to mirror")
    first = Run(task="Install packages", tasks=4, hosts={"edpm-0": bad})
    whole = Run(task="x", tasks=9, hosts={"edpm-0": bad}, recap=(Recap("edpm-0", failed=1), Recap("edpm-1", ok=3)))
    world = snapshot_of(pod).apply([Progressed(pod.ref, first, 5.0), Progressed(pod.ref, whole, 6.0)])
    assert said(world) == ["ended: 1 of 2 hosts are done", "edpm-0 failed: Install packages: no route to mirror"]
    assert [e.rank for e in timeline.live(world, Query())] == [2, 2]


def test_flicker_within_the_grace_is_one_line_and_a_real_change_is_not(make):
    ref = make(KEYSTONE, "KeystoneAPI", "keystone").ref

    def entry(at, old, new, severity="", text=""):
        return Entry(at, ref, "condition", "Ready", old, new, severity, text, key=f"{at}")

    back = [
        entry(10.0, "True", "False/Error", "Error", "no endpoint"),
        entry(12.0, "False/Error", "True"),
        entry(15.0, "True", "Unknown/Init"),
        entry(16.0, "Unknown/Init", "True"),
    ]
    later = entry(300.0, "True", "False/Error", "Error", "gone")
    shown = calmed([later, *reversed(back)])
    assert [(e.at, e.old, e.new, e.severity) for e in shown] == [
        (300.0, "True", "False/Error", "Error"),
        (16.0, "True", "True", ""),
    ]
    assert shown[1].text == "flickered 2 times in 6s: False/Error no endpoint"
    onward = [entry(1.0, "Unknown/Init", "False/Requested"), entry(2.0, "False/Requested", "True")]
    assert calmed(reversed(onward)) == onward[::-1]


def test_subtrees_and_text_narrow_it(cloud, snapshot_of, make):
    world = snapshot_of(*cloud.values())
    pod = changed(cloud["pod1"], make, owner=cloud["rs"], status={"phase": "Failed"})
    other = make("v1", "Pod", "stranger")
    world = world.apply([Listed(other.kind, "", (*world.all(other.kind), other), 4.0), Put(pod, 5.0)])
    assert {e.ref.name for e in timeline.live(world, Query(under=cloud["rs"].ref))} == {pod.ref.name}
    assert {e.ref.name for e in timeline.live(world, Query(grep="STRANGER"))} == {"stranger"}


def test_lines_are_safe_and_exportable(make):
    ref = make("v1", "Pod", "p").ref
    evil = Entry(0.0, ref, "event", "Evil", text="\x1b[2Jred", key="k")
    assert "\x1b" not in timeline.as_text(evil, 0.0, UTC)
    assert "\x1b" not in timeline.table([evil], 0.0, UTC).rows[0].cells[4].text
    (plain,) = timeline.as_json([evil])
    assert plain["time"] == "1970-01-01T00:00:00Z"
    assert plain["object"] == {"kind": "Pod", "namespace": "openstack", "name": "p"}
    assert timeline.recent(Snapshot(), "", 0.0).empty
