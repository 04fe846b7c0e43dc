"""Strict YAML: the only place that loads it.

Strings stay strings (`no`, `on` and `2024-01-01` are text), equal keys are an error, nothing is executed.
`parse` gives plain values; `decode` gives a msgspec struct. Every error says file:line: key, what was found and the
nearest good key.
"""

import difflib
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TypeVar

import msgspec
import yaml

from osconsole.errors import DocumentError

T = TypeVar("T")

# Aliases of aliases grow without bound: a page of text can mean billions of values.
_SIZE_LIMIT = 1_000_000
_DEPTH_LIMIT = 200

_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class _Strict(_Loader):  # type: ignore[misc]
    """YAML 1.2 core scalars; duplicate keys are refused."""

    yaml_implicit_resolvers: dict[str, list[tuple[str, re.Pattern[str]]]] = {}  # noqa: RUF012

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:  # noqa: FBT001, FBT002
        self.flatten_mapping(node)
        out: dict[Any, Any] = {}
        for key_node, value_node in node.value:
            if not isinstance(key_node, yaml.ScalarNode):
                mark = key_node.start_mark
                raise DocumentError(f"{mark.name}:{mark.line + 1}: a key must be a word, not a list or a map")
            key = self.construct_object(key_node, deep=True)
            if not isinstance(key, str):
                key = key_node.value
            if key in out:
                line = key_node.start_mark.line + 1
                raise DocumentError(f"{key_node.start_mark.name}:{line}: key '{key}' stands twice: remove one of them")
            out[key] = self.construct_object(value_node, deep=deep)
        return out


def _construct_map(loader: Any, node: yaml.MappingNode) -> Iterator[dict[str, Any]]:
    out: dict[str, Any] = {}
    yield out
    out.update(loader.construct_mapping(node, deep=True))


for _tag, _pattern, _first in (
    ("tag:yaml.org,2002:bool", r"^(?:true|True|TRUE|false|False|FALSE)$", "tTfF"),
    ("tag:yaml.org,2002:int", r"^[-+]?(?:0|[1-9][0-9]*)$|^0x[0-9a-fA-F]+$", "-+0123456789"),
    (
        "tag:yaml.org,2002:float",
        r"^[-+]?(?:\.[0-9]+|[0-9]+\.[0-9]*|[0-9]+(?=[eE]))(?:[eE][-+]?[0-9]+)?$",
        "-+0123456789.",
    ),
    ("tag:yaml.org,2002:null", r"^(?:~|null|Null|NULL|)$", "~nN\0"),
    ("tag:yaml.org,2002:merge", r"^(?:<<)$", "<"),
):
    _Strict.add_implicit_resolver(_tag, re.compile(_pattern), [*_first, ""] if "\0" in _first else list(_first))
_Strict.add_constructor("tag:yaml.org,2002:map", _construct_map)


def _size(node: Any, known: dict[int, int]) -> int:
    """How many values a node has with every alias spelled out."""
    if id(node) not in known:
        known[id(node)] = 1
        children = node.value if isinstance(node.value, list) else ()
        parts = (part for child in children for part in (child if isinstance(child, tuple) else (child,)))
        known[id(node)] = 1 + sum(_size(part, known) for part in parts)
    return known[id(node)]


def _line(event: yaml.Event) -> int:
    return event.start_mark.line + 1 if event.start_mark else 0


def _check_depth(text: str, source: str) -> None:
    """Refuse what is nested so deeply that the parser, which is C, would run out of stack."""
    depth = 0
    for event in yaml.parse(text, Loader=_Loader):
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
            if depth > _DEPTH_LIMIT:
                raise DocumentError(f"{source}:{_line(event)}: nested deeper than {_DEPTH_LIMIT} levels")
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1


def _check_size(node: Any, source: str) -> None:
    if _size(node, {}) > _SIZE_LIMIT:
        raise DocumentError(f"{source}: too many aliases: spelled out, it has more than {_SIZE_LIMIT} values")


def parse_all(text: str, source: str) -> list[Any]:
    """The documents of a YAML (or JSON) text as plain values; `source` names it in errors."""
    loader = _Strict(text)
    loader.name = source
    try:
        _check_depth(text, source)
        found = []
        while loader.check_node():
            node = loader.get_node()
            _check_size(node, source)
            found.append(loader.construct_document(node))
        return found
    except DocumentError as error:
        raise DocumentError(str(error).replace("<unicode string>", source)) from None
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = f":{mark.line + 1}" if mark else ""
        raise DocumentError(f"{source}{line}: not valid YAML: {error.problem or error.context}") from None
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise DocumentError(f"{source}: not valid YAML: {error}") from None
    finally:
        loader.dispose()


def parse(text: str, source: str) -> Any:
    """The one document of a text; None when it is empty.

    Raises:
        DocumentError: it is not YAML, or holds several documents.
    """
    found = parse_all(text, source)
    if len(found) > 1:
        raise DocumentError(f"{source}: {len(found)} documents found, one expected: split the file")
    return found[0] if found else None


def read(path: Path) -> str:
    """The text of a file; a `DocumentError` names it when that fails."""
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise DocumentError(f"{path}: there is no such file") from None
    except (OSError, UnicodeDecodeError) as error:
        raise DocumentError(f"{path}: cannot be read: {error}") from None


def decode(text: str, shape: type[T], source: str) -> T:
    """A struct (`forbid_unknown_fields=True`) from one YAML document.

    Raises:
        DocumentError: with file:line, the key, what was found, and the nearest good key.
    """
    value = parse(text, source)
    try:
        return msgspec.convert(value, shape, strict=True)
    except msgspec.ValidationError as error:
        raise DocumentError(_explain(str(error), text, shape, source)) from None


def place(text: str, source: str, path: list[str]) -> str:
    """`file:line` of the deepest part of a path of keys that a good document has; for errors of its meaning."""
    return f"{source}:{_line_of(text, path)}"


def load(path: Path, shape: type[T]) -> T:
    """`decode` of a file."""
    return decode(read(path), shape, str(path))


def _explain(problem: str, text: str, shape: Any, source: str) -> str:
    """What msgspec found, with a line and, for an unknown key, the nearest good one."""
    what, _, where = problem.partition(" - at `")
    path = [p for p in re.split(r"[.\[\]]+", where.rstrip("`").lstrip("$")) if p]
    unknown = re.search(r"unknown field `([^`]*)`", what)
    if unknown:
        path.append(unknown.group(1))
    line = _line_of(text, path)
    key = ".".join(path) or "document"
    if not unknown:
        wrong = re.fullmatch(r"Invalid enum value (.*)", what)
        words = f"{wrong[1]} is not known here" if wrong else f"{what[0].lower()}{what[1:]}"
        hint = ": this program reads version 1" if wrong and path == ["version"] else ""
        return f"{source}:{line}: {key}: {words}{hint}"
    near = difflib.get_close_matches(unknown.group(1), _field_names(shape), n=1, cutoff=0.5)
    hint = f": did you mean '{near[0]}'?" if near else f": known are {', '.join(sorted(_field_names(shape)))}"
    return f"{source}:{line}: unknown key '{key}'{hint}"


def _line_of(text: str, path: list[str]) -> int:
    """The 1-based line of the deepest part of a path that exists."""
    node = yaml.compose(text, Loader=_Strict)
    line = 1
    for part in path:
        if isinstance(node, yaml.MappingNode):
            pair = next(((k, v) for k, v in node.value if k.value == part), None)
            if pair is None:
                break
            line, node = pair[0].start_mark.line + 1, pair[1]
        elif isinstance(node, yaml.SequenceNode) and part.isdigit() and int(part) < len(node.value):
            node = node.value[int(part)]
            line = node.start_mark.line + 1
    return line


def _field_names(shape: Any, seen: set[Any] | None = None) -> set[str]:
    """The keys of a struct and of the structs in it."""
    seen = seen if seen is not None else set()
    if shape in seen:
        return set()
    seen.add(shape)
    names: set[str] = set()
    if isinstance(shape, type) and issubclass(shape, msgspec.Struct):
        for field in msgspec.structs.fields(shape):
            names.add(field.encode_name)
            names |= _field_names(field.type, seen)
        return names
    for part in getattr(shape, "__args__", ()):
        names |= _field_names(part, seen)
    return names
