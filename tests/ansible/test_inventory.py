"""The inventory has upstream's shape, the same text for equal content, and limits select what Ansible selects."""

import pytest

from osconsole import documents
from osconsole.ansible.inventory import (
    AnsibleOptions,
    InventoryNode,
    InventoryNodeSet,
    Reservation,
    from_source,
    hosts_of,
    inventory,
    render,
)

CTLPLANE = Reservation(
    "ctlplane",
    "ctlplane",
    "192.168.122.100",
    "192.168.122.0/24",
    gateway="192.168.122.1",
    routes=({"destination": "0.0.0.0/0", "nexthop": "192.168.122.1"},),
    dns_domain="ctlplane.example.com",
)
INTERNAL = Reservation(
    "InternalApi", "internalapi", "172.17.0.100", "172.17.0.0/24", vlan=20, dns_domain="internalapi.example.com"
)
NODESET = InventoryNodeSet(
    "edpm-compute",
    AnsibleOptions(
        user="cloud-admin",
        port=22,
        variables={"edpm_nova_compute_image": "mine", "enable_debug": False},
        variables_from=from_source({"network_config_template": "a: b\nc: d\n", "ports": "[1, 2]"}, "edpm_"),
    ),
    networks=("ctlplane", "InternalApi"),
    service_networks={"ctlplane": "ctlplane", "InternalApi": "internalapi"},
    images={"edpm_nova_compute_image": "stock", "edpm_frr_image": "frr"},
    services=("bootstrap", "configure-os"),
    service_types=("bootstrap", "configure-os"),
    dns_servers=("192.168.122.80",),
)
NODE = InventoryNode("edpm-compute-0.example.com", (CTLPLANE, INTERNAL), AnsibleOptions(host="127.0.18.10", port=2222))


def test_shape():
    group = inventory(NODESET, [NODE])["edpm-compute"]
    shared, host = group["vars"], group["hosts"]["edpm-compute-0"]
    assert shared["ansible_port"] == "22"
    assert shared["ansible_ssh_private_key_file"] == "/runner/env/ssh_key/ssh_key_edpm-compute"
    assert shared["edpm_nova_compute_image"] == "mine"
    assert shared["edpm_frr_image"] == "frr"
    assert shared["edpm_ports"] == [1, 2]
    assert shared["edpm_network_config_template"] == "a: b\nc: d\n"
    assert shared["nodeset_networks"] == ["InternalApi"]
    assert shared["networks_lower"] == {"InternalApi": "internalapi"}
    assert host["ansible_host"] == "127.0.18.10"
    assert host["ansible_port"] == "2222"
    assert (host["internalapi_ip"], host["internalapi_cidr"], host["internalapi_vlan_id"]) == ("172.17.0.100", 24, 20)
    assert host["ctlplane_gateway_ip"] == "192.168.122.1"
    assert "internalapi_gateway_ip" not in host
    assert host["canonical_hostname"] == "edpm-compute-0.ctlplane.example.com"
    assert host["dns_search_domains"] == ["ctlplane.example.com", "internalapi.example.com"]
    assert host["ctlplane_dns_nameservers"] == ["192.168.122.80"]


def test_text_is_the_same_for_equal_content_and_reads_back():
    content = inventory(NODESET, [NODE])
    assert render(content) == render(inventory(NODESET, [NODE]))
    assert documents.parse(render(content), "inventory") == content


FLEET = {
    "edpm-compute": {"hosts": {f"edpm-compute-{i}": {} for i in range(3)}},
    "edpm-networker": {"hosts": {"edpm-networker-0": {}}},
}
ALL = ("edpm-compute-0", "edpm-compute-1", "edpm-compute-2", "edpm-networker-0")


@pytest.mark.parametrize(
    ("limit", "expected"),
    [
        ("", ALL),
        ("all", ALL),
        ("*", ALL),
        ("edpm-compute-1", ALL[1:2]),
        ("edpm-compute-1,edpm-networker-0", (ALL[1], ALL[3])),
        ("edpm-networker-0:edpm-compute-0", (ALL[0], ALL[3])),
        ("edpm-compute", ALL[:3]),
        ("edpm-compute,!edpm-compute-0", ALL[1:3]),
        ("!edpm-compute", ALL[3:]),
        ("all,&edpm-networker", ALL[3:]),
        ("*-0", (ALL[0], ALL[3])),
        ("edpm-compute[0]", ALL[:1]),
        ("edpm-compute[-1]", ALL[2:3]),
        ("edpm-compute[1:2]", ALL[1:3]),
        ("edpm-compute[1:]", ALL[1:3]),
        ("~.*-[12]$", ALL[1:3]),
        ("nothing", ()),
        ("~(", ()),
    ],
)
def test_limit(limit, expected):
    assert hosts_of(FLEET, limit) == expected
