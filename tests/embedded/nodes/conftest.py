"""Real sandbox nodes for tests: each kind of them that this machine can have."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from osconsole.ansible.inventory import AnsibleOptions, InventoryNode, InventoryNodeSet, Reservation, inventory, render
from osconsole.embedded.nodes import control, daemon, namespaces, spec

COLLECTIONS = Path(spec.__file__).parents[1] / "world/collections"
OPTIONS = ["UserKnownHostsFile=/dev/null", "StrictHostKeyChecking=no", "LogLevel=ERROR", "BatchMode=yes"]


@dataclass
class Fleet:
    """A running owner of nodes, in a directory."""

    directory: Path
    process: subprocess.Popen
    pods: list[Path] = field(default_factory=list)

    @property
    def nodes(self):
        return spec.read(spec.places(self.directory)).nodes

    def ask(self, do, name=""):
        return control.ask(spec.places(self.directory).home, control.Request(do, name))

    def states(self):
        return [node.state for node in self.ask("list")]

    def program(self, name, *argv):
        options = [part for option in (*OPTIONS, "ConnectTimeout=5") for part in ("-o", option)]
        return [name, "-i", str(spec.places(self.directory).key), *options, *argv]

    def ssh(self, command, node=0, stdin=None, timeout=30):
        where = self.nodes[node]
        argv = self.program("ssh", "-p", str(where.port), f"{where.user}@{where.address}", command)
        return subprocess.run(argv, input=stdin, capture_output=True, timeout=timeout)

    def deploy(self, playbook, **more):
        """Run a playbook of the collection as the node agent would; (exit code, log, summary)."""
        pod = self.directory / f"pod-{len(self.pods)}"
        self.pods.append(pod)
        (pod / "runner/inventory").mkdir(parents=True)
        (pod / "runner/env/ssh_key").mkdir(parents=True)
        (pod / "runner/inventory/hosts").write_text(render(self.inventory()))
        shutil.copy(spec.places(self.directory).key, pod / "runner/env/ssh_key/ssh_key_edpm")
        for name, text in more.pop("configs", {}).items():
            path = pod / "var/lib/openstack/configs" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        environ = {
            "PATH": os.environ["PATH"],
            "OSCONSOLE_POD_ROOT": str(pod),
            "OSCONSOLE_TERMINATION_LOG": str(pod / "message"),
            "ANSIBLE_COLLECTIONS_PATH": str(COLLECTIONS),
            "RUNNER_EXTRA_VARS": f"\nedpm_override_hosts: edpm\n{more.pop('variables', '')}\n",
            **more,
        }
        argv = ["ansible-runner", "run", "/runner", "-p", f"osp.edpm.{playbook}", "-i", playbook]
        done = subprocess.run(
            [sys.executable, "-m", "osconsole.ansible.runner", *argv],
            env=environ,
            capture_output=True,
            text=True,
            timeout=150,
        )
        message = pod / "message"
        return done.returncode, done.stdout + done.stderr, json.loads(message.read_text()) if message.exists() else None

    def inventory(self):
        nodes = [
            InventoryNode(
                node.name,
                (
                    Reservation(
                        "ctlplane", "ctlplane", f"192.0.2.{10 + i}", "192.0.2.0/24", dns_domain="ctlplane.example"
                    ),
                ),
                AnsibleOptions(node.address, node.user, node.port, node.vars),
            )
            for i, node in enumerate(self.nodes)
        ]
        return inventory(InventoryNodeSet("edpm"), nodes)

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(20)


@contextmanager
def running(directory, *argv, prefix=(), names="node-a,node-b"):
    command = [
        *prefix,
        sys.executable,
        "-m",
        "osconsole.embedded.nodes",
        "--dir",
        str(directory),
        "--nodes",
        names,
        *argv,
    ]
    with (directory / "owner.log").open("a") as log:
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log, text=True)
    try:
        assert "ready" in process.stdout.readline(), (directory / "owner.log").read_text()
        yield Fleet(directory, process)
    finally:
        process.terminate()
        process.wait(20)
        process.stdout.close()


def until(probe, within_s=20):
    deadline = time.monotonic() + within_s
    while not (found := probe()):
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.05)
    return found


def need_level_1():
    if why := namespaces.possible():
        pytest.skip(f"namespaces are not possible here: {why}")


def need_ssh():
    if shutil.which("ssh") is None:
        pytest.skip("ssh is not installed")


def need(server, level=2):
    if why := daemon.obstacle(server, level):
        pytest.skip(why)


KINDS = [(1, "asyncssh"), (1, "openssh"), (2, "asyncssh"), (2, "openssh")]


@contextmanager
def of_kind(directory, kind, names):
    level, server = kind
    need_ssh()
    need(server, level)
    if level == 1:
        need_level_1()
    with running(directory, "--level", str(level), "--server", server, names=names) as found:
        yield found


@pytest.fixture(params=KINDS, ids=[f"level{level}-{server}" for level, server in KINDS])
def fleet(request, tmp_path):
    """Two nodes of each kind."""
    with of_kind(tmp_path, request.param, "node-a,node-b") as found:
        yield found


# Playbooks take long: one level with each server.
PLAYED = ((1, "openssh"), (2, "asyncssh"))


@pytest.fixture(params=PLAYED, ids=[f"level{level}-{server}" for level, server in PLAYED])
def one_node(request, tmp_path):
    """One node of each kind."""
    with of_kind(tmp_path, request.param, "node-a") as found:
        yield found


@pytest.fixture
def fleet_1(tmp_path):
    """Two nodes with namespaces, asyncssh."""
    need_ssh()
    need_level_1()
    with running(tmp_path, "--level", "1", "--server", "asyncssh") as found:
        yield found
