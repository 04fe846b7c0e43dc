"""What admission refuses, and in which words."""

import copy
from typing import Any

import pytest

from osconsole.reconcile.admission.admit import admit
from osconsole.reconcile.admission.verdict import Context


def controlplane(**spec: Any) -> dict[str, Any]:
    base = {"secret": "s", "storageClass": "c", **spec}
    return {
        "apiVersion": "core.openstack.org/v1beta1",
        "kind": "OpenStackControlPlane",
        "metadata": {"name": "cp"},
        "spec": base,
    }


def nodeset(**spec: Any) -> dict[str, Any]:
    template = {"ansibleSSHPrivateKeySecret": "key"}
    return {
        "kind": "OpenStackDataPlaneNodeSet",
        "metadata": {"name": "n"},
        "spec": {"nodeTemplate": template, "nodes": {}, **spec},
    }


def said(obj: dict[str, Any], old: dict[str, Any] | None = None, context: Context | None = None) -> list[str]:
    return [str(problem) for problem in admit(obj, old, context or Context()).problems]


INFRASTRUCTURE = {
    "galera": {"templates": {"openstack": {"storageRequest": "1Gi"}}},
    "memcached": {"templates": {"memcached": {}}},
    "rabbitmq": {"templates": {"rabbitmq": {"replicas": 3}}},
}


def test_a_good_one_passes_and_unknown_fields_are_dropped_with_a_word() -> None:
    verdict = admit(controlplane(**INFRASTRUCTURE, keystone={"template": {"replicas": 2, "nosuch": 1}}, other=1))
    assert verdict.problems == ()
    assert verdict.warnings == (
        'unknown field "spec.keystone.template.nosuch"',
        'unknown field "spec.other"',
    )
    assert "nosuch" not in verdict.obj["spec"]["keystone"]["template"]


def test_dependencies_bounds_and_types_are_named() -> None:
    assert said(controlplane(keystone={})) == [
        "spec.keystone.enabled: keystone requires these services to be enabled: galera, memcached, rabbitmq"
    ]
    assert said(controlplane(**INFRASTRUCTURE, keystone={"template": {"replicas": 40}})) == [
        "spec.keystone.template.replicas: found 40, expected 0 to 32"
    ]
    assert said(controlplane(**INFRASTRUCTURE, keystone={"template": {"replicas": "2"}})) == [
        "spec.keystone.template.replicas: found '2', expected a whole number"
    ]
    assert said(controlplane(galera={"templates": {"a": {}}})) == [
        "spec.galera.templates.a.storageRequest: is required"
    ]
    assert said(controlplane(cinder={"enabled": False, "template": {"cinderVolumes": {"v": {"replicas": 2}}}})) == [
        "spec.cinder.template.cinderVolumes.v.replicas: found 2, expected 0 to 1"
    ]


def test_rabbitmq_does_not_shrink_and_even_galera_is_warned_of() -> None:
    old = controlplane(**INFRASTRUCTURE)
    new = copy.deepcopy(old)
    new["spec"]["rabbitmq"]["templates"]["rabbitmq"]["replicas"] = 1
    new["spec"]["galera"]["templates"]["openstack"]["replicas"] = 2
    assert said(new, old) == [
        "spec.rabbitmq.templates.rabbitmq.replicas: RabbitMQ cannot go from 3 to 1 members: "
        "they must be forgotten by hand first"
    ]
    assert "2 members have no more quorum than 1" in admit(new).warnings[0]
    small = {"kind": "RabbitMq", "metadata": {"name": "r"}, "spec": {"containerImage": "i", "replicas": 1}}
    big = {**small, "spec": {"containerImage": "i", "replicas": 3}}
    assert said(small, big)
    assert not said(big, small)


def test_nova_and_glance() -> None:
    cells = {"cell1": {"messagingBus": {"cluster": "r"}}, "cell2": {"messagingBus": {"cluster": "r"}}}
    found = said(controlplane(nova={"template": {"cellTemplates": cells}}))
    assert "spec.nova.template.cellTemplates: cell0 is required" in found
    assert "spec.nova.template.cellTemplates.cell2.messagingBus.cluster: RabbitMQ r is used by cell1 already" in found
    glance = {"template": {"keystoneEndpoint": "no", "glanceAPIs": {"default": {"type": "single"}}}}
    before = {"template": {"glanceAPIs": {"default": {"type": "split"}}}}
    found = said(controlplane(glance=glance), controlplane(glance=before))
    assert "spec.glance.template.keystoneEndpoint: there is no API 'no' in glanceAPIs" in found
    assert any("cannot change from split" in line for line in found)


def test_one_control_plane_and_one_version_per_namespace() -> None:
    other = {"kind": "OpenStackControlPlane", "metadata": {"name": "first"}}
    version = {"kind": "OpenStackVersion", "metadata": {"name": "first"}, "spec": {"targetVersion": "1"}}
    context = Context({"OpenStackControlPlane": [other], "OpenStackVersion": [version]})
    assert len(said(controlplane(), None, context)) == 2
    second = {**version, "metadata": {"name": "second"}, "status": {"availableVersion": "2"}}
    assert [line.partition(":")[0] for line in said(second, None, context)] == ["metadata.name", "spec.targetVersion"]


def test_nodesets() -> None:
    filled = admit(nodeset(nodes={"a": None, "b": {"hostName": "b.example.com"}})).obj["spec"]
    assert filled["nodes"] == {"a": {"hostName": "a"}, "b": {"hostName": "b.example.com"}}
    assert filled["nodeTemplate"]["ansible"]["ansibleUser"] == "cloud-admin"
    bad = nodeset(preProvisioned=True, nodes={"a": {"ansible": {"ansibleHost": "not-an-ip"}}})
    assert said(bad) == [
        "spec.nodes.a.ansible.ansibleHost: found 'not-an-ip', expected an IP address: the node is preProvisioned"
    ]
    good = nodeset(preProvisioned=True, nodes={"a": {"ansible": {"ansibleHost": "10.0.0.1"}}})
    twin = {**copy.deepcopy(good), "metadata": {"name": "twin"}}
    assert said(good, None, Context({"OpenStackDataPlaneNodeSet": [twin]})) == [
        "spec.nodes.a: host a is in NodeSet twin already"
    ]


def test_a_nodeset_is_locked_while_a_deployment_runs_on_it() -> None:
    running = {"type": "NodeSetDeploymentReady", "status": "False", "reason": "Requested"}
    old = nodeset() | {"status": {"deploymentStatuses": {"d1": [running]}}}
    assert said(nodeset(tags=["x"]), old) == ["spec: Deployment d1 runs on this NodeSet: wait for it, or delete it"]
    assert said(nodeset(), old) == []


@pytest.mark.parametrize(
    ("obj", "problem"),
    [
        ({"kind": "OpenStackDataPlaneService", "metadata": {"name": "s"}, "spec": {}}, "one of playbook"),
        ({"kind": "OpenStackDataPlaneService", "metadata": {"name": "S_x"}, "spec": {"role": "r"}}, "is no name"),
        ({"kind": "OpenStackDataPlaneDeployment", "metadata": {"name": "d"}, "spec": {"nodeSets": []}}, "at least one"),
    ],
)
def test_the_rest_of_the_data_plane(obj: dict[str, Any], problem: str) -> None:
    assert any(problem in line for line in said(obj))


def test_a_deployment_does_not_change() -> None:
    old = {"kind": "OpenStackDataPlaneDeployment", "metadata": {"name": "d"}, "spec": {"nodeSets": ["a"]}}
    assert said({**old, "metadata": {"name": "d", "labels": {"a": "b"}}}, old) == []
    assert "cannot be changed" in said({**old, "spec": {"nodeSets": ["b"]}}, old)[0]
    assert admit(old).obj["spec"]["backoffLimit"] == 6


def test_kinds_of_others_pass() -> None:
    secret = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "s"}, "data": {}}
    assert admit(secret).obj == secret
