"""PersistentVolumeClaims get a volume of their own; volumes go with their claims where the policy says so."""

from collections.abc import Iterable

from osconsole.embedded.client import Object
from osconsole.embedded.controllers.pods import is_deleted, is_finished
from osconsole.embedded.informer import Key, key_of
from osconsole.embedded.kinds import PERSISTENT_VOLUME, PERSISTENT_VOLUME_CLAIM, POD, STORAGE_CLASS, Kind
from osconsole.embedded.view import Cluster
from osconsole.errors import Conflict

_CLAIM_HOLD, _VOLUME_HOLD = "kubernetes.io/pvc-protection", "kubernetes.io/pv-protection"
_PROVISIONER = "osconsole.io/sandbox"


class Claims:
    """Makes and binds a volume for each claim."""

    name = "persistentvolume-controller"
    watches = (PERSISTENT_VOLUME_CLAIM, PERSISTENT_VOLUME, POD, STORAGE_CLASS)
    workers = 2

    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster

    def keys(self, kind: Kind, obj: Object) -> Iterable[Key]:
        """The claim itself, that of the volume, or those that a pod uses."""
        if kind == PERSISTENT_VOLUME_CLAIM:
            return [key_of(obj)]
        if kind == PERSISTENT_VOLUME:
            claim = obj["spec"].get("claimRef")
            return [(claim["namespace"], claim["name"])] if claim else []
        if kind == POD and (is_deleted(obj) or is_finished(obj)):
            return [(obj["metadata"]["namespace"], name) for name in _claim_names(obj)]
        return []

    async def reconcile(self, key: Key) -> float | None:
        """Bind the claim, or let it go."""
        claim = self._cluster.informer(PERSISTENT_VOLUME_CLAIM).get(*key)
        if claim is None or is_deleted(claim):
            if claim is not None and not self._is_used(key):
                await self._unhold(PERSISTENT_VOLUME_CLAIM, claim, _CLAIM_HOLD)
            await self._release(key)
            return None
        claim = await self._hold(claim)
        uid = claim["metadata"]["uid"]
        name = claim["spec"].get("volumeName") or f"pvc-{uid}"
        volume = self._cluster.informer(PERSISTENT_VOLUME).get("", name)
        if volume is None:
            try:
                volume = await self._cluster.create(PERSISTENT_VOLUME, self._volume(claim, name))
            except Conflict:
                return 0.1
            message = f"Successfully provisioned volume {name}"
            self._cluster.events.note(claim, "ProvisioningSucceeded", message, component=_PROVISIONER)
        if (volume.get("status") or {}).get("phase") != "Bound":
            status = {**(volume.get("status") or {}), "phase": "Bound"}
            await self._cluster.set_status(PERSISTENT_VOLUME, volume, status)
        if not claim["spec"].get("volumeName"):
            annotations = {"pv.kubernetes.io/bind-completed": "yes", "pv.kubernetes.io/bound-by-controller": "yes"}
            patch = {"metadata": {"annotations": annotations}, "spec": {"volumeName": name}}
            claim = await self._cluster.patch(PERSISTENT_VOLUME_CLAIM, claim, patch)
        status = {
            **(claim.get("status") or {}),
            "phase": "Bound",
            "accessModes": claim["spec"].get("accessModes") or [],
            "capacity": volume["spec"]["capacity"],
        }
        await self._cluster.set_status(PERSISTENT_VOLUME_CLAIM, claim, status)
        return None

    def _volume(self, claim: Object, name: str) -> Object:
        meta, spec = claim["metadata"], claim["spec"]
        wanted = spec.get("storageClassName") or ""
        classes = {c["metadata"]["name"]: c for c in self._cluster.informer(STORAGE_CLASS).all()}
        policy = (classes.get(wanted) or {}).get("reclaimPolicy") or "Delete"
        return {
            "metadata": {"name": name, "annotations": {"pv.kubernetes.io/provisioned-by": _PROVISIONER}},
            "spec": {
                "capacity": {"storage": ((spec.get("resources") or {}).get("requests") or {}).get("storage", "1Gi")},
                "accessModes": spec.get("accessModes") or ["ReadWriteOnce"],
                "persistentVolumeReclaimPolicy": policy,
                "storageClassName": wanted,
                "volumeMode": spec.get("volumeMode") or "Filesystem",
                "hostPath": {"path": f"/var/lib/osconsole/{name}"},
                "claimRef": {
                    "apiVersion": "v1",
                    "kind": "PersistentVolumeClaim",
                    "namespace": meta["namespace"],
                    "name": meta["name"],
                    "uid": meta["uid"],
                },
            },
        }

    def _is_used(self, key: Key) -> bool:
        pods = self._cluster.informer(POD).in_namespace(key[0])
        return any(key[1] in _claim_names(pod) and not is_finished(pod) for pod in pods)

    async def _release(self, key: Key) -> None:
        """Volumes whose claim is gone: deleted, or kept and marked Released."""
        claim = self._cluster.informer(PERSISTENT_VOLUME_CLAIM).get(*key)
        for volume in self._cluster.informer(PERSISTENT_VOLUME).all():
            reference = volume["spec"].get("claimRef") or {}
            same = (reference.get("namespace"), reference.get("name")) == key
            if not same or (claim is not None and claim["metadata"]["uid"] == reference.get("uid")):
                continue
            if is_deleted(volume):
                await self._unhold(PERSISTENT_VOLUME, volume, _VOLUME_HOLD)
            elif volume["spec"].get("persistentVolumeReclaimPolicy") == "Delete":
                await self._cluster.delete(PERSISTENT_VOLUME, volume)
            elif (volume.get("status") or {}).get("phase") != "Released":
                status = {**(volume.get("status") or {}), "phase": "Released"}
                await self._cluster.set_status(PERSISTENT_VOLUME, volume, status)

    async def _hold(self, claim: Object) -> Object:
        """A claim must not go while a pod uses it; some API servers see to that at creation."""
        held = claim["metadata"].get("finalizers") or []
        if _CLAIM_HOLD in held:
            return claim
        patch = {"metadata": {"uid": claim["metadata"]["uid"], "finalizers": [*held, _CLAIM_HOLD]}}
        return await self._cluster.patch(PERSISTENT_VOLUME_CLAIM, claim, patch)

    async def _unhold(self, kind: Kind, obj: Object, finalizer: str) -> None:
        held = obj["metadata"].get("finalizers") or []
        if finalizer in held:
            kept = [name for name in held if name != finalizer]
            await self._cluster.patch(kind, obj, {"metadata": {"uid": obj["metadata"]["uid"], "finalizers": kept}})


def _claim_names(pod: Object) -> set[str]:
    volumes = pod["spec"].get("volumes") or []
    return {v["persistentVolumeClaim"]["claimName"] for v in volumes if v.get("persistentVolumeClaim")}
