"""Patterns of schemas are Go's regular expressions: made into Python's where they differ."""

import functools
import re

_CLASSES = {
    "[:alpha:]": "A-Za-z",
    "[:digit:]": "0-9",
    "[:alnum:]": "0-9A-Za-z",
    "[:lower:]": "a-z",
    "[:upper:]": "A-Z",
    "[:space:]": r"\s",
    "[:xdigit:]": "0-9A-Fa-f",
    "[:word:]": r"\w",
}
_FLAGS = re.compile(r"\(\?([ims]+)\)")


@functools.lru_cache(maxsize=4096)
def compiled(pattern: str) -> re.Pattern[str]:
    """The pattern for `search`; `$` is the end of the text.

    Raises:
        re.error: it is no regular expression.
    """
    text = pattern.replace("\\z", "\\Z")
    for name, members in _CLASSES.items():
        text = text.replace(name, members)
    flags = "".join(_FLAGS.findall(text))
    text = _FLAGS.sub("", text)
    if text.endswith("$") and not text.endswith("\\$"):
        text = text[:-1] + "\\Z"
    return re.compile(f"(?{''.join(sorted(set(flags)))}){text}" if flags else text)


def matches(pattern: str, value: str) -> bool:
    """Whether the text has a match; a pattern that only Go understands matches everything."""
    try:
        return compiled(pattern).search(value) is not None
    except re.error:
        return True
