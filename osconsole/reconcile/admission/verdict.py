"""What admission gets to see, and what it answers."""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec


class Problem(msgspec.Struct, frozen=True):
    """A reason to refuse: the field as a dotted path, and a sentence."""

    field: str
    message: str

    def __str__(self) -> str:
        return f"{self.field}: {self.message}"


class Context(msgspec.Struct, frozen=True):
    """The other objects of the namespace, by kind; none are known outside of a cluster."""

    objects: Mapping[str, Sequence[dict[str, Any]]] = {}

    def others(self, obj: dict[str, Any]) -> list[dict[str, Any]]:
        """The objects of the same kind with another name that are not being deleted."""
        found = self.objects.get(str(obj.get("kind")), ())
        return [other for other in found if name(other) != name(obj) and not deleting(other)]

    def all(self, kind: str) -> list[dict[str, Any]]:
        """Every object of a kind that is not being deleted."""
        return [obj for obj in self.objects.get(kind, ()) if not deleting(obj)]


NOTHING = Context()


def name(obj: dict[str, Any]) -> str:
    """metadata.name."""
    return str((obj.get("metadata") or {}).get("name", ""))


def deleting(obj: dict[str, Any]) -> bool:
    """A deletion is under way."""
    return bool((obj.get("metadata") or {}).get("deletionTimestamp"))
