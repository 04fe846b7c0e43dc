"""Operator logs, read: which object a line speaks of. Pure; takes lines, knows no pods.

Upstream's operators log through controller-runtime and zap: as JSON, or in the console form, time, level, logger,
message and JSON fields between tabs. Lines that are neither (stack traces) belong to the line before.
"""

import json
from collections.abc import Iterable, Iterator
from typing import Any

import msgspec

from osconsole.model import kinds, masks
from osconsole.model.conditions import instant
from osconsole.model.ref import Ref
from osconsole.views.text import clean, count

LEVELS = frozenset({"debug", "info", "warn", "warning", "error", "dpanic", "panic", "fatal"})
BAD = frozenset({"error", "dpanic", "panic", "fatal"})
_LONG = 1 << 20  # longer lines are not looked into


class Said(msgspec.Struct, frozen=True):
    """One line of an operator.

    Attributes:
        at: Unix seconds, 0 when it gives no time.
        level: in small letters.
        ref: the object that was reconciled, None when it names none.
        reconcile: the id of the pass in which it was said.
        error: what went wrong, "" when nothing.
    """

    at: float
    level: str
    message: str
    ref: Ref | None = None
    reconcile: str = ""
    error: str = ""
    logger: str = ""

    @property
    def bad(self) -> bool:
        """It tells of an error."""
        return bool(self.error) or self.level in BAD


def read(line: str) -> Said | None:
    """The line, understood; None when it is not the beginning of anything."""
    if len(line) > _LONG:
        return None
    if line.startswith("{"):
        fields = _fields(line)
        return _of_json(fields) if fields and ("msg" in fields or "level" in fields) else None
    return _of_console(line.split("\t"))


def _of_json(fields: dict[str, Any]) -> Said:
    at = fields.get("ts")
    when = float(at) if isinstance(at, int | float) else instant(str(at or ""))
    return _said(when, str(fields.get("level") or "").lower(), str(fields.get("msg") or ""), fields)


def _of_console(parts: list[str]) -> Said | None:
    if len(parts) < 3 or parts[1].lower() not in LEVELS or not (at := instant(parts[0])):
        return None
    rest = parts[2:]
    fields = _fields(rest[-1]) if rest[-1].startswith("{") else None
    words = rest[:-1] if fields is not None else rest
    message = words[-1] if words else ""
    return _said(at, parts[1].lower(), message, {"logger": words[0] if len(words) > 1 else "", **(fields or {})})


def _said(at: float, level: str, message: str, fields: dict[str, Any]) -> Said:
    texts = (str(fields.get(key) or "") for key in ("reconcileID", "error", "logger"))
    reconcile, error, logger = texts
    return Said(at, level, masks.text(message), _ref(fields), reconcile, masks.text(error), logger)


def _ref(fields: dict[str, Any]) -> Ref | None:
    """From `controllerKind` and name, else from a field named like a kind, else from the controller's name."""
    kind, group = str(fields.get("controllerKind") or ""), str(fields.get("controllerGroup") or "")
    own = fields.get(kind) if kind else None
    if not isinstance(own, dict):
        named = {k: v for k, v in fields.items() if isinstance(v, dict) and "name" in v and k[:1].isupper()}
        kind, own = (kind, fields) if kind else next(iter(named.items()), ("", fields))
    known = kinds.find(kind or str(fields.get("controller") or "?"))
    name = str(own.get("name") or "")
    if not name or not (kind or known):
        return None
    namespace = str(own.get("namespace") or "")
    return Ref(group or (known.group if known else ""), kind or (known.kind if known else ""), namespace, name)


def _fields(text: str) -> dict[str, Any] | None:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


class About:
    """Lets through the lines about one object: those that name it, what else its passes said, and their traces."""

    def __init__(self, ref: Ref) -> None:
        self._ref = ref
        self._passes: set[str] = set()
        self._open = False

    def take(self, line: str) -> bool:
        """Whether the line is about the object; lines come in their order, of one container."""
        said = read(line)
        if said is not None:
            self._open = self._same(said.ref) or (bool(said.reconcile) and said.reconcile in self._passes)
            if self._open and said.reconcile:
                self._passes.add(said.reconcile)
        return self._open

    def _same(self, ref: Ref | None) -> bool:
        """A wanted object without a namespace is looked for in all."""
        return ref is not None and (ref if self._ref.namespace else ref._replace(namespace="")) == self._ref


class Group(msgspec.Struct, frozen=True):
    """What was said of one object: how many lines and errors, the last error and when."""

    ref: Ref | None
    lines: int = 0
    errors: int = 0
    last: str = ""
    at: float = 0.0


def grouped(lines: Iterable[str]) -> list[Group]:
    """Lines by object, most errors first; those that name no object are one group."""
    found: dict[Ref | None, Group] = {}
    for said in _understood(lines):
        old = found.get(said.ref) or Group(said.ref)
        last, at = (said.error or said.message, said.at) if said.bad and said.at >= old.at else (old.last, old.at)
        found[said.ref] = Group(said.ref, old.lines + 1, old.errors + said.bad, last, at)
    return sorted(found.values(), key=lambda g: (-g.errors, -g.lines))


def _understood(lines: Iterable[str]) -> Iterator[Said]:
    return (said for line in lines if (said := read(line)) is not None)


def as_text(group: Group) -> str:
    """A group as a line of plain text."""
    ref = group.ref
    where = f"{ref.kind} {f'{ref.namespace}/' if ref.namespace else ''}{ref.name}" if ref else "(no object)"
    said = f": {group.last}" if group.last else ""
    return clean(f"{count(group.errors, 'error'):>10}  {count(group.lines, 'line'):>10}  {where}{said}")
