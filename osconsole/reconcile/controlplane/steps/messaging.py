"""A service's way to RabbitMQ: a TransportURL, whose Secret holds the URL."""

import msgspec

from osconsole.model.resource import Resource
from osconsole.reconcile.controlplane.objects import made
from osconsole.reconcile.controlplane.steps.inputs import secret_text
from osconsole.reconcile.controlplane.walk import Walk


class Transport(msgspec.Struct, frozen=True):
    """TransportURL `name`, on the RabbitMq that the spec names under `path`; the URL becomes the fact `transport`."""

    name: str
    path: tuple[str, ...] = ("messagingBus", "cluster")
    labels: dict[str, str] = {}
    conditions: tuple[str, ...] = ("RabbitMqTransportURLReady",)

    def run(self, walk: Walk) -> bool:
        """Make it, and wait until it is ready."""
        labels = {name: walk.fill(value) for name, value in self.labels.items()}
        found = transport(walk, walk.fill(self.name), walk.get(*self.path, default="rabbitmq"), labels)
        if found is None or not found.ready:
            return walk.busy(self.conditions[0])
        walk.report["transportURLSecret"] = found.get("status", "secretName", default="")
        walk.facts["transport"] = url(walk, found)
        return walk.ok(self.conditions[0])


def transport(walk: Walk, name: str, cluster: str, labels: dict[str, str] | None = None) -> Resource | None:
    """Make a TransportURL; it as it is."""
    return walk.ensure(made(walk.me, "TransportURL", name, labels, spec={"rabbitmqClusterName": cluster}))


def url(walk: Walk, found: Resource) -> str:
    """The URL that a ready TransportURL has put into its Secret."""
    return secret_text(walk.see("Secret", found.get("status", "secretName", default="")), "transport_url")
