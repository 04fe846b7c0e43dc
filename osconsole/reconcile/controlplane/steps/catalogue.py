"""A service's rows in Keystone's catalogue: KeystoneService and KeystoneEndpoint."""

import msgspec

from osconsole.reconcile.controlplane.objects import made
from osconsole.reconcile.controlplane.pods import filled
from osconsole.reconcile.controlplane.walk import Walk


class Entry(msgspec.Struct, frozen=True):
    """KeystoneService `name` of a type, with its user and the selector of its password."""

    name: str
    type: str
    description: str
    labels: dict[str, str]
    conditions: tuple[str, ...] = ("KeystoneServiceReady",)

    def run(self, walk: Walk) -> bool:
        """Make it, and wait until it is ready."""
        spec = {
            "enabled": True,
            "passwordSelector": walk.get("passwordSelectors", "service", default=f"{self.name.capitalize()}Password"),
            "secret": walk.get("secret", default="osp-secret"),
            "serviceDescription": self.description,
            "serviceName": self.name,
            "serviceType": self.type,
            "serviceUser": walk.get("serviceUser", default=self.name),
        }
        found = walk.ensure(made(walk.me, "KeystoneService", self.name, filled(self.labels, walk), spec=spec))
        return walk.mirror("KeystoneServiceReady", found)


class Addresses(msgspec.Struct, frozen=True):
    """KeystoneEndpoint `name` of a service, with the URLs that `Endpoints` has found out."""

    name: str
    service: str
    labels: dict[str, str]
    kinds: tuple[str, ...] = ("internal", "public")
    conditions: tuple[str, ...] = ("KeystoneEndpointReady",)

    def run(self, walk: Walk) -> bool:
        """Make it, and wait until it is ready."""
        endpoints = {kind: walk.facts[kind] for kind in self.kinds if kind in walk.facts}
        labels = filled(self.labels, walk)
        spec = {"endpoints": endpoints, "serviceName": self.service}
        found = walk.ensure(made(walk.me, "KeystoneEndpoint", walk.fill(self.name), labels, spec=spec))
        return walk.mirror("KeystoneEndpointReady", found)


class KeystoneUrls(msgspec.Struct, frozen=True):
    """Keystone is ready; where it is reached becomes the facts `auth` and `auth_public`."""

    condition: str = "KeystoneServiceReady"

    @property
    def conditions(self) -> tuple[str, ...]:
        """The condition that says so while Keystone is not there."""
        return (self.condition,)

    def run(self, walk: Walk) -> bool:
        """Wait for Keystone."""
        found = walk.see("KeystoneAPI", walk.get("keystoneInstance", default="keystone"))
        if found is None or not found.ready:
            return walk.busy(self.condition, "KeystoneAPI not yet ready")
        known = found.get("status", "apiEndpoints", default={})
        walk.facts["auth"] = known.get("internal", "")
        walk.facts["auth_public"] = known.get("public", "")
        return True
