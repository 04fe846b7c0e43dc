"""What belongs together without owner references."""

from osconsole.model import kinds, links


def told(resource, world):
    return {(link.says, found.ref.name) for link, found in links.linked(resource, world)}


def test_bare_metal_is_taken_by_its_consumer_reference(make, snapshot_of):
    group = "baremetal.openstack.org/v1beta1"
    taken = make(group, "OpenStackBaremetalSet", "edpm")
    consumer = {"kind": "OpenStackBaremetalSet", "namespace": "openstack", "name": "edpm"}
    mine = make("metal3.io/v1alpha1", "BareMetalHost", "rack1", namespace="metal", spec={"consumerRef": consumer})
    free = make("metal3.io/v1alpha1", "BareMetalHost", "rack2", namespace="metal", spec={})
    world = snapshot_of(taken, mine, free)
    assert told(taken, world) == {("has taken", "rack1")}
    assert [r.ref.name for r in links.below(taken, world)] == ["rack1"]


def test_a_nodeset_its_deployments_and_services(cloud, snapshot_of, make):
    group, spec = "dataplane.openstack.org/v1beta1", {"nodeSets": ["edpm-compute", "x"]}
    run = make(group, "OpenStackDataPlaneDeployment", "d1", spec=spec)
    world = snapshot_of(*cloud.values(), run)
    assert told(cloud["nodeset"], world) == {
        ("is deployed by", "d1"), ("runs the services", "bootstrap"), ("runs the services", "configure-os"),
    }  # fmt: skip
    assert told(run, world) == {("deploys", "edpm-compute")}
    assert list(links.below(run, world)) == []


def test_namesakes_selectors_users_and_claims(cloud, snapshot_of, make):
    backup = make("backup.openstack.org/v1beta1", "OpenStackBackupConfig", "controlplane")
    rabbit = make("rabbitmq.openstack.org/v1beta1", "RabbitMq", "rabbitmq")
    user = make("rabbitmq.openstack.org/v1beta1", "RabbitMQUser", "u", spec={"rabbitmqClusterName": "rabbitmq"})
    claim = make("v1", "PersistentVolumeClaim", "data")
    volumes = [{"name": "x", "emptyDir": {}}, {"name": "d", "persistentVolumeClaim": {"claimName": "data"}}]
    pod = make("v1", "Pod", "p", metadata={"labels": {"app": "a"}}, spec={"volumes": volumes})
    service = make("v1", "Service", "s", spec={"selector": {"app": "a"}})
    world = snapshot_of(*cloud.values(), backup, rabbit, user, claim, pod, service)
    assert ("is backed up by", "controlplane") in told(cloud["cp"], world)
    assert told(rabbit, world) == {("has the user", "u")}
    assert told(pod, world) == {("mounts", "data")}
    assert told(service, world) == {("sends to", "p")}


def test_the_far_ends_are_those_that_trees_show():
    assert {kind for kind in links.FAR if kinds.find(kind) is None} == set()
