"""Enter on a Deployment opens its own screen, wherever it was selected; there Enter shows what is behind a row."""

import pytest

from osconsole.model.changes import Put
from osconsole.settings import document_folders
from osconsole.ui.desk import Desk
from osconsole.ui.keys import Keymap
from osconsole.ui.layouts import Layouts
from osconsole.ui.looks import Looks
from osconsole.ui.moves import Moves
from osconsole.ui.opening import Opening
from osconsole.ui.screens.layout import LayoutScreen
from tests.ui.staged import StagedSession, thing, world


@pytest.fixture
def desk():
    layouts = Layouts(document_folders("layouts"))
    session = StagedSession(world().apply([Put(_deployment(name), 1.0) for name in ("old", "newer")]))
    desk = Desk(session, Opening(), lambda desk: LayoutScreen(desk, layouts.get("dataplane")), Keymap({}))
    moves = Moves(desk, layouts)
    desk.handlers = (moves, Looks(desk, moves.commands.screen))
    desk.resize(160, 40)
    desk.put(session.snapshot)
    return desk


def _deployment(name):
    spec = {"nodeSets": ["edpm-compute"], "ansibleLimit": "a"}
    return thing("OpenStackDataPlaneDeployment", name, spec, {}, creationTimestamp=f"2026-01-0{len(name)}T00:00:00Z")


def drawn(desk):
    return "\n".join("".join(text for text, _ in line) for line in desk.frame.lines(desk.session.now()))


def test_enter_opens_the_screen_of_the_selected_deployment(desk):
    desk.do("next_pane")
    desk.do("down")
    while desk.place.subject() is None or desk.place.subject().name != "old":
        desk.do("down")
    desk.do("open")
    desk.put(desk.session.snapshot)
    found = drawn(desk)
    assert desk.place.name == "Deployment"
    assert desk.place.about.name == "old"
    assert "1 of 2 hosts, by its limit" in found
    assert "newer" not in found
    desk.do("open")
    assert desk.place.name != "Deployment"
