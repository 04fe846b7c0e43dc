"""Deployment: one ReplicaSet per pod template, rolled from the old ones to the new one."""

from collections.abc import Iterable

from osconsole.embedded.client import Object
from osconsole.embedded.controllers import rollout
from osconsole.embedded.controllers.claims import claim, owner_keys
from osconsole.embedded.controllers.deployment_status import deadline_in_s, status_of
from osconsole.embedded.controllers.pods import is_deleted, is_finished, owner_reference
from osconsole.embedded.controllers.revisions import HASH_LABEL, same_template, short_hash
from osconsole.embedded.informer import Key, key_of
from osconsole.embedded.kinds import DEPLOYMENT, POD, REPLICA_SET, Kind
from osconsole.embedded.view import Cluster

REVISION = "deployment.kubernetes.io/revision"
_DESIRED, _MAX = "deployment.kubernetes.io/desired-replicas", "deployment.kubernetes.io/max-replicas"
_NOT_COPIED = {"kubectl.kubernetes.io/last-applied-configuration", REVISION, _DESIRED, _MAX}


class Deployments:
    """Creates, sizes and forgets ReplicaSets; never touches a pod."""

    name = "deployment-controller"
    watches = (DEPLOYMENT, REPLICA_SET, POD)
    workers = 4

    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster

    def keys(self, kind: Kind, obj: Object) -> Iterable[Key]:
        """The Deployment itself, or the one that owns the set. A pod matters to Recreate only, through its set."""
        if kind == DEPLOYMENT:
            return [key_of(obj)]
        if kind == REPLICA_SET:
            return owner_keys(DEPLOYMENT, obj)
        sets = self._cluster.informer(REPLICA_SET)
        found = [sets.get(*key) for key in owner_keys(REPLICA_SET, obj)]
        return [key for rs in found if rs is not None for key in owner_keys(DEPLOYMENT, rs)]

    async def reconcile(self, key: Key) -> float | None:
        """One step of the rollout, then the status."""
        deployment = self._cluster.informer(DEPLOYMENT).get(*key)
        if deployment is None:
            return None
        sets = await claim(self._cluster, DEPLOYMENT, deployment, REPLICA_SET)
        sets.sort(key=lambda rs: (rs["metadata"]["creationTimestamp"], rs["metadata"]["name"]))
        template = deployment["spec"]["template"]
        new = next((rs for rs in sets if same_template(rs["spec"]["template"], template)), None)
        old = [rs for rs in sets if rs is not new]
        if is_deleted(deployment):
            return None
        created = False
        if not deployment["spec"].get("paused"):
            created = new is None
            new = await self._new_set(deployment, new, old)
            deployment = await self._annotate(deployment, new["metadata"]["annotations"][REVISION])
            new, old = await self._roll(deployment, new, old)
            await self._forget(deployment, old)
        else:
            new, old = await self._resize_paused(deployment, new, old)
        status = status_of(deployment, new, old, created=created)
        deployment = await self._cluster.set_status(DEPLOYMENT, deployment, status)
        return deadline_in_s(deployment)

    async def _new_set(self, deployment: Object, new: Object | None, old: list[Object]) -> Object:
        """The set of the current template, with the highest revision."""
        highest = max((int((rs["metadata"].get("annotations") or {}).get(REVISION, 0)) for rs in old), default=0)
        meta, spec = deployment["metadata"], deployment["spec"]
        replicas = int(spec.get("replicas", 1))
        wanted = {key: value for key, value in (meta.get("annotations") or {}).items() if key not in _NOT_COPIED}
        wanted[_DESIRED] = str(replicas)
        wanted[_MAX] = str(replicas + (0 if rollout.is_recreate(deployment) else rollout.limits(deployment)[0]))
        if new is not None:
            have = new["metadata"].get("annotations") or {}
            wanted[REVISION] = str(max(int(have.get(REVISION, 0)), highest + 1))
            if wanted.items() <= have.items():
                return new
            return await self._cluster.patch(REPLICA_SET, new, {"metadata": {"annotations": wanted}})
        wanted[REVISION] = str(highest + 1)
        digest = short_hash([spec["template"], (deployment.get("status") or {}).get("collisionCount") or 0])
        body = _replica_set(deployment, digest, wanted)
        body["spec"]["replicas"] = rollout.new_size(deployment, 0, await self._others(deployment, old))
        created = await self._cluster.create(REPLICA_SET, body)
        self._scaled(deployment, created, 0, rollout.size(created))
        return created

    async def _others(self, deployment: Object, old: list[Object]) -> int:
        """The old pods that a new set has to leave room for."""
        asked = sum(rollout.size(rs) for rs in old)
        if not rollout.is_recreate(deployment):
            return asked
        pods = self._cluster.informer(POD)
        return asked + sum(not is_finished(pod) for rs in old for pod in pods.owned_by(rs["metadata"]["uid"]))

    async def _annotate(self, deployment: Object, revision: str) -> Object:
        if (deployment["metadata"].get("annotations") or {}).get(REVISION) == revision:
            return deployment
        return await self._cluster.patch(DEPLOYMENT, deployment, {"metadata": {"annotations": {REVISION: revision}}})

    async def _roll(self, deployment: Object, new: Object, old: list[Object]) -> tuple[Object, list[Object]]:
        others = await self._others(deployment, old)
        new = await self._resize(deployment, new, rollout.new_size(deployment, rollout.size(new), others))
        sizes = rollout.old_sizes(deployment, new, old)
        return new, [
            await self._resize(deployment, rs, sizes.get(rs["metadata"]["uid"], rollout.size(rs))) for rs in old
        ]

    async def _resize_paused(
        self, deployment: Object, new: Object | None, old: list[Object]
    ) -> tuple[Object | None, list[Object]]:
        """While paused a change of replicas goes to the largest set."""
        sets = [*old, *([new] if new else [])]
        if sets:
            largest = max(sets, key=rollout.size)
            rest = sum(rollout.size(rs) for rs in sets if rs is not largest)
            wanted = max(0, int(deployment["spec"].get("replicas", 1)) - rest)
            resized = await self._resize(deployment, largest, wanted)
            old = [resized if rs is largest else rs for rs in old]
            new = resized if new is largest else new
        return new, old

    async def _resize(self, deployment: Object, replica_set: Object, replicas: int) -> Object:
        before = rollout.size(replica_set)
        if replicas == before:
            return replica_set
        resized = await self._cluster.patch(REPLICA_SET, replica_set, {"spec": {"replicas": replicas}})
        self._scaled(deployment, resized, before, replicas)
        return resized

    async def _forget(self, deployment: Object, old: list[Object]) -> None:
        kept = int(deployment["spec"].get("revisionHistoryLimit", 10))
        idle = [rs for rs in old if rollout.size(rs) == 0 and not (rs.get("status") or {}).get("replicas")]
        idle.sort(key=lambda rs: int((rs["metadata"].get("annotations") or {}).get(REVISION, 0)))
        for replica_set in idle[: max(0, len(idle) - kept)]:
            if not is_deleted(replica_set):
                await self._cluster.delete(REPLICA_SET, replica_set)

    def _scaled(self, deployment: Object, replica_set: Object, before: int, after: int) -> None:
        verb = "up" if after > before else "down"
        name = replica_set["metadata"]["name"]
        message = f"Scaled {verb} replica set {name} from {before} to {after}"
        self._cluster.events.note(deployment, "ScalingReplicaSet", message, component=self.name)


def _replica_set(deployment: Object, digest: str, annotations: dict[str, str]) -> Object:
    meta, spec = deployment["metadata"], deployment["spec"]
    template_meta = dict(spec["template"].get("metadata") or {})
    labels = {**(template_meta.get("labels") or {}), HASH_LABEL: digest}
    template_meta["labels"] = labels
    selector = {**spec["selector"]}
    selector["matchLabels"] = {**(selector.get("matchLabels") or {}), HASH_LABEL: digest}
    return {
        "metadata": {
            "name": f"{meta['name']}-{digest}",
            "namespace": meta["namespace"],
            "labels": labels,
            "annotations": annotations,
            "ownerReferences": [owner_reference(DEPLOYMENT, deployment)],
        },
        "spec": {
            "minReadySeconds": int(spec.get("minReadySeconds") or 0),
            "selector": selector,
            "template": {**spec["template"], "metadata": template_meta},
        },
    }
