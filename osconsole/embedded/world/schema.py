"""The compact notation of `model/fields/*.yaml`, expanded to OpenAPI v3 structural schemas.

```
name: text                    a string                 name!: ...     required
name: int 0..32 = 1           bounds and default       name: one of A | B = A
name: list of text            name: map of text        name: quantity   int or string
name: object                  open: keeps what it does not know      name: any
name: {a: ..., b: ...}        a closed object; "=" is its default
name: {"[]": ...}             a list of what follows;  {"{}": ...}  a map to it
```
"""

import re
from typing import Any

from osconsole import documents
from osconsole.errors import DocumentError

Schema = dict[str, Any]

OPEN: Schema = {"x-kubernetes-preserve-unknown-fields": True}

_WORDS: dict[str, Schema] = {
    "text": {"type": "string"},
    "int": {"type": "integer"},
    "number": {"type": "number"},
    "bool": {"type": "boolean"},
    "time": {"type": "string", "format": "date-time"},
    "quantity": {"anyOf": [{"type": "integer"}, {"type": "string"}], "x-kubernetes-int-or-string": True},
    "object": {"type": "object", **OPEN},
    "any": OPEN,
    "bus": {
        "type": "object",
        "required": ["cluster"],
        "properties": {name: {"type": "string"} for name in ("cluster", "user", "vhost")},
    },
    "conditions": {
        "type": "array",
        "items": {
            "type": "object",
            "required": ["lastTransitionTime", "status", "type"],
            "properties": {
                "lastTransitionTime": {"type": "string", "format": "date-time"},
                **{name: {"type": "string"} for name in ("message", "reason", "severity", "status", "type")},
            },
        },
    },
    "plain-conditions": {
        "type": "array",
        "items": {
            "type": "object",
            "required": ["status", "type"],
            "properties": {
                "lastTransitionTime": {"type": "string", "format": "date-time"},
                "observedGeneration": {"type": "integer"},
                **{name: {"type": "string"} for name in ("message", "reason", "status", "type")},
            },
        },
    },
}
_BOUNDS = re.compile(r"^(?P<word>int|number) (?P<low>-?\d*)\.\.(?P<high>-?\d*)$")


def expand(said: Any, about: dict[str, str], where: str) -> Schema:
    """The schema that `said` stands for; `about` describes fields by name, `where` names the place in errors."""
    if isinstance(said, str):
        return _leaf(said, where)
    if not isinstance(said, dict):
        raise DocumentError(f"{where}: found {said!r}, expected a word of the notation or an object")
    if "[]" in said:
        return {"type": "array", "items": expand(said["[]"], about, f"{where}[]")}
    if "{}" in said:
        return {"type": "object", "additionalProperties": expand(said["{}"], about, f"{where}.*")}
    return _closed(said, about, where)


def _closed(said: dict[str, Any], about: dict[str, str], where: str) -> Schema:
    properties: Schema = {}
    for key, value in said.items():
        if key == "=":
            continue
        name = key.rstrip("!")
        properties[name] = expand(value, about, f"{where}.{name}")
        if name in about:
            properties[name] = {"description": about[name], **properties[name]}
    schema: Schema = {"type": "object", "properties": properties}
    required = [key.rstrip("!") for key in said if key.endswith("!")]
    if required:
        schema["required"] = required
    if "=" in said:
        schema["default"] = said["="]
    return schema


def _leaf(said: str, where: str) -> Schema:
    head, equals, default = said.partition(" = ")
    schema = _word(head, where)
    if equals:
        value = documents.parse(default, where)
        schema["default"] = default if schema.get("type") == "string" and not isinstance(value, str) else value
    return schema


def _word(said: str, where: str) -> Schema:
    for prefix, shape in (("list of ", "items"), ("map of ", "additionalProperties")):
        if said.startswith(prefix):
            kind = "array" if shape == "items" else "object"
            return {"type": kind, shape: _word(said.removeprefix(prefix), where)}
    if said.startswith("one of "):
        return {"type": "string", "enum": [choice.strip('" ') for choice in said.removeprefix("one of ").split("|")]}
    if bounds := _BOUNDS.match(said):
        schema = dict(_WORDS[bounds["word"]])
        limits = {"minimum": bounds["low"], "maximum": bounds["high"]}
        return schema | {key: int(limit) for key, limit in limits.items() if limit}
    if said in _WORDS:
        return dict(_WORDS[said])
    raise DocumentError(f"{where}: '{said}' is not a word of the notation: known are {', '.join(sorted(_WORDS))}")
