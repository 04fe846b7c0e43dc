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
    code, log, summary = outcome
    assert code == 0, log
    assert summary["failedHosts"] == summary["unreachableHosts"] == 0
    assert len(recap(log)) == summary["totalHosts"] == 2
    return sum(line[1] for line in recap(log))


def test_twice_and_after_damage(fleet):
    disk = Path(fleet.nodes[0].disk)
    for playbook in ("bootstrap", "configure_os"):
        assert changed(fleet.deploy(playbook)) > 0
        assert changed(fleet.deploy(playbook)) == 0
    assert "192.0.2.11 node-b.ctlplane.example node-b" in (disk / "etc/hosts").read_text()
    fleet.ssh(f"echo damage >> {fleet.nodes[0].root}/etc/chrony.conf")
    assert changed(fleet.deploy("configure_os")) == 1
    assert "damage" not in (disk / "etc/chrony.conf").read_text()


def test_the_other_playbooks(fleet_1):
    disk = Path(fleet_1.nodes[0].disk)
    configs = {"nova/01-nova.conf": "[DEFAULT]\ntransport_url = rabbit://nova:hush@example\n"}
    changed(fleet_1.deploy("bootstrap"))
    changed(fleet_1.deploy("configure_os"))
    for playbook in ("ssh_known_hosts", "nova"):
        assert changed(fleet_1.deploy(playbook, configs=configs)) > 0
    log = fleet_1.deploy("nova", configs=configs)[1]
    assert [line[1] for line in recap(log)] == [0, 0]
    assert "hush" not in log
    assert "hush" in (disk / "etc/nova/nova.conf.d/01-nova.conf").read_text()
    assert "node-b" in (disk / "etc/ssh/ssh_known_hosts").read_text()
    changed(fleet_1.deploy("run_os"))
    assert changed(fleet_1.deploy("run_os")) == 0


def test_reboot_strategies(fleet_1):
    def boot_id():
        return fleet_1.ssh("cat /proc/sys/kernel/random/boot_id").stdout

    before = boot_id()
    changed(fleet_1.deploy("bootstrap", variables="edpm_kernel_args: quiet"))
    changed(fleet_1.deploy("reboot", variables="edpm_reboot_strategy: never"))
    assert boot_id() == before
    assert "needs a reboot" in fleet_1.deploy("reboot")[1]
    changed(fleet_1.deploy("reboot", variables="edpm_reboot_strategy: force"))
    assert boot_id() != before
    assert changed(fleet_1.deploy("reboot")) == 0


def test_a_node_that_is_off_is_unreachable(fleet_1):
    fleet_1.ask("off", "node-b")
    code, log, summary = fleet_1.deploy(
        "bootstrap", variables="edpm_any_errors_fatal: false\nedpm_max_fail_percentage: 90"
    )
    assert code == 4, log
    assert summary["unreachableHostList"] == ["node-b"]
    assert summary["failurePercent"] == 50
    assert next(line for line in recap(log) if line[0] == "node-a")[3] == 0


def test_a_frozen_node_does_not_hang_the_run(fleet_1):
    fleet_1.ask("freeze", "node-b")
    code, log, summary = fleet_1.deploy("configure_os")
    assert code == 4, log
    assert summary["unreachableHostList"] == ["node-b"]


def test_tags_and_limits(fleet_1):
    code, log, summary = fleet_1.deploy("configure_os", RUNNER_CMDLINE="--limit node-a --skip-tags edpm_configure_os")
    assert code == 0, log
    assert summary["totalHosts"] == 1
    assert "Clock" not in log
