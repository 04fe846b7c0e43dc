"""Endpoints and EndpointSlices: the ready pods behind each Service."""

from collections.abc import Iterable

from osconsole.embedded.client import Object
from osconsole.embedded.controllers.pods import is_deleted, is_finished, is_ready, owner_reference
from osconsole.embedded.controllers.revisions import short_hash
from osconsole.embedded.informer import Key, key_of
from osconsole.embedded.kinds import ENDPOINT_SLICE, ENDPOINTS, POD, SERVICE, Kind
from osconsole.embedded.view import Cluster
from osconsole.errors import Conflict

_MANAGED = "endpointslice.kubernetes.io/managed-by"


class ServiceEndpoints:
    """One Endpoints object and one EndpointSlice per Service that has a selector."""

    name = "endpoint-controller"
    watches = (SERVICE, POD, ENDPOINTS, ENDPOINT_SLICE)
    workers = 4

    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster

    def keys(self, kind: Kind, obj: Object) -> Iterable[Key]:
        """The Service, or every Service that selects the pod."""
        if kind == POD:
            labels = (obj["metadata"].get("labels") or {}).items()
            services = self._cluster.informer(SERVICE).in_namespace(obj["metadata"]["namespace"])
            services = [service for service in services if service["spec"].get("selector")]
            return [key_of(service) for service in services if service["spec"]["selector"].items() <= labels]
        return [key_of(obj)] if kind == SERVICE else []

    async def reconcile(self, key: Key) -> float | None:
        """Write both objects where they differ from the pods."""
        service = self._cluster.informer(SERVICE).get(*key)
        if service is None:
            endpoints = self._cluster.informer(ENDPOINTS).get(*key)
            if endpoints is not None:
                await self._cluster.delete(ENDPOINTS, endpoints)
            return None
        selector = service["spec"].get("selector")
        if not selector or is_deleted(service):
            return None
        pods = [
            pod
            for pod in self._cluster.informer(POD).in_namespace(key[0])
            if selector.items() <= (pod["metadata"].get("labels") or {}).items()
            and (pod.get("status") or {}).get("podIP")
            and not is_finished(pod)
            and not is_deleted(pod)
        ]
        pods.sort(key=lambda pod: str(pod["metadata"]["name"]))
        await self._put(ENDPOINTS, _endpoints(service, pods), "subsets")
        await self._put(ENDPOINT_SLICE, _slice(service, pods), "endpoints")
        return None

    async def _put(self, kind: Kind, wanted: Object, content: str) -> None:
        meta = wanted["metadata"]
        current = self._cluster.informer(kind).get(meta["namespace"], meta["name"])
        if current is None:
            try:
                await self._cluster.create(kind, wanted)
            except Conflict:
                # It came into being a moment ago; the watch brings it, and this key, back.
                return
        elif (current.get(content) or []) != wanted[content] or (current.get("ports") or []) != (
            wanted.get("ports") or []
        ):
            await self._cluster.replace(kind, {**current, **wanted, "metadata": {**current["metadata"], **meta}})


def _target(pod: Object) -> Object:
    meta = pod["metadata"]
    return {"kind": "Pod", "namespace": meta["namespace"], "name": meta["name"], "uid": meta["uid"]}


def _is_served(service: Object, pod: Object) -> bool:
    return is_ready(pod) or bool(service["spec"].get("publishNotReadyAddresses"))


def _ports(service: Object, pods: list[Object]) -> list[Object]:
    """The Service's ports as the pods' ports, in the order of fields that the server gives back."""
    found = []
    for port in service["spec"].get("ports") or []:
        number = _container_port(port, pods)
        if number is not None:
            found.append({"name": port.get("name", ""), "port": number, "protocol": port.get("protocol", "TCP")})
    return found


def _container_port(port: Object, pods: list[Object]) -> int | None:
    target = port.get("targetPort") or port["port"]
    if not isinstance(target, str):
        return int(target)
    for pod in pods:
        for container in pod["spec"]["containers"]:
            for candidate in container.get("ports") or []:
                if candidate.get("name") == target:
                    return int(candidate["containerPort"])
    return None


def _endpoints(service: Object, pods: list[Object]) -> Object:
    meta = service["metadata"]
    served = {True: [], False: []}  # type: dict[bool, list[Object]]
    for pod in pods:
        address = {"ip": pod["status"]["podIP"], "nodeName": pod["spec"].get("nodeName", ""), "targetRef": _target(pod)}
        if pod["spec"].get("hostname") and pod["spec"].get("subdomain") == meta["name"]:
            address["hostname"] = pod["spec"]["hostname"]
        served[_is_served(service, pod)].append(address)
    subset: Object = {}
    if served[True]:
        subset["addresses"] = served[True]
    if served[False]:
        subset["notReadyAddresses"] = served[False]
    ports = [{k: v for k, v in port.items() if v} for port in _ports(service, pods)]
    if ports:
        subset["ports"] = ports
    labels = {**(meta.get("labels") or {}), "endpoints.kubernetes.io/managed-by": "endpoint-controller"}
    return {
        "metadata": {"name": meta["name"], "namespace": meta["namespace"], "labels": labels},
        "subsets": [subset] if pods else [],
    }


def _slice(service: Object, pods: list[Object]) -> Object:
    meta = service["metadata"]
    endpoints = []
    for pod in pods:
        ready = _is_served(service, pod)
        endpoint: Object = {
            "addresses": [pod["status"]["podIP"]],
            "conditions": {"ready": ready, "serving": ready, "terminating": False},
            "nodeName": pod["spec"].get("nodeName", ""),
            "targetRef": _target(pod),
        }
        if pod["spec"].get("hostname") and pod["spec"].get("subdomain") == meta["name"]:
            endpoint["hostname"] = pod["spec"]["hostname"]
        endpoints.append(endpoint)
    labels = {**(meta.get("labels") or {}), "kubernetes.io/service-name": meta["name"]}
    labels[_MANAGED] = "endpointslice-controller.k8s.io"
    return {
        "metadata": {
            "name": f"{meta['name']}-{short_hash(meta['uid'], 5)}",
            "namespace": meta["namespace"],
            "labels": labels,
            "ownerReferences": [owner_reference(SERVICE, service)],
        },
        "addressType": "IPv4",
        "endpoints": endpoints,
        "ports": _ports(service, pods),
    }
