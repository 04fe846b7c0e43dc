"""Links: what belongs together though no owner reference says so. One line for each way in which upstream ties objects.

A link goes from an object to what it needs or governs. `grows` says that trees show the far end below the near one;
others are only told (`views.detail`). Sources: `domain.md` §1.4, §1.5, §7.9.
"""

from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import Any

import msgspec

from osconsole.model import kinds
from osconsole.model.ref import KindKey, Ref
from osconsole.model.resource import Resource, dig
from osconsole.model.snapshot import Snapshot

Follow = Callable[[Resource, Snapshot], Iterator[Ref]]


class Link(msgspec.Struct, frozen=True):
    """How objects of one kind lead to others; `follow` gives Refs that may not be there."""

    kind: KindKey
    says: str
    follow: Follow
    grows: bool = False


@lru_cache(1024)
def _at(resource: Resource, *path: str) -> Any:
    """A value of a body; a Resource never changes, and links are followed at every change of the world."""
    return resource.get(*path)


def _named(kind: str, *path: str) -> Follow:
    """The objects whose names stand at a path, as a text, a list, or the keys of a map; same namespace."""
    target = kinds.key(kind)

    def follow(resource: Resource, _: Snapshot) -> Iterator[Ref]:
        found = _at(resource, *path)
        for name in [found] if isinstance(found, str) else found if isinstance(found, list | dict) else []:
            yield target.ref(resource.ref.namespace, str(name))

    return follow


def _pointing(kind: str, *path: str) -> Follow:
    """The objects of a kind, in the same namespace, that have this one's name at a path."""
    target = kinds.key(kind)

    def follow(resource: Resource, snapshot: Snapshot) -> Iterator[Ref]:
        for found in snapshot.all(target, resource.ref.namespace):
            named = _at(found, *path)
            if named == resource.ref.name or (isinstance(named, list) and resource.ref.name in named):
                yield found.ref

    return follow


def _namesake(kind: str) -> Follow:
    """The object of a kind that has the same name."""
    target = kinds.key(kind)
    return lambda resource, _: iter([target.ref(resource.ref.namespace, resource.ref.name)])


def _consumed(resource: Resource, snapshot: Snapshot) -> Iterator[Ref]:
    """Bare metal hosts that a set has taken: they stand in another namespace and name it as their consumer."""
    for host in snapshot.all(kinds.key("BareMetalHost")):
        consumer = _at(host, "spec", "consumerRef")
        place = (dig(consumer, "kind"), dig(consumer, "namespace"), dig(consumer, "name"))
        if place == (resource.ref.kind, resource.ref.namespace, resource.ref.name):
            yield host.ref


def _selected(resource: Resource, snapshot: Snapshot) -> Iterator[Ref]:
    """The pods that a Service sends to."""
    wanted = _at(resource, "spec", "selector")
    if not isinstance(wanted, dict) or not wanted:
        return
    for pod in snapshot.all(kinds.key("Pod"), resource.ref.namespace):
        if wanted.items() <= pod.labels.items():
            yield pod.ref


def _claims(resource: Resource, _: Snapshot) -> Iterator[Ref]:
    """The claims that a pod mounts."""
    for volume in _at(resource, "spec", "volumes") or []:
        name = dig(volume, "persistentVolumeClaim", "claimName")
        if name:
            yield kinds.key("PersistentVolumeClaim").ref(resource.ref.namespace, str(name))


LINKS: tuple[Link, ...] = (
    Link(kinds.key("OpenStackControlPlane"), "is backed up by", _namesake("OpenStackBackupConfig"), grows=True),
    Link(kinds.key("OpenStackControlPlane"), "has the version of", _namesake("OpenStackVersion"), grows=True),
    Link(kinds.key("OpenStackBaremetalSet"), "has taken", _consumed, grows=True),
    Link(kinds.key("OpenStackDataPlaneNodeSet"), "takes its hosts from", _namesake("OpenStackBaremetalSet")),
    Link(
        kinds.key("OpenStackDataPlaneNodeSet"),
        "is deployed by",
        _pointing("OpenStackDataPlaneDeployment", "spec", "nodeSets"),
    ),
    Link(
        kinds.key("OpenStackDataPlaneNodeSet"),
        "runs the services",
        _named("OpenStackDataPlaneService", "spec", "services"),
    ),
    Link(kinds.key("OpenStackDataPlaneDeployment"), "deploys", _named("OpenStackDataPlaneNodeSet", "spec", "nodeSets")),
    Link(kinds.key("RabbitMq"), "has the user", _pointing("RabbitMQUser", "spec", "rabbitmqClusterName"), grows=True),
    Link(kinds.key("RabbitMq"), "has the vhost", _pointing("RabbitMQVhost", "spec", "rabbitmqClusterName"), grows=True),
    Link(
        kinds.key("RabbitMq"), "has the policy", _pointing("RabbitMQPolicy", "spec", "rabbitmqClusterName"), grows=True
    ),
    Link(kinds.key("Galera"), "is backed up by", _pointing("GaleraBackup", "spec", "databaseInstance"), grows=True),
    Link(kinds.key("Service"), "sends to", _selected),
    Link(kinds.key("Pod"), "mounts", _claims),
)

_BY_KIND: dict[KindKey, tuple[Link, ...]] = {
    link.kind: tuple(other for other in LINKS if other.kind == link.kind) for link in LINKS
}
_GROWING: dict[KindKey, tuple[Link, ...]] = {
    kind: found for kind, links in _BY_KIND.items() if (found := tuple(link for link in links if link.grows))
}


# Kinds at the far ends that trees show.
FAR = frozenset({
    "OpenStackBackupConfig", "OpenStackVersion", "BareMetalHost", "RabbitMQUser", "RabbitMQVhost", "RabbitMQPolicy",
    "GaleraBackup",
})  # fmt: skip


def linked(resource: Resource, snapshot: Snapshot) -> Iterator[tuple[Link, Resource]]:
    """Everything that is there at the far end of an object's links."""
    for link in _BY_KIND.get(resource.kind, ()):
        for ref in link.follow(resource, snapshot):
            if (found := snapshot.get(ref)) is not None:
                yield link, found


def below(resource: Resource, snapshot: Snapshot) -> Iterator[Resource]:
    """What trees show below an object besides what it owns; without what it owns itself."""
    for link in _GROWING.get(resource.kind, ()):
        for ref in link.follow(resource, snapshot):
            found = snapshot.get(ref)
            if found is not None and all(owner.uid != resource.uid for owner in found.owners):
                yield found
