"""The minor update on hand-made moments of one: monotone, and clear about who has to act."""

import pytest

from osconsole.model.changes import Gone, Put
from osconsole.views import images, update, update_table
from osconsole.views.rules.versions import STAGES

T = 1_767_225_600.0
CORE = "core.openstack.org/v1beta1"
DATAPLANE = "dataplane.openstack.org/v1beta1"
BUSY = ("False", "Requested", "Info", "in progress")
OLD, NEW = "quay.io/os/ovn:1", "quay.io/os/ovn:2"


@pytest.fixture
def version(make, condition):
    """An OpenStackVersion with the first stages reached, and what the next one says."""

    def made(
        reached=0, said=("False", "Requested", "Info", "in progress"), *, deployed="18.0.1", target="18.0.2", **more
    ):
        status, reason, severity, message = said
        found = [condition(name, "True", "Ready") for name in STAGES[:reached]]
        if reached < len(STAGES):
            found.append(condition(STAGES[reached], status, reason, severity, message))
        images = {"ovnControllerImage": NEW, "keystoneAPIImage": "quay.io/os/keystone:2", **more.pop("images", {})}
        known = {"18.0.1": {"ovnControllerImage": OLD}, "18.0.2": {"ovnControllerImage": NEW}}
        given = {"deployedVersion": deployed, "containerImages": images, "containerImageVersionDefaults": known}
        spec = {"targetVersion": target, **more.pop("spec", {})}
        meta = {"uid": "version"}
        return make(
            CORE, "OpenStackVersion", "cp", metadata=meta, spec=spec, status={"conditions": found, **given, **more}
        )

    return made


def nodeset(make, condition, name, *, ovn=OLD, deployed="18.0.1", hosts=2):
    nodes = {f"{name}-{n}": {} for n in range(hosts)}
    status = {
        "conditions": [condition("Ready", "True")], "deployedVersion": deployed,
        "containerImages": {"OvnControllerImage": ovn},
    }  # fmt: skip
    return make(DATAPLANE, "OpenStackDataPlaneNodeSet", name, spec={"nodes": nodes}, status=status)


def words(found):
    return [stage.word for stage in found]


def test_the_first_stage_is_worked_at_and_the_others_wait(version, snapshot_of):
    found = update.stages(version(), snapshot_of(version()), T)
    assert words(found) == ["progressing", *["waiting-for-dependency"] * 7]
    assert found[0].sentence == "in progress"
    assert found[1].sentence == "waits for OVN of the control plane"


def test_a_person_is_told_which_nodesets_and_how(version, make, condition, snapshot_of):
    sets = [nodeset(make, condition, "big", hosts=9), nodeset(make, condition, "canary", hosts=1)]
    done = nodeset(make, condition, "done", ovn=NEW)
    empty = nodeset(make, condition, "empty", hosts=0)
    found = update.stages(version(1), snapshot_of(version(1), *sets, done, empty), T)[1]
    assert found.word == "waiting-for-person"
    assert found.sentence == "NodeSets canary, big are not at 18.0.2: a Deployment of [ovn] is needed"
    assert found.remedy == "osconsole deploy -n openstack canary big --service ovn"


def test_a_deployment_that_runs_is_waited_for_and_a_failed_one_is_in_the_way(version, make, condition, snapshot_of):
    behind = nodeset(make, condition, "edpm")
    run = make(DATAPLANE, "OpenStackDataPlaneDeployment", "up", spec={"nodeSets": ["edpm"]})
    stage = update.stages(version(1), snapshot_of(version(1), behind, run), T)[1]
    assert (stage.word, stage.sentence) == ("progressing", "Deployment up runs; then NodeSet edpm")
    ended = [condition("DeploymentReady", "False", "BackoffLimitExceeded", "Error", "gave up")]
    failed = make(DATAPLANE, "OpenStackDataPlaneDeployment", "bad", status={"conditions": ended})
    stage = update.stages(version(1), snapshot_of(version(1), behind, failed), T)[1]
    assert stage.word == "waiting-for-person"
    assert stage.remedy == "kubectl -n openstack delete openstackdataplanedeployment bad"


def test_the_last_stage_waits_for_an_update_of_the_nodesets_that_are_behind(version, make, condition, snapshot_of):
    sets = [nodeset(make, condition, "a", deployed="18.0.2"), nodeset(make, condition, "b")]
    stage = update.stages(version(7), snapshot_of(version(7), *sets), T)[7]
    assert stage.remedy == "osconsole deploy -n openstack b --service update"
    over = snapshot_of(version(7), nodeset(make, condition, "b", deployed="18.0.2"))
    assert update.stages(version(7), over, T)[7].sentence == "in progress; no NodeSet is behind"


def test_where_both_versions_have_the_same_ovn_a_run_is_wanted_all_the_same(version, make, condition, snapshot_of):
    same = {"18.0.1": {"ovnControllerImage": NEW}, "18.0.2": {"ovnControllerImage": NEW}}
    found = version(1, containerImageVersionDefaults=same)
    stage = update.stages(found, snapshot_of(found, nodeset(make, condition, "edpm", ovn=NEW)), T)[1]
    assert stage.word == "waiting-for-person"


def test_progress_does_not_go_back_when_conditions_flicker(version, snapshot_of):
    world = snapshot_of(version(4))
    lost = version(3, BUSY)
    moved = world.apply([Put(lost, T + 5)])
    assert words(update.stages(lost, moved, T + 6))[:5] == ["ok"] * 4 + ["progressing"]
    assert words(update.stages(lost, moved, T + 60))[:5] == ["ok"] * 3 + ["progressing", "waiting-for-dependency"]


def test_a_later_stage_proves_the_earlier_ones(version, condition, snapshot_of, make):
    status = {"deployedVersion": "1", "conditions": [condition(STAGES[2], "True"), condition(STAGES[0], "False")]}
    found = make(CORE, "OpenStackVersion", "cp", spec={"targetVersion": "2"}, status=status)
    assert words(update.stages(found, snapshot_of(found), T))[:4] == ["ok"] * 3 + ["progressing"]


def test_done_is_only_that_the_versions_are_the_same(version, snapshot_of):
    over = version(8, deployed="18.0.2")
    assert update.stages(over, snapshot_of(over), T) == ()
    head = update_table.rows(snapshot_of(over), "openstack", T).rows[0]
    assert (head.state, head.cells[2].text) == ("ok", "18.0.2 is deployed, nothing newer is available")


@pytest.mark.parametrize(
    ("severity", "word"), [("Error", "failed"), ("Warning", "degraded"), ("Info", "progressing"), ("", "progressing")]
)
def test_what_a_stage_says_of_errors_is_shown(version, snapshot_of, severity, word):
    found = version(6, ("False", "Requested", severity, "glance does not match"))
    assert update.stages(found, snapshot_of(found), T)[6].word == word


def test_the_head_says_what_may_come(version, snapshot_of):
    new = version(0, target="18.0.1", availableVersion="18.0.2", spec={"customContainerImages": {"novaAPIImage": "x"}})
    head = update_table.rows(snapshot_of(new), "openstack", T).rows[0]
    assert head.cells[2].text == "18.0.1 is deployed, 18.0.2 is available; custom images: novaAPIImage"
    assert """patch osv cp --type merge -p '{"spec":{"targetVersion":"18.0.2"}}'""" in head.cells[3].text
    first = version(0, deployed="")
    assert "for the first time" in update_table.rows(snapshot_of(first), "openstack", T).rows[0].cells[2].text
    under_way = update_table.rows(snapshot_of(version(2)), "openstack", T).rows
    assert (len(under_way), under_way[0].cells[2].text) == (9, "18.0.1 → 18.0.2 ▕██      ▏ 2 of 8 stages")


def pods(make, service, *names):
    sts = make("apps/v1", "StatefulSet", "keystone", owner=service, spec={"replicas": len(names)})
    return [
        sts,
        *(
            make("v1", "Pod", f"keystone-{n}", owner=sts, spec={"containers": [{"image": "side"}, {"image": name}]})
            for n, name in enumerate(names)
        ),
    ]


def test_images_of_services_are_target_asked_for_and_running(version, make, snapshot_of):
    osv = version(1, spec={"customContainerImages": {"keystoneAPIImage": "x"}})
    old, new = "quay.io/os/keystone:1", "quay.io/os/keystone:2"

    def use(asked, *running):
        api = make("keystone.openstack.org/v1beta1", "KeystoneAPI", "keystone", spec={"containerImage": asked})
        return next(images.uses(osv, snapshot_of(osv, api, *pods(make, api, *running))))

    assert (use(old, old, old).word, use(old, old).sentence) == (
        "waiting-for-dependency",
        "its object does not ask for the target yet",
    )
    rolling = use(new, old, new)
    assert (rolling.word, rolling.sentence) == ("progressing", "1 of 2 pods run another image")
    assert set(rolling.runs) == {"side", new}
    assert (use(new, new).word, use(new, new).custom) == ("ok", True)


def test_images_of_hosts_and_backends(version, make, condition, snapshot_of):
    osv = version(1, images={"cinderVolumeImages": {"default": "v:2", "ceph": "c:9"}})
    volumes = [
        make("cinder.openstack.org/v1beta1", "CinderVolume", name, spec={"containerImage": image})
        for name, image in (("cinder-volume-ceph", "c:9"), ("cinder-volume-lvm", "v:2"))
    ]
    world = snapshot_of(osv, *volumes, nodeset(make, condition, "edpm"), nodeset(make, condition, "new", ovn=NEW))
    found = {(use.ref.name): (use.word, use.target) for use in images.uses(osv, world)}
    assert found["cinder-volume-ceph"] == ("ok", "c:9")
    assert found["cinder-volume-lvm"] == ("ok", "v:2")
    assert found["edpm"] == ("waiting-for-dependency", NEW)
    assert found["new"] == ("ok", NEW)
    shown = images.rows(world, "openstack", T).rows
    assert shown[0].ref.name == "edpm"  # what differs stands first
    assert images.rows(world.apply([Gone(osv.ref, T)]), "openstack", T).empty


def test_the_vswitch_beside_the_ovn_controller_has_an_image_of_its_own(version, make, snapshot_of):
    osv = version(1, images={"ovnControllerOvsImage": "ovs:2"})
    controller = make("ovn.openstack.org/v1beta1", "OVNController", "ovncontroller", spec={"ovnContainerImage": NEW})
    found = next(images.uses(osv, snapshot_of(osv, controller, *pods(make, controller, NEW, "ovs:2"))))
    assert (found.word, found.runs) == ("ok", (NEW,))
