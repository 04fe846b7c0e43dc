"""A minor update on a world in memory: its stages in order, what rolls in each, and who it waits for."""

import pytest

from osconsole.model.conditions import find
from osconsole.model.kinds import key
from osconsole.reconcile.controlplane.images import IMAGES, RELEASE
from osconsole.reconcile.controlplane.releases import LABEL
from osconsole.reconcile.controlplane.update import STAGES
from osconsole.views import update as screen
from osconsole.views.state import OK, PERSON

NEXT = "0.6.1"
ROLLS = {  # kind and name of a CR, the path of its image, the field of it in a release
    "OVNController": ("ovncontroller", "ovnContainerImage", "ovnControllerImage"),
    "RabbitMq": ("rabbitmq", "containerImage", "rabbitmqImage"),
    "Galera": ("openstack", "containerImage", "mariadbImage"),
    "Memcached": ("memcached", "containerImage", "infraMemcachedImage"),
    "KeystoneAPI": ("keystone", "containerImage", "keystoneAPIImage"),
    "NeutronAPI": ("neutron", "containerImage", "neutronAPIImage"),
    "OVNNorthd": ("ovnnorthd", "containerImage", "ovnNorthdImage"),
}
IN_ORDER = ("OVNController", "RabbitMq", "Galera", "Memcached", "KeystoneAPI", "NeutronAPI")


def release(version=NEXT, **images):
    return {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": f"release-{version}", "namespace": "openstack", "labels": {LABEL: version}},
        "data": images or {name: f"{image}-{version}" for name, image in IMAGES.items()},
    }


def nodeset(stage, name="edpm-compute", *, ready=True, **status):
    body = {
        "apiVersion": "dataplane.openstack.org/v1beta1",
        "kind": "OpenStackDataPlaneNodeSet",
        "metadata": {"name": name, "namespace": "openstack"},
        "spec": {"services": ["ovn"], "nodes": {"edpm-compute-0": {}}},
        "status": {
            "observedGeneration": 1,
            "conditions": [{"type": "Ready", "status": "True" if ready else "False", "reason": "Ready", "message": ""}],
            **status,
        },
    }
    return stage.put(body)


def deployment(stage, *, deployed):
    return stage.put({
        "apiVersion": "dataplane.openstack.org/v1beta1",
        "kind": "OpenStackDataPlaneDeployment",
        "metadata": {"name": "ovn-again", "namespace": "openstack"},
        "spec": {"nodeSets": ["edpm-compute"], "servicesOverride": ["ovn"]},
        "status": {"deployed": deployed},
    })  # fmt: skip


def ovn_service(stage):
    stage.put({
        "apiVersion": "dataplane.openstack.org/v1beta1",
        "kind": "OpenStackDataPlaneService",
        "metadata": {"name": "ovn", "namespace": "openstack"},
        "spec": {"playbook": "osp.edpm.ovn", "edpmServiceType": "ovn"},
    })  # fmt: skip


def aim(stage, version=NEXT):
    stage.patch(stage.get("OpenStackVersion", "controlplane").ref, {"spec": {"targetVersion": version}})


def version(stage):
    return stage.get("OpenStackVersion", "controlplane")


def standing(stage):
    """The status of each stage's condition."""
    conditions = version(stage).conditions
    return {s.type: found.status for s in STAGES if (found := find(conditions, s.type))}


def image(stage, kind):
    name, path, _ = ROLLS[kind]
    found = stage.get(kind, name)
    assert found is not None, kind
    return found.get("spec", path)


def new(stage, kind):
    return image(stage, kind) == f"{IMAGES[ROLLS[kind][2]]}-{NEXT}"


@pytest.fixture
def offered(stage):
    """A deployed control plane, and a newer release."""
    stage.put(release())
    stage.run()
    return stage


def test_a_newer_release_is_offered_and_nothing_moves(offered):
    found = version(offered)
    assert (found.get("spec", "targetVersion"), found.get("status", "deployedVersion")) == (RELEASE, RELEASE)
    assert found.get("status", "availableVersion") == NEXT
    assert find(found.conditions, "MinorUpdateAvailable").message == "update available"
    assert found.ready
    assert not any(new(offered, kind) for kind in ROLLS)
    assert screen.stages(found, offered.snapshot, 0.0) == ()


def test_the_stages_come_in_order_and_each_rolls_only_its_own(offered):
    aim(offered)
    order, reached = [], []
    for _ in range(200):
        if not offered.step():
            break
        order += [kind for kind in IN_ORDER if new(offered, kind) and kind not in order]
        now = [name for name, status in standing(offered).items() if status == "True"]
        reached += [name for name in now if name not in reached]
        assert not now or set(now) == set(reached), "a stage has gone backwards"
    assert order == list(IN_ORDER)
    assert reached == [stage.type for stage in STAGES]
    found = version(offered)
    assert found.get("status", "deployedVersion") == NEXT
    assert found.ready
    assert standing(offered) == {}
    plane = offered.get("OpenStackControlPlane", "controlplane")
    assert plane.get("status", "deployedVersion") == NEXT
    assert plane.ready
    pods = {
        container["image"]
        for kind in ("StatefulSet", "Deployment", "DaemonSet")
        for load in offered.snapshot.all(key(kind))
        for container in load.get("spec", "template", "spec", "containers")
    }
    pods.add(offered.get("Pod", "openstackclient").get("spec", "containers")[0]["image"])
    assert all(image.endswith(f"-{NEXT}") for image in pods), sorted(pods)


def test_compute_nodes_that_carry_ovn_hold_everything_back(offered):
    ovn_service(offered)
    nodeset(offered, containerImages={"OvnControllerImage": IMAGES["ovnControllerImage"]})
    aim(offered)
    offered.run()
    assert standing(offered) == {
        STAGES[0].type: "True", STAGES[1].type: "False", **dict.fromkeys((s.type for s in STAGES[2:]), "Unknown")
    }  # fmt: skip
    assert new(offered, "OVNController")
    assert not new(offered, "RabbitMq")
    shown = screen.stages(version(offered), offered.snapshot, 0.0)
    assert [s.word for s in shown[:2]] == [OK, PERSON]
    assert shown[1].remedy == "osconsole deploy -n openstack edpm-compute --service ovn"
    plane = offered.get("OpenStackControlPlane", "controlplane")
    assert plane.ready
    assert plane.get("status", "deployedVersion") == RELEASE
    images = plane.get("status", "containerImages")
    assert images["rabbitmqImage"] == IMAGES["rabbitmqImage"]

    new_image = f"{IMAGES['ovnControllerImage']}-{NEXT}"
    nodeset(offered, containerImages={"OvnControllerImage": new_image}, deployedVersion=RELEASE)
    offered.run()
    assert list(standing(offered).values()) == ["True"] * 7 + ["False"]
    assert offered.get("OpenStackControlPlane", "controlplane").get("status", "deployedVersion") == NEXT
    assert version(offered).get("status", "deployedVersion") == RELEASE
    shown = screen.stages(version(offered), offered.snapshot, 0.0)
    assert shown[-1].remedy == "osconsole deploy -n openstack edpm-compute --service update"

    nodeset(offered, containerImages={"OvnControllerImage": new_image}, deployedVersion=NEXT, ready=False)
    offered.run()
    assert version(offered).get("status", "deployedVersion") == RELEASE
    nodeset(offered, containerImages={"OvnControllerImage": new_image}, deployedVersion=NEXT)
    offered.run()
    assert version(offered).get("status", "deployedVersion") == NEXT


def test_where_ovn_is_the_same_a_run_of_it_must_have_been_seen(stage):
    stage.put(release(rabbitmqImage="quay.io/x/rabbitmq:2"))
    ovn_service(stage)
    nodeset(stage, containerImages={"OvnControllerImage": IMAGES["ovnControllerImage"]})
    stage.run()
    aim(stage)
    stage.run()
    assert standing(stage)[STAGES[1].type] == "Unknown"
    deployment(stage, deployed=False)
    stage.run()
    assert standing(stage)[STAGES[1].type] == "False"
    deployment(stage, deployed=True)
    stage.run()
    assert standing(stage)[STAGES[1].type] == "True"
    assert image(stage, "RabbitMq") == "quay.io/x/rabbitmq:2"


def test_a_member_that_does_not_come_back_holds_the_rest(offered):
    aim(offered)
    offered.broken = {"rabbitmq-server"}
    offered.run()
    assert new(offered, "RabbitMq")
    assert not new(offered, "Galera")
    assert standing(offered)["MinorUpdateRabbitMQ"] == "False"
    assert not offered.get("OpenStackControlPlane", "controlplane").ready
    offered.broken = set()
    offered.run()
    assert version(offered).get("status", "deployedVersion") == NEXT


def test_other_edits_wait_while_an_update_is_under_way(offered):
    nodeset(offered, containerImages={"OvnControllerImage": "old"})
    aim(offered)
    offered.run()
    plane = offered.get("OpenStackControlPlane", "controlplane")
    offered.patch(plane.ref, {"spec": {"keystone": {"template": {"replicas": 3}}}})
    offered.run()
    assert offered.get("KeystoneAPI", "keystone").get("spec", "replicas") == 2


def test_an_unknown_target_says_what_is_known(offered):
    aim(offered, "9.9")
    offered.run()
    said = find(version(offered).conditions, "Initialized")
    assert said.status == "False"
    assert said.message.endswith(f"version 9.9 is not known here: known are {RELEASE}, {NEXT}")
    aim(offered, RELEASE)
    offered.run()
    assert version(offered).ready


def test_one_turns_back_before_anything_but_ovn_has_moved(offered):
    nodeset(offered, containerImages={"OvnControllerImage": IMAGES["ovnControllerImage"]})
    aim(offered)
    offered.run()
    assert new(offered, "OVNController")
    aim(offered, RELEASE)
    offered.run()
    assert not new(offered, "OVNController")
    assert standing(offered) == {}
    assert version(offered).ready


def test_a_new_control_plane_starts_with_the_newest(new_stage, demo):
    found = new_stage()
    found.put(release("0.10.0"))
    found.put(release("0.9.0"))
    found.put(demo)
    found.run()
    assert version(found).get("spec", "targetVersion") == "0.10.0"
    assert version(found).get("status", "deployedVersion") == "0.10.0"
