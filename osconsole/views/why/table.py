"""Table: the causes as a Markdown document, made from the data that judges: `make docs` writes docs/why.md."""

import sys
from typing import Any

import msgspec

from osconsole.views.why.cause import Cause, Go, When, documents
from osconsole.views.why.matchers import given
from osconsole.views.why.observations import OBSERVATIONS

SPOKEN = {"{holderkind} {holder}": "the one that holds it", "{otherkind} {othername}": "the other"}
HEAD = """# Why: the causes that are recognised

`w` on anything in the console, and `osconsole why REF`, walk from an object down to the one that is in trouble, and ask
these causes about it, the deepest object first. `{words}` are taken from what was found. Where no cause holds, the last
thing known is said, and that no rule knows more.

This page is made by `make docs` from `osconsole/views/causes/*.yaml`. A cause is a few lines there and a case in
`tests/views/why/cases`.
"""


def markdown() -> str:
    """The document."""
    total = sum(len(one.causes) for one in documents())
    parts = [HEAD, f"{total} causes.\n"]
    for one in documents():
        parts.append(f"## {one.title}\n\n| cause | looked for at | evidence | it says | it clears when | known from |")
        parts.append("|---|---|---|---|---|---|")
        parts += [_row(cause) for cause in one.causes]
        parts.append("")
    return "\n".join(parts)


def _row(cause: Cause) -> str:
    clears = cause.clears + (f". {cause.blocks}" if cause.blocks else "") + _go(cause.go)
    cells = (f"`{cause.name}`", ", ".join(cause.kinds) or "anything", "; or ".join(map(_when, cause.when)))
    return "| " + " | ".join(map(_cell, (*cells, cause.sentence, clears, cause.source))) + " |"


def _go(go: Go | None) -> str:
    if go is None:
        return ""
    where = "the object that a person edits" if go.root else f"{go.kind} {go.name}".strip()
    return f" → {SPOKEN.get(where, where)}"


def _when(when: When) -> str:
    return " and ".join(_evidence(name, value) for name, value in given(when))


def _evidence(name: str, value: Any) -> str:
    if name == "observed":
        return OBSERVATIONS[value].words
    if isinstance(value, tuple):
        return f"{name} {_any(value)}"
    said = [
        f"{field.name} {_any(given)}"
        for field in msgspec.structs.fields(value)
        if (given := getattr(value, field.name)) not in (field.default, ())
    ]
    return f"{name}: {', '.join(said)}" if said else name


def _any(value: Any) -> str:
    words = value if isinstance(value, tuple) else (value,)
    return " / ".join(f"`{word}`" for word in words)


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")


if __name__ == "__main__":
    sys.stdout.write(markdown())
