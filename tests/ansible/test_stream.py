"""Ansible's output as events, with and without colours, among noise."""

import time
from pathlib import Path

from osconsole.ansible.stream import (
    HostRecapped,
    HostReported,
    Included,
    NothingToDo,
    PlayStarted,
    RecapStarted,
    Retrying,
    Stream,
    TaskStarted,
)

OUTPUT = (Path(__file__).parent / "output.txt").read_text().splitlines()


def events(lines):
    stream = Stream()
    return [event for line in lines if (event := stream.read(line)) is not None]


def test_a_run():
    found = events(OUTPUT)
    assert found[0] == PlayStarted("EDPM configure operating system")
    assert found[1] == TaskStarted("osp.edpm.edpm_configure_os : Loop")
    assert HostReported("edpm-compute-0", "changed", "a") in found
    assert HostReported("edpm-compute-0", "failed", "b", "non-zero return code: no b here") in found
    assert HostReported("edpm-compute-0", "ignored") in found
    assert HostReported("edpm-compute-2", "skipped") in found
    assert Retrying("edpm-compute-0", "Retry it", 2) in found
    assert HostReported("edpm-compute-1", "failed", "", "it is broken") in found
    refused = "Failed to connect to the host via ssh: refused"
    assert HostReported("edpm-compute-2", "unreachable", "", refused) in found
    assert Included("/roles/x/tasks/more.yml", ("edpm-compute-0", "edpm-compute-1")) in found
    assert HostReported("edpm-compute-0", "changed") in found
    assert TaskStarted("Reload", handler=True) in found
    assert RecapStarted() in found
    assert found[-1].host == "edpm-compute-2"
    assert found[-1].counts["unreachable"] == 1


def test_colours_change_nothing():
    coloured = [f"\x1b[0;33m{line}\x1b[0m\r" for line in OUTPUT]
    assert events(coloured) == events(OUTPUT)


def test_noise_gives_nothing():
    noise = ["", "*", "PLAY", "TASK [", "ok", "ok: [", "fatal: ", "...", "[", "a: ok=1", "included: x", "FAILED - "]
    assert events(noise) == []


def test_no_host():
    assert events(["skipping: no hosts matched"]) == [NothingToDo("no hosts matched")]


def test_hostile_text_is_disarmed_and_bounded():
    [task] = events([f"TASK [a\x1b]0;title\x07b\x9bc{'d' * 5000}] ***"])
    assert task.name.startswith("abcd")
    assert len(task.name) == 200
    [result] = events(['fatal: [h]: FAILED! => {"msg": "x\\u001b[2Jy"}'])
    assert result.message == "xy"


def test_a_result_that_is_no_json_still_says_something():
    [result] = events(['fatal: [h]: FAILED! => {"cut": 1, "msg": "the disk is full", "more": [1, 2'])
    assert result.message == "the disk is full"


def test_huge_lines_and_many_lines_are_fast():
    huge = 'fatal: [h]: FAILED! => {"msg": "' + "x" * 5_000_000
    began = time.process_time()
    assert len(events([huge])) == 1
    events(OUTPUT * 500)
    assert time.process_time() - began < len(OUTPUT) * 500 / 50_000 + 1


def test_recap_lines_count_only_after_the_recap():
    line = "host : ok=1    changed=0"
    assert events([line]) == []
    assert events(["PLAY RECAP ****", line]) == [RecapStarted(), HostRecapped("host", {"ok": 1, "changed": 0})]
