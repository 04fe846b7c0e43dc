"""IPSets, names, and what a NodeSet needs before it can be deployed."""

import base64
from typing import TYPE_CHECKING

from osconsole import documents

if TYPE_CHECKING:
    from tests.reconcile.dataplane.conftest import Namespace


def test_setup_makes_addresses_names_account_services_and_the_inventory(world: "Namespace") -> None:
    said = world.conditions("OpenStackDataPlaneNodeSet", "edpm-compute")
    assert said["SetupReady"]["message"] == "Setup complete"
    assert said["Ready"]["message"] == "NodeSet setup ready, waiting for OpenStackDataPlaneDeployment..."
    assert said["NodeSetIPReservationReady"]["status"] == "True"
    assert world.names("IPSet") == ["edpm-compute-0", "edpm-compute-1", "edpm-networker-0"]
    assert "edpm-compute" in world.names("ServiceAccount")
    assert world.names("OpenStackDataPlaneService") == [
        "bootstrap",
        "configure-os",
        "nova",
        "ovn",
        "reboot-os",
        "run-os",
        "ssh-known-hosts",
        "update",
    ]
    status = world.get("OpenStackDataPlaneNodeSet", "edpm-compute")["status"]
    assert status["allIPs"]["edpm-compute-1"] == {"ctlplane": "192.168.122.121", "internalapi": "172.17.0.102"}
    assert status["allHostnames"]["edpm-compute-0"]["internalapi"] == "edpm-compute-0.internalapi.example.com"
    assert status["ctlplaneSearchDomain"] == "ctlplane.example.com"
    assert status["dnsClusterAddresses"] == ["10.0.0.18"]
    secret = world.get("Secret", "dataplanenodeset-edpm-compute")
    content = documents.parse(base64.b64decode(secret["data"]["inventory"]).decode(), "inventory")
    host = content["edpm-compute"]["hosts"]["edpm-compute-0"]
    assert host["ansible_host"] == "192.168.122.120"
    assert host["ctlplane_ip"] == "192.168.122.120"
    assert content["edpm-compute"]["vars"]["ansible_user"] == "cloud-admin"
    assert content["edpm-compute"]["vars"]["edpm_logrotate_crond_image"] == "registry/cron:1"


def test_every_host_gets_its_own_address_although_all_are_decided_on_at_once(world: "Namespace") -> None:
    held = [
        world.get("Reservation", name)["spec"]["reservation"]["internalapi"]["address"] for name in world.names("IPSet")
    ]
    assert sorted(held) == ["172.17.0.100", "172.17.0.102", "172.17.0.103"]
    labels = world.get("Reservation", "edpm-compute-0")["metadata"]["labels"]
    assert labels["ipam.network.openstack.org/ctlplane"] == "subnet1"
    entry = world.get("IPSet", "edpm-compute-0")["status"]["reservations"][0]
    assert entry["routes"] == [{"destination": "0.0.0.0/0", "nexthop": "192.168.122.1"}]
    assert "gateway" not in world.get("IPSet", "edpm-compute-0")["status"]["reservations"][1]


def test_two_that_hold_one_address_part_and_the_younger_one_moves(world: "Namespace") -> None:
    thief = world.get("Reservation", "edpm-networker-0")["spec"]["reservation"]["internalapi"]
    thief["address"] = "172.17.0.100"
    world.settle()
    held = {
        n: world.get("Reservation", n)["spec"]["reservation"]["internalapi"]["address"] for n in world.names("IPSet")
    }
    assert held["edpm-compute-0"] == "172.17.0.100"
    assert len(set(held.values())) == 3


def test_a_fixed_address_that_is_taken_is_said_up_to_the_nodeset(empty: "Namespace") -> None:
    networks = [{"name": "ctlplane", "subnetName": "subnet1", "fixedIP": "192.168.122.150"}]
    empty.put("IPSet", "other", spec={"networks": networks})
    empty.settle()
    spec = {"preProvisioned": True, "nodeTemplate": {"networks": networks}, "nodes": {"n0": {}}}
    empty.put("OpenStackDataPlaneNodeSet", "late", spec=spec)
    empty.settle()
    said = empty.conditions("OpenStackDataPlaneNodeSet", "late")
    assert said["Ready"]["severity"] == "Error"
    assert (
        "IPSet n0: Reservation error occurred 192.168.122.150 of network ctlplane is taken" in said["Ready"]["message"]
    )


def test_missing_networks_keys_and_resolvers_are_named(empty: "Namespace") -> None:
    spec = {"preProvisioned": True, "nodeTemplate": {"ansibleSSHPrivateKeySecret": "nokey"}, "nodes": {}}
    empty.put("OpenStackDataPlaneNodeSet", "bare", spec=spec)
    empty.settle()
    said = empty.conditions("OpenStackDataPlaneNodeSet", "bare")
    assert said["Ready"]["message"] == "Input data resources missing: Secret nokey"
    empty.put("Secret", "nokey", data={"ssh-privatekey": "eA=="})
    empty.put("DNSMasq", "second", spec={})
    empty.settle()
    assert "there are 2 DNSMasq" in empty.conditions("OpenStackDataPlaneNodeSet", "bare")["Ready"]["message"]
    empty.delete("DNSMasq", "second")
    empty.settle()
    assert empty.conditions("OpenStackDataPlaneNodeSet", "bare")["SetupReady"]["status"] == "True"


def test_a_node_that_goes_takes_its_address_and_names_along(world: "Namespace") -> None:
    world.edit("OpenStackDataPlaneNodeSet", "edpm-compute", {"nodes": {"edpm-compute-0": None}})
    world.settle()
    assert world.names("Reservation") == ["edpm-compute-1", "edpm-networker-0"]
    hosts = world.get("DNSData", "edpm-compute")["spec"]["hosts"]
    assert [host["hostnames"][0].partition(".")[0] for host in hosts] == ["edpm-compute-1", "edpm-compute-1"]
    assert list(world.get("OpenStackDataPlaneNodeSet", "edpm-compute")["status"]["allIPs"]) == ["edpm-compute-1"]
    text = world.get("ConfigMap", "edpm-compute")["data"]["edpm-compute"]
    assert text.splitlines()[0] == "192.168.122.121 edpm-compute-1.ctlplane.example.com"


def test_a_stock_service_that_somebody_changed_is_put_back(world: "Namespace") -> None:
    world.edit("OpenStackDataPlaneService", "run-os", {"playbook": "mine"})
    world.settle()
    assert world.get("OpenStackDataPlaneService", "run-os")["spec"]["playbook"] == "osp.edpm.run_os"
