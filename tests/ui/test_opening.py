"""The first frame: drawn before Textual is there, and the same as what is drawn later."""

import re
import subprocess
import sys

import pyte

from osconsole.settings import document_folders
from osconsole.ui.opening import first_frame, open_desk
from osconsole.ui.theme import Theme
from tests.ui.staged import StagedSession


def frame(width: int, height: int, theme: Theme) -> list[str]:
    """What a terminal shows after the first frame."""
    desk, _ = open_desk(StagedSession(), document_folders("layouts"))
    screen = pyte.Screen(width, height)
    pyte.Stream(screen).feed(first_frame(desk, theme, width, height))
    return list(screen.display)


def test_the_first_frame_has_header_panes_and_keys():
    shown = frame(100, 30, Theme())
    assert "connecting" in shown[0]
    assert "Control plane" in shown[1]
    assert "Attention" in shown[1]
    assert "keys" in shown[-1]


def test_the_first_frame_fits_a_small_terminal_without_colours():
    shown = frame(80, 24, Theme(colours=False, unicode=False))
    assert len(shown) == 24
    assert all(line.isascii() for line in shown)
    assert "why" in shown[-1]


def test_the_first_frame_needs_no_textual():
    code = (
        "import sys, osconsole.cli.console, osconsole.ui.opening, osconsole.ui.theme\n"
        "print(sorted({'textual', 'kubernetes', 'aiohttp', 'osconsole.link'} & set(sys.modules)))"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"


def test_what_is_drawn_first_stays_until_the_world_comes(terminal):
    """Textual's first frame shows the same panes and keys."""
    term = terminal()
    term.until(lambda s: "controlplane" in s)
    ours = frame(term.screen.columns, term.screen.lines, Theme())
    assert term.screen.display[-1] == ours[-1]
    assert re.findall(r"[A-Z]\w+", term.screen.display[1]) == re.findall(r"[A-Z]\w+", ours[1])
