"""The one table of keys: from it come the footer, the help, the palette, what a key does, and the tests.

A key has one meaning wherever it works. `where` says where: "any", "table", "text", "log", or only in a recording. The
id names the method.
"""

from collections.abc import Iterable
from typing import NamedTuple


class Key(NamedTuple):
    """One line of the table.

    Attributes:
        keys: as the terminal names them: a character, or Textual's name of the key.
        id: what it does, also its name in a person's keymap.
        words: for footer and help.
        where: "any", "table" (tables and trees), "text" (every text), "log" (logs only), "timeline",
            "replay" (wherever one is in a recording).
        footer: place in the footer, smallest first; 0 keeps it out.
    """

    keys: tuple[str, ...]
    id: str
    words: str
    where: str = "any"
    footer: int = 0


KEYS: tuple[Key, ...] = (
    Key(("enter",), "open", "open; on a leaf: detail", footer=1),
    Key((":",), "command", "go to", footer=30),
    Key(("/",), "filter", "filter; in text: find", footer=31),
    Key(("?",), "help", "keys", footer=32),
    Key(("escape", "q"), "back", "clear, then back; never quits"),
    Key(("ctrl+c",), "interrupt", "twice: quit"),
    Key(("tab",), "next_pane", "next pane"),
    Key(("shift+tab",), "previous_pane", "previous pane"),
    Key(("w",), "why", "why", "any", 2),
    Key(("l",), "logs", "logs", "any", 3),
    Key(("p",), "previous_logs", "logs of the container before"),
    Key(("d",), "detail", "detail"),
    Key(("y",), "yaml", "YAML"),
    Key(("t",), "timeline", "timeline of this subtree"),
    Key(("s",), "scale", "scale", "table", 4),
    Key(("r",), "restart", "restart", "table", 5),
    Key(("D",), "deploy", "deploy", "table", 6),
    Key(("e",), "edit", "edit in $EDITOR", "any"),
    Key(("E",), "exec", "shell in a container", "any"),
    Key(("x",), "actions", "all that can be done here", "any", 7),
    Key(("S",), "stop", "stop what runs (asks)"),
    Key((" ",), "mark", "mark", "table"),
    Key(("o",), "owner", "owner", "table"),
    Key(("P",), "plans", "plans"),
    Key(("J",), "journal", "journal of what was done"),
    Key(("[",), "backward", "back in what was visited"),
    Key(("]",), "forward", "forward"),
    Key(("-",), "last", "the view before this one"),
    Key(tuple("0123456789"), "namespace", "choose a namespace"),
    Key(("ctrl+p",), "palette", "everything by name", "any", 33),
    Key(("ctrl+r",), "reread", "read again"),
    Key(("ctrl+l",), "redraw", "draw again"),
    Key(("down", "j"), "down", "down"),
    Key(("up", "k"), "up", "up"),
    Key(("right",), "right", "unfold; in text: to the right"),
    Key(("left",), "left", "fold; in text: to the left"),
    Key(("pagedown", "ctrl+f"), "page_down", "page down"),
    Key(("pageup", "ctrl+b"), "page_up", "page up"),
    Key(("ctrl+d",), "half_down", "half a page down"),
    Key(("ctrl+u",), "half_up", "half a page up"),
    Key(("home", "g"), "top", "first line"),
    Key(("end", "G"), "bottom", "last line; in logs: follow"),
    Key(("N",), "sort_name", "sort by name", "table"),
    Key(("A",), "sort_age", "sort by age", "table"),
    Key(("!",), "sort_state", "worst state first", "table"),
    Key(("shift+right",), "sort_next", "sort by the next column", "table"),
    Key(("shift+left",), "sort_previous", "sort by the previous column", "table"),
    Key(("O", "shift+down", "shift+up"), "sort_turn", "turn the order", "table"),
    Key(("n",), "find_next", "next match", "text", 11),
    Key(("N",), "find_previous", "previous match", "text", 12),
    Key(("&",), "text_filter", "only matching lines", "text", 13),
    Key(("^",), "context", "lines around matches", "text"),
    Key(("W",), "wrap", "wrap", "text", 14),
    Key(("m",), "mark_line", "mark this line", "text"),
    Key(("c",), "copy", "copy", "text"),
    Key(("v",), "severity", "all, warnings, errors", "timeline", 8),
    Key(("T",), "times", "times", "log", 15),
    Key(("f",), "follow", "follow", "log", 16),
    Key(("C",), "container", "choose a container", "log", 17),
    Key(("R",), "request", "lines of this request, all lines", "log", 18),
    Key(("z",), "halt", "pause, go on", "replay", 18),
    Key((".",), "step", "one event", "replay", 19),
    Key((")",), "next_transition", "next transition", "replay", 20),
    Key(("(",), "previous_transition", "transition before", "replay", 21),
    Key((">",), "faster", "faster", "replay", 22),
    Key(("<",), "slower", "slower", "replay", 23),
)

_LIVE: dict[str, tuple[str, ...]] = {
    "table": ("any", "table"),
    "timeline": ("any", "table", "timeline"),
    "text": ("any", "text"),
    "log": ("any", "text", "log"),
}
REPLAYED = " of a recording"  # at the end of a context's name
CONTEXTS = _LIVE | {f"{name}{REPLAYED}": (*wheres, "replay") for name, wheres in _LIVE.items()}
NAMES = {
    "enter": "⏎", "escape": "Esc", "tab": "Tab", "shift+tab": "S-Tab", " ": "Space", "pagedown": "PgDn",
    "pageup": "PgUp", "home": "Home", "end": "End", "up": "↑", "down": "↓", "left": "←", "right": "→",
}  # fmt: skip
# The footer has room for a word or two.
SHORT = {"open": "open", "filter": "filter", "actions": "more", "palette": "all"}


def name(key: str) -> str:
    """How a key is called on screen."""
    if key in NAMES:
        return NAMES[key]
    for prefix, short in (("ctrl+", "^"), ("shift+", "S-")):
        if key.startswith(prefix):
            rest = key.removeprefix(prefix)
            return short + NAMES.get(rest, rest.upper() if short == "^" else rest)
    return key


def names(key: Key) -> str:
    """All keys of a line."""
    return "0-9" if len(key.keys) == 10 else " ".join(name(k) for k in key.keys)


def here(context: str) -> Iterable[Key]:
    """The lines that count in a context of CONTEXTS."""
    wheres = CONTEXTS[context]
    return (key for key in KEYS if key.where in wheres)


def footer(context: str) -> list[tuple[str, str]]:
    """(key, words) for the footer."""
    found = sorted((key for key in here(context) if key.footer), key=lambda key: key.footer)
    return [(name(key.keys[0]), SHORT.get(key.id, key.words)) for key in found]


class Keymap:
    """The table with a person's own keys (id -> key) laid over it."""

    def __init__(self, own: dict[str, str] | None = None) -> None:
        own = own or {}
        self._by_key: dict[str, dict[str, str]] = {context: {} for context in CONTEXTS}
        for context, table in self._by_key.items():
            for key in here(context):
                for pressed in (own[key.id],) if key.id in own else key.keys:
                    table.setdefault(pressed, key.id)

    def action(self, context: str, key: str, character: str | None) -> str:
        """The id of what a key does in a context; "" for nothing."""
        table = self._by_key[context]
        return table.get(character or "", "") or table.get(key, "")
