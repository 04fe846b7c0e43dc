"""World: what an explanation may look at. The snapshot first, then evidence; what is in neither is wanted."""

import re
from collections.abc import Iterable
from typing import Any

from osconsole.model import kinds
from osconsole.model.evidence import Evidence, Fresh, LogTail, Want
from osconsole.model.ref import KindKey, Ref
from osconsole.model.resource import Resource
from osconsole.model.snapshot import Snapshot
from osconsole.views import columns, facts, tree
from osconsole.views.state import Verdict

EVENT = kinds.key("Event")
RECENT_S = 3600.0  # older Events are about another trouble
_COLOUR = re.compile(r"\x1b\[[0-9;]*m")
UNREAD = frozenset({"Secret"})


class World:
    """The one place that says what is known, and that notes down what is not."""

    def __init__(self, snapshot: Snapshot, now: float, evidence: Evidence) -> None:
        self.snapshot = snapshot
        self.now = now
        self._evidence = evidence
        self._wants: dict[Want, None] = {}
        self._events: dict[str, list[Resource]] | None = None

    @property
    def wants(self) -> tuple[Want, ...]:
        """What would be read to know more, in the order in which it was missed."""
        return tuple(self._wants)

    def get(self, ref: Ref) -> Resource | None:
        """The object; wanted when its kind is not watched."""
        found = self.snapshot.get(ref)
        if found or self._watched(KindKey(ref.group, ref.kind), ref.namespace) or ref.kind in UNREAD:
            return found
        want = Fresh(ref)
        self._want(want)
        return self._evidence.objects.get(want)

    def missing(self, ref: Ref) -> bool:
        """It is known that there is no such object."""
        if self.get(ref) is not None:
            return False
        if self._watched(KindKey(ref.group, ref.kind), ref.namespace):
            return True
        want = Fresh(ref)
        return want in self._evidence.objects

    def all(self, kind: KindKey, namespace: str) -> Iterable[Resource]:
        """Every object of a kind that is watched."""
        return self.snapshot.all(kind, namespace)

    def verdict(self, found: Resource) -> Verdict:
        """An object's verdict, with what lies below it."""
        return tree.grow(found, self.snapshot, self.now).verdict

    def watched(self, kind: KindKey, namespace: str) -> bool:
        """All objects of the kind are known."""
        return self._watched(kind, namespace)

    def warnings(self, about: Resource) -> tuple[Resource, ...]:
        """Warning Events of the last hour that speak of the object, newest first."""
        fresh = [event for event in self._index().get(about.uid, ()) if self._tells(event, about)]
        return tuple(sorted(fresh, key=columns.event_at, reverse=True))

    def _tells(self, event: Resource, about: Resource) -> bool:
        """A warning that still holds: not old, and not of a search for a node that has ended."""
        if facts.value(event, "type") != "Warning" or self.now - columns.event_at(event) >= RECENT_S:
            return False
        return facts.value(event, "reason") != "FailedScheduling" or not facts.value(about, "spec", "nodeName")

    def log(self, want: LogTail) -> tuple[str, ...]:
        """The end of a container's log without colours, () until it was read."""
        self._want(want)
        return tuple(_COLOUR.sub("", line) for line in self._evidence.logs.get(want, ()))

    def _want(self, want: Want) -> None:
        if not self._evidence.has(want):
            self._wants[want] = None

    def _watched(self, kind: KindKey, namespace: str) -> bool:
        return self.snapshot.line(kind, namespace).state in {"live", "lost"}

    def _index(self) -> dict[str, list[Resource]]:
        if self._events is None:
            self._events = {}
            for event in self.snapshot.all(EVENT):
                uid = str(_uid(facts.value(event, "involvedObject")))
                self._events.setdefault(uid, []).append(event)
        return self._events


def _uid(about: Any) -> Any:
    return about.get("uid") if isinstance(about, dict) else None
