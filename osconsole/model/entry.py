"""Entry: one line of the timeline, whoever told it: an object that changed, an Event, an Ansible run, a person.

Entries are kept in `history` and shown by `views.timeline`. The key is the same for every console that saw the same
thing happen, so that what several of them keep is there once.
"""

import msgspec

from osconsole.model import masks
from osconsole.model.conditions import instant
from osconsole.model.ref import Ref
from osconsole.model.resource import Resource, dig
from osconsole.model.transitions import Transition

SOURCES = ("condition", "spec", "object", "workload", "pod", "job", "ansible", "event", "action")
_SOURCE = {
    "added": "object", "gone": "object", "deleting": "object", "generation": "spec", "ready": "workload",
    "image": "workload", "ansible": "ansible",
}  # fmt: skip
_PHASES = frozenset({"phase", "scheduled", "restarts", "waiting", "failed"})
RANKS = {"Error": 2, "Warning": 1}
_LONG = 2_000  # letters of a message that are kept


class Entry(msgspec.Struct, frozen=True, gc=False):
    """One thing that happened.

    Attributes:
        at: Unix seconds; of something that happened again and again, the last time.
        source: one of SOURCES.
        what: what of the object: as in a Transition, or an Event's reason.
        severity: "Error", "Warning", "Info" or "".
        text: a message in the words of whoever told it, free of secrets.
        actor: who did it or told it, where that is known.
        count, first: how often, and since when (0: only at `at`).
        key: the same wherever it was seen.
    """

    at: float
    ref: Ref
    source: str
    what: str
    old: str = ""
    new: str = ""
    severity: str = ""
    text: str = ""
    actor: str = ""
    count: int = 1
    first: float = 0.0
    key: str = ""

    @property
    def rank(self) -> int:
        """2 for an error, 1 for a warning, else 0."""
        return RANKS.get(self.severity, 0)


def of_transition(found: Transition) -> Entry:
    """The entry of something that became different about an object."""
    source = _SOURCE.get(found.what, "condition")
    if found.what in _PHASES and found.ref.kind in {"Pod", "Job"}:
        source = found.ref.kind.lower()
    text = masks.text(found.message[:_LONG])
    key = (
        f"{found.uid}:{found.version}:{found.what}:{found.new}" if found.uid else f"{found.at}:{found.ref}:{found.what}"
    )
    words = found.what, found.old, found.new
    return Entry(found.at, found.ref, source, *words, found.severity, text, found.actor, key=key)


def to_transition(found: Entry) -> Transition | None:
    """The transition of which an entry was made, None for entries of other sources."""
    if found.source in {"event", "action"}:
        return None
    words = found.what, found.old, found.new
    return Transition(found.at, found.ref, *words, found.severity, found.text, found.actor)


def of_event(event: Resource) -> Entry | None:
    """The entry of a Kubernetes Event, about the object that it speaks of; None where it names none."""
    body = event.body()
    about = body.get("involvedObject") or body.get("regarding") or {}
    if not isinstance(about, dict) or not about.get("kind"):
        return None
    series = body.get("series") or {}
    count = int(dig(series, "count", default=0) or body.get("count") or body.get("deprecatedCount") or 1)
    first = instant(body.get("firstTimestamp") or body.get("eventTime")) or event.created
    last = instant(dig(series, "lastObservedTime") or body.get("lastTimestamp")) or first
    group = str(about.get("apiVersion") or "").rpartition("/")[0]
    ref = Ref(group, str(about["kind"]), str(about.get("namespace") or ""), str(about.get("name") or ""))
    told = str(body.get("message") or body.get("note") or "")
    actor = str(body.get("reportingComponent") or dig(body, "source", "component", default="") or "")
    severity = "Warning" if body.get("type") == "Warning" else ""
    what, text = str(body.get("reason") or ""), masks.text(told[:_LONG])
    return Entry(last, ref, "event", what, "", "", severity, text, actor, count, first, event.uid)


def haystack(entry: Entry) -> str:
    """What `grep` looks at, in small letters."""
    return f"{entry.ref.short} {entry.what} {entry.old} {entry.new} {entry.text} {entry.actor}".lower()


class Query(msgspec.Struct, frozen=True):
    """Which entries.

    Attributes:
        under: an object: it and all that it owns or ever owned.
        namespace: "" is all; cluster-scoped objects always count.
        rank: 1 leaves warnings and errors, 2 errors.
        grep: letters that object, words or message must have; case is ignored.
        since, until: Unix seconds, 0 is open.
    """

    under: Ref | None = None
    namespace: str = ""
    rank: int = 0
    grep: str = ""
    since: float = 0.0
    until: float = 0.0

    def matches(self, entry: Entry, below: frozenset[Ref] | None = None) -> bool:
        """Whether an entry is one of these; `below` are the objects under `under`."""
        if self.under and entry.ref != self.under and not (below and entry.ref in below):
            return False
        if self.namespace and entry.ref.namespace not in {self.namespace, ""}:
            return False
        if entry.rank < self.rank or entry.at < self.since or (self.until and entry.at > self.until):
            return False
        return not self.grep or self.grep.lower() in haystack(entry)
