"""Which field scales what: from a component to the field of the control plane that a person edits.

A patch further down would be reverted by the operators (`domain.md` §6.1, §1.7). `{name}` in a path stands for the
object's name, `{key}` for the map key that its name was made from, `{cell}` for the Nova cell.
"""

import msgspec

from osconsole.model.resource import Resource

Path = tuple[str, ...]


class Scaling(msgspec.Struct, frozen=True):
    """A replica field: its path in the owner, its bounds (None: none), whether members form a quorum."""

    path: Path
    least: int = 0
    most: int | None = 32
    quorum: bool = False


def _at(text: str, least: int = 0, most: int | None = 32, *, quorum: bool = False) -> Scaling:
    return Scaling(("spec", *text.split("."), "replicas"), least, most, quorum)


_CELL = "nova.template.cellTemplates.{cell}"

SCALES: dict[str, Scaling] = {
    "DNSMasq": _at("dns.template", 0, None),
    "RabbitMq": _at("rabbitmq.templates.{name}", 0, None, quorum=True),
    "Galera": _at("galera.templates.{name}", 0, 3, quorum=True),
    "Memcached": _at("memcached.templates.{name}", 1),
    "Redis": _at("redis.templates.{name}", 0, None),
    "OVNDBCluster": _at("ovn.template.ovnDBCluster.{name}", quorum=True),
    "OVNNorthd": _at("ovn.template.ovnNorthd"),
    "KeystoneAPI": _at("keystone.template"),
    "PlacementAPI": _at("placement.template"),
    "GlanceAPI": _at("glance.template.glanceAPIs.{key}"),
    "CinderAPI": _at("cinder.template.cinderAPI", 0, None),
    "CinderScheduler": _at("cinder.template.cinderScheduler", 0, None),
    "NeutronAPI": _at("neutron.template"),
    "NovaAPI": _at("nova.template.apiServiceTemplate"),
    "NovaScheduler": _at("nova.template.schedulerServiceTemplate"),
    "NovaMetadata": _at("nova.template.metadataServiceTemplate"),
    "NovaConductor": _at(f"{_CELL}.conductorServiceTemplate"),
    "NovaNoVNCProxy": _at(f"{_CELL}.noVNCProxyServiceTemplate"),
    "Horizon": _at("horizon.template"),
    "HeatAPI": _at("heat.template.heatAPI"),
    "HeatCfnAPI": _at("heat.template.heatCfnAPI"),
    "HeatEngine": _at("heat.template.heatEngine"),
    "BarbicanAPI": _at("barbican.template.barbicanAPI"),
    "BarbicanWorker": _at("barbican.template.barbicanWorker"),
    "BarbicanKeystoneListener": _at("barbican.template.barbicanKeystoneListener"),
    "OctaviaAPI": _at("octavia.template.octaviaAPI"),
    "SwiftProxy": _at("swift.template.swiftProxy", 0, None),
}

# A service CR that stands for exactly one component when a person names it.
STANDS_FOR: dict[str, tuple[str, ...]] = {"Glance": ("GlanceAPI",)}


def scaling(component: Resource) -> Scaling | None:
    """The field of the control plane that scales a component CR, with its names filled in; None: it has none."""
    found = SCALES.get(component.ref.kind)
    if found is None:
        return None
    names = {"name": component.ref.name, "key": _glance_key(component), "cell": _cell(component)}
    path = tuple(part.format(**names) for part in found.path)
    return Scaling(path, found.least, found.most, found.quorum)


def quorum_at(path: Path) -> str:
    """Whose quorum a field of the control plane decides on, `Galera openstack`; "" for nobody's."""
    for kind, found in SCALES.items():
        stem = found.path[: found.path.index("{name}")] if found.quorum else ()
        if not stem or path[:2] != stem[:2]:
            continue
        if path[: len(stem)] == stem[: len(path)]:
            return " ".join((kind, *path[len(stem) : len(stem) + 1]))
        if path[2:3] == ("enabled",):
            return kind
    return ""


def _glance_key(component: Resource) -> str:
    """`glance-default-external` is key `default` of Glance `glance`."""
    owner = component.controller
    name = component.ref.name.removeprefix(f"{owner.ref.name}-" if owner else "")
    for kind in ("-internal", "-external", "-single", "-edge"):
        name = name.removesuffix(kind)
    return name


def _cell(component: Resource) -> str:
    """`nova-cell1-conductor` belongs to cell `cell1`."""
    parts = component.ref.name.split("-")
    return "-".join(parts[1:-1]) if len(parts) > 2 else ""
