"""A pane over very many objects: only what is looked at is made, and what a filter needs is made in slices."""

import pytest

from osconsole.model.changes import Gone, Listed, Put
from osconsole.model.ref import KindKey
from osconsole.model.snapshot import Snapshot
from osconsole.ui.lines.listing import Listing
from osconsole.ui.screens.paneview import MANY, PaneView
from osconsole.views.layout import Pane
from osconsole.views.rows import Cell, Row

COUNT = 6 * MANY
PODS = Pane(show="table", kind="Pod")


def pod(make, number, phase="Running", version="1"):
    meta = {"resourceVersion": version}
    return make("v1", "Pod", f"pod-{number:05}", namespace="n", metadata=meta, status={"phase": phase})


def pods(make, numbers, phase="Running", version="1"):
    return [pod(make, number, phase, version) for number in numbers]


@pytest.fixture
def world(make) -> Snapshot:
    return Snapshot().apply([Listed(KindKey("", "Pod"), "n", tuple(pods(make, range(COUNT))), 1.0)])


def changed(make, world, numbers, phase, at):
    return world.apply([Put(one, at) for one in pods(make, numbers, phase, f"{at}")])


def view(pane=PODS, height=10) -> PaneView:
    found = PaneView(pane)
    found.table.resize(120, height + 1)
    return found


def statuses(found: PaneView) -> list[str]:
    place = next(at for at, column in enumerate(found.table.table.columns) if column.title == "STATUS")
    return [row.cells[place].text for row in found.table.list.window]


def test_only_rows_on_screen_are_made_and_made_anew(make, world):
    found = view()
    found.refresh(world, "n", 1.0)
    assert len(found.table.list.rows) == COUNT
    assert len(found.memo.kept) == 10
    found.table.list.go(COUNT - 1)
    assert found.table.lines(1.0)[-1].text.split()[1] == f"pod-{COUNT - 1:05}"
    before = dict(found.memo.kept)
    found.refresh(changed(make, world, range(0, COUNT, 2), "Pending", 2.0), "n", 2.0)
    assert statuses(found) == ["Pending", "Running"] * 5
    assert sum(made is not before.get(ref) for ref, made in found.memo.kept.items()) == 5


def test_a_filter_shows_what_came_once_its_rows_were_made(make, world):
    found = view()
    found.refresh(world, "n", 1.0)
    while found.work():
        pass
    assert len(found.memo.kept) == COUNT
    found.table.list.filter("pending")
    assert not found.table.list.shown
    moved = changed(make, world, range(0, COUNT, 2), "Pending", 2.0)
    found.refresh(moved, "n", 2.0)
    assert not found.behind
    found.refresh(changed(make, moved, range(4), "Failed", 3.0), "n", 3.0)
    assert found.behind
    assert not found.table.list.shown
    while found.work():
        pass
    assert len(found.table.list.shown) == COUNT // 2
    found.refresh(changed(make, moved, range(4), "Failed", 3.0), "n", 3.0)
    assert not found.behind
    while found.work():
        pass
    assert len(found.table.list.shown) == COUNT // 2 - 2
    assert found.slot.note == f"{COUNT // 2 - 2} of {COUNT}  /pending"


def test_a_layouts_order_is_as_if_a_person_had_chosen_it(make, world):
    found = view(Pane(show="table", kind="Pod", sort="-name"))
    found.refresh(world, "n", 1.0)
    while found.work():
        pass
    assert found.table.list.row.ref.name == f"pod-{COUNT - 1:05}"


def test_the_selection_stays_while_others_come_and_go(make, world):
    found = view()
    found.refresh(world, "n", 1.0)
    found.table.list.go(300)
    chosen = found.table.row.ref
    moved = world.apply([Gone(pod(make, number).ref, 2.0) for number in (3, 299, 301)])
    found.refresh(moved.apply([Put(make("v1", "Pod", "aaa", namespace="n"), 2.0)]), "n", 2.0)
    assert found.table.row.ref == chosen
    assert [row.gone for row in found.table.list.window].count(True) == 1
    assert len(found.table.list.shown) == COUNT - 1


def test_rows_that_vanish_together_stay_side_by_side():
    found = Listing()
    found.resize(9)
    found.put(tuple(Row(name, (Cell(name),)) for name in "abcde"), 0.0)
    found.put(tuple(Row(name, (Cell(name),)) for name in "ade"), 1.0)
    assert [(row.key, row.gone) for row in found.shown[:]] == [
        ("a", False), ("b", True), ("c", True), ("d", False), ("e", False),
    ]  # fmt: skip
    assert [found.place(key) for key in "abcde"] == list(range(5))
