"""Writers: who writes each field of an object, as lines of text.

An object is changed where its field is owned (`domain.md` §6.1): what an operator writes, it will write again.
"""

from collections.abc import Iterator

import msgspec

from osconsole.model.authors import Field, Path, fields
from osconsole.model.resource import Resource, Writer
from osconsole.views.rows import Line
from osconsole.views.text import age, clean

WIDE = 72  # cells of a field before its writer stands beside it
_DULL = ("name", "namespace", "managedFields", "uid", "resourceVersion", "creationTimestamp", "generation")


def lines(resource: Resource, now: float, path: str = "") -> tuple[Line, ...]:
    """One line a field with its value, its newest writer, how that was written and when; below `path` only.

    The Resource must come from a fresh read: what is watched does not hold who owns what.
    """
    found = [f for f in fields(resource) if within(f.path, path) and not _dull(f.path)]
    if not found:
        return (Line(((f"no field {clean(path)}" if path else "nothing", "quiet"),)),)
    return tuple(_line(field, now) for field in found)


def _dull(path: Path) -> bool:
    return (path[0] == "metadata" and path[1] in _DULL) or path[0] in {"apiVersion", "kind"}


def within(path: Path, prefix: str) -> bool:
    """`spec.template` holds `spec.template.x`, and `containers[0]` or `containers.0` the first container."""
    wanted = [part for part in prefix.replace("[", ".").replace("]", "").split(".") if part]
    return [str(step) for step in path[: len(wanted)]] == wanted


def spoken(path: Path) -> str:
    """`spec.containers[0].image`."""
    out = ""
    for step in path:
        out += f"[{step}]" if isinstance(step, int) else (f".{step}" if out else step)
    return out


def _line(field: Field, now: float) -> Line:
    value = field.value if isinstance(field.value, str) else msgspec.json.encode(field.value).decode()
    text = f"{clean(spoken(field.path))}: {clean(value)}"
    if len(text) > WIDE:
        text = text[: WIDE - 1] + "…"
    spans = [(f"{text:<{WIDE}}  ", "")]
    spans += list(_said(field.writers, now))
    return Line(tuple(spans))


def _said(writers: tuple[Writer, ...], now: float) -> Iterator[tuple[str, str]]:
    if not writers:
        yield "nobody says that it is theirs", "quiet"
        return
    first, *others = writers
    how = f" {first.subresource}" if first.subresource else ""
    how += " (apply)" if first.operation == "Apply" else ""
    yield f"{clean(first.manager)}", "accent"
    yield f"{how} {age(now - first.at)}" if first.at else how, "quiet"
    if others:
        yield f"  also {', '.join(clean(w.manager) for w in others)}", "quiet"
