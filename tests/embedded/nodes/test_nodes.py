"""Sandbox nodes answer real SSH, are apart from each other and from the host, fail on command, and leave nothing."""

import os
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path

import pytest
from click.testing import CliRunner

from osconsole.cli.cluster_node import node as node_command
from osconsole.embedded.nodes import daemon
from osconsole.errors import OsconsoleError, Refused
from tests.embedded.nodes.conftest import need_ssh, running, until

RIGHTS = "--reuid 65534 --regid 65534 --clear-groups --inh-caps=+dac_read_search --ambient-caps=+dac_read_search"


def alive(word):
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            if word in path.read_bytes().decode(errors="replace"):
                found.append(path.parent.name)
        except OSError:
            continue
    return found


def test_a_command_has_input_output_and_an_exit_code(fleet):
    data = os.urandom(300_000)
    assert fleet.ssh("cat", stdin=data).stdout == data
    done = fleet.ssh("echo out; echo err >&2; exit 7", stdin=b"")
    assert (done.returncode, done.stdout, done.stderr) == (7, b"out\n", b"err\n")
    assert fleet.ssh("echo $OSCONSOLE_NODE $OSCONSOLE_NODE_LEVEL").stdout.decode().split() == [
        fleet.nodes[0].name,
        str(fleet.nodes[0].level),
    ]


def test_files_go_over_and_the_host_keeps_its_own(fleet, tmp_path):
    node = fleet.nodes[0]
    (tmp_path / "here").write_text("hello")
    target = f"{node.root}/etc/osconsole-test-file"
    argv = fleet.program("scp", "-P", str(node.port), str(tmp_path / "here"), f"{node.user}@{node.address}:{target}")
    done = subprocess.run(argv, capture_output=True, timeout=30)
    assert done.returncode == 0, done.stderr
    assert fleet.ssh(f"cat {target}").stdout == b"hello"
    assert fleet.ssh(f"cat {fleet.nodes[1].root}/etc/osconsole-test-file", node=1).returncode != 0
    assert not Path("/etc/osconsole-test-file").exists()
    assert (Path(node.disk) / "etc/osconsole-test-file").read_text() == "hello"


def test_only_the_key_opens(fleet, tmp_path):
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(tmp_path / "other")], check=True)
    node = fleet.nodes[0]
    argv = fleet.program("ssh", "-p", str(node.port), f"{node.user}@{node.address}", "true")
    argv[argv.index("-i") + 1] = str(tmp_path / "other")
    argv[1:1] = ["-o", "IdentitiesOnly=yes", "-F", "none"]
    done = subprocess.run(argv, capture_output=True, timeout=30)
    assert done.returncode == 255
    assert b"denied" in done.stderr


def test_off_on_and_freeze(fleet):
    name = fleet.nodes[0].name
    fleet.ask("off", name)
    assert fleet.states() == ["off", "running"]
    assert fleet.ssh("true").returncode == 255
    fleet.ask("on", name)
    assert fleet.ssh("true").returncode == 0
    fleet.ask("freeze", name)
    began = time.monotonic()
    assert fleet.ssh("true").returncode == 255
    assert time.monotonic() - began > 4, "a frozen node does not refuse, it does not answer"
    assert fleet.ssh("true", node=1).returncode == 0
    fleet.ask("on", name)
    assert fleet.ssh("true").returncode == 0
    with pytest.raises(Refused, match="known are"):
        fleet.ask("off", "nobody")


def test_nothing_is_left(fleet):
    fleet.ssh("nohup sleep 98765 > /dev/null 2>&1 &")
    fleet.ask("freeze", fleet.nodes[1].name)
    assert fleet.stop() == 0
    assert alive(str(fleet.directory)) == []
    assert alive("98765") == []
    assert str(fleet.directory) not in Path("/proc/mounts").read_text()
    with pytest.raises(OsconsoleError, match="start the cluster"):
        fleet.ask("list")


def test_a_node_has_names_and_a_network_of_its_own(fleet_1):
    assert fleet_1.ssh("hostname").stdout == b"node-a\n"
    assert fleet_1.ssh("hostname", node=1).stdout == b"node-b\n"
    assert fleet_1.ssh("ls /sys/class/net; cat /proc/net/dev").stdout.count(b"lo:") == 1
    processes = fleet_1.ssh("ls -d /proc/[0-9]* | wc -l").stdout
    assert int(processes) < 20
    assert b".ssh" not in fleet_1.ssh("ls -A /root").stdout.split()


def test_a_node_reboots(fleet_1):
    before = fleet_1.ssh("cat /proc/sys/kernel/random/boot_id; echo kept > /etc/kept").stdout
    fleet_1.ssh("/usr/local/sbin/reboot")

    def again():
        done = fleet_1.ssh("cat /proc/sys/kernel/random/boot_id")
        return done.returncode == 0 and done.stdout != before

    until(again)
    assert fleet_1.ssh("cat /etc/kept").stdout == b"kept\n"


def test_a_restart_keeps_disks_keys_and_addresses(fleet_1, tmp_path):
    was, key = fleet_1.nodes, fleet_1.ssh("echo kept > /etc/kept; cat /etc/ssh/ssh_host_ed25519_key.pub").stdout
    assert fleet_1.stop() == 0
    with running(tmp_path, "--level", "1", "--server", "asyncssh") as again:
        assert again.nodes == was
        assert again.ssh("cat /etc/kept").stdout == b"kept\n"
        assert again.ssh("cat /etc/ssh/ssh_host_ed25519_key.pub").stdout == key


def test_two_owners_of_a_directory_are_refused(fleet_1):
    argv = [sys.executable, "-m", "osconsole.embedded.nodes", "--dir", str(fleet_1.directory)]
    done = subprocess.run(argv, capture_output=True, text=True, timeout=30)
    assert done.returncode == 4
    assert "run already" in done.stderr


def test_a_killed_owner_takes_its_nodes_along(fleet_1):
    fleet_1.process.kill()
    fleet_1.process.wait()
    until(lambda: not alive(str(fleet_1.directory)))


@contextmanager
def other_user_directory():
    """Not below pytest's own directory: that is closed to other users again and again."""
    with tempfile.TemporaryDirectory(prefix="osc-nodes-") as home:
        os.chown(home, 65534, 65534)
        yield Path(home)


@pytest.mark.parametrize("server", ["asyncssh", "openssh"])
def test_as_a_user_without_rights(tmp_path, server):
    need_ssh()
    if os.geteuid() != 0:
        pytest.skip("the other tests run as a user already")
    if server == "openssh" and not daemon.sshd_path():
        pytest.skip("sshd is not installed (Debian: openssh-server)")
    # In a mount namespace of the test nobody has a shell. The interpreter may lie in a directory of root: reading it is
    # the one right that this user keeps.
    users = tmp_path / "passwd"
    users.write_text(Path("/etc/passwd").read_text().replace("/usr/sbin/nologin", "/bin/sh"))
    script = f'mount --bind {users} /etc/passwd && exec setpriv {RIGHTS} -- "$@"'
    prefix = ["unshare", "--mount", "sh", "-c", script, "user"]
    if subprocess.run([*prefix, sys.executable, "-c", ""], capture_output=True).returncode:
        pytest.skip("this interpreter cannot run as another user here")
    with other_user_directory() as home, running(home, "--server", server, prefix=prefix) as fleet:
        assert [node.level for node in fleet.nodes] == [2, 2]
        assert fleet.ssh("id -u").stdout == b"65534\n"
        code, log, _ = fleet.deploy("configure_os")
        assert code == 0, log
        assert (Path(fleet.nodes[0].root) / "etc/chrony.conf").exists()


def test_the_command_line_shows_level_and_server(fleet_1):
    done = CliRunner().invoke(node_command, ["list", "--dir", str(fleet_1.directory)])
    assert done.exit_code == 0, done.output
    assert "asyncssh" in done.output
    assert "namespaces" in done.output
    done = CliRunner().invoke(node_command, ["off", "node-b", "--dir", str(fleet_1.directory)])
    assert "off" in done.output
    assert "node-a" not in done.output


def test_bad_names_are_refused(tmp_path):
    argv = [sys.executable, "-m", "osconsole.embedded.nodes", "--dir", str(tmp_path), "--nodes", "../x,B"]
    done = subprocess.run(argv, capture_output=True, text=True, timeout=30)
    assert done.returncode == 2
    assert "DNS labels" in done.stderr
