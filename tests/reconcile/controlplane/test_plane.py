"""The control plane's deciders, run to their fixpoint on a world in memory."""

import pytest

from osconsole.model.conditions import find
from osconsole.model.kinds import key
from osconsole.reconcile.actions import Create, Generated
from osconsole.reconcile.decide import Act, Done


def ready(stage, kind="OpenStackControlPlane", name="controlplane"):
    return find(stage.get(kind, name).conditions, "Ready")


OWNERS = {
    ("OpenStackVersion", "controlplane"): "OpenStackControlPlane",
    ("Issuer", "rootca-internal"): "OpenStackControlPlane",
    ("Galera", "openstack-cell1"): "OpenStackControlPlane",
    ("StatefulSet", "openstack-galera"): "Galera",
    ("StatefulSet", "rabbitmq-cell1-server"): "RabbitMq",
    ("StatefulSet", "memcached"): "Memcached",
    ("StatefulSet", "ovsdbserver-sb"): "OVNDBCluster",
    ("StatefulSet", "ovn-northd"): "OVNNorthd",
    ("DaemonSet", "ovn-controller-ovs"): "OVNController",
    ("Deployment", "dnsmasq-dns"): "DNSMasq",
    ("Deployment", "keystone"): "KeystoneAPI",
    ("Job", "keystone-bootstrap"): "KeystoneAPI",
    ("Job", "keystone-db-create"): "MariaDBDatabase",
    ("MariaDBAccount", "keystone"): "KeystoneAPI",
    ("TransportURL", "keystone-keystone-transport"): "KeystoneAPI",
    ("Secret", "rabbitmq-transport-url-nova-cell1-transport"): "TransportURL",
    ("Deployment", "placement"): "PlacementAPI",
    ("GlanceAPI", "glance-default-external"): "Glance",
    ("StatefulSet", "glance-default-internal-api"): "GlanceAPI",
    ("Deployment", "neutron"): "NeutronAPI",
    ("Secret", "neutron-ovn-metadata-agent-neutron-config"): "NeutronAPI",
    ("NovaCell", "nova-cell1"): "Nova",
    ("NovaConductor", "nova-cell0-conductor"): "NovaCell",
    ("Job", "nova-cell1-cell-mapping"): "Nova",
    ("Job", "nova-cell1-conductor-db-sync"): "NovaConductor",
    ("StatefulSet", "nova-cell1-novncproxy"): "NovaNoVNCProxy",
    ("Secret", "nova-cell1-compute-config"): "NovaCell",
    ("StatefulSet", "nova-metadata"): "NovaMetadata",
    ("Service", "nova-novncproxy-cell1-public"): "NovaNoVNCProxy",
    ("KeystoneEndpoint", "nova"): "NovaAPI",
    ("ConfigMap", "ovncontroller-config"): "OVNDBCluster",
    ("Pod", "openstackclient"): "OpenStackClient",
}


def test_a_control_plane_comes_up_with_upstreams_tree_and_then_nothing_is_written(stage):
    assert ready(stage).ok, ready(stage)
    assert ready(stage).message == "Setup complete"
    for (kind, name), owner in OWNERS.items():
        found = stage.get(kind, name)
        assert found is not None, f"{kind} {name}"
        assert found.controller.ref.kind == owner, f"{kind} {name}"
    assert stage.get("NovaNoVNCProxy", "nova-cell0-novncproxy") is None
    outcomes = {r.ref: stage.decide(r) for kind in stage.deciders for r in stage.snapshot.all(kind)}
    assert all(isinstance(o, Done) for o in outcomes.values()), outcomes


def test_a_replica_count_flows_from_the_control_plane_to_the_pods(stage):
    before = stage.get("OpenStackControlPlane", "controlplane")
    stage.patch(before.ref, {"spec": {"keystone": {"template": {"replicas": 3}}}})
    assert not stage.get("OpenStackControlPlane", "controlplane").ready
    stage.run()
    assert stage.get("KeystoneAPI", "keystone").get("spec", "replicas") == 3
    assert stage.get("Deployment", "keystone").get("spec", "replicas") == 3
    assert stage.get("KeystoneAPI", "keystone").get("status", "readyCount") == 3
    assert stage.get("OpenStackControlPlane", "controlplane").ready


def test_a_child_that_is_about_to_change_does_not_count_as_ready(stage):
    before = stage.get("OpenStackControlPlane", "controlplane")
    stage.patch(before.ref, {"spec": {"keystone": {"template": {"replicas": 3}}}})
    outcome = stage.decide(stage.get("OpenStackControlPlane", "controlplane"))
    said = {c["type"]: c["status"] for c in outcome.actions[-1].status["conditions"]}
    assert said["Ready"] == "False"
    assert said["OpenStackControlPlaneKeystoneAPIReady"] == "False"


@pytest.mark.parametrize(
    ("section", "kind", "name"),
    [("glance", "Glance", "glance"), ("nova", "Nova", "nova"), ("dns", "DNSMasq", "dns")],
)
def test_a_disabled_service_goes_with_its_children(stage, section, kind, name):
    stage.patch(stage.get("OpenStackControlPlane", "controlplane").ref, {"spec": {section: {"enabled": False}}})
    stage.run()
    assert stage.get(kind, name) is None
    workloads = [w.ref.name for k in ("Deployment", "StatefulSet") for w in stage.snapshot.all(key(k))]
    assert not [w for w in workloads if w.startswith((section, f"{section}masq"))]
    conditions = stage.get("OpenStackControlPlane", "controlplane").conditions
    assert not [c for c in conditions if kind in c.type]
    assert ready(stage).ok


def test_zero_replicas_are_ready_without_pods(stage):
    before = stage.get("OpenStackControlPlane", "controlplane")
    stage.patch(before.ref, {"spec": {"placement": {"template": {"replicas": 0}}}})
    stage.run()
    assert stage.get("Deployment", "placement").get("spec", "replicas") == 0
    assert ready(stage).ok


def test_a_missing_secret_is_named_and_what_needs_no_password_goes_on(new_stage, demo):
    stage = new_stage()
    stage.drop(stage.get("Secret", "osp-secret").ref)
    stage.put(demo)
    stage.run()
    said = find(stage.get("OpenStackControlPlane", "controlplane").conditions, "InputReady")
    assert said.message == "Input data resources missing: secret/osp-secret"
    assert not ready(stage).ok
    assert stage.get("RabbitMq", "rabbitmq").ready


def test_services_that_nobody_reconciles_are_named(new_stage, demo):
    stage = new_stage()
    body = demo
    body["spec"]["barbican"] = {"enabled": True, "template": {}}
    body["spec"]["cinder"] = {"template": {}}
    body["spec"]["heat"] = {"template": {}}
    stage.put(body)
    stage.run()
    assert ready(stage).ok
    assert ready(stage).message == "Setup complete; not reconciled here: barbican, cinder"


def test_without_cert_manager_there_are_no_authorities_and_the_condition_says_so(new_stage, demo):
    stage = new_stage(absent=("Certificate", "Issuer", "NetworkAttachmentDefinition"))
    stage.put(demo)
    stage.run()
    conditions = stage.get("OpenStackControlPlane", "controlplane").conditions
    assert "cert-manager is not installed" in find(conditions, "OpenStackControlPlaneCAReadyCondition").message
    assert ready(stage).ok


def test_the_walk_stops_after_the_infrastructure_when_asked_to(new_stage, demo):
    stage = new_stage()
    body = demo
    body["metadata"]["annotations"] = {"core.openstack.org/deployment-stage": "infrastructure-only"}
    stage.put(body)
    stage.run()
    assert stage.get("Galera", "openstack").ready
    assert stage.get("KeystoneAPI", "keystone") is None
    assert "paused" in ready(stage).message


def test_a_changed_configuration_rolls_the_pods_and_runs_no_job_again(stage):
    def hash_of(name):
        containers = stage.get("Deployment", name).get("spec", "template", "spec", "containers")
        return next(e["value"] for e in containers[0]["env"] if e["name"] == "CONFIG_HASH")

    old, job = hash_of("keystone"), stage.get("Job", "keystone-db-sync").uid
    change = {"spec": {"keystone": {"template": {"customServiceConfig": "[DEFAULT]\ndebug=true"}}}}
    stage.patch(stage.get("OpenStackControlPlane", "controlplane").ref, change)
    stage.run()
    assert hash_of("keystone") != old
    assert stage.get("Job", "keystone-db-sync").uid == job


def test_a_job_that_was_cleaned_up_is_not_run_again_and_a_failed_one_is_said(stage):
    stage.drop(stage.get("Job", "keystone-db-sync").ref)
    stage.run()
    assert stage.get("Job", "keystone-db-sync") is None
    assert ready(stage).ok
    before = stage.get("KeystoneAPI", "keystone").body()
    before["status"]["hash"].pop("dbsync")
    stage.put(before)
    outcome = stage.decide(stage.get("KeystoneAPI", "keystone"))
    for action in outcome.actions:
        stage.carry_out(action)
    failed = stage.get("Job", "keystone-db-sync").body()
    failed["status"] = {"conditions": [{"type": "Failed", "status": "True", "reason": "BackoffLimitExceeded"}]}
    stage.put(failed)
    outcome = stage.decide(stage.get("KeystoneAPI", "keystone"))
    assert isinstance(outcome, Act)
    said = {c["type"]: c for c in outcome.actions[-1].status["conditions"]}
    assert said["DBSyncReady"]["message"].startswith("DBsync job error occurred")
    assert said["DeploymentReady"]["status"] == "Unknown"
    assert said["Ready"]["message"] == said["DBSyncReady"]["message"]


def test_passwords_are_made_up_when_they_are_written_and_not_before(new_stage, demo):
    stage = new_stage()
    stage.put(demo)
    seen = {}
    carry_out = stage.carry_out
    stage.carry_out = lambda action: (
        seen.update({action.body["metadata"]["name"]: action} if isinstance(action, Create) else {}),
        carry_out(action),
    )
    stage.run()
    made = seen["keystone-db-secret"]
    assert made.secrets == {"DatabasePassword": Generated("password", 32)}
    assert "data" not in made.body
    assert "stringData" not in made.body
