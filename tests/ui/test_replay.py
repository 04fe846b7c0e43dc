"""A recording on a real terminal: its clock halts, steps and jumps, and all screens follow."""

import re
import time

import pytest

from tests.recordings import moments, path


@pytest.fixture
def term(terminal, tmp_path):
    file = str(path("fresh-up"))
    state = {"XDG_STATE_HOME": str(tmp_path), "XDG_CONFIG_HOME": str(tmp_path), "TZ": "UTC"}
    found = terminal(file, "--speed", "20", program=["-m", "osconsole", "replay"], columns=160, **state)
    found.until(lambda s: "recording" in head(s) and "x20" in head(s) and "controlplane" in s)
    return found


def head(screen):
    return screen.splitlines()[0]


def clock(screen):
    found = re.search(r"recording (\d\d:\d\d:\d\d)", head(screen))
    return found[1] if found else ""


def test_time_halts_steps_and_jumps(term):
    before = clock(term.text)
    term.until(lambda s: clock(s) > before)
    term.send("z")
    term.until(lambda s: "paused" in head(s))
    term.settle()
    halted = head(term.text)
    term.read(1.2)
    assert head(term.text) == halted
    term.send("." * 300)
    term.until(lambda s: clock(s) > clock(halted))
    term.send(":at 65\r")
    term.until(lambda s: "● ok" in head(s) and "30/30" in head(s))
    term.send(")")
    term.until(lambda s: s.splitlines()[-1].strip() and "pause" not in s.splitlines()[-1])
    term.send(":at 30s\r")
    term.until(lambda s: "waiting-for-dependency" in head(s))
    term.send("(" * 60)
    term.until(lambda s: clock(s) < expected(30))
    term.send(":at now\r")
    term.until(lambda s: "at its end" in head(s) and clock(s) == expected(None))


def expected(second):
    found = moments("fresh-up")
    at = found[-1].at if second is None else found[0].at + second
    return time.strftime("%H:%M:%S", time.gmtime(at))


def test_speed_and_refusals(term):
    term.send(">")
    term.until(lambda s: "x50" in head(s))
    term.send("<<")
    term.until(lambda s: "x10" in head(s))
    term.send("z:at 50\r")
    term.until(lambda s: "paused" in head(s) and "edpm-compute" in s)
    term.send("r")
    term.until(lambda s: "nothing can be changed in it" in s)
    term.send("\x1b")
    term.send("l")
    term.until(lambda s: "a recording holds no logs" in s)
    term.send("q?")
    term.until(lambda s: "the time of a recording" in s or "Keys: everywhere" in s)


def test_why_and_timeline_are_of_that_moment(term):
    term.send("z:at 40\r")
    term.until(lambda s: "paused" in head(s) and clock(s) == expected(40))
    term.send("gw")
    term.until(lambda s: "why OpenStackControlPlane controlplane" in s and "KeystoneAPI" in s)
    term.send("qt")
    term.until(lambda s: "timeline of ControlPlane controlplane" in s and "10:08:30" in s)
