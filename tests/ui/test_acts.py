"""What a person wrote is kept until it is applied, and no preview takes a key that was meant for something else."""

import re
from pathlib import Path

import pytest

from osconsole.errors import Invalid, Unreachable
from osconsole.settings import document_folders
from osconsole.ui.acts import Acts
from osconsole.ui.desk import Desk
from osconsole.ui.forwards import Forwards
from osconsole.ui.keys import Keymap
from osconsole.ui.layouts import Layouts
from osconsole.ui.opening import Opening
from osconsole.ui.screens.layout import LayoutScreen
from osconsole.ui.screens.preview import PreviewSheet, summary
from tests.ui.staged import StagedSession, world

EDIT = "sed -i 's/replicas: 1/replicas: 2/'"


class Later(Opening):
    """A host that does what waits when it is told to."""

    def __init__(self):
        self.work = []

    def start(self, work, name):
        self.work.append(work)

    async def finish(self):
        while self.work:
            await self.work.pop(0)


@pytest.fixture
def desk(monkeypatch, tmp_path):
    monkeypatch.setenv("EDITOR", EDIT)
    monkeypatch.delenv("VISUAL", raising=False)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    layouts, session = Layouts(document_folders("layouts")), StagedSession(world())
    desk = Desk(session, Later(), lambda desk: LayoutScreen(desk, layouts.get("services")), Keymap({}))
    desk.handlers = (Acts(desk, Forwards(desk)),)
    desk.resize(160, 40)
    desk.put(session.snapshot)
    for _ in range(40):
        if desk.place.subject() is None or desk.place.subject().kind != "Deployment":
            desk.place.move(1)
    assert desk.place.subject().kind == "Deployment"
    return desk


def said(desk):
    if isinstance(desk.sheet, PreviewSheet):
        return "\n".join(
            "".join(text for text, _ in line.spans) for line in summary(desk.sheet._preview, desk.sheet._note)
        )
    return desk.footer.message[0] or "\n".join("".join(t for t, _ in line) for line in desk.sheet.lines(0.0))


def kept(text):
    return Path(re.search(r"is kept in (\S+\.yaml)", text.replace("\n", ""))[1])


async def test_an_edit_is_kept_until_it_is_applied(desk):
    desk.do("edit")
    await desk.host.finish()
    file = kept(said(desk))
    assert "replicas: 2" in file.read_text()
    desk.session.error = Invalid("spec.replicas: must be odd", 422)
    desk.key("enter", None)
    await desk.host.finish()  # refused, and the preview that is asked for anew as well
    assert file.exists()
    desk.session.error = None
    desk.close()
    desk.do("edit")
    await desk.host.finish()
    again = kept(said(desk))
    desk.key("enter", None)
    await desk.host.finish()
    assert not again.exists()


async def test_an_edit_is_kept_when_the_line_drops(desk):
    desk.do("edit")
    await desk.host.work.pop(0)
    desk.session.error = Unreachable("gone")
    await desk.host.finish()
    assert kept(said(desk)).exists()


async def test_without_an_editor_it_says_so(desk, monkeypatch):
    for command in ("no-such-editor", "'unbalanced"):
        monkeypatch.setenv("EDITOR", command)
        desk.do("edit")
        await desk.host.finish()
        assert f"there is no editor '{command}'" in said(desk)


async def test_a_preview_that_comes_late_is_not_thrown_under_the_fingers(desk):
    desk.do("restart")
    desk.prompt(":", print)
    await desk.host.finish()
    assert desk.sheet is None
    assert "you went on, so ask again" in said(desk)
    assert desk.session.submitted == []
