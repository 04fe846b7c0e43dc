"""Conditions as this group of controllers writes them, and how Ready sums up the rest.

Source: lib-common, package condition. Only states are made here; `execute` keeps the times of those that do not change.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import msgspec

from osconsole.model.conditions import BACKOFF, ERROR, INIT, READY, REQUESTED, Condition, order, rank


class Said(msgspec.Struct, frozen=True):
    """What one condition says."""

    status: str
    reason: str
    message: str
    severity: str = ""

    @property
    def ok(self) -> bool:
        """Status True."""
        return self.status == "True"

    @property
    def error(self) -> bool:
        """False with an error as the reason, whatever the severity."""
        return self.status == "False" and self.reason in {ERROR, BACKOFF}


def done(message: str) -> Said:
    """Reached."""
    return Said("True", READY, message)


def busy(message: str) -> Said:
    """Under way."""
    return Said("False", REQUESTED, message, "Info")


def unseen(message: str) -> Said:
    """Not looked at yet."""
    return Said("Unknown", INIT, message)


def failed(message: str, reason: str = ERROR, severity: str = "Error") -> Said:
    """Cannot go on."""
    return Said("False", reason, message, severity)


def listed(said: Mapping[str, Said], ready: str) -> list[dict[str, Any]]:
    """The list for `status.conditions`, with a Ready that says `ready` or repeats the worst of the others.

    Of several equally bad ones the first of `said` is repeated.
    """
    worst = min(said.values(), key=lambda one: rank(Condition("", one.status, one.severity)))
    return entries({READY: done(ready) if worst.ok else worst, **said})


def entries(said: Mapping[str, Said]) -> list[dict[str, Any]]:
    """The entries in lib-common's order, without times."""
    return [_entry(c.type, said[c.type]) for c in order(Condition(kind) for kind in said)]


def stamped(wanted: list[dict[str, Any]], current: Any, now: float) -> list[dict[str, Any]]:
    """Entries below `status.conditions`' own list get their times here: kept where the state is the same."""
    before = {entry.get("type"): entry for entry in current or [] if isinstance(entry, dict)}
    at = datetime.fromtimestamp(now, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    out = []
    for entry in wanted:
        old = before.get(entry["type"], {})
        same = all(old.get(key, "") == entry.get(key, "") for key in ("status", "reason", "severity", "message"))
        out.append({**entry, "lastTransitionTime": old.get("lastTransitionTime") if same and old else at})
    return out


def _entry(kind: str, said: Said) -> dict[str, Any]:
    entry = {"type": kind, "status": said.status, "reason": said.reason, "message": said.message}
    return {**entry, "severity": said.severity} if said.severity else entry
