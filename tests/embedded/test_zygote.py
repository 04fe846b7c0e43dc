"""Members that are forked from one process: what they are, what they share, and what their end does to others."""

import os
import signal
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from osconsole.embedded import cluster, zygote
from osconsole.embedded.owned import Record
from osconsole.errors import OsconsoleError


def until(true: Callable[[], bool], within_s: float = 30) -> None:
    deadline = time.monotonic() + within_s
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def shared_dirty(pid: int) -> int:
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("Shared_Dirty"))


def test_members_share_what_they_import_and_die_alone(tmp_path):
    cluster.start(tmp_path, "empty")
    try:
        pids = {name: process.pid for name, process in Record(tmp_path).alive().items()}
        assert {os.getsid(pid) for pid in pids.values()} == set(pids.values())
        assert all(shared_dirty(pid) > 4 * 1024 for pid in pids.values())
        for name, pid in pids.items():
            command = Path(f"/proc/{pid}/cmdline").read_text().rstrip("\0").split("\0")
            assert command[:3] == [f"osconsole.embedded.{name}", "--dir", str(tmp_path)]
        os.kill(pids["kubelet"], signal.SIGKILL)
        until(lambda: set(Record(tmp_path).alive()) == {"api"})
        assert cluster.status(tmp_path).address
        cluster.start(tmp_path)
        assert cluster.status(tmp_path).running
    finally:
        cluster.stop(tmp_path)
    assert not Record(tmp_path).alive()


def test_a_member_that_cannot_start_says_why_and_leaves_nothing(tmp_path):
    log = tmp_path / "logs" / "api.log"
    with zygote.hatching(tmp_path, dict(os.environ)) as parent:
        pid = parent.fork(zygote.Member("api", ("--unknown",), str(log)))
        until(lambda: log.exists() and "--dir" in log.read_text())
    until(lambda: not Path(f"/proc/{pid}").exists() or Path(f"/proc/{pid}/stat").read_text().split()[2] == "Z")


def test_nothing_can_be_forked_from_what_has_ended(tmp_path):
    with zygote.hatching(tmp_path, dict(os.environ)) as parent:
        parent._process.kill()
        parent._process.wait(10)
        with pytest.raises(OsconsoleError, match="has ended"):
            parent.fork(zygote.Member("api", (), str(tmp_path / "log")))
