"""What a person asks for is judged before it is written, and patches the field that its owner reads."""

import pytest

from osconsole.errors import Conflict, Refused
from osconsole.model.changes import Gone, Put
from osconsole.model.intents import Delete, Deploy, Edit, Restart, RunNow, Scale
from osconsole.model.ref import Ref
from osconsole.model.resource import resource
from osconsole.reconcile import preflight, runs
from osconsole.reconcile.decide import Act, Done, Wait, World

T = 1_767_225_600.0


@pytest.fixture
def world(cloud, snapshot_of):
    return snapshot_of(*cloud.values())


@pytest.mark.parametrize("key", ["keystone", "deployment", "pod1"])
def test_scale_patches_the_control_plane_from_wherever_one_points(world, cloud, key):
    found = preflight.judge(Scale(cloud[key].ref, 3), world, T)
    assert (found.target, found.refused) == (cloud["cp"].ref, "")
    assert str(found.touches[0]) == "spec.keystone.template.replicas: 2 → 3"
    (patch,) = preflight.writes(found, world, T)
    assert (patch.ref, patch.uid) == (cloud["cp"].ref, cloud["cp"].uid)
    assert patch.patch == {"spec": {"keystone": {"template": {"replicas": 3}}}}


def test_scale_knows_cells(world, cloud):
    found = preflight.judge(Scale(cloud["conductor"].ref, 3), world, T)
    assert found.touches[0].path == (
        "spec",
        "nova",
        "template",
        "cellTemplates",
        "cell1",
        "conductorServiceTemplate",
        "replicas",
    )


@pytest.mark.parametrize(
    ("key", "replicas", "words"),
    [
        ("keystone", 2, "has 2 already"),
        ("keystone", 33, "at most 32"),
        ("keystone", -1, "at least 0"),
        ("galera", 5, "at most 3"),
    ],
)
def test_scale_is_refused(world, cloud, key, replicas, words):
    found = preflight.judge(Scale(cloud[key].ref, replicas), world, T)
    assert words in found.refused
    with pytest.raises(Refused):
        preflight.writes(found, world, T)


def test_scale_of_what_is_not_there(world):
    with pytest.raises(Refused, match="did you mean keystone"):
        preflight.judge(Scale(Ref("keystone.openstack.org", "KeystoneAPI", "openstack", "keyston"), 3), world, T)


def test_a_quorum_asks_for_the_name(world, cloud):
    found = preflight.judge(Scale(cloud["galera"].ref, 1), world, T)
    assert (found.confirm, found.refused) == ("openstack", "")


def test_restart_is_refused_for_a_quorum_that_would_not_hold(world, cloud):
    found = preflight.judge(Restart(cloud["galera"].ref), world, T)
    assert found.refused.startswith("Galera openstack: not safe because 1 of 3 pods ready")


def test_restart_goes_pod_by_pod(world, cloud, make, condition):
    (create,) = preflight.writes(preflight.judge(Restart(cloud["keystone"].ref), world, T), world, T)
    run = make(
        "v1",
        "ConfigMap",
        create.body["metadata"]["name"],
        metadata={"labels": create.body["metadata"]["labels"]},
        data=create.body["data"],
    )
    first = runs.decide(run, World(world), T)
    assert isinstance(first, Act)
    assert first.actions[0].ref == cloud["pod1"].ref
    away = world.apply([Gone(cloud["pod1"].ref, T)])
    step = runs.decide(run, World(away), T)
    assert step.actions[0].patch["data"]["step"] == "1 of 2 pods restarted"
    on = make(
        "v1",
        "ConfigMap",
        "r",
        metadata={"labels": create.body["metadata"]["labels"]},
        data=create.body["data"] | step.actions[0].patch["data"],
    )
    fresh = make(
        "v1",
        "Pod",
        "keystone-1-9",
        owner=cloud["rs"],
        status={"phase": "Pending", "conditions": [condition("Ready", "False")]},
    )
    assert runs.decide(on, World(away.apply([Put(fresh, T)])), T) == Wait(
        "pod keystone-1-9 to be Ready", T + runs.PATIENCE_S
    )
    second = runs.decide(on, World(away), T)
    assert second.actions[0].ref == cloud["pod2"].ref
    over = runs.decide(on, World(away), T + runs.PATIENCE_S + 1)
    assert over.actions[0].patch["metadata"]["labels"][runs.LABEL] == runs.FAILED
    assert "a disruption budget may forbid it" in over.actions[0].patch["data"]["step"]
    stopped = make("v1", "ConfigMap", "r", metadata={"labels": {runs.LABEL: runs.STOPPED}})
    assert runs.decide(stopped, World(world), T) == Done()


def test_deploy(world):
    found = preflight.judge(Deploy("openstack", ("edpm-compute",), ("bootstrap",), limit="edpm-compute-1"), world, T)
    assert (found.refused, found.target.name) == ("", "deploy-0101-000000")
    assert "1 of 3 hosts: edpm-compute-1" in found.rolls[0]
    (create,) = preflight.writes(found, world, T)
    assert create.body["spec"] == {
        "nodeSets": ["edpm-compute"],
        "servicesOverride": ["bootstrap"],
        "ansibleLimit": "edpm-compute-1",
    }


@pytest.mark.parametrize(
    ("intent", "words"),
    [
        (
            Deploy("openstack", ("edpm-computee",)),
            "there is no NodeSet 'edpm-computee' in namespace openstack: did you mean edpm-compute?",
        ),
        (Deploy("openstack", ("edpm-compute",), ("bootstrop",)), "there is no service 'bootstrop'"),
        (Deploy("openstack", ("edpm-compute",), limit="nohost"), "limit 'nohost' selects no host"),
        (Deploy("openstack", ("edpm-compute",), name="Bad_Name"), "is no valid name"),
        (Deploy("openstack", ("edpm-compute", "edpm-compute")), "NodeSet edpm-compute is named twice"),
    ],
)
def test_deploy_is_refused(world, intent, words):
    assert words in preflight.judge(intent, world, T).refused


def test_one_deployment_at_a_time(world, make):
    busy = make(
        "dataplane.openstack.org/v1beta1", "OpenStackDataPlaneDeployment", "d1", spec={"nodeSets": ["edpm-compute"]}
    )
    found = preflight.judge(Deploy("openstack", ("edpm-compute",)), world.apply([Put(busy, T)]), T)
    assert "Deployment d1 runs on NodeSet edpm-compute" in found.refused
    stop = preflight.judge(Delete(busy.ref), world.apply([Put(busy, T)]), T)
    assert (stop.refused, stop.confirm) == ("", "d1")
    assert "still running" in stop.findings[0].text
    mark, gone = preflight.writes(stop, world, T)
    assert mark.patch == {"metadata": {"annotations": {"dataplane.openstack.org/confirm-delete": "true"}}}
    assert gone.ref == busy.ref


def test_edit_sends_only_what_was_changed(world, cloud):
    body = cloud["cp"].body()
    body["spec"]["keystone"]["template"]["replicas"] = 5
    del body["spec"]["galera"]
    found = preflight.judge(Edit(cloud["cp"].ref, cloud["cp"].version, body), world, T)
    (patch,) = preflight.writes(found, world, T)
    assert patch.patch == {"spec": {"keystone": {"template": {"replicas": 5}}, "galera": None}}


@pytest.mark.parametrize(
    ("service", "block", "rolls", "confirm"),
    [
        ("keystone", {"template": {"replicas": 2, "customServiceConfig": "[DEFAULT]\ndebug = true\n"}},
         ("Deployment keystone: 2 pods may restart",), ""),
        ("keystone", {"template": {"replicas": 5}}, (), ""),
        ("keystone", {"template": {"replicas": 2}, "enabled": False},
         ("Deployment keystone goes",), "controlplane"),
        ("galera", {"templates": {"openstack": {"replicas": 1}}}, (), "controlplane"),
        ("tls", {"podLevel": {"enabled": False}},
         ("spec.tls is read by its operator: see which pods restart under Events",), ""),
    ],
)  # fmt: skip
def test_an_edit_says_what_may_restart_and_asks_for_the_name_where_a_single_action_would(
    world, cloud, service, block, rolls, confirm
):
    body = cloud["cp"].body()
    body["spec"][service] = block
    found = preflight.judge(Edit(cloud["cp"].ref, cloud["cp"].version, body), world, T)
    assert (found.rolls, found.confirm) == (rolls, confirm)


def test_an_edit_never_takes_back_what_others_did_meanwhile(world, cloud, make):
    plane, field = cloud["cp"], ("spec", "keystone", "template", "replicas")
    base, edited = plane.body(), plane.body()
    edited["spec"]["keystone"]["template"]["replicas"] = 5
    theirs = plane.body() | {"metadata": {**plane.body()["metadata"], "annotations": {"by": "bo"}}}
    theirs["metadata"]["resourceVersion"] = "98"
    moved = world.apply([Put(resource(theirs), T)])
    found = preflight.judge(Edit(plane.ref, plane.version, edited, base), moved, T)
    assert [(t.path, t.new) for t in found.touches] == [(field, 5)]
    assert "others changed 1 field since the editor was opened: that stays" in [f.text for f in found.findings]
    theirs["metadata"]["resourceVersion"] = "99"
    theirs["spec"]["keystone"]["template"]["replicas"] = 4
    found = preflight.judge(Edit(plane.ref, plane.version, edited, base), world.apply([Put(resource(theirs), T)]), T)
    assert "spec.keystone.template.replicas is 4 by now, it was 2" in found.refused


def test_edit_of_a_controlled_object_points_to_its_owner(world, cloud):
    body = cloud["deployment"].body()
    body["spec"]["replicas"] = 5
    found = preflight.judge(Edit(cloud["deployment"].ref, cloud["deployment"].version, body), world, T)
    assert "edit ControlPlane controlplane" in found.refused


def test_delete_only_what_comes_back_or_is_over(world, cloud, make):
    assert preflight.judge(Delete(cloud["pod1"].ref), world, T).confirm == "keystone-1-1"
    assert "not deleted from here" in preflight.judge(Delete(cloud["cp"].ref), world, T).refused
    assert (
        "nobody controls"
        in preflight.judge(Delete(make("v1", "Pod", "x").ref), world.apply([Put(make("v1", "Pod", "x"), T)]), T).refused
    )


def test_what_is_confirmed_is_what_was_looked_at(world, cloud, make):
    """A pod more, or a run that has begun: the preview no longer tells what would be done."""
    found = preflight.judge(Restart(cloud["keystone"].ref), world, T)
    owner = world.owner(cloud["pod1"])
    more = world.apply([Put(make("v1", "Pod", "keystone-more", owner=owner), T)])
    with pytest.raises(Conflict, match="has changed since you looked"):
        preflight.writes(found, more, T)
    (create,) = preflight.writes(found, world, T)
    meta = create.body["metadata"]
    begun = make("v1", "ConfigMap", meta["name"], metadata={"labels": meta["labels"]}, data=create.body["data"])
    with pytest.raises(Refused, match="restarts it already"):
        preflight.writes(found, world.apply([Put(begun, T)]), T)


def test_a_backup_runs_now_as_its_schedule_would(cloud, snapshot_of, make, condition):
    saves = make("mariadb.openstack.org/v1beta1", "GaleraBackup", "nightly", spec={"databaseInstance": "openstack"})
    job = {"template": {"spec": {"containers": [{"name": "backup", "image": "i"}], "restartPolicy": "Never"}}}
    cron = make("batch/v1", "CronJob", "backup-nightly", owner=saves,
                spec={"schedule": "0 0 * * *", "suspend": True, "jobTemplate": {"spec": job}})  # fmt: skip
    world = snapshot_of(*cloud.values(), saves, cron)
    for ref in (cron.ref, saves.ref, cloud["galera"].ref):
        found = preflight.judge(RunNow(ref), world, T)
        assert [(f.level, f.text) for f in found.findings] == [
            ("warn", "its schedule is suspended: this one runs all the same"),
            ("ok", "Galera openstack is Ready"),
            ("ok", "none that ended well is kept"),
        ]
        (create,) = preflight.writes(found, world, T)
        assert create.body["spec"] == job
        assert create.body["metadata"]["ownerReferences"][0]["uid"] == cron.uid
        assert create.body["metadata"]["annotations"] == {"cronjob.kubernetes.io/instantiate": "manual"}
    running = make("batch/v1", "Job", "backup-nightly-1", owner=cron, status={"active": 1})
    found = preflight.judge(RunNow(cron.ref), snapshot_of(cron, running), T)
    assert found.refused == "Job backup-nightly-1 runs already: wait for it"
    with pytest.raises(Refused, match="nothing of KeystoneAPI keystone runs on a schedule"):
        preflight.judge(RunNow(cloud["keystone"].ref), world, T)
    with pytest.raises(Refused, match="no GaleraBackup saves it"):
        preflight.judge(RunNow(cloud["galera"].ref), snapshot_of(*cloud.values()), T)
