"""The causes of a 422 answer: one field, one reason, one message each."""

from dataclasses import dataclass, field
from typing import Any

import msgspec

_NAMES = {bool: "boolean", int: "integer", float: "number", str: "string", list: "array", dict: "object"}


class Cause(msgspec.Struct, frozen=True):
    """One entry of `details.causes`: `field` is a path (`spec.items[0].key`)."""

    field: str
    reason: str
    message: str


def type_name(value: Any) -> str:
    """The JSON type of a value as validation errors name it."""
    return _NAMES.get(type(value), "null")


def summary(resource: str, name: str, causes: list[Cause]) -> str:
    """The message of a 422 Status; `resource` is the kind and group (`Foo.ex.org`, `Pod`)."""
    lines = [f"{cause.field}: {cause.message}" for cause in causes]
    return f'{resource} "{name}" is invalid: ' + (lines[0] if len(lines) == 1 else f"[{', '.join(lines)}]")


@dataclass(slots=True)
class Found:
    """Causes as they are found; `late` are those of the passes that a server makes after the schema's own."""

    causes: list[Cause] = field(default_factory=list)
    late: list[Cause] = field(default_factory=list)

    def add(self, path: str, reason: str, message: str) -> None:
        """Add one cause; the same one is not said twice."""
        cause = Cause(path, reason, message)
        if cause not in self.causes:
            self.causes.append(cause)

    def add_late(self, path: str, reason: str, message: str) -> None:
        """Add one cause of a later pass."""
        self.late.append(Cause(path, reason, message))

    def wrong_type(self, path: str, wanted: str, shown: str) -> None:
        """Add the cause for a value of another type; `shown` is its type, or its text where a format failed."""
        text = self.shown(shown)
        place = path or "<nil>"
        message = f"Invalid value: {text}: {path} in body must be of type {wanted}: {text}"
        self.add(place, "FieldValueTypeInvalid", message)

    def refuse(self, path: str, value: Any, rule: str) -> None:
        """Add the cause for a value that breaks a rule (`should match ...`)."""
        self.add(path or "<nil>", "FieldValueInvalid", self.invalid(value, f"{path} in body {rule}"))

    @staticmethod
    def shown(value: Any) -> str:
        """A value as messages quote it."""
        return msgspec.json.encode(value, order="sorted").decode()

    @classmethod
    def invalid(cls, value: Any, why: str) -> str:
        """`Invalid value: ...: why`."""
        return f"Invalid value: {cls.shown(value)}: {why}"
