"""The difference between two states of an object, as lines of a unified diff of its YAML, for a person to read.

What the server maintains is left out, and so is every value of a Secret.
"""

import difflib
from typing import Any

import yaml

from osconsole.journal import masked
from osconsole.model.ref import Ref

_SERVER = frozenset({"managedFields", "resourceVersion", "generation", "uid", "creationTimestamp", "selfLink"})
_CONTEXT = 2


def lines(before: dict[str, Any], after: dict[str, Any], ref: Ref) -> tuple[str, ...]:
    """Lines that begin with " ", "+", "-" or "@"; empty when nothing differs."""
    old, new = (_text(body, ref) for body in (before, after))
    found = list(difflib.unified_diff(old, new, lineterm="", n=_CONTEXT))
    return tuple(found[2:])  # the two lines of file names say nothing here


def _text(body: dict[str, Any], ref: Ref) -> list[str]:
    if not body:
        return []
    meta = {key: value for key, value in (body.get("metadata") or {}).items() if key not in _SERVER}
    shown = {**{key: value for key, value in body.items() if key != "status"}, "metadata": meta}
    text: str = yaml.safe_dump(
        masked(shown, ref), default_flow_style=False, sort_keys=False, allow_unicode=True, width=200
    )
    return text.splitlines()
