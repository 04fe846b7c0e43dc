"""The playbooks of osp.edpm do real work, once: a second run changes nothing and damage is repaired."""

import re
from pathlib import Path


def recap(log):
    """(host, changed, unreachable, failed) of each line."""
    return [
        (host, int(changed), int(unreachable), int(failed))
        for host, changed, unreachable, failed in re.findall(
            r"^(\S+)\s*: ok=\d+\s+changed=(\d+)\s+unreachable=(\d+)\s+failed=(\d+)", log, re.M
        )
    ]


def changed(outcome):
    """How many results changed something, all hosts together, in a run that went well."""
    code, log, summary = outcome
    assert code == 0, log
    assert summary["failedHosts"] == summary["unreachableHosts"] == 0
    assert len(recap(log)) == summary["totalHosts"] > 0
    return sum(line[1] for line in recap(log))


def test_twice_and_after_harm(one_node):
    """On each kind of node, with each SSH server."""
    disk = Path(one_node.nodes[0].disk)
    assert changed(one_node.deploy("configure_os")) > 0
    assert "192.0.2.10 node-a.ctlplane.example node-a" in (disk / "etc/hosts").read_text()
    one_node.ssh(f"echo '# spoilt' >> {one_node.nodes[0].root}/etc/chrony.conf")
    assert changed(one_node.deploy("configure_os")) == 1
    assert "spoilt" not in (disk / "etc/chrony.conf").read_text()
    assert changed(one_node.deploy("configure_os")) == 0


def test_the_other_playbooks(fleet_1):
    disk = Path(fleet_1.nodes[0].disk)
    configs = {"nova/01-nova.conf": "[DEFAULT]\ntransport_url = rabbit://nova:hush@example\n"}
    for playbook in ("bootstrap", "ssh_known_hosts", "nova"):
        assert changed(fleet_1.deploy(playbook, configs=configs)) > 0
    assert changed(fleet_1.deploy("bootstrap")) == 0
    again = fleet_1.deploy("nova", configs=configs)
    assert changed(again) == 0
    assert "hush" not in again[1]
    assert "hush" in (disk / "etc/nova/nova.conf.d/01-nova.conf").read_text()
    assert "node-b" in (disk / "etc/ssh/ssh_known_hosts").read_text()
    code, log, _ = fleet_1.deploy("run_os")
    assert code == 2
    assert "deploy configure-os first" in log


def test_an_update_reaches_the_services_that_are_there(fleet_1):
    disk = Path(fleet_1.nodes[0].disk)
    configs = {"ovn/ovsdb-config": "ovn-remote: tcp:172.17.0.30:6642\n"}
    images = "edpm_ovn_controller_agent_image: quay.io/x/ovn:{0}\nedpm_nova_compute_image: quay.io/x/nova:{0}"
    assert changed(fleet_1.deploy("ovn", configs=configs, variables=images.format(1))) > 0
    assert changed(fleet_1.deploy("ovn", configs=configs, variables=images.format(1))) == 0
    assert "ovn-remote: tcp:172.17.0.30:6642\n" in (disk / "etc/openvswitch/external-ids").read_text()
    assert changed(fleet_1.deploy("update", variables=images.format(2))) == len(fleet_1.nodes)
    assert changed(fleet_1.deploy("update", variables=images.format(2))) == 0
    here = {file.name: file.read_text() for file in (disk / "var/lib/edpm-config/container-images").iterdir()}
    assert here == {"ovn_controller": "quay.io/x/ovn:2\n"}


def test_reboot_strategies(fleet_1):
    def boot_id():
        return fleet_1.ssh("cat /proc/sys/kernel/random/boot_id").stdout

    before = boot_id()
    fleet_1.ssh("mkdir -p /var/lib/openstack/reboot_required; touch /var/lib/openstack/reboot_required/kernel_args")
    never = fleet_1.deploy("reboot", variables="edpm_reboot_strategy: never")
    changed(never)
    assert boot_id() == before
    assert "needs a reboot (kernel_args)" in never[1]
    changed(fleet_1.deploy("reboot", variables="edpm_reboot_strategy: force"))
    assert boot_id() != before
    assert changed(fleet_1.deploy("reboot")) == 0


def test_a_node_that_is_off_is_unreachable(fleet_1):
    """One lost host ends the play for all, as with upstream's plays; Ansible's code for that is 2, not 4."""
    fleet_1.ask("off", "node-b")
    code, log, summary = fleet_1.deploy("ssh_known_hosts")
    assert code in {2, 4}, log
    assert summary["unreachableHostList"] == ["node-b"]
    assert summary["failurePercent"] == 50
    fleet_1.ask("on", "node-b")
    changed(fleet_1.deploy("ssh_known_hosts"))


def test_a_frozen_node_does_not_hang_the_run(fleet_1):
    fleet_1.ask("freeze", "node-b")
    code, log, summary = fleet_1.deploy("configure_os")
    assert code in {2, 4}, log
    assert summary["unreachableHostList"] == ["node-b"]


def test_tags_and_limits(fleet_1):
    code, log, summary = fleet_1.deploy("configure_os", RUNNER_CMDLINE="--limit node-a --skip-tags edpm_configure_os")
    assert code == 0, log
    assert summary["totalHosts"] == 1
    assert "Clock" not in log
