"""Panes: rows of a Snapshot, stable while nothing moves, honest when there are none."""

from osconsole.model.changes import Denied, Gone, Put
from osconsole.model.ref import KindKey
from osconsole.model.run import HostResult, Recap, Run
from osconsole.model.snapshot import Snapshot
from osconsole.views import board, deployments, endings, health, pane, progress, table
from osconsole.views.layout import Pane
from osconsole.views.summary import summary
from osconsole.views.table import Memo

T = 1_767_225_600.0
POD = KindKey("", "Pod")
PODS = Pane(show="table", kind="Pod")


def shown(found):
    return [tuple(cell.text for cell in row.cells) for row in found.rows]


def test_rows_are_kept_while_their_object_is(cloud, snapshot_of, make):
    memo = Memo()
    world = snapshot_of(*cloud.values())
    first = table.rows(world, PODS, "openstack", T, memo)
    assert table.rows(world, PODS, "openstack", T + 1, memo) is first
    moved = world.apply([Put(make("v1", "Pod", "aaa"), T)])
    second = table.rows(moved, PODS, "openstack", T, memo)
    assert second.rows[0].ref.name == "aaa"
    assert second.rows[1] is first.rows[0]
    assert second.rows.place(cloud["pod1"].ref) == 1 + first.rows.place(cloud["pod1"].ref)
    gone = table.rows(moved.apply([Gone(cloud["pod1"].ref, T)]), PODS, "openstack", T, memo)
    assert list(gone.rows) == [row for row in second.rows if row.ref != cloud["pod1"].ref]
    assert gone.rows.place(cloud["pod1"].ref) is None


def test_empty_says_why():
    nothing = Snapshot()
    assert table.rows(nothing, PODS, "", T).empty == "loading"
    denied = nothing.apply([Denied(POD, "", "list pods", T)])
    assert table.rows(denied, PODS, "", T).empty == "no permission: list pods"
    absent = nothing.apply([Denied(POD, "", "", T, installed=False)])
    assert "not installed" in table.rows(absent, PODS, "", T).empty


def test_escape_sequences_are_made_visible(make, snapshot_of):
    world = snapshot_of(make("v1", "Pod", "evil\x1b[31m"))
    assert "\x1b" not in "".join(shown(table.rows(world, PODS, "", T))[0])


def test_the_tree_follows_owners_and_walk_order(cloud, snapshot_of):
    tree = Pane(show="tree", roots=("OpenStackControlPlane",), columns=("name", "ready"), unfold=9)
    found = pane.content(snapshot_of(*cloud.values()), tree, "openstack", T, folds={}, memo=Memo())
    names = [("  " * row.depth) + row.cells[0].text for row in found.rows]
    assert names == [
        "controlplane", "  openstack", "    openstack-galera", "      openstack-galera-0", "  keystone", "    keystone",
        "      keystone-1-1", "      keystone-1-2", "  nova", "    nova-cell1", "      nova-cell1-conductor",
    ]  # fmt: skip
    assert found.rows[0].cells[1].text == "5/5"
    folded = pane.content(snapshot_of(*cloud.values()), tree, "", T, folds={cloud["cp"].ref: False}, memo=Memo())
    assert [row.fold for row in folded.rows] == ["shut"]


def deployment(make, job_status, **status):
    group = "dataplane.openstack.org/v1beta1"
    spec = {"nodeSets": ["edpm-compute"], "servicesOverride": ["bootstrap", "configure-os"]}
    dep = make(group, "OpenStackDataPlaneDeployment", "d1", spec=spec, status=status)
    labels = {
        f"openstackdataplane{k}": v
        for k, v in (("service", "bootstrap"), ("deployment", "d1"), ("nodeset", "edpm-compute"))
    }
    job = make(
        "batch/v1",
        "Job",
        "bootstrap-d1-edpm-compute",
        owner=dep,
        metadata={"labels": labels},
        spec={"backoffLimit": 6},
        status=job_status,
    )
    pod = make(
        "v1",
        "Pod",
        "bootstrap-d1-edpm-compute-x",
        owner=job,
        spec={"containers": [{"name": "b"}]},
        status={"phase": "Running"},
    )
    return dep, job, pod


def test_a_running_deployment_shows_task_attempt_and_hosts(cloud, snapshot_of, make):
    dep, job, pod = deployment(make, {"active": 1, "failed": 2, "startTime": "2026-01-01T00:00:00Z"})
    world = snapshot_of(*cloud.values(), dep, job, pod)
    hosts = {"edpm-compute-0": HostResult("edpm : file", "failed", "no space")}
    run = Run(task="edpm : file", tasks=3, hosts=hosts, waiting=("edpm-compute-1",))
    world = world.apply([progress_change(pod.ref, run)])
    lane = progress.lanes(dep, world)[0]
    assert [(s.name, s.word, s.attempt, s.attempts) for s in lane.services] == [
        ("bootstrap", "degraded", 3, 7), ("configure-os", "waiting-for-dependency", 0, 0),
    ]  # fmt: skip
    text = "\n".join(" ".join(row) for row in shown(deployments.rows(world, "openstack", T + 75, {})))
    assert "3/7" in text
    assert "edpm-compute-0 failed in edpm : file: no space" in text
    assert "1m15" in text
    assert "d1" in shown(board.running(world, "openstack", T))[0][1]


def progress_change(ref, run):
    from osconsole.model.changes import Progressed

    return Progressed(ref, run, T)


def test_hosts_line():
    recap = (Recap("a", ok=3), Recap("b", ok=3, changed=1), Recap("c", unreachable=1))
    assert progress.hosts_line(Run(recap=recap)) == "1 ok  1 changed  1 unreachable"


def test_attention_names_causes_worst_first(cloud, snapshot_of, make, condition):
    waiting = [
        condition(
            "Ready", "False", "Requested", "Info", "NodeSet setup ready, waiting for OpenStackDataPlaneDeployment..."
        )
    ]
    nodeset = make(
        "dataplane.openstack.org/v1beta1", "OpenStackDataPlaneNodeSet", "edpm-compute", status={"conditions": waiting}
    )
    bad = [condition("Ready", "False", "Error", "Error", "no quorum")]
    galera = make("mariadb.openstack.org/v1beta1", "Galera", "openstack", owner=cloud["cp"], status={"conditions": bad})
    world = snapshot_of(*(cloud | {"nodeset": nodeset, "galera": galera}).values())
    rows = board.attention(world, "openstack", T + 100).rows
    assert [(row.state, row.ref.name) for row in rows] == [
        ("failed", "openstack"),
        ("degraded", "controlplane"),  # it says that it is Ready
        ("waiting-for-person", "edpm-compute"),
    ]


def test_summary(cloud, snapshot_of):
    found = summary(snapshot_of(*cloud.values()), "", T)
    assert (found.control_planes[0].ready, found.control_planes[0].pods_ready) == (True, 5)
    assert (found.hosts, found.hosts_ready, found.running, found.stale) == (3, 3, 0, ())


def test_a_runner_pods_last_words_name_the_hosts(cloud, snapshot_of, make):
    said = '{"failedHostList":[],"totalHosts":3,"unreachableHostList":["edpm-compute-1"]}'
    dep, job, pod = deployment(make, {"active": 1, "failed": 1, "startTime": "2026-01-01T00:00:00Z"})
    ended = {"name": "b", "state": {"terminated": {"exitCode": 2, "message": said}}}
    dead = make("v1", "Pod", pod.ref.name, owner=job, status={"phase": "Failed", "containerStatuses": [ended]})
    world = snapshot_of(*cloud.values(), dep, job, dead)
    assert health.judge(dead, world, T + 100).why == "edpm-compute-1 unreachable (of 3 hosts)"
    assert "edpm-compute-1 unreachable" in progress.lanes(dep, world)[0].services[0].why
    assert "edpm-compute-1 unreachable" in shown(board.running(world, "openstack", T))[0][-1]


def test_last_words_that_are_no_summary():
    for text in ("", "killed", "{", '{"unreachableHostList": "x"}', "[1]"):
        assert endings.words(text) == ""
