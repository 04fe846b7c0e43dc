"""The journal: several writers, cut lines, no secrets."""

import subprocess
import sys

import pytest

from osconsole.errors import OsconsoleError
from osconsole.journal import MASK, Entry, Journal, masked
from osconsole.model.kinds import key


def entry(name: str, **rest) -> Entry:
    return Entry(id=name, at=1.0, user="u", login="l", origin="o", context="c", did=f"did {name}", **rest)


def test_the_last_line_of_an_entry_counts(tmp_path):
    kept = Journal("c", tmp_path)
    kept.write(entry("1", result="begun"))
    kept.write(entry("2", result="begun"))
    kept.write(entry("1", result="done", after="7"))
    assert [(e.id, e.result, e.after) for e in kept.read()] == [("2", "begun", ""), ("1", "done", "7")]
    assert [e.id for e in kept.read(1)] == ["1"]
    assert Journal("other", tmp_path).read() == ()
    assert kept.path.stat().st_mode & 0o077 == 0


def test_a_line_that_was_cut_is_left_out(tmp_path):
    kept = Journal("a/b c", tmp_path)
    kept.write(entry("1"))
    with kept.path.open("ab") as file:
        file.write(b'{"id": "2", "at"')
    assert [e.id for e in kept.read()] == ["1"]


def test_after_a_cut_line_the_next_one_is_whole(tmp_path):
    kept = Journal("c", tmp_path)
    kept.write(entry("1"))
    with kept.path.open("ab") as file:
        file.write(b'{"id": "2", "at"')
    kept.write(entry("3"))
    assert [e.id for e in kept.read()] == ["1", "3"]


def test_many_processes_write_whole_lines(tmp_path):
    code = (
        "import sys; from pathlib import Path; from osconsole.journal import *\n"
        "for n in range(100): Journal('c', Path(sys.argv[1])).write(Entry(id=f'{sys.argv[2]}-{n}', at=1.0, user='u',"
        " login='', origin='', context='c', did='x' * 3000))"
    )
    writers = [subprocess.Popen([sys.executable, "-c", code, str(tmp_path), str(n)]) for n in range(4)]
    assert [w.wait(60) for w in writers] == [0] * 4
    assert len({e.id for e in Journal("c", tmp_path).read(1000)}) == 400


def test_what_was_replaced_is_kept_without_secrets(tmp_path):
    kept = Journal("c", tmp_path)
    kept.write(entry("1", was={"spec.replicas": 2, "data.adminPassword": "hunter2"}))
    assert kept.read()[0].was == {"spec.replicas": 2, "data.adminPassword": MASK}


def test_secrets_are_hidden(tmp_path):
    secret = key("Secret").ref("n", "s")
    patch = {"data": {"a": "aHVudGVyMg=="}, "stringData": {"b": "hunter2"}, "metadata": {"labels": {"x": "y"}}}
    assert masked(patch, secret) == {
        "data": {"a": MASK}, "stringData": {"b": MASK}, "metadata": {"labels": {"x": "y"}},
    }  # fmt: skip
    body = {"spec": {"adminPassword": "hunter2", "secret": "osp-secret", "ansibleVars": [{"db_token": "hunter2"}]}}
    Journal("c", tmp_path).write(entry("1", patch=body))
    assert b"hunter2" not in Journal("c", tmp_path).path.read_bytes()
    assert body["spec"]["adminPassword"] == "hunter2"


def test_what_cannot_be_recorded_is_not_done(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(OsconsoleError, match="cannot be written"):
        Journal("c", tmp_path / "file" / "below").write(entry("1"))
