"""What must be there before a service can be configured: the Secret of passwords, the networks, the cache."""

import base64

import msgspec

from osconsole.model.kinds import key
from osconsole.model.resource import Resource, dig
from osconsole.reconcile.controlplane.pods import attachments
from osconsole.reconcile.controlplane.walk import Walk


class Passwords(msgspec.Struct, frozen=True):
    """The Secret that the spec names under `path` exists and has a value for every selector in `selectors`."""

    path: tuple[str, ...] = ("secret",)
    selectors: tuple[str, ...] = ("service",)
    conditions: tuple[str, ...] = ("InputReady",)

    def run(self, walk: Walk) -> bool:
        """Wait for the Secret."""
        name = walk.get(*self.path, default="osp-secret")
        found = walk.see("Secret", name)
        if found is None:
            return walk.missing("InputReady", f"secret/{name}")
        walk.facts["passwords"] = name
        wanted = [walk.get("passwordSelectors", s, default="") for s in self.selectors]
        walk.facts |= {f"password_{s}": key for s, key in zip(self.selectors, wanted, strict=True)}
        have = dig(found.body(), "data", default={})
        lost = [key for key in wanted if key and key not in have]
        if lost:
            return walk.failed("InputReady", f"field not found in Secret: {', '.join(lost)} in secret/{name}")
        return walk.ok("InputReady")


class NothingAsked(msgspec.Struct, frozen=True):
    """A condition that has no input to check on this service."""

    kind: str = "InputReady"
    message: str = ""

    @property
    def conditions(self) -> tuple[str, ...]:
        """The one condition."""
        return (self.kind,)

    def run(self, walk: Walk) -> bool:
        """It is so."""
        return walk.ok(self.kind, self.message)


class Cache(msgspec.Struct, frozen=True):
    """The Memcached instance is ready; its servers become the fact `memcached`."""

    conditions: tuple[str, ...] = ("MemcachedReady",)

    def run(self, walk: Walk) -> bool:
        """Wait for the instance."""
        found = walk.see("Memcached", walk.get("memcachedInstance", default="memcached"))
        if found is None or not found.ready:
            return walk.busy("MemcachedReady")
        walk.facts["memcached"] = ",".join(found.get("status", "serverList", default=[]))
        return walk.ok("MemcachedReady")


class Networks(msgspec.Struct, frozen=True):
    """The NetworkAttachmentDefinitions that the pods are to join exist (where the cluster has such a kind)."""

    conditions: tuple[str, ...] = ("NetworkAttachmentsReady",)

    def run(self, walk: Walk) -> bool:
        """Wait for them."""
        kind = key("NetworkAttachmentDefinition")
        if walk.world.served(kind):
            lost = [n for n in attachments(walk) if walk.world.find(kind, walk.namespace, n) is None]
            if lost:
                return walk.missing("NetworkAttachmentsReady", ", ".join(lost))
        return walk.ok("NetworkAttachmentsReady")


class Bundle(msgspec.Struct, frozen=True):
    """The bundle of CA certificates that the spec names exists."""

    conditions: tuple[str, ...] = ("TLSInputReady",)

    def run(self, walk: Walk) -> bool:
        """Wait for it."""
        for path in (("tls", "caBundleSecretName"), ("tls", "secretName")):
            name = walk.get(*path)
            if name and walk.see("Secret", name) is None:
                return walk.missing("TLSInputReady", f"secret/{name}")
        return walk.ok("TLSInputReady")


def secret_text(found: Resource | None, name: str) -> str:
    """One value of a Secret as text; "" when it is not there."""
    value = dig(found.body(), "data", name) if found else None
    return base64.b64decode(value).decode(errors="replace") if isinstance(value, str) else ""
