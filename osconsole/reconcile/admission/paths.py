"""Paths of keys in nested values; `*` stands for every key of a map or every item of a list."""

from collections.abc import Iterator
from typing import Any

Path = tuple[str, ...]


def path(text: str) -> Path:
    """A path from text with spaces between the keys, since keys may hold dots."""
    return tuple(text.split())


def found(value: Any, where: Path, at: Path = ()) -> Iterator[tuple[Path, Any]]:
    """Every (path, value) that `where` matches."""
    if not where:
        yield at, value
        return
    key, rest = where[0], where[1:]
    if key == "*":
        items = enumerate(value) if isinstance(value, list) else value.items() if isinstance(value, dict) else ()
        for name, member in items:
            yield from found(member, rest, (*at, str(name)))
    elif isinstance(value, dict) and key in value:
        yield from found(value[key], rest, (*at, key))


def fill(value: Any, where: Path, default: Any) -> None:
    """Set the last key of a path where it is absent or null, in place.

    Keys on the way are made; what `*` stands for is not.
    """
    key, rest = where[0], where[1:]
    if key == "*":
        for member in value if isinstance(value, list) else value.values() if isinstance(value, dict) else ():
            fill(member, rest, default)
    elif isinstance(value, dict):
        if not rest:
            if value.get(key) is None:
                value[key] = default
        elif value.get(key) is None:
            if rest[0] != "*":
                value[key] = {}
                fill(value[key], rest, default)
        else:
            fill(value[key], rest, default)


def dotted(where: Path) -> str:
    """A path for people."""
    return ".".join(where)
