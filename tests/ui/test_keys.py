"""The table of keys: one meaning each, and somebody who answers."""

import importlib.util
from pathlib import Path

import pytest

from osconsole.ui import keys
from osconsole.ui.acts import Acts
from osconsole.ui.keys import CONTEXTS, KEYS, Keymap
from osconsole.ui.looks import Looks
from osconsole.ui.moves import Moves
from osconsole.ui.plans import Plans
from osconsole.ui.screens.layout import LayoutScreen
from osconsole.ui.screens.logs import LogsScreen
from osconsole.ui.screens.reading import Reading
from osconsole.ui.screens.timeline import TimelineScreen
from osconsole.ui.timecontrols import TimeControls
from osconsole.ui.visits import Visits
from osconsole.ui.widgets.prompt import PromptWidget

PLACES = {"table": LayoutScreen, "timeline": TimelineScreen, "text": Reading, "log": LogsScreen}


@pytest.mark.parametrize("context", CONTEXTS)
def test_no_key_has_two_meanings(context):
    pressed = [key for found in keys.here(context) for key in found.keys]
    assert sorted(pressed) == sorted(set(pressed))


@pytest.mark.parametrize("context", CONTEXTS)
def test_every_key_has_somebody_who_answers(context):
    for key in keys.here(context):
        method = f"do_{key.id}"
        place = PLACES[context.removesuffix(keys.REPLAYED)]
        answers = [kind for kind in (place, Moves, Looks, Acts, Plans, Visits, TimeControls) if hasattr(kind, method)]
        optional = key.id in {"open", "next_pane", "previous_pane", "times", "follow", "container"}
        assert answers or (optional and place is not LayoutScreen), key.id


def test_keys_that_move_time_work_only_in_a_recording():
    keymap = Keymap()
    assert keymap.action("table", "z", "z") == ""
    assert keymap.action("table" + keys.REPLAYED, "z", "z") == "halt"
    assert keymap.action("log" + keys.REPLAYED, "full_stop", ".") == "step"


def test_ids_and_words_are_there():
    assert all(key.id and key.words and key.keys for key in KEYS)
    assert "quit" in " ".join(key.words for key in KEYS)


def test_nothing_destructive_has_a_key():
    assert not any(word in key.words for key in KEYS for word in ("delete", "remove"))


def test_a_person_may_have_other_keys():
    mine = Keymap({"logs": "L"})
    assert mine.action("table", "L", "L") == "logs"
    assert mine.action("table", "l", "l") == ""
    assert mine.action("table", "ctrl+r", "\x12") == "reread"


def test_the_staged_session_speaks_the_session_s_vocabulary():
    """Whatever the UI may ask, what stands behind it in these tests has too."""
    from osconsole.session import Session

    spec = importlib.util.spec_from_file_location("staged", Path(__file__).with_name("staged.py"))
    staged = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(staged)
    ours = {name for name in dir(staged.StagedSession) if not name.startswith("_")} | {"status", "snapshot"}
    theirs = {name for name in dir(Session) if not name.startswith("_")}
    assert theirs - ours <= {"expected", "pause", "resume"}


@pytest.mark.parametrize("width", [80, 40, 20])
def test_the_end_of_a_long_line_and_the_cursor_are_seen(width):
    prompt = PromptWidget("deploy edpm-compute: services --limit (none: all) ", "bootstrap --limit edpm-compute-1,e2")
    prompt.resize(width, 1)
    (shown,) = prompt.lines(0.0)
    text = "".join(part for part, _ in shown)
    assert text.rstrip().endswith("-1,e2")
    assert text.lstrip().startswith("deploy")
    prompt.key("home", None)
    assert "boot" in "".join(part for part, _ in prompt.lines(0.0)[0])
