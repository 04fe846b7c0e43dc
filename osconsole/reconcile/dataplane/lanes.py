"""Which services a Deployment runs on which NodeSet: one lane for each NodeSet, in the order of the spec."""

from collections.abc import Iterable
from typing import Any

import msgspec

from osconsole.model.resource import Resource
from osconsole.reconcile.dataplane import services
from osconsole.reconcile.dataplane.services import Service
from osconsole.reconcile.decide import World


class Lane(msgspec.Struct, frozen=True):
    """One NodeSet and what runs on it, in order; `unknown` are names that no service has."""

    nodeset: Resource
    services: tuple[Service, ...]
    unknown: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """The NodeSet's name."""
        return self.nodeset.ref.name


def lanes(spec: dict[str, Any], nodesets: Iterable[Resource], world: World) -> list[Lane]:
    """The lanes. Of services with the same edpmServiceType only the first runs; a global one only in its first lane."""
    everywhere: set[str] = set()
    out = []
    for nodeset in nodesets:
        names = list(spec.get("servicesOverride") or nodeset.get("spec", "services", default=[]))
        found = {name: services.find(world, nodeset.ref.namespace, name) for name in names}
        unknown = tuple(name for name, service in found.items() if service is None)
        kept = _distinct([service for service in found.values() if service])
        mine = tuple(service for service in kept if service.name not in everywhere)
        everywhere |= {service.name for service in mine if service.everywhere}
        out.append(Lane(nodeset, mine, unknown))
    return out


def _distinct(found: list[Service]) -> list[Service]:
    first: dict[str, Service] = {}
    for service in found:
        first.setdefault(service.type, service)
    return list(first.values())
