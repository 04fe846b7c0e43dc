"""A frame as a picture: every word at its cell, whatever stands in it."""

from xml.etree import ElementTree

from hypothesis import given
from hypothesis import strategies as st

from osconsole.ui.lines.span import Look, line
from osconsole.ui.picture import CELL, svg

TEXT = "{http://www.w3.org/2000/svg}text"


def words(document: str) -> list[tuple[float, str]]:
    """(cell, word) of everything that is written."""
    found = ElementTree.fromstring(document).iter(TEXT)
    return [(float(entry.attrib["x"]) / CELL, entry.text or "") for entry in found]


def test_words_stand_at_their_cells():
    found = words(svg([line([("ab  cd", Look("good")), (" 漢字 x", Look(reverse=True))], 20)]))
    assert [(round(cell), word) for cell, word in found] == [(0, "ab"), (4, "cd"), (7, "漢字"), (12, "x")]


@given(st.text(st.characters(blacklist_categories=["Cc", "Cs", "Cn"]), max_size=30))
def test_any_text_gives_a_document(text):
    assert "".join(word for _, word in words(svg([line([(text, Look())], 80)]))) == "".join(text.split())


def test_the_screen_is_written_and_no_other_file(terminal, tmp_path):
    term = terminal()
    term.until(lambda s: "controlplane" in s and "keystone" in s)

    def ask(name: str, answer: str) -> None:
        term.send(f":picture {tmp_path}/{name}\r")
        term.until(lambda s: answer in " ".join(s.split()))
        term.send("\x1b")  # an answer that is too long for the footer is a sheet, which would take the next keys
        term.until(lambda s: answer not in " ".join(s.split()))

    ask("settings.yaml", "in .svg")
    ask("now.svg", "the screen is in")
    assert "keystone" in {word for _, word in words((tmp_path / "now.svg").read_text("utf-8"))}
    ask("none/now.svg", "cannot be")
    assert [file.name for file in tmp_path.iterdir()] == ["now.svg"]
