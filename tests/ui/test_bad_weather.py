"""Bad input and bad weather: the real console, on a terminal, before a real API server.

Each case ends with a clear message on a screen that stays up and answers keys.
"""

import json
import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from osconsole.documents import parse
from osconsole.embedded.seed import Line

PROGRAM = ["-m", "osconsole"]
OSCONSOLE = [sys.executable, *PROGRAM]
SPACE = "openstack"
EVIL = "\x1b]0;owned\x07\x1b[31mred\x1b[2J\x9b5n"
VISIBLE = "␛]0;owned␇␛[31mred␛[2J"  # C1's CSI becomes the sign for what has no picture


class Cluster:
    """An embedded cluster of an empty world."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.kubeconfig = folder / "kubeconfig"
        self.line: Line

    def start(self) -> None:
        argv = [*OSCONSOLE, "cluster", "start", "--world", "empty", "--dir", str(self.folder)]
        subprocess.run(argv, check=True, capture_output=True, timeout=60)
        self.line = Line(self.kubeconfig)

    def stop(self) -> None:
        self.line.__exit__()
        argv = [*OSCONSOLE, "cluster", "stop", "--dir", str(self.folder)]
        subprocess.run(argv, check=True, capture_output=True, timeout=60)

    def server(self, number: int) -> None:
        """Send a signal to the API server alone."""
        found = json.loads((self.folder / "processes.json").read_text())
        os.kill(next(entry["pid"] for entry in found if entry["name"] == "api"), number)

    def config(self, path: Path, *, token: str = "", server: str = "", context: str = "") -> Path:
        """Its kubeconfig with something else in it."""
        found = parse(self.kubeconfig.read_text(), "kubeconfig")
        if token:
            found["users"][0]["user"]["token"] = token
        if server:
            found["clusters"][0]["cluster"]["server"] = server
        found["contexts"][0]["context"]["namespace"] = SPACE
        if context:
            found["current-context"] = context
        path.write_text(yaml.safe_dump(found))
        return path

    def identity(self, name: str, *rules: dict[str, Any]) -> str:
        """The token of somebody who may do that in the namespace."""
        with (self.folder / "tokens.csv").open("a") as tokens:
            tokens.write(f"token-{name},{name},{name}\n")
        for kind, rest in (
            ("Role", {"rules": list(rules)}),
            ("RoleBinding", {
                "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": name},
                "subjects": [{"apiGroup": "rbac.authorization.k8s.io", "kind": "User", "name": name}],
            }),
        ):  # fmt: skip
            self.make("rbac.authorization.k8s.io/v1", kind, name, **rest)
        return f"token-{name}"

    def make(self, api_version: str, kind: str, name: str, *, meta: dict[str, Any] | None = None, **rest: Any) -> None:
        metadata = {"name": name, "namespace": SPACE, **(meta or {})}
        self.line.create({"apiVersion": api_version, "kind": kind, "metadata": metadata, **rest})

    def pod(self, name: str, **rest: Any) -> None:
        """A pod that no node agent of ours takes."""
        containers = [{"name": "main", "image": "quay.io/x/nova-api:1"}]
        self.make("v1", "Pod", name, spec={"nodeName": "elsewhere", "containers": containers}, **rest)

    def status(self, path: str, status: Any) -> None:
        found = self.line.call("GET", path)
        self.line.call("PUT", f"{path}/status", {**found, "status": status})


@pytest.fixture(scope="module")
def cluster(tmp_path_factory) -> Iterator[Cluster]:
    found = Cluster(tmp_path_factory.mktemp("weather"))
    found.start()
    found.line.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": SPACE}})
    found.pod("plain-pod")
    yield found
    found.server(signal.SIGCONT)
    found.stop()


@pytest.fixture
def console(terminal, tmp_path):
    """Opens it with a kubeconfig, and nothing of this machine's."""

    def start(kubeconfig: Path, *argv: str, **options: Any):
        folders = {"XDG_STATE_HOME": str(tmp_path / "state"), "XDG_CONFIG_HOME": str(tmp_path / "config")}
        return terminal(*argv, program=PROGRAM, KUBECONFIG=str(kubeconfig), **folders, **options)

    return start


@pytest.fixture
def own(cluster, tmp_path) -> Path:
    """The kubeconfig of one who may do all."""
    return cluster.config(tmp_path / "own")


def alive(term) -> None:
    """It answers keys, and goes on."""
    term.send("?")
    term.until(lambda s: "Keys: everywhere" in s)
    term.send("\x1b")
    term.until(lambda s: "Keys: everywhere" not in s)
    assert term.process.poll() is None
    assert "Traceback" not in term.text


def live(term) -> None:
    term.until(lambda s: " live" in term.screen.display[0])


def told(term, *words: str, within_s: float = 15) -> str:
    """All these words are on screen, whatever lines they are broken into."""
    wanted = ["".join(word.split()) for word in words]
    return term.until(lambda s: all(word in "".join(s.split()) for word in wanted), within_s)


@pytest.mark.parametrize(
    ("text", "argv", "said"),
    [
        ("clusters: [unclosed\nusers: {", (), ("denied", "kubeconfig", "not valid YAML")),
        ("clusters: 7\n", (), ("denied", "kubeconfig", "mend the file")),
        ("", ("--context", "nowhere"), ("denied", "there is no context 'nowhere'")),
    ],
    ids=["yaml", "shape", "context"],
)
def test_a_kubeconfig_that_is_wrong(cluster, console, tmp_path, text, argv, said):
    path = cluster.config(tmp_path / "k")
    if text:
        path.write_text(text)
    term = console(path, *argv, columns=200)
    told(term, *said)
    alive(term)


def test_nobody_listens(cluster, console, tmp_path):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        server = f"https://127.0.0.1:{taken.getsockname()[1]}"
        term = console(cluster.config(tmp_path / "k", server=server), columns=200)
        told(term, "lost", "connection refused")
        term.send(":pods\r")
        told(term, "none known: the line is down", "no API server listens there")
        alive(term)


def test_a_token_that_is_refused_until_somebody_logs_in(cluster, console, tmp_path):
    path = cluster.config(tmp_path / "k", token="expired")
    term = console(path, columns=200)
    told(term, "denied", "log in again")
    alive(term)
    cluster.config(path)
    live(term)
    term.send(":pods\r")
    told(term, "plain-pod")


def test_rights_that_are_missing(cluster, console, tmp_path):
    maps = {"apiGroups": [""], "resources": ["configmaps"], "verbs": ["get", "list", "watch"]}
    listing = {"apiGroups": ["apps"], "resources": ["deployments"], "verbs": ["get", "list"]}
    token = cluster.identity("bob", maps, listing)
    labels = {"app": "x"}
    spec = {"replicas": 0, "selector": {"matchLabels": labels}, "template": {
        "metadata": {"labels": labels}, "spec": {"containers": [{"name": "c", "image": "i"}]},
    }}  # fmt: skip
    cluster.make("apps/v1", "Deployment", "listed-only", spec=spec)
    cluster.make("v1", "ConfigMap", "allowed")
    term = console(cluster.config(tmp_path / "k", token=token), columns=160)
    live(term)
    term.send(":pods\r")
    told(term, "no permission: ", "pods in namespace openstack")
    alive(term)
    term.send(":deployments\r")
    told(term, "listed-only")
    alive(term)
    term.send(":configmaps\r")
    told(term, "allowed")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("version: 1\ntitle: x\ncolumns:\n  - - shwo: attention\n", "overview.yaml:4: unknown key"),
        ("version: 1\ntitle: [\n", "overview.yaml:3: not valid YAML"),
    ],
)
def test_a_screen_of_ones_own_that_is_broken(own, console, tmp_path, text, said):
    folder = tmp_path / "config" / "osconsole" / "layouts"
    folder.mkdir(parents=True)
    (folder / "overview.yaml").write_text(text)
    term = console(own, columns=200)
    told(term, said, "is shown")
    term.send("\x1b")
    told(term, "Attention", " live")
    alive(term)


def test_a_plan_that_is_broken(tmp_path):
    for text, said in (
        ("version: 1\nabout: x\nsteps: 7\n", ":3: steps"),
        ("version: 1\nabout: [x\n", "not valid YAML"),
    ):
        path = tmp_path / "broken.yaml"
        path.write_text(text)
        found = subprocess.run([*OSCONSOLE, "plan", "check", path], capture_output=True, text=True, timeout=60)
        assert found.returncode == 2
        assert said in found.stderr
        assert re.search(rf"{re.escape(str(path))}:\d+: ", found.stderr)
        assert "Traceback" not in found.stderr


def test_the_world_is_watched_while_an_editor_has_the_terminal(cluster, own, console, tmp_path):
    editor = tmp_path / "editor"
    editor.write_text("#!/bin/sh\necho editing $1; while [ ! -e $0.done ]; do sleep 0.1; done\n")
    editor.chmod(0o755)
    term = console(own, EDITOR=str(editor), VISUAL="")
    live(term)
    term.send(":pods\r")
    told(term, "plain-pod")
    term.send("e")
    told(term, "editing /")
    cluster.pod("made-meanwhile")
    os.kill(term.process.pid, signal.SIGINT)  # meant for the editor

    def kept(_: str) -> bool:
        """It was watched, and went to the history on disk."""
        return any(b"made-meanwhile" in file.read_bytes() for file in (tmp_path / "state").rglob("*") if file.is_file())

    term.until(kept, 30)
    assert "made-meanwhile" not in term.text
    (tmp_path / "editor.done").touch()
    told(term, "made-meanwhile", "nothing was changed")
    os.kill(term.process.pid, signal.SIGINT)
    assert term.process.wait(10) == 130


def test_a_kind_that_nobody_serves(own, console):
    term = console(own)
    live(term)
    term.send(":keystoneapiz\r")
    told(term, "no screen, kind or command 'keystoneapiz'", "did you mean keystoneapi")
    term.send("\x1b")
    term.until(lambda s: "did you mean" not in s)
    term.send(":nosuch\r")
    told(term, "no screen, kind or command 'nosuch'")
    alive(term)


def test_escapes_never_reach_the_terminal(cluster, own, console):
    cluster.make("v1", "ConfigMap", "evil-map", meta={"labels": {"app": "x"}, "annotations": {"note": EVIL}},
                 data={"motd": f"hello {EVIL} there"})  # fmt: skip
    cluster.pod("evil-pod")
    waiting = {"waiting": {"reason": f"Crash{EVIL}", "message": EVIL}}
    states = [{"name": "main", "image": "i", "imageID": "", "ready": False, "restartCount": 0, "state": waiting}]
    evil = {"type": "Ready", "status": "False", "reason": "Odd", "message": f"because {EVIL}"}
    cluster.status(
        f"/api/v1/namespaces/{SPACE}/pods/evil-pod",
        {"phase": "Pending", "message": EVIL, "conditions": [evil], "containerStatuses": states},
    )
    about = {"kind": "Pod", "namespace": SPACE, "name": "evil-pod", "apiVersion": "v1"}
    cluster.make("v1", "Event", "evil-event", involvedObject=about, reason=f"Why{EVIL}", message=f"event {EVIL}",
                 type="Warning", count=1, firstTimestamp="2026-01-01T00:00:00Z",
                 lastTimestamp="2026-01-01T00:00:00Z")  # fmt: skip
    term = console(own, columns=200)
    live(term)
    term.send(":pods\r/evil\r")
    told(term, "evil-pod", "Crash␛]0;owned␇")
    term.send("\r")
    told(term, f"because {VISIBLE}")
    term.send("y")
    told(term, "kind: Pod")
    term.send(":events\r")
    told(term, f"event {VISIBLE}")
    term.send(":configmaps\r/evil\r")
    told(term, "evil-map")
    term.send("y")
    told(term, "motd", "owned")
    alive(term)
    assert b"\x1b]0;owned" not in term.raw
    assert b"\x1b[31mred" not in term.raw
    assert term.raw.count(b"\x1b[2J") <= 1
    assert "\x9b".encode() not in term.raw
    assert b"\x07" not in term.raw.replace(b"\x1b]22;default\x07", b"")  # the pointer's shape is our own word


def test_objects_that_are_odd(cluster, own, console):
    cluster.make("v1", "ConfigMap", "huge-map", data={"blob": "0123456789" * 95_000})
    cluster.make("apiextensions.k8s.io/v1", "CustomResourceDefinition", "oddities.test.example.org", meta={
        "namespace": "",
    }, spec={
        "group": "test.example.org", "scope": "Namespaced",
        "names": {"kind": "Oddity", "plural": "oddities", "singular": "oddity", "listKind": "OddityList"},
        "versions": [{"name": "v1", "served": True, "storage": True, "schema": {"openAPIV3Schema": {
            "type": "object", "x-kubernetes-preserve-unknown-fields": True,
        }}}],
    })  # fmt: skip
    status = {"conditions": "not a list", "observedGeneration": "seven", "replicas": "many", "readyReplicas": {"a": 1}}
    odd = {"apiVersion": "test.example.org/v1", "kind": "Oddity", "metadata": {"name": "odd-one"}, "status": status}
    cluster.line.call("POST", f"/apis/test.example.org/v1/namespaces/{SPACE}/oddities", odd)
    other = {**odd, "metadata": {"name": "odd-two"}, "status": 7, "spec": "text"}
    cluster.line.call("POST", f"/apis/test.example.org/v1/namespaces/{SPACE}/oddities", other)
    third = {**odd, "metadata": {"name": "odd-three"}, "status": {"conditions": [{"type": 1}, 7, None]}}
    cluster.line.call("POST", f"/apis/test.example.org/v1/namespaces/{SPACE}/oddities", third)
    term = console(own, columns=160)
    live(term)
    term.send(":configmaps\r/huge\r")
    told(term, "huge-map")
    term.send("y")
    told(term, "blob", "0123456789")
    alive(term)
    term.send(":oddities\r")
    told(term, "odd-one", "odd-two", "odd-three")
    term.send("\r")
    told(term, "Oddity")
    term.send("y")
    told(term, "kind: Oddity")
    alive(term)


def test_what_the_schema_forbids_is_refused_in_words(cluster, own, console, tmp_path):
    cluster.make("keystone.openstack.org/v1beta1", "KeystoneAPI", "keystone", spec={
        "replicas": 1, "databaseInstance": "openstack", "secret": "osp-secret",
        "containerImage": "quay.io/x/keystone:1", "memcachedInstance": "memcached", "rabbitMqClusterName": "rabbitmq",
    })  # fmt: skip
    env = {**os.environ, "KUBECONFIG": str(own), "XDG_STATE_HOME": str(tmp_path), "XDG_CONFIG_HOME": str(tmp_path)}
    for argv, said in (
        (("scale", "keystoneapi/keystone", "99", "--yes"), "99 is outside of what the field takes"),
        (("deploy", "nosuch", "--yes"), "there is no NodeSet 'nosuch'"),
    ):
        found = subprocess.run([*OSCONSOLE, *argv], env=env, capture_output=True, text=True, timeout=60)
        assert (found.returncode, said in found.stderr) == (4, True), found.stderr
        assert "Traceback" not in found.stderr
    term = console(own, columns=160)
    live(term)
    term.send(":keystoneapis\r")
    told(term, "keystone", "keystoneapis ─ 1")
    term.send("s99\r")
    told(term, "Scale KeystoneAPI keystone", "99 is outside of what the field takes")
    term.send("\x1b")
    term.until(lambda s: "outside of" not in s)
    alive(term)


def test_a_server_that_hangs_and_one_that_is_killed(cluster, own, console):
    term = console(own, columns=160)
    live(term)
    term.send(":pods\r")
    told(term, "plain-pod")
    cluster.server(signal.SIGSTOP)
    try:
        term.send(":endpoints\r")  # asks for what nobody has watched so far
        term.until(lambda s: "lost" in term.screen.display[0])
        alive(term)
    finally:
        cluster.server(signal.SIGCONT)
    live(term)
    cluster.line.__exit__()
    cluster.server(signal.SIGKILL)
    term.until(lambda s: "lost" in term.screen.display[0])
    term.send(":pods\r")
    told(term, "plain-pod")
    alive(term)
    cluster.start()
    live(term)
    cluster.pod("pod-after")
    told(term, "pod-after")


def test_a_state_folder_that_cannot_be_written(cluster, own, console, tmp_path):
    """As on a full disk: the console stays and says what is not kept, and so do commands."""
    folder = tmp_path / "state" / "osconsole"
    (folder / "history.sqlite").mkdir(parents=True)
    term = console(own)
    told(term, "what happens is not kept: history")
    alive(term)
    done = subprocess.run(
        [*OSCONSOLE, "timeline", "--limit", "1"],
        env={**os.environ, "KUBECONFIG": str(own), "XDG_STATE_HOME": str(tmp_path / "state")},
        capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    assert done.returncode == 0
    assert "without what was kept" in done.stderr
    assert "Traceback" not in done.stderr
