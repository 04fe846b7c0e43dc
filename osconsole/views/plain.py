"""Plain: what stands for our own signs where only ASCII can be shown; each takes as many cells as the sign does."""

from osconsole.views.state import WORDS

_SIGNS = {
    "─": "-", "│": "|", "┬": "+", "┴": "+", "├": "+", "┤": "+", "┼": "+", "▾": "v", "▸": ">", "…": "~", "→": ">",
    "▐": "#", "█": "#", "▕": "[", "▏": "]", "↑": "^", "↓": "v", "⏎": "<", "·": ".", "—": "-", "␛": "^", "␡": "^",
}  # fmt: skip
ASCII = str.maketrans({**_SIGNS, **{state.glyph: state.ascii for state in WORDS.values()}})
