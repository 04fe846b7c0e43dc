"""Services (of Kubernetes) in front of a service's pods, as its template overrides them."""

from collections.abc import Iterable
from typing import Any

import msgspec

from osconsole.model.resource import Resource, dig
from osconsole.reconcile.controlplane.objects import made, merged
from osconsole.reconcile.controlplane.pods import filled
from osconsole.reconcile.controlplane.walk import Walk

INGRESS = "core.openstack.org/ingress_create"
HOSTNAME = "dnsmasq.network.openstack.org/hostname"


class Endpoints(msgspec.Struct, frozen=True):
    """Service `prefix`-internal and -public on `port`; `override` is the path of what the template says about them.

    `single` leaves out the level of internal and public below the override. The URLs become the facts `internal` and
    `public`.
    """

    prefix: str
    port: int
    labels: dict[str, str]
    kinds: tuple[str, ...] = ("internal", "public")
    override: tuple[str, ...] = ("override", "service")
    single: bool = False
    extra: dict[str, str] = {}
    path: str = ""
    conditions: tuple[str, ...] = ("CreateServiceReady",)

    def run(self, walk: Walk) -> bool:
        """Make them, and wait until those of type LoadBalancer have an address."""
        pending = []
        for kind in self.kinds:
            name = walk.fill(f"{self.prefix}-{kind}")
            override = walk.get(*self.override, *(() if self.single else (kind,)), default={})
            body = self._body(walk, name, kind, override)
            found = walk.ensure(body)
            walk.facts[kind] = url(walk, name, self.port, override) + self.path
            if body["spec"]["type"] == "LoadBalancer" and not (found and ingress(found)):
                pending.append(name)
        if pending:
            why = f"resource is not ready: {pending[0]} LoadBalancer IP still pending"
            return walk.failed(self.conditions[0], why)
        return walk.ok(self.conditions[0])

    def _body(self, walk: Walk, name: str, kind: str, override: dict[str, Any]) -> dict[str, Any]:
        selector = filled(self.labels, walk)
        labels = {**selector, "endpoint": kind, **filled(self.extra, walk)}
        spec = dig(override, "spec", default={})
        balanced = spec.get("type") == "LoadBalancer"
        annotations = {"endpoint": kind, INGRESS: "true" if kind == "public" and not balanced else "false"}
        if balanced:
            annotations[HOSTNAME] = f"{name}.{walk.namespace}.svc"
        given = dig(override, "metadata", default={})
        return made(
            walk.me,
            "Service",
            name,
            merged(labels, given.get("labels")),
            merged(annotations, given.get("annotations")),
            spec=merged(
                {"type": "ClusterIP", "selector": selector, "ports": [port(name, self.port)]},
                spec,
            ),
        )


def port(name: str, number: int, target: int = 0, protocol: str = "TCP") -> dict[str, Any]:
    """One port of a Service."""
    return {"name": name, "protocol": protocol, "port": number, "targetPort": target or number}


def ports(numbers: dict[str, int]) -> list[dict[str, Any]]:
    """Ports by their names."""
    return [port(name, number) for name, number in numbers.items()]


def url(walk: Walk, name: str, number: int, override: dict[str, Any]) -> str:
    """Where clients reach a Service; the template may name another place."""
    given = override.get("endpointURL")
    return given if given else f"http://{name}.{walk.namespace}.svc:{number}"


def ingress(found: Resource) -> list[str]:
    """The addresses that a load balancer has given a Service."""
    entries: Iterable[dict[str, str]] = found.get("status", "loadBalancer", "ingress", default=None) or ()
    return [e.get("ip") or e.get("hostname", "") for e in entries]


class Headless(msgspec.Struct, frozen=True):
    """A Service without an address of its own, by which the pods of a StatefulSet know each other."""

    name: str
    ports: dict[str, int]
    selector: dict[str, str]
    labels: dict[str, str] = {}
    early: bool = True
    conditions: tuple[str, ...] = ()

    def run(self, walk: Walk) -> bool:
        """Make it; nothing waits for it."""
        spec: dict[str, Any] = {
            "type": "ClusterIP",
            "clusterIP": "None",
            "selector": filled(self.selector, walk),
            "ports": ports(self.ports),
        }
        if self.early:
            spec["publishNotReadyAddresses"] = True
        walk.ensure(made(walk.me, "Service", walk.fill(self.name), filled(self.labels, walk), spec=spec))
        return True
