"""DaemonSet: one pod on every node that fits."""

from collections.abc import Iterable

from osconsole.embedded.client import Object
from osconsole.embedded.controllers.claims import claim, owner_keys
from osconsole.embedded.controllers.history import forget_old, hash_of, revisions
from osconsole.embedded.controllers.pods import (
    from_template,
    is_active,
    is_available,
    is_deleted,
    is_finished,
    is_ready,
)
from osconsole.embedded.controllers.revisions import REVISION_LABEL
from osconsole.embedded.controllers.selectors import scaled
from osconsole.embedded.informer import Key, key_of
from osconsole.embedded.kinds import CONTROLLER_REVISION, DAEMON_SET, NODE, POD, Kind
from osconsole.embedded.view import Cluster


class DaemonSets:
    """Creates pods that only their node can take, and rolls them node by node."""

    name = "daemonset-controller"
    watches = (DAEMON_SET, POD, NODE, CONTROLLER_REVISION)
    workers = 2

    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster

    def keys(self, kind: Kind, obj: Object) -> Iterable[Key]:
        """The set, the owner of the pod, or every set when a node changes."""
        if kind == NODE:
            return [key_of(one) for one in self._cluster.informer(DAEMON_SET).all()]
        if kind == POD:
            return owner_keys(DAEMON_SET, obj)
        return [key_of(obj)] if kind == DAEMON_SET else []

    async def reconcile(self, key: Key) -> float | None:
        """Create, delete and roll; then the status."""
        the_set = self._cluster.informer(DAEMON_SET).get(*key)
        if the_set is None or is_deleted(the_set):
            return None
        known, update = await revisions(self._cluster, DAEMON_SET, the_set)
        digest = hash_of(update).rpartition("-")[2]
        pods = await claim(self._cluster, DAEMON_SET, the_set, POD)
        fitting = [node["metadata"]["name"] for node in self._cluster.informer(NODE).all() if _fits(the_set, node)]
        by_node: dict[str, list[Object]] = {}
        for pod in pods:
            by_node.setdefault(_node_of(pod), []).append(pod)
        for node in fitting:
            if node not in by_node:
                await self._create(the_set, node, digest)
        for node, there in by_node.items():
            # A finished pod makes room for the next one; a doubled one goes.
            doomed = [p for p in there if is_finished(p)] + ([] if node not in fitting else there[1:])
            for pod in there if node not in fitting else doomed:
                if not is_deleted(pod):
                    await self._delete(the_set, pod)
        await self._roll(the_set, by_node, fitting, digest)
        pods = [p for p in self._cluster.informer(POD).owned_by(the_set["metadata"]["uid"]) if is_active(p)]
        await self._cluster.set_status(DAEMON_SET, the_set, _status(the_set, pods, fitting, digest))
        in_use = {f"{key[1]}-{_hash(pod)}" for pod in pods} | {hash_of(update)}
        await forget_old(self._cluster, the_set, known, in_use)
        return None

    async def _create(self, the_set: Object, node: str, digest: str) -> None:
        pod = from_template(the_set["spec"]["template"], DAEMON_SET, the_set, {REVISION_LABEL: digest})
        pod["metadata"]["generateName"] = f"{the_set['metadata']['name']}-"
        field = {"key": "metadata.name", "operator": "In", "values": [node]}
        required = {"nodeSelectorTerms": [{"matchFields": [field]}]}
        affinity = dict(pod["spec"].get("affinity") or {})
        affinity["nodeAffinity"] = {"requiredDuringSchedulingIgnoredDuringExecution": required}
        pod["spec"]["affinity"] = affinity
        created = await self._cluster.create(POD, pod)
        self._note(the_set, "SuccessfulCreate", f"Created pod: {created['metadata']['name']}")

    async def _roll(self, the_set: Object, by_node: dict[str, list[Object]], fitting: list[str], digest: str) -> None:
        """Delete old pods, never more than maxUnavailable of them at a time."""
        strategy = the_set["spec"].get("updateStrategy") or {}
        if strategy.get("type") == "OnDelete":
            return
        limit = (strategy.get("rollingUpdate") or {}).get("maxUnavailable", 1)
        room = max(1, scaled(limit, len(fitting), up=True))
        present = [by_node[node][0] for node in fitting if node in by_node]
        room -= len(fitting) - sum(is_active(pod) and is_ready(pod) for pod in present)
        for pod in present:
            if _hash(pod) != digest and is_active(pod) and (room > 0 or not is_ready(pod)):
                room -= is_ready(pod)
                await self._delete(the_set, pod)

    async def _delete(self, the_set: Object, pod: Object) -> None:
        await self._cluster.delete(POD, pod)
        self._note(the_set, "SuccessfulDelete", f"Deleted pod: {pod['metadata']['name']}")

    def _note(self, the_set: Object, reason: str, message: str) -> None:
        self._cluster.events.note(the_set, reason, message, component=self.name)


def _fits(the_set: Object, node: Object) -> bool:
    selector = the_set["spec"]["template"]["spec"].get("nodeSelector") or {}
    return bool(selector.items() <= (node["metadata"].get("labels") or {}).items())


def _node_of(pod: Object) -> str:
    """The node that a pod has or is meant for."""
    if pod["spec"].get("nodeName"):
        return str(pod["spec"]["nodeName"])
    affinity = (pod["spec"].get("affinity") or {}).get("nodeAffinity") or {}
    for term in (affinity.get("requiredDuringSchedulingIgnoredDuringExecution") or {}).get("nodeSelectorTerms") or []:
        for field in term.get("matchFields") or []:
            return str(field["values"][0])
    return ""


def _hash(pod: Object) -> str:
    return str((pod["metadata"].get("labels") or {}).get(REVISION_LABEL, ""))


def _status(the_set: Object, pods: list[Object], fitting: list[str], digest: str) -> Object:
    ready = sum(is_ready(pod) for pod in pods)
    available = sum(is_available(pod, int(the_set["spec"].get("minReadySeconds") or 0)) for pod in pods)
    status: Object = {
        "observedGeneration": the_set["metadata"]["generation"],
        "desiredNumberScheduled": len(fitting),
        "currentNumberScheduled": len({_node_of(pod) for pod in pods} & set(fitting)),
        "updatedNumberScheduled": sum(_hash(pod) == digest for pod in pods),
        "numberMisscheduled": sum(_node_of(pod) not in fitting for pod in pods),
        "numberReady": ready,
        "numberAvailable": available,
        "numberUnavailable": len(fitting) - available,
    }
    required = ("desiredNumberScheduled", "currentNumberScheduled", "numberMisscheduled", "numberReady")
    return {name: value for name, value in status.items() if value or name in required}
