"""Transition: one thing that became different about an object, found by comparing two versions of it.

OpenStack's operators emit almost no Events, so the console makes its own record of what happened.
"""

from collections.abc import Iterator

import msgspec

from osconsole.model.conditions import READY, Condition, find
from osconsole.model.ref import Ref
from osconsole.model.resource import Resource


class Transition(msgspec.Struct, frozen=True, gc=False):
    """What changed: `what` is "added", "gone", "generation", "ready" or a condition's type."""

    at: float
    ref: Ref
    what: str
    old: str = ""
    new: str = ""
    severity: str = ""
    message: str = ""


COUNTED = frozenset({"Deployment", "StatefulSet", "DaemonSet"})
# Kinds whose coming and going says nothing: records, leases and what is derived from others.
QUIET = frozenset({"Event", "Lease", "Endpoints", "EndpointSlice", "ControllerRevision", "ServiceAccount"})


def _counts(resource: Resource) -> str:
    """`2/3`: ready of wanted pods of a workload."""
    body = resource.body()
    status = body.get("status") or {}
    if resource.ref.kind == "DaemonSet":
        return f"{status.get('numberReady', 0)}/{status.get('desiredNumberScheduled', 0)}"
    return f"{status.get('readyReplicas', 0)}/{(body.get('spec') or {}).get('replicas', 1)}"


def _words(condition: Condition | None) -> str:
    if condition is None:
        return ""
    return condition.status + (f"/{condition.reason}" if condition.reason and not condition.ok else "")


def transitions(old: Resource | None, new: Resource | None, at: float) -> Iterator[Transition]:
    """The differences worth remembering; one of the two is None when the object came or went."""
    some = new or old
    if some is None or some.ref.kind in QUIET:
        return
    if new is None:
        yield Transition(at, some.ref, "gone")
    elif old is None or old.uid != new.uid:
        yield Transition(at, new.ref, "added")
    else:
        yield from _edits(old, new, at)


def _edits(old: Resource, new: Resource, at: float) -> Iterator[Transition]:
    if new.generation > old.generation:
        yield Transition(at, new.ref, "generation", str(old.generation), str(new.generation), "", _writer(new))
    if new.ref.kind in COUNTED and (was := _counts(old)) != (now := _counts(new)):
        yield Transition(at, new.ref, "ready", was, now)
    if old.conditions == new.conditions:
        return
    for condition in new.conditions:
        if new.ref.kind == "Pod" and condition.type != READY:
            continue  # its other conditions only lead up to Ready
        was, now = _words(find(old.conditions, condition.type)), _words(condition)
        if was != now:
            yield Transition(at, new.ref, condition.type, was, now, condition.severity, condition.message)


def _writer(new: Resource) -> str:
    """Who wrote the spec last."""
    spec = [w for w in new.writers if not w.subresource]
    return max(spec, key=lambda w: w.at).manager if spec else ""
