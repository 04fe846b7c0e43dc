"""What the output can carry: letters that it lacks are written by others, and a terminal that asks for C gets ASCII.

Python writes UTF-8 in a C locale as well, which is right for a pipe and wrong on a terminal whose person has said that
it shows nothing but ASCII.
"""

import codecs
import io
import os
import sys

_BY_PYTHON = frozenset({"C.UTF-8", "C.utf8", "UTF-8"})  # what it makes of LC_CTYPE by itself where the locale is C
_FALLBACK = "osconsole.plain"


def fit_output() -> None:
    """Let standard output and error be written whatever is said and whatever they can carry."""
    codecs.register_error(_FALLBACK, _instead)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            if stream.isatty() and asks_for_ascii():
                stream.reconfigure(encoding="ascii", errors=_FALLBACK)
            elif stream.encoding.lower().replace("-", "") != "utf8":
                stream.reconfigure(errors=_FALLBACK)


def asks_for_ascii() -> bool:
    """Whether the environment names the C locale."""
    kinds = os.environ.get("LC_CTYPE", "")
    named = os.environ.get("LC_ALL") or ("" if kinds in _BY_PYTHON else kinds) or os.environ.get("LANG")
    return named in {"C", "POSIX"}


def _instead(error: UnicodeError) -> tuple[str, int]:
    from osconsole.views.plain import ASCII

    if not isinstance(error, UnicodeEncodeError):
        raise error
    lacking = error.object[error.start : error.end].translate(ASCII)
    return "".join(letter if letter.isascii() else "?" for letter in lacking), error.end
