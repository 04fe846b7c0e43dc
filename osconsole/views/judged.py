"""Rows of judgements: the glyph of a word of state first, then cells; what `/` searches is what is read."""

from osconsole.model.ref import Ref
from osconsole.views.rows import Cell, Column, Line, Row
from osconsole.views.state import OFF, OK, WORDS

STATE = Column("S", least=1, most=1)


def row(key: object, word: str, cells: tuple[Cell, ...], ref: Ref | None, version: str = "") -> Row:
    """A row that is in a state; `ref` is where Enter goes."""
    state = WORDS[word]
    glyph = Cell(state.glyph, state.role, 0.0, -state.rank)
    text = " ".join(cell.text for cell in cells if cell.text).lower()
    return Row(key, (glyph, *cells), ref, version, word, text=text)


def said(sentence: str, word: str) -> Cell:
    """A sentence in the colour of its state; what is well needs none."""
    return Cell(sentence, "" if word in {OK, OFF} else WORDS[word].role)


def remedy(text: str) -> Cell:
    """What a person may do."""
    return Cell(text, "accent" if text else "")


def whole(found: Row, columns: tuple[Column, ...]) -> tuple[Line, ...]:
    """All that a row says, cell by cell: what a narrow screen has cut."""
    out = [Line(((WORDS[found.state].word, WORDS[found.state].role),))]
    for column, cell in zip(columns, found.cells, strict=False):
        if cell.text and column is not STATE:
            out.append(Line(((f"{column.title.lower()}: ", "quiet"), (cell.text, cell.role))))
    return tuple(out)
