"""S27: how far a Deployment really is: services, hosts, tasks, attempts, and whom it waits for."""

import pytest

from osconsole.model.changes import Gone, Learned, Progressed, Put
from osconsole.model.run import Expected, Failure, HostResult, Recap, Run
from osconsole.views import board, deployments, matrix, pane, progress, single
from osconsole.views.layout import Pane
from osconsole.views.outcomes import outcomes
from osconsole.views.table import Memo
from tests.views import staging_deployments as stage

T = 1_767_225_600.0


def shown(table):
    return [[cell.text for cell in row.cells] for row in table.rows]


def text(table):
    return "\n".join(" ".join(row) for row in shown(table))


@pytest.fixture
def under_way(snapshot_of):
    """Bootstrap is done, configure-os is in its second attempt on two hosts of three."""
    found = stage.deployment("d1", 10, deployed=False, ansibleLimit="edpm-compute:!edpm-compute-0", ansibleTags="a,b")
    first, second = stage.job(found, "bootstrap", 11), stage.job(found, "configure-os", 20, failed=1, done=False)
    dead, live = stage.pod(second, 20, "Failed"), stage.pod(second, 30)
    world = snapshot_of(stage.nodeset(), found, first, second, dead, live)
    failed = Failure("edpm-compute-2", "t9", "unreachable", "no route")
    before = Run(tasks=9, task="t9", recap=(Recap("edpm-compute-1", ok=9), Recap("edpm-compute-2", unreachable=1)))
    before = stage.run(
        **{f: getattr(before, f) for f in before.__struct_fields__}
        | {"failures": (failed,), "hosts": {"edpm-compute-2": HostResult("t9", "unreachable", "no route")}}
    )
    now = Run(
        tasks=31, task="osp.edpm : start", since=T + 40, results={"ok": 1}, waiting=("edpm-compute-2",),
        hosts={"edpm-compute-1": HostResult("osp.edpm : start", "ok")}, tail=("one", "two"),
    )  # fmt: skip
    return world.apply([Progressed(dead.ref, before, T), Progressed(live.ref, now, T)]), found, live


def test_what_runs_tells_task_attempt_length_and_whom_it_waits_for(under_way):
    world, found, _ = under_way
    said = text(deployments.one(found, world, T + 75))
    assert "2/7" in said
    assert "task 31: osp.edpm : start" in said
    assert "waiting on: edpm-compute-2" in said
    assert "[all services]  limit edpm-compute:!edpm-compute-0  tags --tags a,b" in said
    assert "2 of 3 hosts, by its limit" in said
    assert "~?" in said
    assert "1 ok" in said
    assert shown(board.running(world, "openstack", T + 75))[0][3:5] == ["1m05", "~?"]
    lengths = {s: Expected(60.0 * n, 44, 3) for n, s in enumerate(stage.SERVICES, 1)}
    world = world.apply([Learned(lengths, T)])
    assert shown(board.running(world, "openstack", T + 75))[0][3:5] == ["1m05", "~6m00"]
    said = text(deployments.one(found, world, T + 75))
    assert "task 31/44" in said
    assert "~2m00" in said  # the service
    assert "~6m00" in said  # the whole


def test_the_matrix_shows_those_that_failed_first(under_way):
    world, found, live = under_way
    table = matrix.rows(found, world)
    assert [column.title for column in table.columns] == ["HOST", "S", "bo", "co", "no", "SAYS"]
    assert [row[0] for row in shown(table)] == ["edpm-compute-1", "edpm-compute-2"]
    assert shown(table)[0][1:5] == ["!", "●", "!", ""]
    lost = {"edpm-compute-2": HostResult("t1", "unreachable", "no route")}
    world = world.apply([Progressed(live.ref, Run(tasks=1, task="t1", hosts=lost), T)])
    assert shown(matrix.rows(found, world))[0] == ["edpm-compute-2", "✗", "●", "✗", "", "unreachable in t1"]


def test_a_new_attempt_that_has_said_nothing_leaves_the_last_failure_on_screen(under_way):
    world, found, live = under_way
    world = world.apply([Progressed(live.ref, Run(), T)])
    assert shown(matrix.failures(found, world)) == [
        ["✗", "edpm-compute-2", "configure-os", "t9", "unreachable: no route"]
    ]
    assert "task" not in text(deployments.rows(world, "openstack", T + 75, {}))


def test_the_screen_is_about_one_deployment_else_about_that_which_runs(under_way):
    world, found, _ = under_way
    newer = stage.deployment("d2", 50)
    world = world.apply([Put(newer, T)])
    for show in single.PANES:
        assert single.rows(show, world, "openstack", T, found.ref) == pane.content(
            world, Pane(show=show), "openstack", T, folds={}, memo=Memo()
        )
    assert shown(single.rows("tail", world, "", T)) == [["one"], ["two"]]
    assert "d2" in text(single.rows("deployment", world, "", T, newer.ref))
    world = world.apply([Gone(found.ref, T), Gone(newer.ref, T)])
    assert "gone" in single.rows("matrix", world, "", T, found.ref).empty
    assert "no Deployment" in single.rows("matrix", world, "", T).empty


def test_when_jobs_and_pods_are_gone_the_status_tells(snapshot_of):
    summary = {"totalHosts": 3, "failedHostList": [], "unreachableHostList": []}
    bad = {"totalHosts": 3, "failedHostList": ["edpm-compute-1"], "unreachableHostList": []}
    status = {"ansibleExecutionSummaries": {
        "bootstrap-d1-edpm-compute": summary, "configure-os-d1-edpm-compute": bad,
    }, "nodeSetConditions": {"edpm-compute": [
        {"type": "ServiceConfigureOsDeploymentReady", "status": "False", "reason": "Error", "severity": "Error",
         "message": "backoff limit"},
    ]}}  # fmt: skip
    found = stage.deployment("d1", 10, deployed=False, status=status)
    [lane] = progress.lanes(found, snapshot_of(stage.nodeset(), found))
    assert [(s.name, s.word) for s in lane.services] == [
        ("bootstrap", "ok"), ("configure-os", "failed"), ("nova", "waiting-for-dependency"),
    ]  # fmt: skip
    said = outcomes(lane.services[1], lane)
    assert (said["edpm-compute-1"].word, said["edpm-compute-1"].says) == ("failed", "failed")


def test_what_stands_before_a_service_that_has_begun_is_through(snapshot_of):
    found = stage.deployment("d1", 10, deployed=False)
    world = snapshot_of(stage.nodeset(), found, stage.job(found, "configure-os", 20, done=False))
    [lane] = progress.lanes(found, world)
    assert (lane.done, lane.services[0].why) == (1, progress.GONE)


def test_two_letters_are_never_the_same_twice():
    names = [
        "run-os",
        "reboot-os",
        "ovn",
        "nova",
        "neutron-metadata",
        "a",
        "a-b",
        "install-os",
        "install-certs",
        "x--y",
    ]
    found = matrix.letters(names)
    assert found["install-certs"] == "ic"
    assert len(set(found.values())) == len(names)


def test_the_name_of_a_job():
    assert progress.job_name("a-b-c") == "a-b-c"
    long = progress.job_name("s" * 50 + "-." + "d" * 30)
    assert len(long) <= 63
    assert long.startswith("s" * 50)
