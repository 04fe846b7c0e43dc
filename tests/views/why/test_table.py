"""The page of causes is what the causes say."""

from pathlib import Path

from osconsole.views.why.cause import documents
from osconsole.views.why.table import markdown

PAGE = Path(__file__).parents[3] / "docs" / "why.md"


def test_the_page_is_up_to_date():
    assert PAGE.read_text(encoding="utf-8") == markdown(), "run `make docs`"


def test_each_cause_has_one_row_with_all_its_cells():
    rows = [line for line in markdown().splitlines() if line.startswith("| `")]
    assert len(rows) == sum(len(one.causes) for one in documents())
    assert all(line.replace("\\|", "").count("|") == 7 for line in rows)
    assert not any("| |" in line or "|  |" in line for line in rows)
