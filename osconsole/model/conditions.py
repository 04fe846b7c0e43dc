"""Conditions as the lib-common operators write them, and their roll-up.

Source: openstack-k8s-operators/lib-common, package condition. Kubernetes' own conditions (Pods, Jobs, Nodes) have no
severity and fit the same struct.
"""

from collections.abc import Iterable
from datetime import datetime
from functools import lru_cache
from typing import Any

import msgspec

READY = "Ready"

REQUESTED = "Requested"
ERROR = "Error"
INIT = "Init"
BACKOFF = "BackoffLimitExceeded"


def instant(text: Any) -> float:
    """Unix seconds of an RFC 3339 time; 0 when absent or not a time."""
    if not text or not isinstance(text, str):
        return 0.0
    try:
        return datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp()
    except ValueError:
        return 0.0


class Condition(msgspec.Struct, frozen=True, gc=False):
    """One entry of `status.conditions`; `since` is Unix seconds, 0 when unknown."""

    type: str
    status: str = "Unknown"
    severity: str = ""
    reason: str = ""
    message: str = ""
    since: float = 0.0

    @property
    def ok(self) -> bool:
        """Status True."""
        return self.status == "True"

    @property
    def error(self) -> bool:
        """lib-common's IsError: False with reason Error or BackoffLimitExceeded, whatever the severity."""
        return self.status == "False" and self.reason in {ERROR, BACKOFF}


class Entry(msgspec.Struct, frozen=True, gc=False, rename="camel"):
    """A condition as JSON has it."""

    type: str
    status: str = "Unknown"
    severity: str | None = None
    reason: str | None = None
    message: str | None = None
    last_transition_time: str | None = None


@lru_cache(4096)
def condition(entry: Entry) -> Condition:
    """The condition that an entry is, one value for all that are alike."""
    return Condition(
        entry.type,
        entry.status,
        entry.severity or "",
        entry.reason or "",
        entry.message or "",
        instant(entry.last_transition_time),
    )


def read(entries: Any) -> tuple[Condition, ...]:
    """The conditions in a status, in their order; entries that are not conditions are left out."""
    if not isinstance(entries, list):
        return ()
    return tuple(
        Condition(
            type=str(entry["type"]),
            status=str(entry.get("status", "Unknown")),
            severity=str(entry.get("severity") or ""),
            reason=str(entry.get("reason") or ""),
            message=str(entry.get("message") or ""),
            since=instant(entry.get("lastTransitionTime")),
        )
        for entry in entries
        if isinstance(entry, dict) and "type" in entry
    )


def find(conditions: Iterable[Condition], kind: str) -> Condition | None:
    """The condition of that type."""
    for condition in conditions:  # a generator would take three times as long, and this is asked of every event
        if condition.type == kind:
            return condition
    return None


def rank(condition: Condition) -> int:
    """Roll-up priority: 0 False/Error, 1 False/Warning, 2 False/Info, 3 Unknown, 4 True."""
    if condition.status == "True":
        return 4
    if condition.status != "False":
        return 3
    return {"Error": 0, "Warning": 1}.get(condition.severity, 2)


def mirror(conditions: Iterable[Condition]) -> Condition | None:
    """The condition a parent copies: Ready when True, else the newest of the worst group. None when there is none."""
    found = list(conditions)
    ready = find(found, READY)
    if ready and ready.ok:
        return ready
    rest = [c for c in found if c.type != READY] or found
    return min(rest, key=lambda c: (rank(c), -c.since), default=None)


def order(conditions: Iterable[Condition]) -> list[Condition]:
    """Ready first, then by type: the order in which lib-common stores them."""
    return sorted(conditions, key=lambda c: (c.type != READY, c.type))
