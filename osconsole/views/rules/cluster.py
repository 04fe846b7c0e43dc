"""Kubernetes' own objects around the pods: nodes, claims, disruption budgets, Events."""

from osconsole.model.conditions import READY, find
from osconsole.model.resource import Resource
from osconsole.model.snapshot import Snapshot
from osconsole.views import facts
from osconsole.views.state import DEGRADED, FAILED, OK, PAUSED, PROGRESSING, Verdict
from osconsole.views.text import clean


def node(resource: Resource, _: Snapshot) -> Verdict:
    """A node of the cluster."""
    ready = find(resource.conditions, READY)
    pressure = next((c for c in resource.conditions if c.type.endswith("Pressure") and c.ok), None)
    if ready is None or ready.status == "Unknown":
        return Verdict(FAILED, clean(ready.message) if ready else "never reported", ready.since if ready else 0.0)
    if not ready.ok:
        return Verdict(FAILED, clean(ready.message), ready.since)
    if pressure:
        return Verdict(DEGRADED, f"{pressure.type}: {clean(pressure.message)}", pressure.since)
    if facts.value(resource, "spec", "unschedulable"):
        return Verdict(PAUSED, "cordoned: takes no new pods", ready.since)
    return Verdict(OK, "", ready.since)


def claim(resource: Resource, _: Snapshot) -> Verdict:
    """A PersistentVolumeClaim."""
    phase = str(facts.value(resource, "status", "phase") or "Pending")
    if phase == "Bound":
        return Verdict(OK, "", resource.created)
    return Verdict(PROGRESSING if phase == "Pending" else FAILED, f"{phase}: no volume is bound", resource.created)


def budget(resource: Resource, _: Snapshot) -> Verdict:
    """A PodDisruptionBudget: with fewer healthy pods than it demands, no eviction goes through."""
    status = facts.mapping(resource, "status")
    healthy, wanted = status.get("currentHealthy"), status.get("desiredHealthy")
    if not isinstance(healthy, int) or not isinstance(wanted, int) or not status.get("expectedPods"):
        return Verdict(OK, "guards no pods" if status.get("expectedPods") == 0 else "", resource.created)
    if healthy < wanted:
        return Verdict(DEGRADED, f"{healthy} of at least {wanted} pods healthy: nothing may be evicted", 0.0)
    return Verdict(OK, "", resource.created)


def event(resource: Resource, _: Snapshot) -> Verdict:
    """A Kubernetes Event."""
    warning = facts.value(resource, "type") == "Warning"
    return Verdict(DEGRADED if warning else OK, clean(str(facts.value(resource, "message") or "")))
