"""Printer columns of custom resources: additionalPrinterColumns with the JSONPath subset that CRDs use."""

import datetime
import functools
import re
from collections.abc import Sequence
from typing import Any

from osconsole.embedded.api.printing.values import NAME, Header, Printer, age, instant, name, since
from osconsole.embedded.api.types import Column

_STEP = re.compile(
    r"\.(?P<recursive>\.)?(?P<key>(?:\\.|[^.\[\\])+)"
    r"|\[(?P<index>-?\d+)\]|\[(?P<all>\*)\]|\['(?P<quoted>[^']+)'\]"
    r"|\[\?\(@\.(?P<field>[\w.]+)\s*==\s*(?P<quote>[\"'])(?P<value>[^\"']*)(?P=quote)\)\]"
)


@functools.lru_cache(maxsize=4096)
def _steps(path: str) -> tuple[tuple[str, str, str], ...]:
    steps = []
    for found in _STEP.finditer(path.strip().strip("{}")):
        for kind in ("index", "all", "quoted", "field", "key"):
            if found[kind] is not None:
                steps.append((kind, found[kind].replace("\\.", "."), found["value"] or ""))
                break
    return tuple(steps)


def read(obj: Any, path: str) -> list[Any]:
    """All values that a JSONPath finds, [] when there are none."""
    found = [obj]
    for kind, step, value in _steps(path):
        found = [inner for one in found for inner in _advance(one, kind, step, value)]
    return found


def _advance(value: Any, kind: str, step: str, wanted: str) -> list[Any]:
    if kind in {"key", "quoted"}:
        return [value[step]] if isinstance(value, dict) and step in value else []
    if kind == "all":
        return list(value.values() if isinstance(value, dict) else value if isinstance(value, list) else ())
    if not isinstance(value, list):
        return []
    if kind == "index":
        return value[int(step) :][:1]
    return [one for one in value if isinstance(one, dict) and one.get(step) == wanted]


def _cell(obj: dict[str, Any], column: Column, now: datetime.datetime) -> Any:
    found = [value for value in read(obj, column.json_path) if value is not None]
    if not found:
        return None
    value = found[0]
    if column.type == "date":
        return since(value, now) if instant(value) is not None else "<unknown>"
    if column.type == "string" and not isinstance(value, str):
        return _plain(found)
    return _typed(value, column.type)


def _typed(value: Any, kind: str) -> Any:
    if kind == "integer":
        return int(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else None
    if kind == "number":
        return value if isinstance(value, (int, float)) and not isinstance(value, bool) else None
    if kind == "boolean":
        return value if isinstance(value, bool) else None
    return value


def _plain(found: list[Any]) -> str:
    """How Go prints values that are no strings."""
    return " ".join(_go(value) for value in found)


def _go(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list):
        return "[" + ",".join(f'"{one}"' if isinstance(one, str) else _go(one) for one in value) + "]"
    if isinstance(value, dict):
        return "{" + ",".join(f'"{key}":{_go(one)}' for key, one in value.items()) + "}"
    return f"{value}"


def printer(columns: Sequence[Column]) -> Printer:
    """The printer of a custom resource: name and its columns, or name and age without any."""
    if not columns:
        return Printer((NAME, Header("Age", "date")), lambda obj, now: [name(obj), age(obj, now)])
    described = tuple(Header(one.name, one.type, one.priority, one.format) for one in columns)
    return Printer((NAME, *described), lambda obj, now: [name(obj), *(_cell(obj, one, now) for one in columns)])
