"""History: it remembers across processes, stays bounded, and never stops anybody."""

import sqlite3

from osconsole import history
from osconsole.history import History, Took
from osconsole.model.kinds import key
from osconsole.model.transitions import Transition

POD = key("Pod").ref("n", "p")


def test_transitions_come_back_per_context_and_object(tmp_path):
    path = tmp_path / "h" / "history.sqlite"
    other = key("Pod").ref("n", "q")
    first = History("a", path)
    first.add([Transition(1.0, POD, "added"), Transition(2.0, other, "Ready", "False", "True", "", "text")])
    first.close()
    again = History("a", path)
    assert again.recent() == (
        Transition(1.0, POD, "added"),
        Transition(2.0, other, "Ready", "False", "True", "", "text"),
    )
    assert again.recent(ref=POD) == (Transition(1.0, POD, "added"),)
    assert again.recent(limit=1)[0].ref == other
    assert History("b", path).recent() == ()
    assert path.stat().st_mode & 0o077 == 0


def test_it_is_bounded(tmp_path, monkeypatch):
    monkeypatch.setattr(history, "MOST_TRANSITIONS", 10)
    monkeypatch.setattr(history, "MOST_RUNS", 3)
    kept = History("a", tmp_path / "h")
    for number in range(50):
        kept.add([Transition(float(number), POD, "x")])
        kept.took([Took(f"u{number}", "nova", float(number), 1.0)])
    assert [t.at for t in kept.recent()] == [float(n) for n in range(40, 50)]
    assert kept.expected("nova").runs == 3


def test_expectations_are_medians_of_what_was_counted(tmp_path):
    kept = History("a", tmp_path / "h")
    assert kept.expected("nova") is None
    kept.took([Took("1", "nova", 1, 10, 3, 0), Took("2", "nova", 2, 30, 3, 40), Took("3", "nova", 3, 20, 3, 42)])
    kept.took([Took("3", "nova", 3, 20, 3, 42)])
    found = kept.expected("nova")
    assert (found.duration_s, found.tasks, found.runs) == (20, 41, 3)


def test_a_locked_or_broken_file_is_said_once(tmp_path, caplog):
    path = tmp_path / "h"
    History("a", path).add([Transition(1.0, POD, "x")])
    with sqlite3.connect(path) as holder:
        holder.execute("begin exclusive")
        kept = History("a", path)
        kept.add([Transition(2.0, POD, "x")])
        kept.add([Transition(3.0, POD, "x")])
        assert "locked" in kept.trouble
        assert len(caplog.records) == 1
    holder.close()
    kept.add([Transition(4.0, POD, "x")])
    assert kept.trouble == ""
    (tmp_path / "broken").write_bytes(b"not a database" * 100)
    broken = History("a", tmp_path / "broken")
    broken.add([Transition(1.0, POD, "x")])
    assert broken.recent() == ()
    assert broken.trouble
    nowhere = History("a", tmp_path / "broken" / "below" / "h")
    assert nowhere.expected("x") is None
