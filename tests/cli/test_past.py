"""Commands about the past need no cluster: what was kept on this machine is enough."""

import json

import pytest
from click.testing import CliRunner

from osconsole.cli.root import root
from osconsole.errors import NotFound, UsageError
from osconsole.history.history import History
from osconsole.model.changes import Gone, Listed, Put
from osconsole.model.snapshot import Snapshot

KEYSTONE = "keystone.openstack.org/v1beta1"
CONFIG = """
apiVersion: v1
kind: Config
current-context: lab
contexts: [{name: lab, context: {cluster: c, user: u, namespace: openstack}}]
clusters: [{name: c, cluster: {server: "http://127.0.0.1:1"}}]
users: [{name: u, user: {}}]
"""


@pytest.fixture
def command(tmp_path, monkeypatch, make, condition):
    """Runs `osconsole` where a console has watched a service that was ready and then failed."""
    (tmp_path / "config").write_text(CONFIG)
    monkeypatch.setenv("KUBECONFIG", str(tmp_path / "config"))
    for name in ("STATE", "CONFIG"):
        monkeypatch.setenv(f"XDG_{name}_HOME", str(tmp_path / name))
    plane = make("core.openstack.org/v1beta1", "OpenStackControlPlane", "cp",
                 status={"conditions": [condition("Ready", "True")], "observedGeneration": 1})  # fmt: skip
    ready = {"conditions": [condition("Ready", "True", at="2026-01-01T00:00:00Z")]}
    bad = {"conditions": [condition("Ready", "False", "Error", "Error", "no db", at="2026-01-01T02:00:00Z")]}
    api = make(KEYSTONE, "KeystoneAPI", "keystone", owner=plane, status=ready)
    worse = make(KEYSTONE, "KeystoneAPI", "keystone", owner=plane, metadata={"uid": api.uid}, status=bad)
    pod = make("v1", "Pod", "keystone-1", owner=api)
    history = History("lab")
    at = 1_767_225_700.0
    begun = [Listed(r.kind, "", (r,), at) for r in (plane, api, pod)]
    world = Snapshot().apply(begun)
    history.record(begun, [], at)
    later = [Put(worse, at + 7_200), Gone(pod.ref, at + 7_201)]
    history.record(later, world.apply(later).recent, at + 7_210)
    history.close()
    monkeypatch.setenv("TZ", "UTC")

    def run(*argv):
        found = CliRunner().invoke(root, argv, standalone_mode=False)
        if found.exception:
            raise found.exception
        return found

    return run


def test_the_timeline_of_what_was_kept(command):
    found = command("timeline", "keystoneapi/keystone", "-o", "json")
    lines = [json.loads(line) for line in found.stdout.splitlines()]
    assert [(e["object"]["name"], e["what"], e["new"]) for e in lines] == [
        ("keystone", "Ready", "False/Error"),
        ("keystone-1", "gone", ""),
    ]
    assert "only what was kept on this machine" in found.stderr
    assert "no db" in command("timeline", "--severity", "error").stdout
    assert "nothing was kept" in command("timeline", "--grep", "nothing such").stderr


def test_the_state_then(command):
    found = command("status", "--at", "2026-01-01T01:00:00+00:00", "-o", "json")
    (plane,) = json.loads(found.stdout)["controlPlanes"]
    assert (plane["name"], plane["ready"]) == ("cp", True)


def test_two_moments(command):
    found = command("compare", "2026-01-01T00:05:00+00:00", "2026-01-01T02:05:00+00:00", "-o", "json")
    assert found.return_value == 1
    told = {(d["name"], d["what"]) for d in json.loads(found.stdout)}
    assert ("keystone", "state") in told
    same = command("compare", "2026-01-01T00:05:00+00:00", "2026-01-01T00:05:10+00:00")
    assert (same.return_value, same.stdout) == (0, "nothing differs\n")


def test_a_time_before_everything_is_told(command):
    with pytest.raises(NotFound, match="no console on this machine"):
        command("status", "--at", "2025-12-01T00:00")
    with pytest.raises(UsageError, match="02:13"):
        command("status", "--at", "teatime")
