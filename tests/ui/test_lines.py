"""The line engine without a terminal: selection, geometry, width, text, log store, cell differences."""

import pyte
import pytest

from osconsole.model.logs import LogLine
from osconsole.model.ref import Ref
from osconsole.ui.lines.celldiff import CellDiff
from osconsole.ui.lines.chunks import CHUNK_LINES, ChunkStore, Entry
from osconsole.ui.lines.columns import allot
from osconsole.ui.lines.grid import Grid, Slot
from osconsole.ui.lines.listing import BEAT_S, Listing
from osconsole.ui.lines.logsource import LogSource
from osconsole.ui.lines.source import Filtered, Lines
from osconsole.ui.lines.span import line
from osconsole.ui.lines.width import fit, width_of
from osconsole.ui.lines.wrap import wrapped
from osconsole.ui.widgets.table import TableWidget
from osconsole.ui.widgets.text import TextWidget
from osconsole.views.rows import Cell, Column, Row, Table
from osconsole.views.rows import Line as TextLine

POD = Ref("", "Pod", "n", "p")


def row(name: str, *cells: str, depth: int = 0) -> Row:
    return Row(name, (Cell(name), *map(Cell, cells)), text=f"{name} {' '.join(cells)}".lower(), depth=depth)


def listing(*names: str, height: int = 5) -> Listing:
    found = Listing()
    found.resize(height)
    found.put(tuple(map(row, names)), 0.0)
    return found


def test_the_selection_follows_the_object_and_keeps_its_place_on_screen():
    found = listing(*"abcdefghij")
    found.select("g")
    place = found.at - found.top
    found.put(tuple(map(row, "AAABBabcdefghij")), 1.0)
    assert found.row.key == "g"
    assert found.at - found.top == place


def test_before_a_person_moves_the_first_row_stays_selected():
    found = listing("b", "c")
    found.put(tuple(map(row, "abc")), 1.0)
    assert found.row.key == "a"


def test_a_vanished_row_stays_one_beat_struck_through():
    found = listing("a", "b", "c")
    found.select("b")
    found.put(tuple(map(row, "ac")), 1.0)
    assert [(r.key, r.gone) for r in found.shown] == [("a", False), ("b", True), ("c", False)]
    assert found.settle(1.0) == pytest.approx(1.0 + BEAT_S)
    found.settle(1.1 + BEAT_S)
    assert [r.key for r in found.shown] == ["a", "c"]
    assert found.row.key == "c"


def test_a_changed_row_is_marked_for_a_while_and_a_first_sight_is_not():
    found = listing("a", "b")
    assert not found.flash
    found.put((row("a", "new"), row("b")), 1.0)
    assert set(found.flash) == {"a"}
    found.settle(9.0)
    assert not found.flash


def test_filter_words_and_their_opposite():
    found = listing("keystone-1", "keystone-db", "galera-0")
    found.filter("keystone !db")
    assert [r.key for r in found.shown] == ["keystone-1"]
    assert found.hidden == 2
    found.filter("")
    assert len(found.shown) == 3


def test_a_filtered_tree_keeps_the_rows_above_a_match():
    found = Listing()
    found.put((row("plane"), row("nova", depth=1), row("pod-x", depth=2), row("heat", depth=1)), 0.0)
    found.filter("pod-x")
    assert [r.key for r in found.shown] == ["plane", "nova", "pod-x"]


def test_columns_give_way_in_their_order():
    columns = (Column("NAME", least=4, most=20), Column("IMAGE", least=10, most=20, yields=9), Column("AGE", ">", 4, 4))
    assert allot(columns, [10, 20, 4], 40) == [10, 20, 4]
    assert allot(columns, [10, 20, 4], 28) == [10, 12, 4]
    assert allot(columns, [10, 20, 4], 20) == [10, 0, 4]
    assert sum(allot(columns, [10, 20, 4], 10)) <= 10


@pytest.mark.parametrize("text", ["abc", "漢字かな", "e\u0301tude", "mixed 漢字 text that is long", ""])
@pytest.mark.parametrize("width", [1, 2, 5, 12])
def test_text_is_fitted_to_the_cell(text, width):
    assert width_of(fit(text, width)) == width
    assert sum(width_of(t) for t, _ in line([(text, ())], width).spans) == width


def test_an_unchanged_row_is_the_same_line():
    table = TableWidget()
    table.resize(60, 10)
    heads = (Column("NAME"), Column("AGE", ">"))
    rows = tuple(Row(str(n), (Cell(str(n)), Cell("", "", 100.0)), text=str(n)) for n in range(50))
    table.put(Table(heads, rows))
    before = table.lines(100.0)
    equal = tuple(Row(r.key, r.cells, text=r.text) for r in rows)
    table.put(Table(heads, equal))
    assert all(a is b for a, b in zip(before, table.lines(100.4), strict=True))
    table.list.move(1)
    assert sum(a is not b for a, b in zip(before, table.lines(100.4), strict=True)) == 2
    assert table.due(100.4) == pytest.approx(101.0)
    assert "1s" in table.lines(101.1)[3].text


def test_empty_says_why():
    table = TableWidget()
    table.resize(60, 4)
    assert "loading" in table.lines(0)[1].text
    table.put(Table((Column("NAME"),), (), "no permission: list pods"))
    assert "no permission: list pods" in table.lines(0)[1].text
    table.put(Table((Column("NAME"),), (row("a"),)))
    table.list.filter("zzz")
    assert "filtered out: 1" in table.lines(0)[1].text


def test_the_chunk_store_gives_every_line_back_and_forgets_the_oldest():
    store = ChunkStore(limit=3 * CHUNK_LINES)
    for n in range(5 * CHUNK_LINES + 7):
        store.append(Entry(f"line {n} ☃", n % 3, float(n), n % 100 == 0))
    assert store.first == 2 * CHUNK_LINES
    for n in (store.first, store.first + 1, 4 * CHUNK_LINES, store.total - 1):
        assert store.entry(n) == Entry(f"line {n} ☃", n % 3, float(n), n % 100 == 0)


def test_find_and_filter_work_in_slices_over_a_long_log():
    log = LogSource()
    for n in range(5000):
        log.append(LogLine(POD, "c", f"line {n} " + ("NEEDLE" if n in {7, 4990} else "")))
    text = TextWidget(log)
    text.resize(60, 10)
    text.find("needle")
    while text.work():
        pass
    assert text.selected == 7
    text.again(back=False)
    while text.work():
        pass
    assert text.selected == 4990
    text.filter("needle")
    while text.work():
        pass
    assert [painted.text.split()[1] for painted in text.lines(0)[:2]] == ["7", "4990"]
    text.toggle_context()
    while text.work():
        pass
    assert text.view.total == 14


def test_hostile_text_is_made_visible():
    log = LogSource()
    log.append(LogLine(POD, "c", "\x1b[31mred\x1b[0m \x1b]0;title\x07 \x1b[2J \u202egnp"))
    shown = "".join(text for text, _ in log.spans(0))
    assert shown.isprintable()
    assert "red" in shown
    assert "␛" in shown


def test_following_and_leaving_the_end():
    source = Lines([TextLine(((f"{n}", ""),)) for n in range(100)])
    text = TextWidget(source, follow=True)
    text.resize(20, 10)
    assert text.lines(0)[-1].text.strip()[:2] == "99"
    text.move(-1)
    assert text.lines(0)[-1].text.strip()[:2] == "98"
    text.end(top=False)
    assert text.lines(0)[-1].text.strip()[:2] == "99"


def test_wrapped_lines_lose_nothing_even_of_wide_characters():
    words = "漢" * 30
    text = TextWidget(Lines([TextLine(((words, ""), (" end", "bad")))]))
    text.wrap = True
    for width in (4, 9, 80):
        text.resize(width, 60)
        assert "".join(p.text for p in text.lines(0)).replace(" ", "").count("漢") == 30


def test_lines_are_wrapped_between_words():
    said = [("the host does not ", "a"), ("answer over SSH", "b")]
    rows = wrapped(said, 20)
    assert ["".join(text for text, _ in row) for row in rows] == ["the host does not ", "answer over SSH"]
    assert wrapped(said, 100) == [said]
    assert [row[0][0] for row in wrapped([("a " + "x" * 30, "")], 10)] == ["a xxxxxxxx", "x" * 10, "x" * 10, "xx"]
    assert wrapped([], 10) == wrapped([("", "")], 10) == [[]]


def test_filtering_a_filtered_source_keeps_numbers():
    found = Filtered(Lines([TextLine(((f"{n}", ""),)) for n in range(20)]), lambda text: "5" in text)
    while not found.done:
        found.advance(3)
    assert [found.origin(n) for n in range(found.total)] == [5, 15]
    assert found.place(6) == 1


def test_panes_become_tabs_on_a_small_terminal():
    slots = [Slot(TableWidget(), name) for name in ("Left", "Right", "Below")]
    grid = Grid([[slots[0]], [slots[1], slots[2]]])
    grid.resize(140, 30)
    assert len(grid.visible) == 3
    assert "┬" in grid.lines(0)[0].text
    grid.resize(80, 22)
    assert grid.visible == [slots[0], slots[1]]
    grid.move_focus(-1)
    assert grid.visible == [slots[0], slots[2]]
    grid.resize(40, 8)
    assert grid.visible == [slots[2]]
    for width in range(1, 130, 7):
        for height in range(0, 40, 3):
            grid.resize(width, height)
            lines = grid.lines(0)
            assert len(lines) == height
            assert all(width_of(painted.text) == width for painted in lines)


def cells(text: str, width: int, style: str = "") -> tuple[list[str], list[str]]:
    return list(text.ljust(width)), [style] * len(text) + [""] * (width - len(text))


def test_cell_differences_bring_a_terminal_to_the_frame():
    """Random-looking frames one after the other: pyte always shows the last one."""
    width, height = 40, 12
    diff, screen = CellDiff(width, height), pyte.Screen(width, height)
    stream = pyte.Stream(screen)
    for step in range(60):
        frame = {
            y: cells(
                f"{(y * step) % 7} " * ((y + step) % 19) if step % 3 else f"row {y + step}",
                width,
                ("", "1", "7")[y % 3],
            )
            for y in range(height)
        }
        stream.feed(diff.update(frame).replace("\x1b[m", "\x1b[0m"))
        assert [text.rstrip() for text in screen.display] == ["".join(frame[y][0]).rstrip() for y in range(height)]
        for y in range(height):
            for x in range(width):
                char = screen.buffer[y][x]
                if char.data != " ":
                    assert (char.bold, char.reverse) == (frame[y][1][x] == "1", frame[y][1][x] == "7")


def test_budgets_of_bytes():
    width, height = 160, 48
    diff = CellDiff(width, height)
    frame = {y: cells(f"  pod-{y:05} Running 1/1 worker-{y % 7} 10.0.0.{y} {y}m", width) for y in range(height)}
    diff.update(frame)
    assert diff.update(frame) == ""
    one = {**frame, 7: (["X", *frame[7][0][1:]], frame[7][1])}
    assert len(diff.update(one)) <= 80
    moved = {y: frame[y + 1] for y in range(height - 1)} | {height - 1: cells("  pod-00099", width)}
    diff.update(frame)
    assert len(diff.update(moved)) <= 1000
