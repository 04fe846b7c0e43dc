"""Every shipped layout loads; broken ones say what is wrong."""

import pathlib

import pytest

from osconsole.errors import DocumentError
from osconsole.views import columns, layout

LAYOUTS = sorted((pathlib.Path(__file__).parents[2] / "layouts").glob("*.yaml"))


@pytest.mark.parametrize("path", LAYOUTS, ids=lambda p: p.stem)
def test_shipped(path):
    found = layout.layout(path.read_text(), path.name)
    assert found.panes
    assert layout.watched(found)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("version: 1\ntitle: X\ncolumns: [[{show: table}]]", "say of which 'kind'"),
        ("version: 1\ntitle: X\ncolumns: [[{show: table, kind: Podd}]]", "unknown kind 'Podd'"),
        ("version: 1\ntitle: X\ncolumns: [[{show: table, kind: Pod, columns: [nme]}]]", "unknown column 'nme'"),
        ("version: 1\ntitle: X\ncolums: []", "did you mean 'columns'?"),
        ("version: 2\ntitle: X\ncolumns: []", "2 is not known here: this program reads version 1"),
        ("version: 1\ntitle: X\ncolumns: [[{show: grid}]]", "'grid' is not known here"),
    ],
)
def test_broken(text, words):
    with pytest.raises(DocumentError, match=r"x\.yaml") as raised:
        layout.layout(text, "x.yaml")
    assert words in str(raised.value)


def test_columns_of_kinds_exist():
    for names in columns.BY_KIND.values():
        assert set(names) <= set(columns.COLUMNS)
