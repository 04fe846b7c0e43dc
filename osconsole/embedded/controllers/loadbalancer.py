"""Addresses for Services of type LoadBalancer, as MetalLB gives them: the one asked for, or the next free of a pool."""

import ipaddress
from collections.abc import Iterable

from osconsole.embedded.client import Object
from osconsole.embedded.controllers.pods import is_deleted
from osconsole.embedded.informer import Key, key_of
from osconsole.embedded.kinds import SERVICE, Kind
from osconsole.embedded.view import Cluster

_PREFIXES = ("metallb.universe.tf/", "metallb.io/")
# The networks of the control plane's sample NetConfig; each pool starts where its static ranges do.
_POOLS = {"ctlplane": "192.168.122.80", "internalapi": "172.17.0.80", "storage": "172.18.0.80", "tenant": "172.19.0.80"}
_DEFAULT_POOL, _POOL_SIZE = "ctlplane", 11


class LoadBalancers:
    """Gives each LoadBalancer Service its address, once."""

    name = "loadbalancer-controller"
    watches = (SERVICE,)
    # One at a time: each address is free until it is written.
    workers = 1

    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster

    def keys(self, kind: Kind, obj: Object) -> Iterable[Key]:
        """Services that have, or had, something to do with it."""
        is_concerned = obj["spec"].get("type") == "LoadBalancer" or (obj.get("status") or {}).get("loadBalancer")
        return [key_of(obj)] if kind == SERVICE and is_concerned else []

    async def reconcile(self, key: Key) -> float | None:
        """Write `status.loadBalancer.ingress`."""
        service = self._cluster.informer(SERVICE).get(*key)
        if service is None or is_deleted(service):
            return None
        status = service.get("status") or {}
        have = [entry["ip"] for entry in (status.get("loadBalancer") or {}).get("ingress") or [] if "ip" in entry]
        if service["spec"].get("type") != "LoadBalancer":
            wanted: list[str] = []
        else:
            wanted = _asked_for(service) or have or self._next_free(service)
        if wanted == have:
            return None
        balancer = {"ingress": [{"ip": address, "ipMode": "VIP"} for address in wanted]} if wanted else {}
        await self._cluster.set_status(SERVICE, service, {**status, "loadBalancer": balancer})
        if wanted:
            message = f"Assigned IP {wanted}"
            self._cluster.events.note(service, "IPAllocated", message, component="metallb-controller")
        return None

    def _next_free(self, service: Object) -> list[str]:
        taken = {
            entry.get("ip")
            for other in self._cluster.informer(SERVICE).all()
            for entry in ((other.get("status") or {}).get("loadBalancer") or {}).get("ingress") or []
        }
        pool = _annotation(service, "address-pool") or _DEFAULT_POOL
        first = ipaddress.IPv4Address(_POOLS.get(pool, _POOLS[_DEFAULT_POOL]))
        free = (str(first + number) for number in range(_POOL_SIZE) if str(first + number) not in taken)
        address = next(free, None)
        if address is None:
            message = f'Failed to allocate IP for "{"/".join(key_of(service))}": no available IPs in pool {pool}'
            self._cluster.events.note(
                service, "AllocationFailed", message, warning=True, component="metallb-controller"
            )
        return [address] if address else []


def _annotation(service: Object, name: str) -> str:
    annotations = service["metadata"].get("annotations") or {}
    return next((annotations[prefix + name] for prefix in _PREFIXES if prefix + name in annotations), "")


def _asked_for(service: Object) -> list[str]:
    asked = _annotation(service, "loadBalancerIPs") or service["spec"].get("loadBalancerIP") or ""
    return [part.strip() for part in asked.split(",") if part.strip()]
