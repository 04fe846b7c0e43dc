"""Pod addresses: one per pod out of 10.128.0.0/14, kept as long as the pod lives. Nothing listens there."""

import hashlib
import ipaddress

from osconsole.embedded.client import Object
from osconsole.embedded.informer import Informer

_FIRST = int(ipaddress.IPv4Address("10.128.0.2"))
_COUNT = 2**18 - 4


class Addresses:
    """Gives and remembers; after a restart of the agent the pods' status is the memory."""

    def __init__(self, pods: Informer) -> None:
        self._by_uid: dict[str, str] = {}
        self._taken: set[str] = set()
        pods.subscribe(self._seen)

    def _seen(self, _old: Object | None, pod: Object | None) -> None:
        address = (pod.get("status") or {}).get("podIP") if pod else None
        if pod is not None and address:
            self._by_uid.setdefault(pod["metadata"]["uid"], address)
            self._taken.add(address)

    def of(self, pod: Object) -> str:
        """The address of a pod."""
        uid = pod["metadata"]["uid"]
        if uid not in self._by_uid:
            number = int.from_bytes(hashlib.sha256(uid.encode()).digest()[:4])
            while (address := str(ipaddress.IPv4Address(_FIRST + number % _COUNT))) in self._taken:
                number += 1
            self._by_uid[uid] = address
            self._taken.add(address)
        return self._by_uid[uid]

    def free(self, uid: str) -> None:
        """The pod is gone."""
        address = self._by_uid.pop(uid, None)
        if address:
            self._taken.discard(address)
