"""Namespaces on their way out: everything in them goes first, then their finalizer."""

from collections.abc import Iterable

from osconsole.embedded.client import Object
from osconsole.embedded.controllers.pods import is_deleted
from osconsole.embedded.discovery import served_kinds
from osconsole.embedded.informer import Key, key_of
from osconsole.embedded.kinds import EVENT, NAMESPACE, Kind
from osconsole.embedded.view import Cluster
from osconsole.errors import NotFound

_LOOK_AGAIN_S = 0.3
_FINALIZER = "kubernetes"


class Namespaces:
    """Empties terminating namespaces by discovery."""

    name = "namespace-controller"
    watches = (NAMESPACE,)
    workers = 2

    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster

    def keys(self, kind: Kind, obj: Object) -> Iterable[Key]:
        """A namespace that somebody wants gone."""
        return [key_of(obj)] if kind == NAMESPACE and is_deleted(obj) else []

    async def reconcile(self, key: Key) -> float | None:
        """Delete what is left; finalize once nothing is."""
        namespace = self._cluster.informer(NAMESPACE).get(*key)
        if namespace is None or not is_deleted(namespace):
            return None
        if _FINALIZER not in (namespace["spec"].get("finalizers") or []):
            return None
        left = 0
        for kind in await served_kinds(self._cluster.client):
            if kind.namespaced:
                left += await self._empty(kind, key[1])
        if left:
            return _LOOK_AGAIN_S
        await self._empty(EVENT, key[1])
        kept = [name for name in namespace["spec"]["finalizers"] if name != _FINALIZER]
        body = {**namespace, "spec": {**namespace["spec"], "finalizers": kept}}
        await self._cluster.client.request("PUT", NAMESPACE.path("", key[1], "finalize"), body=body)
        return None

    async def _empty(self, kind: Kind, namespace: str) -> int:
        """Ask for the deletion of every object of a kind; how many there were."""
        found, _ = await self._cluster.client.list(kind, namespace, metadata_only=True)
        for obj in found:
            if is_deleted(obj):
                continue
            try:
                await self._cluster.client.delete(kind, key_of(obj), uid=obj["metadata"]["uid"])
            except NotFound:
                continue
        return len(found)
