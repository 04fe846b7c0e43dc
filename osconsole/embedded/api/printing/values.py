"""The small pieces that printers share: ages, lists, selectors, reads that tolerate what is missing."""

import datetime
from collections.abc import Callable, Sequence
from typing import Any

import msgspec

Cells = Callable[[dict[str, Any], datetime.datetime], list[Any]]


class Header(msgspec.Struct, frozen=True):
    """One column of a Table."""

    name: str
    type: str = "string"
    priority: int = 0
    format: str = ""


NAME = Header("Name", format="name")


class Printer(msgspec.Struct, frozen=True):
    """The columns of a kind and what makes the cells of one object."""

    headers: tuple[Header, ...]
    cells: Cells


def headers(*names: str, wide: Sequence[str] = ()) -> tuple[Header, ...]:
    """Name, the given columns (`Desired:integer`), and those of `-o wide`."""
    return (NAME, *(_header(name, 0) for name in names), *(_header(name, 1) for name in wide))


def _header(name: str, priority: int) -> Header:
    title, _, kind = name.partition(":")
    return Header(title, kind or "string", priority)


def at(obj: Any, *path: str) -> Any:
    """The value at a path of keys, None when anything on the way is missing."""
    for key in path:
        obj = obj.get(key) if isinstance(obj, dict) else None
    return obj


def name(obj: dict[str, Any]) -> str:
    """An object's name."""
    return str(at(obj, "metadata", "name") or "")


def instant(text: Any) -> datetime.datetime | None:
    """An RFC 3339 time, None when it is none."""
    try:
        return datetime.datetime.fromisoformat(text)
    except (TypeError, ValueError):
        return None


def since(text: Any, now: datetime.datetime) -> str:
    """How long ago, as kubectl writes it; `<unknown>` without a time."""
    then = instant(text)
    return "<unknown>" if then is None else duration((now - then).total_seconds())


def age(obj: dict[str, Any], now: datetime.datetime) -> str:
    """How long ago an object was created."""
    return since(at(obj, "metadata", "creationTimestamp"), now)


def duration(seconds: float) -> str:
    """A duration in at most two units: `45s`, `3m5s`, `13m`, `5h12m`, `2d3h`, `45d`."""
    s = int(seconds)
    if s < 0:
        return "0s" if s >= -1 else "<invalid>"
    if s < 120:
        return f"{s}s"
    if s < 600:
        return _two(s // 60, "m", s % 60, "s")
    if s < 3 * 3600:
        return f"{s // 60}m"
    if s < 8 * 3600:
        return _two(s // 3600, "h", s // 60 % 60, "m")
    if s < 48 * 3600:
        return f"{s // 3600}h"
    return _days(s // 3600)


def _days(hours: int) -> str:
    if hours < 192:
        return _two(hours // 24, "d", hours % 24, "h")
    if hours < 24 * 365 * 2:
        return f"{hours // 24}d"
    if hours < 24 * 365 * 8:
        return _two(hours // 24 // 365, "y", hours // 24 % 365, "d")
    return f"{hours // 24 // 365}y"


def _two(first: int, unit: str, second: int, smaller: str) -> str:
    return f"{first}{unit}{second}{smaller}" if second else f"{first}{unit}"


def labels(found: dict[str, Any] | None) -> str:
    """A map of labels as a selector, `<none>` when empty."""
    return ",".join(f"{key}={found[key]}" for key in sorted(found)) if found else "<none>"


def selector(found: dict[str, Any] | None) -> str:
    """A LabelSelector object as text, `<none>` when empty."""
    terms = [(key, f"{key}={value}") for key, value in (at(found, "matchLabels") or {}).items()]
    for term in at(found, "matchExpressions") or ():
        key = term["key"]
        values = f" ({','.join(sorted(term.get('values') or ()))})"
        shown = {"In": f"{key} in{values}", "NotIn": f"{key} notin{values}", "Exists": key}
        terms.append((key, shown.get(term["operator"], f"!{key}")))
    return ",".join(text for _, text in sorted(terms, key=lambda term: term[0])) or "<none>"


def containers(template: Any) -> list[str]:
    """Names and images of a pod template's containers, joined."""
    found = at(template, "spec", "containers") or ()
    return [",".join(str(one.get(key, "")) for one in found) for key in ("name", "image")]
