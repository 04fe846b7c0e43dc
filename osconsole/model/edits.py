"""Edits: which paths of a spec differ between two versions of an object, with their values where these are short.

Whole lists and texts of several lines are named, not shown; neither are values under names that tell of a secret.
"""

from collections.abc import Iterator
from typing import Any

import msgspec

from osconsole.model import masks

MOST = 8  # paths that are told of one change
_DEEP = 7
_SHORT = 40
_MISSING: Any = object()


class _Spec(msgspec.Struct, frozen=True, gc=False):
    spec: Any = None


_spec = msgspec.json.Decoder(_Spec).decode


class Edit(msgspec.Struct, frozen=True, gc=False):
    """One path; `old` and `new` are "" where they are not to be shown, "-" where there was or is nothing."""

    path: str
    old: str = ""
    new: str = ""

    def __str__(self) -> str:
        return f"{self.path} {self.old} → {self.new}" if self.old or self.new else self.path


def edits(old: bytes, new: bytes) -> tuple[Edit, ...]:
    """The paths under `spec` that differ between two objects' JSON; none where one cannot be read."""
    try:
        was, now = _spec(old).spec, _spec(new).spec
    except msgspec.MsgspecError:
        return ()
    return tuple(_differ("spec", was, now, _DEEP))


def told(found: tuple[Edit, ...]) -> str:
    """The edits as one text: the first few, and how many more."""
    more = f" and {len(found) - MOST} more" if len(found) > MOST else ""
    return ", ".join(str(edit) for edit in found[:MOST]) + more


def _differ(path: str, old: Any, new: Any, deep: int) -> Iterator[Edit]:
    if old == new:
        return
    if isinstance(old, dict) and isinstance(new, dict) and deep:
        for key in sorted(old.keys() | new.keys()):
            yield from _differ(f"{path}.{key}", old.get(key, _MISSING), new.get(key, _MISSING), deep - 1)
        return
    was, now = _shown(path, old), _shown(path, new)
    yield Edit(path, was, now) if was and now else Edit(path)


def _shown(path: str, value: Any) -> str:
    """A value in a few letters; "" when it is long, composed, or may be secret."""
    if value is _MISSING or value is None:
        return "-"
    if masks.telling(path.rpartition(".")[2]) or isinstance(value, dict | list):
        return ""
    shown = str(value).lower() if isinstance(value, bool) else str(value)
    return shown if len(shown) <= _SHORT and shown.isprintable() and masks.text(shown) == shown else ""
