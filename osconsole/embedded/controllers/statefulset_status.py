"""Facts about the pods of a StatefulSet, and its status. Pure."""

from osconsole.embedded.client import Object
from osconsole.embedded.controllers.pods import is_available, is_deleted, is_finished, is_ready
from osconsole.embedded.controllers.revisions import REVISION_LABEL


def ordinal_of(pod: Object) -> int:
    """The number at the end of the name; -1 when there is none."""
    tail = str(pod["metadata"]["name"]).rpartition("-")[2]
    return int(tail) if tail.isdigit() else -1


def revision_of(pod: Object) -> str:
    """The revision that the pod was made from."""
    return str((pod["metadata"].get("labels") or {}).get(REVISION_LABEL, ""))


def is_healthy(the_set: Object, pod: Object) -> bool:
    """It runs, is available and is not on its way out."""
    return not is_deleted(pod) and is_available(pod, int(the_set["spec"].get("minReadySeconds") or 0))


def status_of(the_set: Object, pods: list[Object], current: str, update: str) -> Object:
    """Counts by revision; an update is over when every pod has it and is ready."""
    replicas = int(the_set["spec"].get("replicas", 1))
    pods = [pod for pod in pods if not is_finished(pod)]
    alive = [pod for pod in pods if not is_deleted(pod)]
    updated = sum(revision_of(pod) == update for pod in alive)
    ready = sum(is_ready(pod) for pod in pods)
    if updated == len(pods) == ready == replicas:
        current = update
    status: Object = {
        "observedGeneration": the_set["metadata"]["generation"],
        "replicas": len(pods),
        "readyReplicas": ready,
        "currentReplicas": sum(revision_of(pod) == current for pod in alive),
        "updatedReplicas": updated,
        "availableReplicas": sum(is_healthy(the_set, pod) for pod in pods),
        "currentRevision": current,
        "updateRevision": update,
        "collisionCount": (the_set.get("status") or {}).get("collisionCount") or 0,
    }
    required = ("observedGeneration", "replicas", "availableReplicas", "collisionCount")
    return {name: value for name, value in status.items() if value or name in required}
