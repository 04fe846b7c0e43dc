"""A check: one named question about what the cloud stands on, and how it is asked without guessing.

A judge sees the objects of the kinds that its check names, and is called only when all of them are known. What is not
installed, not permitted, or not listed yet is said here, the same way for every check.
"""

from collections.abc import Callable, Iterator

import msgspec

from osconsole.model import kinds
from osconsole.model.ref import KindKey, Ref
from osconsole.model.resource import Resource
from osconsole.model.snapshot import Freshness, Snapshot
from osconsole.views.state import OFF, OK, STALE, UNKNOWN, WORDS
from osconsole.views.text import clean


class Finding(msgspec.Struct, frozen=True):
    """An answer.

    Attributes:
        word: a word of `views.state`.
        sentence: what was found.
        remedy: what to do about it, "" when there is nothing to do.
        ref: the object to look at.
        since: Unix seconds, 0 when not known.
        blind: the question could not be asked (a right or a kind is missing).
    """

    word: str
    sentence: str
    remedy: str = ""
    ref: Ref | None = None
    since: float = 0.0
    blind: bool = False

    @property
    def good(self) -> bool:
        """Nothing to do: well, or not there on purpose."""
        return self.word in {OK, OFF}


class World(msgspec.Struct, frozen=True):
    """What a judge may look at."""

    snapshot: Snapshot
    scope: str
    now: float

    def here(self, kind: str) -> Iterator[Resource]:
        """The objects of a kind in the scope."""
        return self.snapshot.all(kinds.key(kind), self.scope)

    def anywhere(self, kind: str) -> Iterator[Resource]:
        """The objects of a kind in all namespaces that are seen."""
        return self.snapshot.all(kinds.key(kind))

    def sees(self, kind: str, namespace: str) -> bool:
        """Whether the objects of a kind in a namespace are known now."""
        return self.snapshot.line(kinds.key(kind), namespace).state == "live"


class Check(msgspec.Struct, frozen=True, kw_only=True):
    """A named check.

    Attributes:
        name: what layouts and `osconsole check` call it.
        about: what it asks, in one line.
        needs: kinds that must be known before it can be judged.
        also: kinds that are looked at where they are known.
        absent: the finding when a kind of `needs` is not installed.
        loud: a bad answer belongs in the attention list.
    """

    name: str
    about: str
    judge: Callable[[World], Finding]
    needs: tuple[str, ...] = ()
    also: tuple[str, ...] = ()
    absent: Finding | None = None
    loud: bool = True

    @property
    def reads(self) -> tuple[KindKey, ...]:
        """What it reads."""
        return tuple(kinds.key(kind) for kind in (*self.needs, *self.also))


# Answers by check and scope, with what they were made from: they hold for a little while unless that has moved.
_kept: dict[tuple[str, str], tuple[tuple[object, ...], float, Finding]] = {}
HOLDS_S = 10.0


def ask(check: Check, snapshot: Snapshot, scope: str, now: float) -> Finding:
    """The answer of a check now."""
    sources = tuple(part for key in check.reads for part in (snapshot.objects.get(key), snapshot.line(key, scope)))
    kept = _kept.get((check.name, scope))
    fresh = kept is not None and 0 <= now - kept[1] < HOLDS_S
    if kept is not None and fresh and all(one is other for one, other in zip(kept[0], sources, strict=True)):
        return kept[2]
    found = _blind(check, snapshot, scope) or check.judge(World(snapshot, scope, now))
    _kept[check.name, scope] = (sources, now, found)
    return found


def _blind(check: Check, snapshot: Snapshot, scope: str) -> Finding | None:
    """Why it cannot be asked: the worst of its kinds' lines; None when all are known."""
    found = [(kinds.key(kind), snapshot.line(kinds.key(kind), scope)) for kind in check.needs]
    for key, line in found:
        if line.state == "absent":
            return check.absent or Finding(OFF, f"{kinds.BY_KEY[key].resource} is not installed in this cluster")
    told = [_unseen(key, line) for key, line in found]
    return max((one for one in told if one), key=lambda one: WORDS[one.word].rank, default=None)


def _unseen(key: KindKey, line: Freshness) -> Finding | None:
    what = kinds.BY_KEY[key].resource
    match line.state:
        case "live":
            return None
        case "denied":
            said = f"no permission: {clean(line.why)}"
            return Finding(UNKNOWN, said, "ask for this right, or let somebody who has it look", blind=True)
        case "unrecorded":
            return Finding(UNKNOWN, f"{what}: {line.why}", blind=True)
        case "lost":
            return Finding(STALE, f"{what}: the line is down, {clean(line.why)}", blind=True)
    return Finding(UNKNOWN, f"{what} is not listed yet", blind=True)
