"""The runner pod as a process: exit code, log, summary, and nothing left behind. Runs on this machine, without SSH."""

import json
import os
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path

import pytest

from osconsole.ansible import pod
from osconsole.ansible.runner import summarise
from osconsole.errors import UsageError

INVENTORY = "edpm:\n  vars: {ansible_connection: local}\n  hosts: {a: {}, b: {}}\n"


@pytest.fixture
def root(tmp_path):
    (tmp_path / "runner/inventory").mkdir(parents=True)
    (tmp_path / "runner/inventory/hosts").write_text(INVENTORY)
    return tmp_path


@contextmanager
def started(root, playbook, **env):
    environ = {
        "PATH": os.environ["PATH"],
        "TMPDIR": str(root),
        "OSCONSOLE_POD_ROOT": str(root),
        "OSCONSOLE_TERMINATION_LOG": str(root / "message"),
        "RUNNER_PLAYBOOK": f"\n{playbook}\n\n",
        **env,
    }
    argv = ["ansible-runner", "run", "/runner", "-p", "playbook.yaml", "-i", "test"]
    with (root / "log").open("w") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "osconsole.ansible.runner", *argv], env=environ, stdout=log, stderr=log
        )
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def play(*tasks, **more):
    return json.dumps([{"hosts": "all", "gather_facts": False, **more, "tasks": list(tasks)}])


def running(word):
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            if word in path.read_bytes().decode(errors="replace"):
                found.append(int(path.parent.name))
        except OSError:
            continue
    return found


def until(probe, within_s=30):
    deadline = time.monotonic() + within_s
    while not (found := probe()):
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.05)
    return found


def test_a_good_run(root):
    with started(
        root,
        play({"debug": {"msg": "{{ greeting }} {{ src }}"}}, vars={"src": "{{ edpm_nova_config_src | default('') }}"}),
        RUNNER_EXTRA_VARS="\ngreeting: hello\n\n",
        RUNNER_CMDLINE="--limit a",
    ) as process:
        assert process.wait(60) == 0
    log = (root / "log").read_text()
    assert "hello" in log
    assert "a                          : ok=1    changed=0" in log
    assert json.loads((root / "message").read_text()) == {
        "failedHostList": [],
        "failedHosts": 0,
        "failurePercent": 0,
        "totalHosts": 1,
        "unreachableHostList": [],
        "unreachableHosts": 0,
    }
    assert sorted(path.name for path in root.iterdir()) == ["log", "message", "runner"]


def test_a_failed_run(root):
    with started(root, play({"fail": {"msg": "on purpose"}, "when": "inventory_hostname == 'a'"})) as process:
        assert process.wait(60) == 2
    assert json.loads((root / "message").read_text())["failedHostList"] == ["a"]
    assert "on purpose" in (root / "log").read_text()


def test_term_leaves_nothing(root):
    mark = f"4{os.getpid()}"
    with started(root, play({"raw": f"sleep {mark}"})) as process:
        until(lambda: len(running(f"sleep\0{mark}")) >= 2)
        process.send_signal(signal.SIGTERM)
        assert process.wait(20) == 128 + signal.SIGTERM
    assert running(mark) == []
    assert running(str(root)) == []
    assert sorted(path.name for path in root.iterdir() if path.name != "message") == ["log", "runner"]


@pytest.mark.parametrize(
    ("name", "words"), [("RUNNER_IDLE_TIMEOUT", "idle timeout"), ("RUNNER_JOB_TIMEOUT", "job timeout")]
)
def test_time_limits(root, name, words):
    mark = f"5{os.getpid()}"
    with started(root, play({"raw": f"sleep {mark}"}), **{name: "3"}) as process:
        assert process.wait(40) == 254
    assert words in (root / "log").read_text()
    assert running(mark) == []


def test_no_inventory_is_said_in_words(tmp_path):
    with started(tmp_path, play()) as process:
        assert process.wait(30) == 1
    log = (tmp_path / "log").read_text()
    assert "no inventory Secret" in log
    assert "Traceback" not in log


def test_paths_of_the_image_are_rewritten(tmp_path):
    for path in ("runner/inventory", "runner/env/ssh_key", "var/lib/openstack/configs/neutron-metadata"):
        (tmp_path / path).mkdir(parents=True)
    (tmp_path / "runner/inventory/hosts").write_text("ansible_ssh_private_key_file: /runner/env/ssh_key/ssh_key_x")
    (tmp_path / "runner/env/ssh_key/ssh_key_x").write_text("secret")
    environ = {
        "OSCONSOLE_POD_ROOT": str(tmp_path),
        "RUNNER_EXTRA_VARS": "a: /var/lib/openstack/configs/nova/x",
        "A": "b",
    }
    made = pod.prepare(pod.Invocation("i", playbook="osp.edpm.nova"), environ)
    here = made.directory
    try:
        assert (here / "inventory/hosts").read_text() == f"ansible_ssh_private_key_file: {here}/keys/ssh_key_x"
        assert (here / "keys/ssh_key_x").stat().st_mode & 0o777 == 0o600
        assert (here / "env/extravars").read_text() == f"a: {tmp_path}/var/lib/openstack/configs/nova/x"
        assert "edpm_neutron_metadata_config_src" in (here / "env/mounts").read_text()
        assert made.playbook == "osp.edpm.nova"
        assert made.environ["A"] == "b"
        assert not [name for name in made.environ if name.startswith(("RUNNER_", "OSCONSOLE_"))]
        assert "ServerAliveInterval=5" in made.environ["ANSIBLE_SSH_ARGS"]
    finally:
        subprocess.run(["rm", "-r", str(here)], check=True)


def test_arguments():
    assert pod.parse(["ansible-runner", "run", "/runner", "-r", "edpm_x", "-i", "j"]) == pod.Invocation(
        "j", role="edpm_x"
    )
    for bad in ("sleep 5", "ansible-runner run /runner -i j", "ansible-runner run /runner -p x -i j --more"):
        with pytest.raises(UsageError):
            pod.parse(bad.split())


def test_summary():
    stats = {"processed": {"a": 1, "b": 1, "c": 1}, "failures": {"a": 1}, "dark": {"c": 1}}
    found = summarise(stats)
    assert (found.failed_host_list, found.unreachable_host_list, found.failure_percent) == (["a"], ["c"], 66)
