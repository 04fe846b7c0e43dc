"""The timeline, a past moment and a comparison, on a real terminal."""

import pytest


@pytest.fixture
def term(terminal):
    """A world in which a service has just gone."""
    found = terminal("--gone")
    found.until(lambda s: "controlplane" in s and "KeystoneAPI keystone" in s and "gone" in s)
    return found


def test_the_timeline_of_an_object_and_of_everything(term):
    term.send(":timeline\r")
    assert "KeystoneAPI keystone" in term.until(lambda s: "timeline" in s and "object" in s)
    term.send("v")
    term.until(lambda s: "nothing has happened" in s and "warnings and errors" in s)
    term.send("vv")
    term.until(lambda s: "KeystoneAPI keystone" in s)
    term.send("/nothing such\r")
    term.until(lambda s: "0 of" in s or "nothing has happened" in s)
    term.send("\x1b")
    term.until(lambda s: "KeystoneAPI keystone" in s)
    term.send("qgt")
    term.until(lambda s: "timeline of ControlPlane controlplane" in s)


def test_a_past_moment_is_shown_and_left(term):
    term.send(":at 30s\r")
    screen = term.until(lambda s: " past" in s.splitlines()[0] and "KeystoneAPI" in s)
    assert "ro" in screen.splitlines()[0]
    earlier = screen.splitlines()[0]
    term.send(":at 10s\r")  # later than what is shown, and not yet now
    term.until(lambda s: " past" in s.splitlines()[0] and s.splitlines()[0] != earlier and "KeystoneAPI" in s)
    term.send(":at 10h\r")
    term.until(lambda s: "nothing is kept of that moment" in s)
    term.send(":at now\r")
    term.until(lambda s: " live" in s.splitlines()[0])
    term.send(":at lunch\r")
    term.until(lambda s: "is no time" in s)


def test_two_moments_are_compared(term):
    term.send(":compare 30s\r")
    screen = term.until(lambda s: "→ now" in s and "BEFORE" in s)
    assert "KeystoneAPI keystone" in screen
    assert "gone" in screen
