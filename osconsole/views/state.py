"""The ten words of state, their glyphs and roles: the same in tables, trees, header and command line."""

import msgspec

from osconsole.model import words


class State(msgspec.Struct, frozen=True, gc=False):
    """A word of state: its glyph, the glyph where only ASCII works, and the role of its colour."""

    word: str
    glyph: str
    ascii: str
    role: str
    rank: int


OK = words.OK
PROGRESSING = words.PROGRESSING
WAITING = words.WAITING
PERSON = words.PERSON
DEGRADED = words.DEGRADED
FAILED = words.FAILED
PAUSED = words.PAUSED
OFF = words.OFF
STALE = words.STALE
UNKNOWN = words.UNKNOWN

WORDS: dict[str, State] = {
    state.word: state
    for state in (
        State(OK, "●", "+", "good", 0),
        State(OFF, "○", "o", "quiet", 1),
        State(PAUSED, "‖", "=", "quiet", 2),
        State(STALE, "~", "~", "quiet", 3),
        State(UNKNOWN, "?", "?", "quiet", 4),
        State(WAITING, "◌", ".", "busy", 5),
        State(PROGRESSING, "◐", "*", "busy", 6),
        State(PERSON, "▶", ">", "accent", 7),
        State(DEGRADED, "!", "!", "warn", 8),
        State(FAILED, "✗", "x", "bad", 9),
    )
}


def worst(found: list[str]) -> str:
    """The word that a parent shows for its children; ok when there are none."""
    return max(found, key=lambda word: WORDS[word].rank, default=OK)


class Verdict(msgspec.Struct, frozen=True, gc=False):
    """A judgement of one object: the word, one sentence saying why ("" when ok), since when (Unix seconds).

    `until` is the moment at which it may become another though nothing changes, 0 for never.
    """

    word: str = UNKNOWN
    why: str = ""
    since: float = 0.0
    until: float = 0.0

    @property
    def state(self) -> State:
        """The word's glyph, role and rank."""
        return WORDS[self.word]
