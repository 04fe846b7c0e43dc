"""Into a container and back: the person's terminal is lent, and is the console's again whatever happens there."""

import os
import signal
import termios

import pytest

LOCAL = 3


@pytest.fixture
def at_pods(terminal):
    """The console at the table of pods, one of them selected."""

    def start():
        found = terminal()
        found.until(lambda s: "controlplane" in s)
        found.send(":pods\r/pod-00001\r")
        found.until(lambda s: "pod-00001" in s and "pod-00002" not in s)
        return found

    return start


def modes(term):
    return termios.tcgetattr(term._master)[: LOCAL + 1]


def inside(term):
    before = modes(term)
    term.send("E")
    term.until(lambda s: "shell in main 120x36" in s)
    return before


def returned(text):
    """The console has drawn all of the screen."""
    return "pod-00001" in text and "READY" in text and "shell in main" not in text


def test_a_shell_has_the_terminal_and_the_console_has_it_back(at_pods):
    term = at_pods()
    before = inside(term)
    assert modes(term) != before, "keys still go through the console's own modes"
    term.send("hello \x03 :q there")  # neither Ctrl-C nor our own keys mean anything there
    term.until(lambda s: "HELLO ^C :Q THERE" in s)
    term.settle()
    term.send("q")
    term.until(lambda s: returned(s) and "a shell ended with 7" in s)
    assert modes(term) == before
    term.send(":nova\r")
    term.until(lambda s: "nova" in s)


def test_a_line_that_breaks_gives_the_terminal_back(at_pods):
    term = at_pods()
    before = inside(term)
    term.send("x")
    term.until(lambda s: returned(s) and "the connection was cut" in s)
    assert modes(term) == before


def test_there_is_a_way_out_where_nobody_answers(at_pods):
    term = at_pods()
    inside(term)
    term.send("\x1d\x1d\x1d")
    term.until(lambda s: returned(s) and "broken off" in s)


def test_a_window_that_changed_meanwhile_is_drawn_anew(at_pods):
    term = at_pods()
    inside(term)
    term.resize(90, 20)
    os.killpg(term.process.pid, signal.SIGWINCH)
    term.send("q")
    term.until(lambda s: returned(s) and "ended with 7" in s)
    assert "ended with 7" in term.screen.display[19]


def test_ending_the_console_meanwhile_gives_the_terminal_back(at_pods):
    term = at_pods()
    inside(term)
    os.kill(term.process.pid, signal.SIGTERM)
    assert term.process.wait(10) == 0
    assert modes(term)[LOCAL] & termios.ECHO
    assert modes(term)[LOCAL] & termios.ICANON


def test_a_command_s_output_stays_until_a_key(at_pods):
    term = at_pods()
    term.send(":exec df -h\r")
    term.until(lambda s: "df -h in pod pod-00001" in s)
    term.send("q")
    term.until(lambda s: "a key comes back" in s)
    term.send(" ")
    term.until(lambda s: returned(s) and "df -h ended with 7" in s)


def test_a_forwarded_port_is_on_screen_until_it_is_stopped(at_pods):
    term = at_pods()
    term.send(":forward 8443:443\r")
    term.until(lambda s: "127.0.0.1:8443 leads to port 443 of pod pod-00001" in s and "1 forward " in s)
    term.send(":forward x\r")
    term.until(lambda s: "'x' names no ports" in s)
    term.send(":forward\r")
    term.until(lambda s: "stops one" in s and "leads to port 443 of pod pod-00001" in s)
    term.send("\r")
    term.until(lambda s: "leads nowhere any more" in s and "1 forward " not in s)
    term.send(":forward\r")
    term.until(lambda s: "forward to Pod pod-00001: [here:]there" in s)
    term.send(":9000\r")
    term.until(lambda s: "1 forward " in s)
    term.send(":q\r")
    assert term.process.wait(10) == 0
