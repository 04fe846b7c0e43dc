"""Explanation: the answer to "why" as a value. Text in it is already free of control characters."""

import msgspec

from osconsole.model.evidence import Want
from osconsole.model.ref import Ref
from osconsole.views.state import Verdict


class Step(msgspec.Struct, frozen=True):
    """One link of the chain: the object, what it says, since when (Unix seconds, 0 unknown).

    `what` is "" for the object itself, else the sort of evidence that it gives: log, event, container, ansible; or
    "so look at" for where to go.
    """

    ref: Ref
    says: str
    since: float = 0.0
    what: str = ""


class Explanation(msgspec.Struct, frozen=True):
    """Why one object is as it is.

    Attributes:
        verdict: the object's, with what its children say.
        sentence: all in one line.
        steps: from the object down to the last thing known.
        cause: the name of the rule that knows it, "" when none does.
        clears: what would clear it, "" when not known.
        go: where to go to do something about it.
        blocked: what cannot be done here for as long as it lasts, "" when nothing is blocked.
        wants: what would be read to know more.
    """

    ref: Ref
    verdict: Verdict
    sentence: str
    steps: tuple[Step, ...]
    cause: str = ""
    clears: str = ""
    go: Ref | None = None
    blocked: str = ""
    wants: tuple[Want, ...] = ()
