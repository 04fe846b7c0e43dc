"""The scheduler: gives each pod a node, spread by owner, then by number of pods."""

from collections.abc import Iterable

from osconsole.embedded.client import Object
from osconsole.embedded.clock import stamp
from osconsole.embedded.controllers.pods import condition, is_deleted, is_finished
from osconsole.embedded.controllers.selectors import requirement_holds
from osconsole.embedded.informer import Key, controller_uid, key_of
from osconsole.embedded.kinds import NODE, POD, Kind
from osconsole.embedded.view import Cluster
from osconsole.errors import Conflict

_NAME = "default-scheduler"


class Scheduler:
    """Binds pods; knows nodeSelector, required node affinity, readiness and cordon, not resources."""

    name = _NAME
    watches = (POD, NODE)
    # One at a time: each decision counts the ones before it.
    workers = 1

    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster

    def keys(self, kind: Kind, obj: Object) -> Iterable[Key]:
        """The pod; after a change of a node every pod that waits for one."""
        pods = [obj] if kind == POD else self._cluster.informer(POD).all()
        return [key_of(pod) for pod in pods if _waits(pod)]

    async def reconcile(self, key: Key) -> float | None:
        """Bind the pod to the emptiest fitting node, or say why there is none."""
        pod = self._cluster.informer(POD).get(*key)
        if pod is None or not _waits(pod):
            return None
        nodes = list(self._cluster.informer(NODE).all())
        fitting = [node for node in nodes if not _misfit(pod, node)]
        if not fitting:
            await self._unschedulable(pod, nodes)
            return None
        crowd = self._crowd(pod)
        node = min((n["metadata"]["name"] for n in fitting), key=lambda name: (*crowd.get(name, (0, 0)), name))
        namespace, name = key
        binding = {
            "apiVersion": "v1",
            "kind": "Binding",
            "metadata": {"name": name, "namespace": namespace, "uid": pod["metadata"]["uid"]},
            "target": {"apiVersion": "v1", "kind": "Node", "name": node},
        }
        try:
            await self._cluster.client.request("POST", POD.path(namespace, name, "binding"), body=binding)
        except Conflict:
            return None
        self._cluster.assume_node(pod, node)
        message = f"Successfully assigned {namespace}/{name} to {node}"
        self._cluster.events.note(pod, "Scheduled", message, component=self.name)
        return None

    def _crowd(self, pod: Object) -> dict[str, tuple[int, int]]:
        """By node: (pods of the same owner, pods)."""
        owner = controller_uid(pod)
        counts: dict[str, tuple[int, int]] = {}
        for other in self._cluster.informer(POD).all():
            node = other["spec"].get("nodeName")
            if node and not is_finished(other):
                siblings, total = counts.get(node, (0, 0))
                counts[node] = (siblings + (owner != "" and controller_uid(other) == owner), total + 1)
        return counts

    async def _unschedulable(self, pod: Object, nodes: list[Object]) -> None:
        reasons: dict[str, int] = {}
        for node in nodes:
            why = _misfit(pod, node)
            reasons[why] = reasons.get(why, 0) + 1
        why = ", ".join(f"{count} {reason}" for reason, count in sorted(reasons.items()))
        message = f"0/{len(nodes)} nodes are available: {why}." if nodes else "no nodes available to schedule pods"
        old = condition(pod, "PodScheduled")
        if old and old.get("message") == message:
            return
        new = {"type": "PodScheduled", "status": "False", "reason": "Unschedulable", "message": message}
        new["lastTransitionTime"] = stamp()
        status = dict(pod.get("status") or {})
        status["conditions"] = [c for c in status.get("conditions") or [] if c["type"] != "PodScheduled"] + [new]
        await self._cluster.set_status(POD, pod, status)
        self._cluster.events.note(pod, "FailedScheduling", message, warning=True, component=self.name)


def _waits(pod: Object) -> bool:
    spec = pod["spec"]
    is_ours = spec.get("schedulerName", _NAME) == _NAME and not spec.get("schedulingGates")
    return is_ours and not spec.get("nodeName") and not is_deleted(pod) and not is_finished(pod)


def _misfit(pod: Object, node: Object) -> str:
    """Why the pod cannot run there; "" when it can."""
    ready = condition(node, "Ready")
    if not ready or ready["status"] != "True":
        return "node(s) were not ready"
    if node["spec"].get("unschedulable"):
        return "node(s) were unschedulable"
    labels = node["metadata"].get("labels") or {}
    selector = pod["spec"].get("nodeSelector") or {}
    if not selector.items() <= labels.items() or not _affine(pod, node):
        return "node(s) didn't match Pod's node affinity/selector"
    return ""


def _affine(pod: Object, node: Object) -> bool:
    affinity = (pod["spec"].get("affinity") or {}).get("nodeAffinity") or {}
    required = affinity.get("requiredDuringSchedulingIgnoredDuringExecution")
    if not required:
        return True
    labels, fields = node["metadata"].get("labels") or {}, {"metadata.name": node["metadata"]["name"]}
    return any(
        all(requirement_holds(r, labels) for r in term.get("matchExpressions") or [])
        and all(requirement_holds(r, fields) for r in term.get("matchFields") or [])
        for term in required["nodeSelectorTerms"]
    )
