"""What is made of outputs of a real ansible-playbook (outputs/*.txt, made by outputs/record.py)."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from osconsole.ansible.progress import Progress
from osconsole.ansible.stream import Stream

OUTPUTS = {file.stem: file.read_text("utf-8") for file in (Path(__file__).parent / "outputs").glob("*.txt")}
RESULTS = ("results", "results-coloured", "results-verbose", "results-yaml")


def run_of(name, hosts=()):
    return Progress(hosts=hosts).feed(OUTPUTS[name].splitlines())


def told(run):
    return {(f.host, f.task, f.outcome) for f in run.failures}


@pytest.mark.parametrize("name", RESULTS)
def test_every_way_in_which_a_task_ends(name):
    run = run_of(name)
    assert (run.tasks, run.play, run.task) == (9, "Results", "Last words")
    assert told(run) == {
        ("edpm-compute-3", "Reach the host", "unreachable"),
        ("edpm-compute-2", "Items of which one fails", "failed"),
        ("edpm-compute-1", "Last words", "failed"),
        ("edpm-compute-1", "Items of which one fails", "ignored"),
        ("edpm-compute-0", "Items of which one fails", "ignored"),
        ("edpm-compute-1", "Fail on one host", "rescued"),
        ("edpm-compute-0", "Ends without a message", "ignored"),
    }
    assert {f.outcome for f in run.failures[:3]} == {"failed", "unreachable"}
    assert sorted(run.failed) == ["edpm-compute-1", "edpm-compute-2", "edpm-compute-3"]
    messages = {(f.host, f.task): f.message for f in run.failures}
    assert messages["edpm-compute-1", "Last words"] == "not here"
    assert messages["edpm-compute-1", "Fail on one host"].startswith("no space left: /var/lib is full")
    assert "ssh: connect to host 127.0.0.1" in messages["edpm-compute-3", "Reach the host"]
    assert {f.item for f in run.failures if f.task.startswith("Items")} == {"b"}
    assert all(run.counts[line.host] == line for line in run.recap)


@pytest.mark.parametrize("name", RESULTS)
def test_counts_are_ansibles_own_before_the_recap(name):
    before, _, _ = OUTPUTS[name].partition("PLAY RECAP")
    run, end = Progress().feed(before.splitlines()), run_of(name)
    assert {h: (c.ok, c.unreachable, c.ignored) for h, c in run.counts.items()} == {
        line.host: (line.ok, line.unreachable, line.ignored) for line in end.recap
    }


@pytest.mark.parametrize("name", ["waiting", "waiting-coloured"])
def test_retries_includes_handlers_and_diffs(name):
    run = run_of(name)
    assert run.tasks == 13
    assert set(run.hosts) == {f"edpm-compute-{n}" for n in range(3)}
    assert told(run) == {
        ("edpm-compute-1", "Wait for the agent", "ignored"),
        ("edpm-compute-2", "Keep a secret", "ignored"),
    }
    assert next(f for f in run.failures if f.task == "Keep a secret").message == "hidden by no_log"
    assert "hidden-one" not in str(run)
    lines = OUTPUTS[name].splitlines()
    at = next(n for n, line in enumerate(lines) if "(1 retries left)" in line)
    now = Progress().feed(lines[: at + 1])
    assert now.retrying == {"edpm-compute-1": 1}
    assert now.results == {"ok": 2}


def test_check_mode_is_no_part_of_a_name():
    assert run_of("waiting-checked").play == "Waiting"


def test_hosts_at_their_own_pace_do_not_make_tasks():
    run = run_of("plays")
    assert run.tasks == 7
    assert run.play == "Too late"
    assert run.failed == ("edpm-compute-3",)


def test_waits_for_those_of_the_play():
    lines = OUTPUTS["plays"].splitlines()
    at = next(n for n, line in enumerate(lines) if line.startswith("TASK [Fourth]"))
    known = [f"edpm-compute-{n}" for n in range(4)]
    assert Progress(hosts=known).feed(lines[: at + 1]).waiting == tuple(known[:3])
    assert Progress(hosts=known).feed(lines[: at + 2]).waiting == tuple(known[1:3])


@pytest.mark.parametrize("name", OUTPUTS)
def test_a_run_never_goes_back(name):
    progress, before = Progress(), Progress().run
    for line in OUTPUTS[name].splitlines():
        run = progress.feed([line])
        assert run.tasks >= before.tasks
        assert run.changed >= before.changed
        assert run.hosts.keys() >= before.hosts.keys()
        assert len(run.failures) >= len(before.failures)
        before = run
    assert before.ended


@pytest.mark.parametrize("ending", ["\r\n", "\x1b[0m\n", "\n\n[WARNING]: said meanwhile\n"])
@pytest.mark.parametrize("name", OUTPUTS)
def test_what_stands_between_the_lines_changes_nothing(name, ending):
    run, plain = Progress().feed(OUTPUTS[name].replace("\n", ending).split("\n")), run_of(name)
    assert (run.hosts, run.counts, run.tasks, run.recap) == (plain.hosts, plain.counts, plain.tasks, plain.recap)


def test_when_a_task_began_is_told_by_the_log():
    lines = ["PLAY [p] ***", "TASK [t] ***", "ok: [a]", "TASK [u] ***", "ok: [a]"]
    assert Progress().feed(lines, [1.0, 2.0, 3.0, 4.0, 5.0]).since == 4.0
    assert Progress().feed(lines).since == 0.0


# Bad input

LINES = sorted({line for text in OUTPUTS.values() for line in text.splitlines()})
WORDS = [
    "fatal: [",
    "a]",
    ": FAILED! => ",
    "{",
    '"msg": "',
    "TASK [",
    "] ***",
    "ok: [a]",
    "...ignoring",
    " for ",
    "\x1b[",
]
WORDS += [
    "PLAY RECAP ***",
    "a : ok=1",
    "changed=",
    "    msg: ",
    "(item=",
    "FAILED - RETRYING: [a]: x (9 retries left).",
]
noise = st.lists(st.one_of(st.sampled_from(WORDS), st.text(max_size=8)), max_size=8).map("".join)
lines = st.lists(st.one_of(st.sampled_from(LINES), noise), max_size=40)


@settings(max_examples=150, deadline=None)
@given(lines, st.data())
def test_any_lines_in_any_pieces_give_the_same_run(lines, data):
    whole = Progress().feed(lines)
    pieces, at = Progress(), 0
    while at < len(lines):
        size = data.draw(st.integers(1, len(lines) - at))
        pieces.feed(lines[at : at + size])
        at += size
    assert pieces.run == whole
    assert all(count >= 0 for counts in whole.counts.values() for count in (counts.ok, counts.changed))


@pytest.mark.parametrize("name", sorted(OUTPUTS))
def test_a_log_that_ends_in_what_a_failure_says_goes_on(name):
    lines = OUTPUTS[name].splitlines()
    for at in (at for at, line in enumerate(lines) if "msg" in line):
        for cut in range(len(lines[at])):
            progress = Progress()
            progress.feed([*lines[:at], lines[at][:cut]])
            assert progress.feed(lines[at:]).hosts == run_of(name).hosts


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(sorted(OUTPUTS)), st.data())
def test_a_log_that_ends_in_mid_line_and_goes_on_gives_the_same_run(name, data):
    lines = OUTPUTS[name].splitlines()
    at = data.draw(st.integers(0, len(lines) - 1))
    cut = data.draw(st.integers(0, len(lines[at])))
    progress = Progress()
    progress.feed([*lines[:at], lines[at][:cut]])
    run, plain = progress.feed(lines[at:]), run_of(name)
    assert (run.hosts, run.counts, run.tasks, run.recap) == (plain.hosts, plain.counts, plain.tasks, plain.recap)


@pytest.mark.parametrize("part", ["x" * 1_000_000, "\x1b[31m" * 200_000, '{"a":' * 200_000, "日本" * 400_000])
def test_a_line_of_a_megabyte(part):
    stream = Stream()
    for start in (
        "fatal: [h]: FAILED! => ",
        'fatal: [h]: FAILED! => {"msg": "',
        "TASK [",
        "[WARNING]: ",
        "",
        "    msg: ",
    ):
        event = stream.read(start + part)
        assert len(str(event)) < 1_000
