"""StatefulSet: pods with ordinals and claims of their own, started, rolled and removed in order."""

from collections.abc import Iterable

from osconsole.embedded.client import Object
from osconsole.embedded.clock import now
from osconsole.embedded.controllers.claims import claim, owner_keys
from osconsole.embedded.controllers.history import forget_old, hash_of, revisions, template_of
from osconsole.embedded.controllers.pods import available_in_s, from_template, is_deleted, is_finished
from osconsole.embedded.controllers.revisions import REVISION_LABEL
from osconsole.embedded.controllers.statefulset_status import is_healthy, ordinal_of, revision_of, status_of
from osconsole.embedded.informer import Key, key_of
from osconsole.embedded.kinds import CONTROLLER_REVISION, PERSISTENT_VOLUME_CLAIM, POD, STATEFUL_SET, Kind
from osconsole.embedded.view import Cluster


class StatefulSets:
    """One pod per ordinal; with OrderedReady never more than one change at a time."""

    name = "statefulset-controller"
    watches = (STATEFUL_SET, POD, PERSISTENT_VOLUME_CLAIM, CONTROLLER_REVISION)
    workers = 4

    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster

    def keys(self, kind: Kind, obj: Object) -> Iterable[Key]:
        """The set itself, or the set that owns the pod."""
        if kind == STATEFUL_SET:
            return [key_of(obj)]
        return owner_keys(STATEFUL_SET, obj) if kind == POD else []

    async def reconcile(self, key: Key) -> float | None:
        """One step towards the spec, then the status."""
        the_set = self._cluster.informer(STATEFUL_SET).get(*key)
        if the_set is None or is_deleted(the_set):
            return None
        known, update = await revisions(self._cluster, STATEFUL_SET, the_set)
        named = (the_set.get("status") or {}).get("currentRevision")
        current = next((revision for revision in known if hash_of(revision) == named), update)
        pods = await claim(self._cluster, STATEFUL_SET, the_set, POD)
        by_ordinal = {ordinal_of(pod): pod for pod in pods}
        if await self._fill(the_set, by_ordinal, current, update) and await self._shrink(the_set, by_ordinal):
            await self._update(the_set, by_ordinal, update)
        pods = self._cluster.informer(POD).owned_by(the_set["metadata"]["uid"])
        status = status_of(the_set, pods, hash_of(current), hash_of(update))
        the_set = await self._cluster.set_status(STATEFUL_SET, the_set, status)
        in_use = {revision_of(pod) for pod in pods} | {status["currentRevision"], status["updateRevision"]}
        await forget_old(self._cluster, the_set, known, in_use)
        return available_in_s(pods, int(the_set["spec"].get("minReadySeconds") or 0), now())

    async def _fill(self, the_set: Object, pods: dict[int, Object], current: Object, update: Object) -> bool:
        """Create what is missing, in order; True when every pod is healthy, or order does not matter."""
        for ordinal in _ordinals(the_set):
            pod = pods.get(ordinal)
            if pod is not None and is_finished(pod) and not is_deleted(pod):
                await self._cluster.delete(POD, pod)
                self._note(
                    the_set, "RecreatingFailedPod", f"StatefulSet {pod['metadata']['name']} is recreating failed Pod"
                )
                return False
            if pod is None:
                revision = current if _wants_current(the_set, ordinal) else update
                await self._create(the_set, ordinal, revision)
                if _is_ordered(the_set):
                    return False
            elif _is_ordered(the_set) and not is_healthy(the_set, pod):
                return False
        return True

    async def _create(self, the_set: Object, ordinal: int, revision: Object) -> None:
        meta, spec = the_set["metadata"], the_set["spec"]
        name = f"{meta['name']}-{ordinal}"
        for template in spec.get("volumeClaimTemplates") or []:
            await self._create_claim(the_set, template, name)
        labels = {
            REVISION_LABEL: hash_of(revision),
            "statefulset.kubernetes.io/pod-name": name,
            "apps.kubernetes.io/pod-index": str(ordinal),
        }
        pod = from_template(template_of(revision), STATEFUL_SET, the_set, labels)
        pod["metadata"]["name"] = name
        pod["spec"]["hostname"] = name
        if spec.get("serviceName"):
            pod["spec"]["subdomain"] = spec["serviceName"]
        claims = {template["metadata"]["name"]: template for template in spec.get("volumeClaimTemplates") or []}
        volumes = [v for v in pod["spec"].get("volumes") or [] if v["name"] not in claims]
        volumes += [{"name": c, "persistentVolumeClaim": {"claimName": f"{c}-{name}"}} for c in claims]
        pod["spec"]["volumes"] = volumes
        await self._cluster.create(POD, pod)
        self._note(the_set, "SuccessfulCreate", f"create Pod {name} in StatefulSet {meta['name']} successful")

    async def _create_claim(self, the_set: Object, template: Object, pod: str) -> None:
        meta = the_set["metadata"]
        name = f"{template['metadata']['name']}-{pod}"
        if self._cluster.informer(PERSISTENT_VOLUME_CLAIM).get(meta["namespace"], name):
            return
        labels = {
            **(template["metadata"].get("labels") or {}),
            **(the_set["spec"]["selector"].get("matchLabels") or {}),
        }
        claim_meta = {"name": name, "namespace": meta["namespace"], "labels": labels}
        claim_meta["annotations"] = dict(template["metadata"].get("annotations") or {})
        await self._cluster.create(PERSISTENT_VOLUME_CLAIM, {"metadata": claim_meta, "spec": template["spec"]})
        message = f"create Claim {name} Pod {pod} in StatefulSet {meta['name']} success"
        self._note(the_set, "SuccessfulCreate", message)

    async def _shrink(self, the_set: Object, pods: dict[int, Object]) -> bool:
        """Delete pods beyond the replicas, the highest first; True when there are none."""
        wanted = set(_ordinals(the_set))
        surplus = sorted((ordinal for ordinal in pods if ordinal not in wanted), reverse=True)
        for ordinal in surplus:
            if not is_deleted(pods[ordinal]):
                await self._delete(the_set, pods[ordinal])
            if _is_ordered(the_set):
                break
        return not surplus

    async def _update(self, the_set: Object, pods: dict[int, Object], update: Object) -> None:
        """Delete the highest pod of an old revision, once all above it are healthy."""
        strategy = the_set["spec"].get("updateStrategy") or {}
        if strategy.get("type") == "OnDelete":
            return
        partition = int((strategy.get("rollingUpdate") or {}).get("partition") or 0)
        for ordinal in sorted(_ordinals(the_set), reverse=True):
            pod = pods.get(ordinal)
            if ordinal < partition or pod is None:
                return
            if revision_of(pod) != hash_of(update) and not is_deleted(pod):
                await self._delete(the_set, pod)
                return
            if not is_healthy(the_set, pod):
                return

    async def _delete(self, the_set: Object, pod: Object) -> None:
        await self._cluster.delete(POD, pod)
        set_name, name = the_set["metadata"]["name"], pod["metadata"]["name"]
        self._note(the_set, "SuccessfulDelete", f"delete Pod {name} in StatefulSet {set_name} successful")

    def _note(self, the_set: Object, reason: str, message: str) -> None:
        self._cluster.events.note(the_set, reason, message, component=self.name)


def _ordinals(the_set: Object) -> range:
    spec = the_set["spec"]
    first = int((spec.get("ordinals") or {}).get("start") or 0)
    return range(first, first + int(spec.get("replicas", 1)))


def _is_ordered(the_set: Object) -> bool:
    return bool(the_set["spec"].get("podManagementPolicy", "OrderedReady") == "OrderedReady")


def _wants_current(the_set: Object, ordinal: int) -> bool:
    """A pod that comes back in the middle of an update keeps the revision that its ordinal still has."""
    strategy = the_set["spec"].get("updateStrategy") or {}
    if strategy.get("type") == "OnDelete":
        return False
    first = _ordinals(the_set).start
    partition = (strategy.get("rollingUpdate") or {}).get("partition")
    if partition:
        return ordinal < first + int(partition)
    return ordinal < first + int((the_set.get("status") or {}).get("currentReplicas") or 0)
