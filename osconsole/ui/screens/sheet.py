"""Sheet: a question, a choice or a text over the lower part of the body. While it is open it has all keys."""

from collections.abc import Sequence
from typing import Protocol

from osconsole.ui.lines.span import Line


class Sheet(Protocol):
    """A `Part` that takes keys."""

    @property
    def hints(self) -> Sequence[tuple[str, str]]:
        """(key, words) pairs for the footer."""

    def wants(self, width: int, most: int) -> int:
        """How many lines it would like, at most `most`."""

    def key(self, key: str, character: str | None) -> bool:
        """Take a key; False closes the sheet."""

    def resize(self, width: int, height: int) -> None:
        """Its place."""

    def lines(self, now: float) -> Sequence[Line]:
        """What it looks like."""

    def due(self, now: float) -> float:
        """When it looks different by the passing of time."""
