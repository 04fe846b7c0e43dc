"""Evidence: what costs a request to know, asked for and answered by value.

`views.why` says what it would like to read, `osconsole.evidence` reads it, and the explanation is made again. Secrets
are never asked for.
"""

from collections.abc import Mapping

import msgspec

from osconsole.model.ref import Ref
from osconsole.model.resource import Resource

TAIL = 60  # lines of a log that are worth reading for a cause


class LogTail(msgspec.Struct, frozen=True):
    """The end of a container's log. `life` counts its restarts: a new life is another question."""

    pod: Ref
    container: str
    previous: bool = False
    life: int = 0


class Fresh(msgspec.Struct, frozen=True):
    """An object of a kind that is not watched."""

    ref: Ref


Want = LogTail | Fresh


class Evidence(msgspec.Struct, frozen=True):
    """What was read so far.

    Attributes:
        logs: the answers, oldest line first.
        objects: the answers; None says that there is no such object.
        refused: what could not be read, with the reason; it is not asked for again.
    """

    logs: Mapping[LogTail, tuple[str, ...]] = {}
    objects: Mapping[Fresh, Resource | None] = {}
    refused: Mapping[Want, str] = {}

    def has(self, want: Want) -> bool:
        """It was answered, or cannot be."""
        return want in self.logs or want in self.objects or want in self.refused


NONE = Evidence()
