"""From the console into a pod of a cluster, at a terminal: typed, seen, left; and a server that dies meanwhile."""

import asyncio
import os
import signal
import subprocess
import sys
import termios
import time
from pathlib import Path

import pytest

from osconsole.embedded.client import Client
from osconsole.embedded.kinds import POD

RUNNER = Path(__file__).parents[1] / "embedded" / "kubelet" / "runner.py"
IMAGE = "quay.io/example/openstack-ansibleee-runner:1"
MODES = 4  # input, output, control, local


class Cluster:
    """An API server and a node agent with one process pod; either may be killed."""

    def __init__(self, folder):
        self.folder, self.kubeconfig = folder, folder / "kubeconfig"
        self.api = self._start("api", "--dir", folder)
        until(self.kubeconfig.exists)
        options = ["--kubeconfig", self.kubeconfig, "--dir", folder, "--only", "kubelet"]
        self.agent = self._start("kubelet", *options, "--runner", sys.executable, RUNNER)

    def _start(self, package, *argv):
        with (self.folder / f"{package}.log").open("ab") as log:
            command = [sys.executable, "-P", "-m", f"osconsole.embedded.{package}", *map(str, argv)]
            return subprocess.Popen(command, stdout=log, stderr=log)

    async def pod(self):
        """A process pod, on a node of the agent; returns once it runs."""
        container = {"name": "play", "image": IMAGE, "args": ["sleep:600"], "env": [{"name": "COLOR", "value": "blue"}]}
        async with Client.open(self.kubeconfig) as client:
            nodes: list = []
            while not nodes:
                await asyncio.sleep(0.05)
                answer = await client.request("GET", "/api/v1/nodes")
                nodes = answer["items"]
            spec = {"restartPolicy": "Never", "nodeName": nodes[-1]["metadata"]["name"], "containers": [container]}
            await client.create(POD, {"metadata": {"name": "play", "namespace": "default"}, "spec": spec})
            deadline, phase = time.monotonic() + 30, ""
            while phase != "Running":
                assert time.monotonic() < deadline, f"the pod is {phase}"
                await asyncio.sleep(0.05)
                phase = (await client.get(POD, "default", "play")).get("status", {}).get("phase", "")

    def end(self):
        for process, number in ((self.agent, signal.SIGTERM), (self.api, signal.SIGTERM)):
            process.send_signal(number)
            process.wait(30)


def until(true, within_s=30):
    deadline = time.monotonic() + within_s
    while not true():
        assert time.monotonic() < deadline, f"not within {within_s} s"
        time.sleep(0.05)


@pytest.fixture
def cluster(tmp_path):
    found = Cluster(tmp_path)
    try:
        asyncio.run(found.pod())
        yield found
    finally:
        found.end()


def modes(term):
    return termios.tcgetattr(term._master)[:MODES]


def runs(words):
    """Whether a process has these words in its command line."""
    found = subprocess.run(["pgrep", "-f", "--", words], capture_output=True, check=False)
    return found.returncode == 0


def test_a_shell_from_the_console_and_a_server_that_dies_in_the_midst(cluster, terminal, tmp_path):
    env = {"XDG_STATE_HOME": str(tmp_path / "state"), "XDG_CONFIG_HOME": str(tmp_path / "config"), "PS1": "inside> "}
    argv = ["--kubeconfig", str(cluster.kubeconfig), "-n", "default"]
    term = terminal(*argv, program=["-m", "osconsole"], **env)
    term.until(lambda s: "live" in s or "embedded" in s, 30)
    term.send(":pods\r")
    term.until(lambda s: "play" in s and "Running" in s, 30)
    before = modes(term)
    term.send("E")
    term.until(lambda s: "a shell in pod play container play in default" in s)
    term.send("echo hi-$COLOR; stty size\r")
    term.until(lambda s: "hi-blue" in s and "36 120" in s)
    term.send("exit 4\r")
    term.until(lambda s: "a shell ended with 4" in s and "READY" in s and "hi-blue" not in s)
    assert modes(term) == before

    term.send("E")
    term.until(lambda s: "a shell in pod play" in s)
    term.send("echo on-$COLOR; sleep 4545\r")
    term.until(lambda s: "on-blue" in s)
    cluster.api.kill()
    term.until(lambda s: "READY" in s and "the connection" in s and "on-blue" not in s, 40)
    assert modes(term) == before
    until(lambda: not runs("sleep 4545"))
    term.send(":q\r")
    assert term.process.wait(20) == 0

    told = (tmp_path / "state" / "osconsole" / "journal" / "embedded.jsonl").read_text()
    assert told.count("run a shell in pod play container play") == 4  # each begun, and ended
    assert "hi-" not in told
    assert "the connection" in told


def test_the_command_line_gives_its_terminal_back(cluster, terminal, tmp_path):
    env = {"XDG_STATE_HOME": str(tmp_path / "state")}
    argv = ["exec", "--kubeconfig", str(cluster.kubeconfig), "-n", "default", "play"]
    term = terminal(*argv, program=["-m", "osconsole"], **env)
    before = modes(term)
    term.send("echo in-$COLOR\r")
    term.until(lambda s: "in-blue" in s, 30)
    assert modes(term) != before
    os.kill(term.process.pid, signal.SIGTERM)
    assert term.process.wait(20) == 143
    assert modes(term) == before

    term = terminal(*argv, program=["-m", "osconsole"], **env)
    term.send("echo in-$COLOR\r")
    term.until(lambda s: "in-blue" in s, 30)
    cluster.api.kill()
    assert term.process.wait(40) == 3
    assert "the connection" in term.until(lambda s: "osconsole:" in s)
    assert modes(term) == before
