"""The console on a real pseudo-terminal, as a person has it; its world is staged."""

import os
import re
import signal
import sys
from pathlib import Path

import pytest

LOST = re.compile(r"stale|reconnect|unreachable|lost|offline|disconnected", re.IGNORECASE)
UP = "Control plane"


@pytest.fixture
def up(terminal):
    """Starts it and waits until the world is on screen."""

    def start(*argv, **options):
        found = terminal(*argv, **options)
        found.until(lambda s: "controlplane" in s and "keystone" in s)
        return found

    return start


def test_overview_help_and_quit(up):
    term = up()
    assert not LOST.search(term.text)
    assert "! degraded" in term.screen.display[0]
    assert "CrashLoopBackOff" in term.text
    term.send("?")
    term.until(lambda s: "Keys: everywhere" in s and re.search("quit", s))
    term.send("\x1b")
    term.until(lambda s: "Keys: everywhere" not in s)
    term.send("q")
    term.until(lambda s: ":q quits" in s)
    term.send(":q\r")
    assert term.process.wait(10) == 0


def test_ctrl_c_twice_quits_and_once_does_not(up):
    term = up()
    term.send("\x03")
    term.until(lambda s: "once more quits" in s)
    assert term.process.poll() is None
    term.send("\x03")
    assert term.process.wait(10) == 0


def test_keys_typed_ahead_belong_to_the_prompt(up):
    """Not one of these letters may act as a key, though nothing of the prompt is drawn yet."""
    term = up()
    term.send(":pods\r/x7k2p keystone\r")
    term.until(lambda s: "keystone-abc-x7k2p" in s and "nova-abc" not in s and "pod-0000" not in s)
    term.send("\x1b")
    term.until(lambda s: "pod-00001" in s)


def test_detail_yaml_and_back(up):
    term = up()
    term.send(":pods\r/nova-abc\r")
    term.until(lambda s: "nova-abc-x7k2p" in s and "pod-0" not in s)
    term.send("y")
    term.until(lambda s: "kind: Pod" in s)
    term.send("\t\t")
    term.until(lambda s: "WRITERS" in s and "status.phase: " in s and "nobody says" in s)
    term.send("y")
    term.until(lambda s: "kind: Pod" in s)
    term.send("/crash\r")
    term.until(lambda s: "/crash" in s)
    term.send("\x1b")
    term.send("\x1b")
    term.until(lambda s: "READY" in s and "kind: Pod" not in s)


def test_an_unknown_word_names_the_nearest(up):
    term = up()
    term.send(":keystoneapi\r")
    term.until(lambda s: "keystoneapis" in s)
    term.send(":podz\r")
    term.until(lambda s: "did you mean" in s and "pods" in s)


def test_a_scale_is_previewed_then_submitted(up):
    term = up()
    term.send(":keystoneapis\r")
    term.until(lambda s: "keystoneapis ─ 1" in s)
    term.send("s3\r")
    text = term.until(lambda s: "Scale KeystoneAPI keystone" in s)
    assert "it owns the field" in text
    assert "scale back to 1" in text
    term.send("\r")
    term.until(lambda s: "accepted" in s)


def test_the_menu_says_why_something_cannot_be_done(up):
    term = up()
    term.send(":pods\r")
    term.until(lambda s: "pod-00001" in s)
    term.send("x")
    term.until(lambda s: "only NodeSets are deployed" in s and "another number of replicas" in s)


@pytest.mark.parametrize("size", [(80, 24), (40, 10), (200, 60), (20, 4), (1, 1)])
def test_any_size_is_survived(up, size):
    term = up()
    term.send(":pods\r")
    term.until(lambda s: "pod-00001" in s)
    term.resize(*size)
    os.killpg(term.process.pid, signal.SIGWINCH)
    term.settle()
    if size[0] >= 40:
        term.until(lambda s: "pod-0000" in s)
    term.resize(120, 36)
    os.killpg(term.process.pid, signal.SIGWINCH)
    term.until(lambda s: "pod-00001" in s)
    assert term.process.poll() is None


def test_narrow_overview_has_tabs(up):
    term = up(columns=80, lines=24)
    assert "Attention" in term.text
    assert "Running" in term.text
    term.send("\t\t\t")
    term.until(lambda s: "nothing runs" in s)


def test_no_colour_and_no_unicode(up):
    term = up(NO_COLOR="1", LC_ALL="C")
    assert "! degraded" in term.text
    assert term.raw.isascii()
    assert not re.search(rb"\x1b\[[0-9;]*3[0-7][;m]", term.raw)


def test_hangup_ends_it_cleanly(up):
    term = up()
    os.kill(term.process.pid, signal.SIGHUP)
    assert term.process.wait(10) == 0


def test_sigcont_behind_the_signal_that_ends_it_does_not_keep_it(up):
    """As shells, systemd and the kernel send it when a session ends."""
    term = up()
    os.kill(term.process.pid, signal.SIGHUP)
    os.kill(term.process.pid, signal.SIGCONT)
    assert term.process.wait(10) == 0


@pytest.mark.parametrize("stop", [signal.SIGTSTP, signal.SIGSTOP])
def test_stopped_and_continued_it_is_drawn_anew(up, stop):
    term = up()
    stat = Path(f"/proc/{term.process.pid}/stat")
    os.kill(term.process.pid, stop)
    term.until(lambda s: stat.read_text().rpartition(")")[2].split()[0] == "T")
    term.settle()
    term.screen.reset()  # a shell had it meanwhile
    os.kill(term.process.pid, signal.SIGCONT)
    term.until(lambda s: "keystone" in s and "? keys" in s)
    term.send(":q\r")
    assert term.process.wait(10) == 0


def test_few_bytes_and_none_when_idle(up):
    term = up("--pods", "500")
    term.send(":pods\r")
    term.until(lambda s: "pod-00001" in s)
    term.settle()
    before = term.written
    term.send("j")
    term.settle()
    term.send("j")
    term.settle()
    assert 0 < term.written - before <= 2 * 700
    before = term.written
    term.read(2.5)
    assert term.written - before <= 60


def test_frames_are_the_same_as_when_drawn_anew(up):
    """Cell differences over a storm of changes end in the frame that a full redraw gives."""
    term = up("--pods", "60", "--storm")
    term.send(":pods\r")
    term.until(lambda s: "pod-00001" in s)
    for key in "jjjGgjj\x06\x02":
        term.send(key)
        term.read(0.05)
    term.send("/pod-0000\r")
    term.until(lambda s: "pod-00010" not in s and "pod-00009" in s)
    before = [re.sub(r"[\d ]+", " ", text) for text in term.screen.display]
    term.send("\x0c")
    term.read(0.3)
    assert [re.sub(r"[\d ]+", " ", text) for text in term.screen.display] == before


def test_logs_flow_are_found_and_filtered(up):
    term = up("--logs")
    term.send(":pods\r")
    term.until(lambda s: "pod-00001" in s)
    term.send("l")
    term.until(lambda s: "req-" in s and "following" in s)
    term.send("&error\r")
    term.until(lambda s: "ERROR" in s and "DEBUG" not in s and "INFO" not in s)
    term.send("\x1b")
    term.until(lambda s: "DEBUG" in s)
    term.send("T")
    term.until(lambda s: re.search(r"\d\d:\d\d:\d\d \w\w 2026", s))


def test_escapes_in_logs_are_seen_and_do_nothing(up):
    term = up("--logs")
    term.send(":pods\r")
    term.until(lambda s: "pod-00001" in s)
    term.send("l")
    text = term.until(lambda s: s.count("line␛]0;ti␇") > 5)
    assert "␛[2Jline" in text
    assert "[31;1m" not in text
    assert b"\x1b[2Jline" not in term.raw
    assert b"0;ti\x07" not in term.raw


def test_one_request_through_all_pods(up):
    term = up("--logs")
    term.send(":pods\r")
    term.until(lambda s: "pod-00001" in s)
    term.send("l")
    term.until(lambda s: s.count("[req-") > 6)
    term.send("g/[req-0001]\r")
    term.until(lambda s: "/[req-0001]" in s)
    term.read(0.3)
    term.send("R")
    text = term.until(lambda s: "&req-0001" in s and set(re.findall(r"\[(req-\d+)\]", s)) == {"req-0001"})
    lines = re.findall(r"(aa|ab|ac) 2026\S+ nova \w+ \[req-0001\]", text)
    assert sorted(lines) == ["aa", "ab", "ac"]
    term.send("R")
    term.until(lambda s: "&req-" not in s and "[req-0002]" in s)


def test_nothing_heavy_is_imported_before_the_first_frame(terminal):
    import subprocess

    code = (
        "import sys, osconsole.cli.console, osconsole.ui.app\n"
        "heavy = {'kubernetes', 'aiohttp', 'ansible', 'ansible_runner', 'osconsole.link', 'cryptography'}\n"
        "print(sorted(heavy & set(sys.modules)))"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"


def test_without_a_terminal_it_says_so():
    import subprocess

    found = subprocess.run(
        [sys.executable, "-m", "osconsole"], stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60
    )
    assert found.returncode == 2
    assert "terminal" in found.stderr
    assert "Traceback" not in found.stderr


def test_a_missing_kubeconfig_is_told_on_a_screen_that_stays(terminal, tmp_path):
    term = terminal(program=["-m", "osconsole"], KUBECONFIG=str(tmp_path / "none"), XDG_STATE_HOME=str(tmp_path))
    term.until(lambda s: "connecting" in s)
    term.send(":podz\r")  # typed while the program is still being read in
    term.until(lambda s: "denied" in s and "kubeconfig" in s)
    term.until(lambda s: "did you mean" in s)
    assert term.process.poll() is None
    term.send(":q\r")
    assert term.process.wait(10) == 0
