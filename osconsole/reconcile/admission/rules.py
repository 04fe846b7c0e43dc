"""OpenStackControlPlane: what its webhook refuses, and what it warns of."""

import re
from collections.abc import Iterator
from typing import Any

from osconsole.reconcile.admission.controlplane import ENABLED
from osconsole.reconcile.admission.paths import dotted, found, path
from osconsole.reconcile.admission.verdict import Context, Problem, name

RECONCILED = {
    *("dns", "galera", "rabbitmq", "memcached", "ovn", "keystone", "placement", "glance", "neutron", "nova"),
}
_NEEDS = {
    "keystone": "galera memcached rabbitmq",
    "placement": "galera memcached keystone",
    "glance": "galera memcached keystone",
    "horizon": "galera memcached keystone",
    "cinder": "galera memcached rabbitmq keystone",
    "neutron": "galera memcached rabbitmq keystone",
    "heat": "galera memcached rabbitmq keystone",
    "nova": "galera memcached rabbitmq keystone placement neutron glance",
    "swift": "memcached keystone",
    "barbican": "galera keystone",
    "octavia": "galera memcached rabbitmq keystone neutron glance nova",
    "watcher": "galera memcached rabbitmq keystone telemetry",
}
_CELL = re.compile(r"^[a-zA-Z0-9]([a-zA-Z0-9-]*[a-zA-Z0-9])?$")
_LONGEST_CELL = 35
_MOST = 32


def problems(obj: dict[str, Any], old: dict[str, Any] | None, context: Context) -> list[Problem]:
    """Reasons to refuse a defaulted control plane; `old` is what is stored, None for a new one."""
    spec = obj.get("spec") or {}
    before = (old or {}).get("spec") or {}
    return [
        *_single(obj, context),
        *_dependencies(spec),
        *_replicas(spec),
        *_rabbitmq(spec, before),
        *_nova(spec),
        *_glance(spec, before),
        *_overrides(spec),
        *_topologies(obj),
        *_buses(spec),
    ]


def warnings(obj: dict[str, Any]) -> list[str]:
    """What is accepted, and still worth a look."""
    spec = obj.get("spec") or {}
    out = []
    for where, replicas in found(spec, path("galera templates * replicas")):
        if isinstance(replicas, int) and replicas and replicas % 2 == 0:
            out.append(f"{dotted(where)}: {replicas} members have no more quorum than {replicas - 1}: use 1 or 3")
    out += [
        f"{service}.enabled: nobody reconciles {service} here yet; its settings are kept"
        for service in ENABLED
        if service not in RECONCILED and (spec.get(service) or {}).get("enabled")
    ]
    return out


def _single(obj: dict[str, Any], context: Context) -> Iterator[Problem]:
    if others := context.others(obj):
        yield Problem("metadata.name", f"OpenStackControlPlane {name(others[0])} is there already: one per namespace")
    for version in context.all("OpenStackVersion"):
        if name(version) != name(obj):
            yield Problem("metadata.name", f"must be '{name(version)}', the name of the OpenStackVersion that is there")


def _dependencies(spec: dict[str, Any]) -> Iterator[Problem]:
    on = {service for service in ENABLED if (spec.get(service) or {}).get("enabled")}
    needs = {**_NEEDS, **_telemetry(spec)}
    for service in ENABLED:
        missing = [other for other in needs.get(service, "").split() if other not in on] if service in on else []
        if missing:
            yield Problem(
                f"spec.{service}.enabled", f"{service} requires these services to be enabled: {', '.join(missing)}"
            )


def _telemetry(spec: dict[str, Any]) -> dict[str, str]:
    """What telemetry needs depends on which of its parts are on."""
    template = (spec.get("telemetry") or {}).get("template") or {}
    needs: set[str] = set()
    for part, what in (
        ("autoscaling", "galera heat rabbitmq keystone"),
        ("ceilometer", "rabbitmq keystone"),
        ("cloudkitty", "rabbitmq keystone"),
    ):
        if (template.get(part) or {}).get("enabled"):
            needs |= set(what.split())
    return {"telemetry": " ".join(sorted(needs))} if needs else {}


def _replicas(spec: dict[str, Any]) -> Iterator[Problem]:
    """Bounds of services that are not described field by field; the others are checked by `fields`."""
    for service in set(ENABLED) - RECONCILED:
        for where, replicas in _named(spec.get(service), "replicas", (service,)):
            most = 1 if "cinderVolumes" in where or "ironicInspector" in where else _MOST
            if isinstance(replicas, int) and not 0 <= replicas <= most:
                yield Problem(f"spec.{dotted(where)}", f"found {replicas}, expected 0 to {most}")


def _named(value: Any, key: str, at: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], Any]]:
    items = enumerate(value) if isinstance(value, list) else value.items() if isinstance(value, dict) else ()
    for inner, member in items:
        if inner == key:
            yield (*at, key), member
        else:
            yield from _named(member, key, (*at, str(inner)))


def _rabbitmq(spec: dict[str, Any], before: dict[str, Any]) -> Iterator[Problem]:
    was = dict(found(before, path("rabbitmq templates * replicas")))
    for where, replicas in found(spec, path("rabbitmq templates * replicas")):
        if isinstance(replicas, int) and replicas < was.get(where, 0):
            yield Problem(
                f"spec.{dotted(where)}",
                f"RabbitMQ cannot go from {was[where]} to {replicas} members: they must be forgotten by hand first",
            )


def _nova(spec: dict[str, Any]) -> Iterator[Problem]:
    nova = spec.get("nova") or {}
    cells: dict[str, Any] = (nova.get("template") or {}).get("cellTemplates") or {}
    where = "spec.nova.template.cellTemplates"
    if not nova.get("enabled"):
        return
    if "cell0" not in cells:
        yield Problem(where, "cell0 is required")
    buses: dict[str, str] = {}
    top = ((nova.get("template") or {}).get("metadataServiceTemplate") or {}).get("enabled")
    for cell_name, cell in cells.items():
        if len(cell_name) > _LONGEST_CELL or not _CELL.match(cell_name):
            yield Problem(f"{where}.{cell_name}", f"is no cell name: letters, digits, '-', at most {_LONGEST_CELL}")
        if top and (cell.get("metadataServiceTemplate") or {}).get("enabled"):
            yield Problem(f"{where}.{cell_name}.metadataServiceTemplate.enabled", "metadata runs on the top already")
        conductors = (cell.get("conductorServiceTemplate") or {}).get("replicas", 1)
        bus = (cell.get("messagingBus") or {}).get("cluster") if conductors else None
        if bus and bus in buses:
            yield Problem(
                f"{where}.{cell_name}.messagingBus.cluster", f"RabbitMQ {bus} is used by {buses[bus]} already"
            )
        elif bus:
            buses[bus] = cell_name


def _glance(spec: dict[str, Any], before: dict[str, Any]) -> Iterator[Problem]:
    template = (spec.get("glance") or {}).get("template") or {}
    apis = template.get("glanceAPIs") or {}
    endpoint = template.get("keystoneEndpoint")
    if (spec.get("glance") or {}).get("enabled") and apis and endpoint and endpoint not in apis:
        yield Problem("spec.glance.template.keystoneEndpoint", f"there is no API '{endpoint}' in glanceAPIs")
    was = ((before.get("glance") or {}).get("template") or {}).get("glanceAPIs") or {}
    for api, settings in apis.items():
        old = (was.get(api) or {}).get("type")
        if old and settings.get("type") != old:
            yield Problem(f"spec.glance.template.glanceAPIs.{api}.type", f"cannot change from {old}: make another API")


def _overrides(spec: dict[str, Any]) -> Iterator[Problem]:
    for where in (
        *(f"{service} template override service" for service in ("keystone", "placement", "neutron")),
        "glance template glanceAPIs * override service",
        "nova template apiServiceTemplate override service",
    ):
        for at, service in found(spec, path(where)):
            for endpoint in set(service) - {"internal", "public"} if isinstance(service, dict) else ():
                yield Problem(f"spec.{dotted(at)}.{endpoint}", "there are only the endpoints internal and public")


def _topologies(obj: dict[str, Any]) -> Iterator[Problem]:
    namespace = (obj.get("metadata") or {}).get("namespace")
    for where, ref in _named(obj.get("spec"), "topologyRef", ("spec",)):
        other = (ref or {}).get("namespace") if isinstance(ref, dict) else None
        if other and namespace and other != namespace:
            yield Problem(dotted(where), f"is in namespace {other}: a Topology of the own namespace is needed")


def _buses(spec: dict[str, Any]) -> Iterator[Problem]:
    for bus in ("messagingBus", "notificationsBus"):
        if (spec.get(bus) or {}).get("user"):
            yield Problem(f"spec.{bus}.user", "is set per service, not for the whole control plane")
