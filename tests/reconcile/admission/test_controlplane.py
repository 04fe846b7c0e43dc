"""What the OpenStackControlPlane webhook fills in."""

from osconsole.reconcile.admission import controlplane


def test_an_absent_service_is_off_and_a_bare_block_takes_its_default() -> None:
    spec = controlplane.defaulted({"secret": "s", "storageClass": "c", "galera": {"templates": {}}, "horizon": {}})
    assert spec["galera"]["enabled"] is True
    assert spec["horizon"]["enabled"] is False
    assert spec["nova"] == {"enabled": False}
    assert "template" not in spec["keystone"]


def test_storage_secret_database_and_bus_come_from_the_top() -> None:
    spec = controlplane.defaulted(
        {
            "secret": "osp-secret",
            "storageClass": "fast",
            "galera": {"templates": {"openstack": {"storageRequest": "1Gi"}, "own": {"storageClass": "slow"}}},
            "keystone": {"apiOverride": {"route": {}}},
            "neutron": {"template": {"rabbitMqClusterName": "other"}},
            "nova": {"template": {"cellTemplates": {"cell0": {}, "cell1": {}}}},
        }
    )
    assert spec["galera"]["templates"]["openstack"] == {
        "storageRequest": "1Gi",
        "storageClass": "fast",
        "replicas": 1,
        "logToDisk": False,
    }
    assert spec["galera"]["templates"]["own"]["storageClass"] == "slow"
    assert spec["keystone"]["template"]["secret"] == "osp-secret"
    annotations = spec["keystone"]["apiOverride"]["route"]["metadata"]["annotations"]
    assert annotations["haproxy.router.openshift.io/timeout"] == "60s"
    assert spec["neutron"]["template"]["messagingBus"] == {"cluster": "other"}
    assert "rabbitMqClusterName" not in spec["neutron"]["template"]
    cells = spec["nova"]["template"]["cellTemplates"]
    assert cells["cell0"]["noVNCProxyServiceTemplate"]["enabled"] is False
    assert cells["cell1"]["noVNCProxyServiceTemplate"]["enabled"] is True
    assert cells["cell1"]["messagingBus"] == {"cluster": "rabbitmq-cell1"}


def test_defaulting_twice_changes_nothing_and_the_argument_stays() -> None:
    given = {"secret": "s", "storageClass": "c", "nova": {"template": None}, "ovn": {"template": {}}}
    once = controlplane.defaulted(given)
    assert given["nova"] == {"template": None}
    assert controlplane.defaulted(once) == once
