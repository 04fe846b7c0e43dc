"""Plan: a list of things that should become true, in order. Read from plans/*.yaml; a value, like everything here.

Nothing in a plan is code: a value may be `{input: NAME}` as a whole, never inside a string; paths are lists of keys.
"""

import re
from typing import Any, Literal

import msgspec

_WITHIN = re.compile(r"^(\d+)([smh])$")
_SIZES = {"s": 1.0, "m": 60.0, "h": 3600.0}


class Input(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a person fills in: its type, default and bounds."""

    type: Literal["int", "name", "list"] = "name"
    default: Any = None
    min: int | None = None
    max: int | None = None
    odd: bool = False
    about: str = ""


class Target(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The object that is meant; without a name, the only one of its kind in the namespace."""

    kind: str
    name: str = ""


class Equals(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A field has a value."""

    path: list[str]
    value: Any = None
    of: Literal["target"] = "target"


class Check(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One thing that is true or not: the target is ready, or a field equals a value."""

    ready: Literal["target"] | None = None
    equals: Equals | None = None


class Step(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A merge patch of the target, and what must become true before the next step; `within` is 30s, 20m or 2h."""

    patch: dict[str, Any]
    name: str = ""
    until: Check | None = None
    within: str = "30m"


class Plan(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A plan as its document says it. `before` is judged once, `after` when the last step is through."""

    version: Literal[1]
    about: str
    target: Target
    steps: list[Step]
    inputs: dict[str, Input] = {}
    before: list[Check] = []
    after: list[Check] = []
    undo: list[Step] = []


def typed(shape: Input, text: str) -> Any:
    """What a person typed for an input, as the value that it looks like; whether it will do is judged with the plan."""
    if shape.type == "list":
        return text.replace(",", " ").split()
    return int(text) if shape.type == "int" and text.strip().lstrip("-").isdecimal() else text.strip()


def seconds(within: str) -> float | None:
    """The length of `20m` in seconds; None when it is not written so."""
    match = _WITHIN.match(within)
    return int(match[1]) * _SIZES[match[2]] if match else None


def filled(value: Any, inputs: dict[str, Any]) -> Any:
    """The value with every `{input: NAME}` replaced.

    Raises:
        KeyError: there is no such input.
    """
    if isinstance(value, dict):
        if set(value) == {"input"}:
            return inputs[value["input"]]
        return {key: filled(found, inputs) for key, found in value.items()}
    if isinstance(value, list):
        return [filled(found, inputs) for found in value]
    return value
