"""NovaCell: the conductor of a cell, its noVNC proxy, and what its compute nodes are configured with."""

from typing import Any

import msgspec

from osconsole.model.kinds import key
from osconsole.reconcile.controlplane.nova_config import Inputs, compute
from osconsole.reconcile.controlplane.objects import made, merged, stamp
from osconsole.reconcile.controlplane.steps.config import holder
from osconsole.reconcile.controlplane.steps.step import Steps, Together
from osconsole.reconcile.controlplane.walk import Walk

CELL0 = "cell0"
_CONDUCTOR_FIELDS = (
    "apiDatabaseAccount",
    "apiDatabaseHostname",
    "cellDatabaseAccount",
    "cellDatabaseHostname",
    "cellName",
    "dbPurge",
    "keystoneAuthURL",
    "memcachedInstance",
    "preserveJobs",
    "region",
    "secret",
    "serviceAccount",
    "serviceUser",
    "tls",
)
_PROXY_FIELDS = tuple(
    name
    for name in _CONDUCTOR_FIELDS
    if name not in {"apiDatabaseAccount", "apiDatabaseHostname", "dbPurge", "preserveJobs"}
)


class Conductor(msgspec.Struct, frozen=True):
    """NovaConductor nova-CELL-conductor."""

    conditions: tuple[str, ...] = ("NovaConductorReady",)

    def run(self, walk: Walk) -> bool:
        """Make it, and wait for it; the rest of the cell does not."""
        own = {"containerImage": walk.get("conductorContainerImageURL")}
        spec = merged(taken(walk, _CONDUCTOR_FIELDS), own, given(walk, "conductorServiceTemplate"))
        found = walk.ensure(made(walk.me, "NovaConductor", f"{walk.name}-conductor", spec=spec))
        walk.report["conductorServiceReadyCount"] = found.get("status", "readyCount", default=0) if found else 0
        return walk.mirror("NovaConductorReady", found, done="Setup complete")


class Proxy(msgspec.Struct, frozen=True):
    """NovaNoVNCProxy nova-CELL-novncproxy, where the template asks for it."""

    conditions: tuple[str, ...] = ()

    def run(self, walk: Walk) -> bool:
        """Make it, or take it away."""
        name = f"{walk.name}-novncproxy"
        template = walk.get("noVNCProxyServiceTemplate", default={})
        if not template.get("enabled", walk.facts["cell"] != CELL0):
            walk.remove(walk.world.find(key("NovaNoVNCProxy"), walk.namespace, name))
            return True
        walk.expect("NovaNoVNCProxyReady")
        own = {"containerImage": walk.get("novncproxyContainerImageURL")}
        spec = merged(taken(walk, _PROXY_FIELDS), own, given(walk, "noVNCProxyServiceTemplate"))
        found = walk.ensure(made(walk.me, "NovaNoVNCProxy", name, spec=spec))
        walk.report["noVNCProxyServiceReadyCount"] = found.get("status", "readyCount", default=0) if found else 0
        return walk.mirror("NovaNoVNCProxyReady", found, done="Setup complete")


class Compute(msgspec.Struct, frozen=True):
    """Secret nova-CELL-compute-config, for every cell that has compute nodes."""

    conditions: tuple[str, ...] = ()

    def run(self, walk: Walk) -> bool:
        """Write it."""
        if walk.facts["cell"] == CELL0:
            return True
        labels = stamp(walk.me, "nova-cell")
        walk.ensure(holder(walk, f"{walk.name}-compute-config", compute(walk), labels))
        return walk.ok("NovaComputeServiceConfigReady")


def taken(walk: Walk, fields: tuple[str, ...]) -> dict[str, Any]:
    """Fields that a child has from its parent as they are."""
    return {name: walk.spec[name] for name in fields if walk.spec.get(name) is not None}


def given(walk: Walk, template: str) -> dict[str, Any]:
    """A template without what only the parent needs to know."""
    return {name: value for name, value in walk.get(template, default={}).items() if name != "enabled"}


CELL: Any = Steps(Inputs(), Together(Compute(), Proxy(), Conductor()))
