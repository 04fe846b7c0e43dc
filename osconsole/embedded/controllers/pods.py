"""Facts about pods, and pods from templates. Pure."""

from datetime import datetime, timedelta

from osconsole.embedded.client import Object
from osconsole.embedded.clock import age_s, instant
from osconsole.embedded.kinds import Kind


def is_deleted(obj: Object) -> bool:
    """Somebody asked for its deletion."""
    return bool(obj["metadata"].get("deletionTimestamp"))


def phase(pod: Object) -> str:
    """Pending, Running, Succeeded, Failed or Unknown."""
    return str((pod.get("status") or {}).get("phase") or "Pending")


def is_finished(pod: Object) -> bool:
    """It runs no more."""
    return phase(pod) in ("Succeeded", "Failed")


def is_active(pod: Object) -> bool:
    """It counts as a replica: neither finished nor on its way out."""
    return not is_finished(pod) and not is_deleted(pod)


def condition(obj: Object, kind: str) -> Object | None:
    """The condition of that type, or None."""
    return next((c for c in (obj.get("status") or {}).get("conditions") or [] if c["type"] == kind), None)


def is_ready(pod: Object) -> bool:
    """It takes traffic."""
    ready = condition(pod, "Ready")
    return ready is not None and ready["status"] == "True"


def is_available(pod: Object, min_ready_s: int) -> bool:
    """It has been Ready for `min_ready_s`."""
    if not is_ready(pod):
        return False
    ready = condition(pod, "Ready") or {}
    return min_ready_s == 0 or age_s(ready["lastTransitionTime"]) >= min_ready_s


def available_in_s(pods: list[Object], min_ready_s: int, at: datetime) -> float | None:
    """When the next Ready pod becomes available, in seconds; None when nothing is waited for."""
    if not min_ready_s:
        return None
    due = [
        (instant((condition(pod, "Ready") or {})["lastTransitionTime"]) + timedelta(seconds=min_ready_s) - at)
        for pod in pods
        if is_ready(pod) and not is_available(pod, min_ready_s)
    ]
    return max(0.05, min(due).total_seconds()) if due else None


def owner_reference(kind: Kind, owner: Object) -> Object:
    """The controlling owner reference to `owner`."""
    return {
        "apiVersion": kind.api_version,
        "kind": kind.kind,
        "name": owner["metadata"]["name"],
        "uid": owner["metadata"]["uid"],
        "controller": True,
        "blockOwnerDeletion": True,
    }


def from_template(template: Object, kind: Kind, owner: Object, labels: dict[str, str] | None = None) -> Object:
    """A pod of a template, without a name: the caller sets `name` or `generateName`."""
    meta = template.get("metadata") or {}
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {
            "namespace": owner["metadata"]["namespace"],
            "labels": {**(meta.get("labels") or {}), **(labels or {})},
            "annotations": dict(meta.get("annotations") or {}),
            "finalizers": list(meta.get("finalizers") or []),
            "ownerReferences": [owner_reference(kind, owner)],
        },
        "spec": dict(template["spec"]),
    }


def deletion_rank(pod: Object) -> tuple[bool, int, bool, int, str]:
    """Sorts the pods that are deleted first to the front: unassigned, pending, not ready, restarted, young."""
    status = pod.get("status") or {}
    order = {"Pending": 0, "Unknown": 1, "Running": 2}
    restarts = sum(c.get("restartCount", 0) for c in status.get("containerStatuses") or [])
    # Stamps sort as text; the youngest has the greatest, so each character is turned round.
    young = "".join(chr(255 - ord(c)) for c in pod["metadata"].get("creationTimestamp", ""))
    return (bool(pod["spec"].get("nodeName")), order.get(phase(pod), 0), is_ready(pod), -restarts, young)
