"""The ten words of state, their glyphs and roles: the same in tables, trees, header and command line."""

import msgspec


class State(msgspec.Struct, frozen=True, gc=False):
    """A word of state: its glyph, the glyph where only ASCII works, and the role of its colour."""

    word: str
    glyph: str
    ascii: str
    role: str
    rank: int


OK = "ok"
PROGRESSING = "progressing"
WAITING = "waiting-for-dependency"
PERSON = "waiting-for-person"
DEGRADED = "degraded"
FAILED = "failed"
PAUSED = "paused"
OFF = "off"
STALE = "stale"
UNKNOWN = "unknown"

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


def worst(words: list[str]) -> str:
    """The word that a parent shows for its children; ok when there are none."""
    return max(words, key=lambda word: WORDS[word].rank, default=OK)


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
