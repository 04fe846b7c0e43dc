"""Log lines at scale: bounded memory, quick search, long lines, ids of requests."""

import random
import time

import pytest

from osconsole.model.logs import LogLine
from osconsole.model.ref import Ref
from osconsole.ui.lines.chunks import ChunkStore, Entry
from osconsole.ui.lines.logsource import LONGEST, SHOWN, LogSource
from osconsole.ui.widgets.text import TextWidget

POD = Ref("", "Pod", "n", "p")


def source(*texts: str) -> LogSource:
    found = LogSource()
    for text in texts:
        found.append(LogLine(POD, "c", text, 1.0))
    return found


def test_a_line_of_a_megabyte_is_cut_on_screen_with_its_length_and_copied_whole():
    long = "x" * 2**20 + "end"
    log = source("before", long, "after")
    shown = "".join(text for text, _ in log.spans(1))
    assert len(shown) < SHOWN + 100
    assert "1,048,579 characters" in shown
    assert log.whole(1) == long
    text = TextWidget(log)
    text.resize(80, 5)
    text.find("xend")
    while text.work():
        pass
    assert text.selected == 1
    assert all(len(painted.text) <= 80 for painted in text.lines(0))


def test_what_is_not_kept_of_a_line_is_said():
    assert f"the rest of {LONGEST + 5:,} characters was not kept" in source("y" * (LONGEST + 5)).whole(0)


def test_long_lines_are_bounded_by_bytes():
    store = ChunkStore(size_bytes=1_200_000)
    chance = random.Random(1)
    for number in range(4000):
        store.append(Entry(f"{number} {chance.randbytes(500).hex()}"))
    assert store.first > 0
    assert store.entry(store.first).text.startswith(f"{store.first} ")
    assert store.entry(store.total - 1).text.startswith("3999 ")
    begin, after = store.chunk(store.first)
    assert begin == store.first
    assert store.chunk(after)[0] == after


@pytest.mark.parametrize("back", [False, True])
def test_every_match_is_found_in_its_order(back):
    log = source(*(f"line {n} {'NEEDLE' if n % 700 == 3 else ''}" for n in range(5000)))
    found = [n for n in log.hunt("needle", log.total if back else 0, back=back) if n is not None]
    expected = [n for n in range(5000) if n % 700 == 3]
    assert found == (expected[::-1] if back else expected)


def test_lines_are_read_in_one_go_as_one_by_one():
    log = source(*(f"Line {n}" for n in range(3000)))
    assert list(log.plains(500, 2900)) == [log.plain(n) for n in range(500, 2900)]


def test_ids_of_requests():
    log = source(
        "INFO [None req-1b4e28ba-2fa1-11d2-883f-0016d3cca427 admin] GET /v2.1",
        "INFO [req-1b4e28ba-2fa1-11d2-883f-0016d3cca427 req-9b2d5c10-0000-4000-8000-00c04fd430c8 a b - default] POST",
        "a prereq-check, req- and nothing",
    )
    assert log.requests(0) == ["req-1b4e28ba-2fa1-11d2-883f-0016d3cca427"]
    assert len(log.requests(1)) == 2
    assert log.requests(2) == []


def test_many_lines_are_small_and_quickly_searched():
    """A tenth of what a person may have; the figures for all of it are in the benchmarks."""
    log = source(
        *(
            f"2026-01-01 10:00:00.{n % 1000:03} 7 INFO nova.compute req-{n:08x} done in {n % 977} ms"
            for n in range(100_000)
        )
    )
    assert log.store.size_bytes < 9_000_000
    began = time.process_time()
    assert [n for n in log.hunt("req-00018697", 0, back=False) if n is not None] == [0x18697]
    assert time.process_time() - began < 0.5
