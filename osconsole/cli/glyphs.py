"""The signs that stand for states in printed text: those of the screen, or ASCII where the output cannot carry them."""

import sys

from osconsole.views.state import WORDS


def utf8() -> bool:
    """Whether the output carries more than ASCII."""
    return (sys.stdout.encoding or "").lower().replace("-", "") == "utf8"


def glyph(word: str) -> str:
    """The sign of a word of state."""
    return WORDS[word].glyph if utf8() else WORDS[word].ascii
