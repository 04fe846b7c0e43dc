"""What is recorded of a cluster, replayed, is the cluster: on both servers."""

import asyncio
import json
import lzma
import os
import signal
import subprocess
import sys
import time

import pytest

from osconsole import recorder
from osconsole.errors import RecordingError, Unreachable
from osconsole.model import kinds
from osconsole.model.changes import Gone, Listed, Put
from osconsole.model.connection import Options
from osconsole.model.snapshot import Snapshot
from osconsole.recorder import record
from osconsole.recording import read
from osconsole.scribe import Scribe
from osconsole.session import Session

KINDS = tuple(kinds.BY_KEY[kinds.key(kind)] for kind in ("ConfigMap", "Secret", "Deployment", "Pod"))
LIMIT_S = 30


def replayed(file) -> Snapshot:
    return Snapshot().apply(moment.change for moment in read(file))


async def known(file, name) -> None:
    """Until a plain recording tells of an object."""
    async with asyncio.timeout(LIMIT_S):
        while not (  # noqa: ASYNC110 (another task writes the file)
            file.exists() and f'"{name}"'.encode() in file.read_bytes()
        ):
            await asyncio.sleep(0.05)


async def test_a_recording_ends_as_the_cluster_does(server, api, namespace, tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    maps, secrets = (f"/api/v1/namespaces/{namespace}/{word}" for word in ("configmaps", "secrets"))
    await api.create(maps, {"metadata": {"name": "before"}, "data": {"config": "user=hunter2"}})
    await api.create(secrets, {"metadata": {"name": "s"}, "data": {"password": "aHVudGVyMg=="}})
    options, stop = Options(kubeconfig=str(server.kubeconfig), namespace=namespace), asyncio.Event()
    file = tmp_path / "some.ndjson"
    async with asyncio.TaskGroup() as tasks:
        recording = tasks.create_task(record(options, file, KINDS, stop))
        await known(file, "before")
        await api.create(maps, {"metadata": {"name": "after", "labels": {"a": "b"}}})
        await api.patch(f"{maps}/before", {"metadata": {"labels": {"seen": "yes"}}})
        await api.create(maps, {"metadata": {"name": "short-lived"}})
        await known(file, "short-lived")
        await api.request("DELETE", f"{maps}/short-lived")
        await api.create(maps, {"metadata": {"name": "last"}})
        await known(file, "last")
        stop.set()
    found = recording.result()
    assert found.kinds == len(KINDS)
    text = file.read_text()
    assert text.endswith("\n")
    assert found.lines == len(text.splitlines()) - 2
    assert "hunter2" not in text
    assert "aHVudGVyMg" not in text
    assert file.stat().st_mode & 0o777 == 0o600
    async with Session(options) as session:
        session.show([kind.key for kind in KINDS])
        async with asyncio.timeout(LIMIT_S):
            async for snapshot in session.follow():
                if all(snapshot.line(kind.key, namespace).state == "live" for kind in KINDS):
                    break
    assert described(replayed(file)) == described(snapshot)
    assert json.loads(text.splitlines()[1])["type"] == "LIST"
    with pytest.raises(RecordingError, match="is there already"):
        await record(options, file, KINDS, stop)


def described(world: Snapshot) -> dict:
    """Everything that is kept of each object but its body."""
    return {
        ref: (x.uid, x.version, x.generation, x.labels, x.owners, x.conditions, x.created, x.writers, sorted(x.body()))
        for found in world.objects.values()
        for ref, x in ((ref, without_summary(x)) for ref, x in found.items())
    }


def without_summary(found):
    """Of a Secret the mirror also keeps a hash of its data; a recording does not."""
    body = {key: value for key, value in found.body().items() if key != "osconsole"}
    return type(
        "Plain", (), {**{name: getattr(found, name) for name in found.__struct_fields__}, "body": lambda _: body}
    )()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_packed_recording_ends_well_when_it_is_interrupted(server, tmp_path, number):
    file = tmp_path / "some.ndjson.xz"
    env = {**os.environ, "KUBECONFIG": str(server.kubeconfig), "XDG_STATE_HOME": str(tmp_path)}
    argv = [sys.executable, "-m", "osconsole", "record", str(file), "namespaces", "-A"]
    process = subprocess.Popen(argv, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    deadline = time.monotonic() + LIMIT_S
    while not file.exists() and process.poll() is None and time.monotonic() < deadline:
        time.sleep(0.05)
    process.send_signal(number)
    out, err = process.communicate(timeout=20)
    assert process.returncode == 0, err
    assert "osconsole replay" in out
    assert len(lzma.decompress(file.read_bytes()).splitlines()) > 1
    told = []
    assert any(m.change.resources for m in read(file, told.append) if isinstance(m.change, Listed))
    assert not told


@pytest.mark.parametrize("ending", ["ndjson", "ndjson.gz", "ndjson.xz"])
def test_what_is_written_survives_a_recorder_that_is_killed(make, tmp_path, monkeypatch, ending):
    monkeypatch.setattr(recorder, "STREAM_S", 0.0)
    scribe, file = Scribe(), tmp_path / f"some.{ending}"
    with recorder._opened(file) as sink:
        for name in ("one", "two"):
            sink(b"".join(scribe.lines(Put(make("v1", "Pod", name), 1.0))))
        sink(b"")
        (tmp_path / "killed").write_bytes(file.read_bytes())
    for left in (tmp_path / "killed", file):
        names = [m.change.resource.ref.name for m in read(left) if isinstance(m.change, Put)]
        assert names == ["one", "two"]


async def test_a_cluster_that_does_not_answer_leaves_no_file(tmp_path, monkeypatch):
    monkeypatch.setattr("osconsole.recorder.SETTLE_S", 1.0)
    config = tmp_path / "config"
    config.write_text(
        "apiVersion: v1\nkind: Config\ncurrent-context: a\ncontexts: [{name: a, context: {cluster: c, user: u}}]\n"
        'clusters: [{name: c, cluster: {server: "http://127.0.0.1:1"}}]\nusers: [{name: u, user: {}}]\n'
    )
    with pytest.raises(ExceptionGroup) as caught:
        await record(Options(kubeconfig=str(config)), tmp_path / "x.ndjson", (), asyncio.Event())
    assert caught.group_contains(Unreachable)
    assert not (tmp_path / "x.ndjson").exists()


def test_a_list_after_a_lost_line_is_told_as_what_became_different(make):
    one, two, three = (make("v1", "Pod", name) for name in ("one", "two", "three"))
    scribe = Scribe()

    def words(change):
        return [
            (json.loads(line)["type"], json.loads(line)["object"]["metadata"]["name"]) for line in scribe.lines(change)
        ]

    assert words(Listed(one.kind, "", (one, two), 1.0)) == [("LIST", "one"), ("LIST", "two")]
    assert words(Put(one, 2.0)) == []
    assert words(Listed(one.kind, "", (two, three), 3.0)) == [("DELETED", "one"), ("ADDED", "three")]
    assert words(Gone(two.ref, 4.0)) == [("DELETED", "two")]
    assert words(Gone(two.ref, 5.0)) == []
