"""Patterns of causes: words with `{captures}`, looked for anywhere in a text.

`Can't connect to MySQL server on '{host}'` finds it in any case and spacing and gives the host. `{rest...}` takes what
follows to the end of the line. There is no more to it, on purpose: no expressions, nothing that can run away.
"""

import re
from collections.abc import Iterable
from functools import lru_cache

MOST = 4_000  # characters of a text that are looked at
_CAPTURE = re.compile(r"\{([a-z]+)(\.\.\.)?\}")
_WORD = r"""["'`(\[{]{0,2}([^\s"'`,;()\[\]{}]{1,253})"""
_REST = r"([^\r\n]{1,300})"


@lru_cache(maxsize=4096)
def _compiled(pattern: str) -> tuple[re.Pattern[str], tuple[str, ...]]:
    parts, names, at = [], [], 0
    for found in _CAPTURE.finditer(pattern):
        parts.append(_literal(pattern[at : found.start()]))
        parts.append(_REST if found[2] else _WORD)
        names.append(found[1])
        at = found.end()
    parts.append(_literal(pattern[at:]))
    return re.compile("".join(parts), re.IGNORECASE), tuple(names)


def _literal(text: str) -> str:
    """Any white space for a blank; upstream writes both "occurred" and "occured"."""
    words = re.escape(text).replace(r"\ ", r"\s{1,20}")
    return words.replace("occurred", "occurr?ed")


def captures(pattern: str) -> tuple[str, ...]:
    """The names that a pattern captures."""
    return _compiled(pattern)[1]


def find(patterns: Iterable[str], text: str) -> dict[str, str] | None:
    """What the first pattern that is in the text captures; None when none is."""
    text = text[:MOST]
    for pattern in patterns:
        expression, names = _compiled(pattern)
        if found := expression.search(text):
            return {name: value.rstrip(".:") for name, value in zip(names, found.groups(), strict=True)}
    return None


def fill(template: str, words: dict[str, str]) -> str:
    """The template with its `{names}` filled in; one that nothing was captured for reads "?"."""
    return _CAPTURE.sub(lambda found: words.get(found[1], "?"), template)


def blanks(template: str) -> frozenset[str]:
    """The names that a template needs."""
    return frozenset(found[1] for found in _CAPTURE.finditer(template))
