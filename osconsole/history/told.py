"""Events of the past, made again from the entries that were made of them: what explains trouble reads Events."""

from datetime import UTC, datetime
from typing import Any

from osconsole.model.entry import Entry
from osconsole.model.ref import KindKey
from osconsole.model.resource import Resource, resource

EVENT = KindKey("", "Event")
LIFE_S = 3600.0  # how long an API server keeps an Event


def event(found: Entry) -> Resource:
    """The Event, as far as its entry holds it."""
    about = found.ref
    version = f"{about.group}/v1" if about.group else "v1"
    body: dict[str, Any] = {
        "apiVersion": "v1",
        "kind": "Event",
        "metadata": {
            "name": found.key,
            "namespace": about.namespace or "default",
            "uid": found.key,
            "resourceVersion": str(found.count),
            "creationTimestamp": _time(found.first or found.at),
        },
        "involvedObject": {
            "apiVersion": version,
            "kind": about.kind,
            "namespace": about.namespace,
            "name": about.name,
        },
        "reason": found.what,
        "message": found.text,
        "type": "Warning" if found.severity == "Warning" else "Normal",
        "count": found.count,
        "firstTimestamp": _time(found.first or found.at),
        "lastTimestamp": _time(found.at),
        "reportingComponent": found.actor,
    }
    return resource(body)


def _time(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
