"""Recordings: whatever a file has, it is played as far as it goes, and what is wrong with it is said."""

import gzip
import json
import lzma

import pytest

from osconsole.errors import RecordingError
from osconsole.model.changes import Gone, Listed, Put, Unrecorded
from osconsole.model.kinds import KINDS, key
from osconsole.model.snapshot import Snapshot
from osconsole.recording import read
from tests.recordings import path

POD = key("Pod")


def line(ts, word, name, version=1, **more):
    meta = {"name": name, "namespace": "any", "uid": name, "resourceVersion": str(version)}
    body = {"apiVersion": "v1", "kind": "Pod", "metadata": meta}
    return json.dumps({"ts": ts, "type": word, "resource": "pods", "object": body, **more}).encode()


@pytest.fixture
def played(tmp_path):
    """(moments, sentences of findings) of lines, which may be packed."""

    def play(*lines, pack=bytes, end=b"\n"):
        file = tmp_path / "some.thing"
        file.write_bytes(pack(b"\n".join(lines) + end))
        told = []
        found = list(read(file, told.append))
        return found, [(f.line, f.count, f.says) for f in told]

    return play


def names(moments):
    """What is there at the end."""
    world = Snapshot().apply(moment.change for moment in moments)
    return {found.ref.name for found in world.all(POD)}


@pytest.mark.parametrize("pack", [bytes, gzip.compress, lzma.compress])
def test_what_was_there_is_listed_once_and_the_rest_comes_as_it_came(played, pack):
    lines = (
        line(10, "LIST", "a"), line(10.1, "LIST", "b"), line(11, "ADDED", "c", 2), line(15, "DELETED", "a", 3),
    )  # fmt: skip
    found, told = played(*lines, pack=pack)
    assert not told
    lists = [m.change for m in found if isinstance(m.change, Listed)]
    unknown = {m.change.kind for m in found if isinstance(m.change, Unrecorded)}
    assert {one.kind for one in lists} | unknown == {kind.key for kind in KINDS}
    assert {one.kind.group.endswith("openstack.org") for one in lists if one.kind != POD} == {True}
    assert [len(one.resources) for one in lists if one.kind == POD] == [2]
    assert [(m.at, type(m.change)) for m in found[len(KINDS) :]] == [(11, Put), (15, Gone)]
    assert names(found) == {"b", "c"}


def test_a_later_list_of_a_kind_says_who_is_gone(played):
    lines = (line(10, "LIST", "a"), line(20, "ADDED", "b", 2), line(30, "LIST", "b", 2), line(30, "LIST", "c", 3))
    assert names(played(*lines)[0]) == {"b", "c"}


def test_lines_in_disorder_are_put_in_order_or_told(played):
    near = (line(10, "LIST", "a"), line(20.5, "MODIFIED", "a", 3), line(20, "MODIFIED", "a", 2))
    found, told = played(*near)
    assert not told
    assert [m.change.resource.version for m in found[-2:]] == ["2", "3"]
    far = (line(10, "LIST", "a"), line(99, "MODIFIED", "a", 3), line(20, "MODIFIED", "a", 2), line(21, "ADDED", "b", 4))
    found, told = played(*far, line(130, "ADDED", "c", 5))
    assert [m.at for m in found] == sorted(m.at for m in found)
    assert names(found) == {"a", "b", "c"}
    assert found[-1].change.resource.ref.name == "c"
    world = Snapshot().apply(m.change for m in found)
    assert world.get(POD.ref("any", "a")).version == "3"  # what is newer is not undone


def test_what_is_older_than_what_was_played_is_told(played):
    lines = [line(10, "LIST", "a"), line(99, "MODIFIED", "a", 9), line(120, "ADDED", "b", 10)]
    found, told = played(*lines, line(50, "MODIFIED", "a", 5))
    assert [(number, count) for number, count, _ in told] == [(4, 1), (4, 1)]
    assert "older than what stands before it" in told[0][2]
    assert Snapshot().apply(m.change for m in found).get(POD.ref("any", "a")).version == "9"


@pytest.mark.parametrize(
    ("odd", "says"),
    [
        (line(20, "EXPLODED", "x"), "unknown type 'EXPLODED'"),
        (b'{"ts":20,"type":"ADDED","version":2,"object":{}}', "version 2, of which this program knows 1"),
        (b'{"ts":20,"type":"ADDED","resource":"pods","object":{"metadata":[1]}}', "no object that can be understood"),
        (b'{"ts":20,"type":"ADDED","resource":"pods","object":null}', "no object that can be understood"),
        (b'{"ts":"noon","type":"ADDED","object":{}}', "no watch event"),
        (b'{"ts":-5,"type":"ADDED","object":{}}', "no time that can be"),
        (b'{"ts":1795427000000,"type":"ADDED","object":{}}', "Unix seconds are expected"),
        (b"\xff\xfe garbage", "is broken"),
        (b"[]", "no watch event"),
    ],
)
def test_what_cannot_be_understood_is_skipped_and_told(played, odd, says):
    found, told = played(line(10, "LIST", "a"), odd, odd, line(30, "ADDED", "b", 3))
    assert names(found) >= {"a", "b"}
    assert [(number, count) for number, count, _ in told] == [(2, 2)]
    assert says in told[0][2]


def test_a_cut_end_is_told(played):
    whole = line(20, "ADDED", "b", 2)
    found, told = played(line(10, "LIST", "a"), whole[: len(whole) // 2], end=b"")
    assert names(found) == {"a"}
    assert told == [(2, 1, "is cut short: the recording is played up to there")]
    many = [line(10 + n, "ADDED", f"p{n}", n) for n in range(3000)]
    for pack in (lzma.compress, gzip.compress):
        found, told = played(*many, pack=lambda data, pack=pack: pack(data)[:-200])
        assert len(names(found)) > 100
        assert "cut or damaged" in told[-1][2]


def test_kinds_that_nobody_watched_are_not_called_empty(played):
    head = {"ts": 9, "type": "RECORDING", "version": 1, "resource": "", "object": {"kinds": ["Pod."]}}
    found, _ = played(json.dumps(head).encode(), line(10, "LIST", "a"))
    assert [m.change.kind for m in found if isinstance(m.change, Listed)] == [POD]
    assert {m.change.kind for m in found if isinstance(m.change, Unrecorded)} == {kind.key for kind in KINDS} - {POD}


def test_it_lasts_as_long_as_it_was_watched(played):
    head = {"type": "RECORDING", "version": 1, "object": {"kinds": ["Pod."]}}
    first, last = (json.dumps({**head, "ts": ts}).encode() for ts in (9, 60))
    found, told = played(first, line(10, "LIST", "a"), line(12, "ADDED", "b", 2), last)
    assert not told
    assert [m.at for m in found[-2:]] == [12, 60]
    assert names(found) == {"a", "b"}


def test_data_of_a_secret_never_gets_in(played):
    secret = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "s", "namespace": "any"}}
    body = {**secret, "data": {"password": "aHVudGVyMg=="}, "stringData": {"more": "hunter2"}}
    found, _ = played(json.dumps({"ts": 10, "type": "LIST", "resource": "secrets", "object": body}).encode())
    listed = next(m.change for m in found if m.change.kind == key("Secret"))
    assert listed.resources[0].get("data") == {"password": ""}
    assert b"hunter" not in listed.resources[0].raw


@pytest.mark.parametrize("content", [b"", b"\n\n", b"apiVersion: v1\nkind: Pod\n", b'{"a": 1}\n', b"\x7fELF\0\0"])
def test_what_is_no_recording_is_said(tmp_path, content):
    file = tmp_path / "x.ndjson"
    file.write_bytes(content)
    with pytest.raises(RecordingError, match="no recording"):
        list(read(file))


def test_what_cannot_be_read_is_said(tmp_path):
    with pytest.raises(RecordingError, match="No such file"):
        list(read(tmp_path / "none"))
    with pytest.raises(RecordingError, match="directory"):
        list(read(tmp_path))


def test_a_recording_of_upstream_that_is_cut_plays_up_to_there(tmp_path):
    data = path("actions").read_bytes()
    file = tmp_path / "cut.ndjson.xz"
    file.write_bytes(data[: len(data) // 2])
    told = []
    found = list(read(file, told.append))
    assert len(found) > len(KINDS)
    assert "cut or damaged" in told[-1].says
