"""ReplicaSet: as many pods as asked for."""

from collections.abc import Iterable

from osconsole.embedded.client import Object
from osconsole.embedded.clock import now
from osconsole.embedded.controllers.claims import claim, owner_keys
from osconsole.embedded.controllers.pods import (
    available_in_s,
    deletion_rank,
    from_template,
    is_active,
    is_available,
    is_deleted,
    is_ready,
)
from osconsole.embedded.informer import Key, key_of
from osconsole.embedded.kinds import POD, REPLICA_SET, Kind
from osconsole.embedded.view import Cluster

# One pass never does more than this: other keys wait for the same workers.
_BURST = 100


class ReplicaSets:
    """Creates missing pods, deletes surplus ones, counts them."""

    name = "replicaset-controller"
    watches = (REPLICA_SET, POD)
    workers = 4

    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster

    def keys(self, kind: Kind, obj: Object) -> Iterable[Key]:
        """The set itself, or the set that owns the pod."""
        return [key_of(obj)] if kind == REPLICA_SET else owner_keys(REPLICA_SET, obj)

    async def reconcile(self, key: Key) -> float | None:
        """Create or delete pods, then write what is."""
        replica_set = self._cluster.informer(REPLICA_SET).get(*key)
        if replica_set is None:
            return None
        pods = [pod for pod in await claim(self._cluster, REPLICA_SET, replica_set, POD) if is_active(pod)]
        wanted = int(replica_set["spec"].get("replicas", 1))
        left = False
        if not is_deleted(replica_set):
            left = abs(wanted - len(pods)) > _BURST
            pods = await self._resize(replica_set, pods, wanted)
        await self._cluster.set_status(REPLICA_SET, replica_set, _status(replica_set, pods))
        if left:
            return 0.0
        return available_in_s(pods, int(replica_set["spec"].get("minReadySeconds") or 0), now())

    async def _resize(self, replica_set: Object, pods: list[Object], wanted: int) -> list[Object]:
        for _ in range(min(wanted - len(pods), _BURST)):
            pod = from_template(replica_set["spec"]["template"], REPLICA_SET, replica_set)
            pod["metadata"]["generateName"] = f"{replica_set['metadata']['name'][:57]}-"
            created = await self._cluster.create(POD, pod)
            self._note(replica_set, "SuccessfulCreate", f"Created pod: {created['metadata']['name']}")
            pods = [*pods, created]
        surplus = len(pods) - wanted
        if surplus <= 0:
            return pods
        doomed = sorted(pods, key=deletion_rank)[: min(surplus, _BURST)]
        for pod in doomed:
            await self._cluster.delete(POD, pod)
            self._note(replica_set, "SuccessfulDelete", f"Deleted pod: {pod['metadata']['name']}")
        return [pod for pod in pods if pod not in doomed]

    def _note(self, replica_set: Object, reason: str, message: str) -> None:
        self._cluster.events.note(replica_set, reason, message, component=self.name)


def _status(replica_set: Object, pods: list[Object]) -> Object:
    spec, meta = replica_set["spec"], replica_set["metadata"]
    template_labels = (spec["template"].get("metadata") or {}).get("labels") or {}
    min_ready_s = int(spec.get("minReadySeconds") or 0)
    counts = {
        "fullyLabeledReplicas": sum(
            template_labels.items() <= (p["metadata"].get("labels") or {}).items() for p in pods
        ),
        "readyReplicas": sum(is_ready(pod) for pod in pods),
        "availableReplicas": sum(is_available(pod, min_ready_s) for pod in pods),
    }
    status = {**(replica_set.get("status") or {}), "replicas": len(pods), "observedGeneration": meta["generation"]}
    for name, count in counts.items():
        status.pop(name, None)
        if count:
            status[name] = count
    return status
