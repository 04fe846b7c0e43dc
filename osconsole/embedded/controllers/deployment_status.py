"""The status of a Deployment from its ReplicaSets. Pure but for the clock."""

from osconsole.embedded.client import Object
from osconsole.embedded.clock import age_s, stamp
from osconsole.embedded.controllers.pods import condition
from osconsole.embedded.controllers.rollout import limits, size

_NO_DEADLINE_S = 2147483647


def _count(replica_set: Object, field: str) -> int:
    return int((replica_set.get("status") or {}).get(field) or 0)


def status_of(deployment: Object, new: Object | None, old: list[Object], *, created: bool) -> Object:
    """Counts and conditions as they are now."""
    sets = [*old, *([new] if new else [])]
    replicas = int(deployment["spec"].get("replicas", 1))
    before = deployment.get("status") or {}
    total = sum(_count(rs, "replicas") for rs in sets)
    counts = {
        "replicas": total,
        "updatedReplicas": _count(new, "replicas") if new else 0,
        "readyReplicas": sum(_count(rs, "readyReplicas") for rs in sets),
        "availableReplicas": sum(_count(rs, "availableReplicas") for rs in sets),
    }
    counts["unavailableReplicas"] = max(0, sum(size(rs) for rs in sets) - counts["availableReplicas"])
    status: Object = {name: count for name, count in counts.items() if count}
    status["observedGeneration"] = deployment["metadata"]["generation"]
    if "collisionCount" in before:
        status["collisionCount"] = before["collisionCount"]
    conditions = [
        _available(deployment, counts["availableReplicas"] >= replicas - limits(deployment)[1]),
        _progressing(deployment, counts, new, created=created),
    ]
    known = {c["type"] for c in conditions if c}
    kept = [c for c in before.get("conditions") or [] if c["type"] not in known]
    status["conditions"] = kept + [c for c in conditions if c]
    return status


def _available(deployment: Object, is_enough: bool) -> Object:  # noqa: FBT001
    if is_enough:
        return _condition(
            deployment, "Available", "True", "MinimumReplicasAvailable", "Deployment has minimum availability."
        )
    message = "Deployment does not have minimum availability."
    return _condition(deployment, "Available", "False", "MinimumReplicasUnavailable", message)


def _progressing(deployment: Object, counts: dict[str, int], new: Object | None, *, created: bool) -> Object | None:
    if deployment["spec"].get("paused"):
        return _condition(deployment, "Progressing", "Unknown", "DeploymentPaused", "Deployment is paused")
    name = new["metadata"]["name"] if new else ""
    replicas = int(deployment["spec"].get("replicas", 1))
    before = deployment.get("status") or {}
    if counts["updatedReplicas"] == counts["replicas"] == counts["availableReplicas"] == replicas:
        message = f'ReplicaSet "{name}" has successfully progressed.'
        return _condition(deployment, "Progressing", "True", "NewReplicaSetAvailable", message)
    if created:
        message = f'Created new replica set "{name}"'
        return _condition(deployment, "Progressing", "True", "NewReplicaSetCreated", message, moved=True)
    current = condition(deployment, "Progressing")
    moved = (
        counts["updatedReplicas"] > before.get("updatedReplicas", 0)
        or counts["readyReplicas"] > before.get("readyReplicas", 0)
        or counts["availableReplicas"] > before.get("availableReplicas", 0)
        or counts["replicas"] - counts["updatedReplicas"] < before.get("replicas", 0) - before.get("updatedReplicas", 0)
    )
    if not moved and current and _is_late(deployment, current):
        message = f'ReplicaSet "{name}" has timed out progressing.'
        return _condition(deployment, "Progressing", "False", "ProgressDeadlineExceeded", message)
    if not moved and current and current["reason"] == "NewReplicaSetCreated" and name in current["message"]:
        return current
    message = f'ReplicaSet "{name}" is progressing.'
    return _condition(deployment, "Progressing", "True", "ReplicaSetUpdated", message, moved=moved)


def _is_late(deployment: Object, progressing: Object) -> bool:
    if progressing["reason"] == "ProgressDeadlineExceeded":
        return True  # until something moves: its own time of update is that of the verdict
    limit_s = int(deployment["spec"].get("progressDeadlineSeconds", 600))
    late = age_s(progressing.get("lastUpdateTime") or stamp()) >= limit_s
    # A rollout that was complete has not been late: its clock starts with the next change.
    return limit_s != _NO_DEADLINE_S and late and progressing["reason"] != "NewReplicaSetAvailable"


def deadline_in_s(deployment: Object) -> float | None:
    """When to look whether the rollout is late; None when it is complete or already late."""
    progressing = condition(deployment, "Progressing")
    if not progressing or progressing["reason"] not in ("NewReplicaSetCreated", "ReplicaSetUpdated"):
        return None
    limit_s = int(deployment["spec"].get("progressDeadlineSeconds", 600))
    return None if limit_s == _NO_DEADLINE_S else max(1.0, limit_s - age_s(progressing["lastUpdateTime"]))


def _condition(deployment: Object, kind: str, status: str, reason: str, message: str, *, moved: bool = False) -> Object:
    """The condition, with its old times where nothing changed."""
    old = condition(deployment, kind)
    fields = {"type": kind, "status": status, "reason": reason, "message": message}
    if old and not moved and fields.items() <= old.items():
        return old
    transition = old["lastTransitionTime"] if old and old["status"] == status else stamp()
    return {**fields, "lastUpdateTime": stamp(), "lastTransitionTime": transition}
