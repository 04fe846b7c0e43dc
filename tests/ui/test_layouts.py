"""Layouts on screen: every shipped one is drawn at any size, and a changed file is seen without leaving the screen."""

import pytest

from osconsole.settings import document_folders
from osconsole.ui.desk import Desk
from osconsole.ui.keys import Keymap
from osconsole.ui.layouts import Layouts
from osconsole.ui.moves import Moves
from osconsole.ui.opening import Opening
from osconsole.ui.screens.layout import LayoutScreen
from tests.ui.staged import StagedSession, world

NAMES = Layouts(document_folders("layouts")).names()


def frame(name, columns, lines):
    layouts = Layouts(document_folders("layouts"))
    session = StagedSession(world())
    desk = Desk(session, Opening(), lambda desk: LayoutScreen(desk, layouts.get(name), name), Keymap({}))
    desk.resize(columns, lines)
    desk.put(session.snapshot)
    return ["".join(text for text, _ in line) for line in desk.frame.lines(session.now())]


@pytest.mark.parametrize("size", [(80, 24), (160, 50)], ids=str)
@pytest.mark.parametrize("name", NAMES)
def test_every_layout_is_drawn(name, size):
    found = frame(name, *size)
    assert len(found) == size[1]
    assert {len(line) for line in found} == {size[0]}
    assert Layouts(document_folders("layouts")).get(name).panes[0].title in "\n".join(found)


def test_the_screens_of_observing_are_shipped():
    assert {"update", "quorum", "certificates", "prerequisites", "backups"} <= set(NAMES)


def test_a_pane_that_stays_keeps_its_selection():
    layouts = Layouts(document_folders("layouts"))
    desk = Desk(StagedSession(world()), Opening(), lambda desk: LayoutScreen(desk, layouts.get("overview")), Keymap({}))
    place = desk.place
    before = place.views[0][0]
    place.lay(layouts.get("services"))
    assert place.name == "Services"
    place.lay(layouts.get("overview"))
    assert place.views[0][0] is not before  # it was away
    kept = place.views[1][0]
    place.lay(layouts.get("overview"))
    assert place.views[1][0] is kept


@pytest.fixture
def own(tmp_path):
    folder = tmp_path / "layouts"
    folder.mkdir()
    return folder


MINE = "version: 1\ntitle: Mine\ncolumns:\n  - - {show: table, title: %s, kind: Pod}\n"


def test_a_changed_file_is_seen_and_a_broken_one_is_told(terminal, own):
    file = own / "mine.yaml"
    file.write_text(MINE % "First")
    term = terminal("--layouts", str(own), columns=160)
    term.until(lambda s: "controlplane" in s and "keystone" in s)
    term.send(":mine\r")
    term.until(lambda s: "─ First" in s)
    file.write_text(MINE % "Second")
    term.send("\x12")
    term.until(lambda s: "─ Second" in s and "pod" in s)
    file.write_text("version: 1\ntitle: Mine\ncolumns:\n  - - {shwo: table}\n")
    term.send("\x12")
    said = term.until(lambda s: "unknown key" in s)
    assert "mine.yaml:4" in said
    term.send("\x1b")
    term.until(lambda s: "─ Second" in s and "unknown key" not in s)
    file.unlink()
    term.send("\x12")
    term.until(lambda s: "no screen 'mine'" in s)
    term.send("\x1b")
    term.until(lambda s: "─ Second" in s)


def test_the_tick_of_the_clock_looks_too_and_tells_once(own):
    file = own / "mine.yaml"
    file.write_text(MINE % "First")
    layouts = Layouts((own, *document_folders("layouts")))
    desk = Desk(
        StagedSession(world()), Opening(), lambda desk: LayoutScreen(desk, layouts.get("mine"), "mine"), Keymap({})
    )
    moves = Moves(desk, layouts)
    first = desk.place.layout
    moves.relay()
    assert desk.place.layout is first
    file.write_text(MINE % "Second")
    moves.relay()
    assert desk.place.layout.panes[0].title == "Second"
    file.write_text("version: 7\n")
    moves.relay()
    assert "mine.yaml" in layouts.fault("mine")
    desk.footer.hush()
    moves.relay()
    assert not desk.footer.hush()
    assert desk.place.layout.panes[0].title == "Second"
