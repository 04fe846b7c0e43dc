"""`osconsole cluster` from outside: start, again, broken, stopped; nothing is left."""

import json
import os
import pty
import signal
import socket
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from osconsole.embedded import cluster as embedded
from osconsole.embedded.seed import Line


def osconsole(*argv: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-m", "osconsole", *argv], capture_output=True, text=True, timeout=90)


def processes(directory: Path) -> dict[str, int]:
    return {found["name"]: found["pid"] for found in json.loads((directory / "processes.json").read_text())}


def mentioning(directory: Path) -> list[str]:
    """The command lines of processes that name the directory."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and int(entry.name) != os.getpid():
            try:
                line = (entry / "cmdline").read_bytes().decode(errors="replace").replace("\0", " ")
            except OSError:
                continue
            if str(directory) in line:
                found.append(line)
    return found


@pytest.fixture
def cluster(tmp_path: Path):
    yield tmp_path / "c"
    osconsole("cluster", "stop", "--dir", str(tmp_path / "c"))
    assert mentioning(tmp_path / "c") == []


def start(directory: Path) -> Path:
    done = osconsole("cluster", "start", "--dir", str(directory), "--world", "empty")
    assert done.returncode == 0, done.stderr
    return Path(done.stdout.splitlines()[-1])


def test_start_status_stop_and_start_again(cluster):
    kubeconfig = start(cluster)
    assert kubeconfig == cluster / "kubeconfig"
    assert kubeconfig.stat().st_mode & 0o077 == 0
    with Line(kubeconfig) as line:
        made = line.call("POST", "/api/v1/namespaces", {"metadata": {"name": "mine"}})
    before = kubeconfig.read_text()
    running = osconsole("cluster", "status", "--dir", str(cluster))
    assert running.returncode == 0
    assert "https://127.0.0.1:" in running.stdout
    again = osconsole("cluster", "start", "--dir", str(cluster))
    assert (again.returncode, again.stdout.strip()) == (0, str(kubeconfig))
    assert "the cluster runs already" in again.stderr
    assert osconsole("cluster", "stop", "--dir", str(cluster)).returncode == 0
    assert mentioning(cluster) == []
    assert osconsole("cluster", "status", "--dir", str(cluster)).returncode == 1
    start(cluster)
    assert kubeconfig.read_text() == before
    with Line(kubeconfig) as line:
        found = line.call("GET", "/api/v1/namespaces/mine")
    assert found["metadata"]["uid"] == made["metadata"]["uid"]


def test_what_was_killed_is_started_anew(cluster):
    start(cluster)
    os.kill(processes(cluster)["kubelet"], signal.SIGKILL)
    assert osconsole("cluster", "status", "--dir", str(cluster)).returncode == 1
    start(cluster)
    assert osconsole("cluster", "status", "--dir", str(cluster)).returncode == 0


def test_two_starts_at_once(cluster):
    with ThreadPoolExecutor(2) as pool:
        assert len(set(pool.map(start, [cluster, cluster]))) == 1
    assert sum("osconsole.embedded.api" in line for line in mentioning(cluster)) == 1


def test_a_taken_port_fails_clearly_and_leaves_nothing(cluster):
    cluster.mkdir()
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        (cluster / "port").write_text(str(port))
        failed = osconsole("cluster", "start", "--dir", str(cluster), "--world", "empty")
    assert failed.returncode == 1
    assert f"port {port} on 127.0.0.1 is taken by another program" in failed.stderr
    assert "Traceback" not in failed.stderr
    assert failed.stdout == ""
    assert mentioning(cluster) == []


def test_a_directory_keeps_its_world(cluster):
    start(cluster)
    other = osconsole("cluster", "start", "--dir", str(cluster), "--world", "demo")
    assert other.returncode == 4
    assert "holds the world 'empty'" in other.stderr


def test_what_accompanies_a_cluster_ends_with_it(cluster):
    start(cluster)
    embedded.accompany(cluster, "guest", ["sleep", "1000"])
    assert embedded.status(cluster).processes["guest"]
    embedded.end(cluster, "guest")
    assert "guest" not in embedded.status(cluster).processes
    embedded.accompany(cluster, "guest", ["sleep", "1000"])
    guest = embedded.status(cluster).processes["guest"]
    assert osconsole("cluster", "stop", "--dir", str(cluster)).returncode == 0
    assert os.waitpid(guest, 0) == (guest, signal.SIGTERM)


def test_a_demo_that_is_ended_while_it_starts_leaves_nothing(cluster):
    """As when the SSH line drops; the fixture looks for processes that are left."""
    ours, theirs = pty.openpty()
    demo = subprocess.Popen([sys.executable, "-m", "osconsole", "demo", "--dir", str(cluster)], stdin=theirs,
                            stdout=theirs, stderr=theirs, start_new_session=True)  # fmt: skip
    os.close(theirs)
    said = b""
    while b"API server ready" not in said:
        said += os.read(ours, 1000)
    demo.send_signal(signal.SIGHUP)
    assert demo.wait(60) == 128 + signal.SIGHUP
    os.close(ours)
    assert mentioning(cluster) == []
