"""What every namespace has from its first moment: the default ServiceAccount and the cluster's CA."""

from collections.abc import Iterable

from osconsole.embedded.client import Object
from osconsole.embedded.controllers.pods import is_deleted
from osconsole.embedded.informer import Key
from osconsole.embedded.kinds import CONFIG_MAP, NAMESPACE, SERVICE_ACCOUNT, Kind
from osconsole.embedded.view import Cluster
from osconsole.errors import Conflict

_CA = "kube-root-ca.crt"


class Accounts:
    """Creates `default` and `kube-root-ca.crt` where they are missing."""

    name = "serviceaccount-controller"
    watches = (NAMESPACE, SERVICE_ACCOUNT, CONFIG_MAP)
    workers = 2

    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster

    def keys(self, kind: Kind, obj: Object) -> Iterable[Key]:
        """The namespace, as it comes or as one of its two objects goes."""
        meta = obj["metadata"]
        if kind == NAMESPACE:
            return [("", meta["name"])]
        return [("", meta["namespace"])] if meta["name"] in ("default", _CA) else []

    async def reconcile(self, key: Key) -> float | None:
        """Create what is missing."""
        namespace = self._cluster.informer(NAMESPACE).get(*key)
        if namespace is None or is_deleted(namespace):
            return None
        meta = {"namespace": key[1]}
        await self._ensure(SERVICE_ACCOUNT, {"metadata": {**meta, "name": "default"}})
        data = {"ca.crt": self._cluster.client.authority}
        await self._ensure(CONFIG_MAP, {"metadata": {**meta, "name": _CA}, "data": data})
        return None

    async def _ensure(self, kind: Kind, obj: Object) -> None:
        meta = obj["metadata"]
        if self._cluster.informer(kind).get(meta["namespace"], meta["name"]) is None:
            try:
                await self._cluster.create(kind, obj)
            except Conflict:
                return
