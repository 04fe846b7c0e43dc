"""TransportURL: the URL under which a service reaches RabbitMQ, in a Secret of its own."""

import base64

import msgspec

from osconsole.model.hashes import object_hash
from osconsole.reconcile.controlplane.objects import made
from osconsole.reconcile.controlplane.steps.inputs import secret_text
from osconsole.reconcile.controlplane.steps.step import Steps
from osconsole.reconcile.controlplane.walk import Walk


class Transport(msgspec.Struct, frozen=True):
    """The RabbitMq is ready, and its default user's name and password are in our Secret."""

    conditions: tuple[str, ...] = ("TransportURLReady",)

    def run(self, walk: Walk) -> bool:
        """Wait for RabbitMQ and write the Secret."""
        cluster = walk.get("rabbitmqClusterName", default="rabbitmq")
        server = walk.see("RabbitMq", cluster)
        if server is None or not server.ready:
            return walk.busy("TransportURLReady")
        user = walk.see("Secret", server.get("status", "defaultUser", "secretReference", "name", default=""))
        if user is None:
            return walk.busy("TransportURLReady")
        name, password, host = (secret_text(user, key) for key in ("username", "password", "host"))
        url = f"rabbit://{name}:{password}@{host}:5672/?ssl=0"
        data = {"transport_url": _base64(url), "quorumqueues": _base64("true")}
        secret = f"rabbitmq-transport-url-{walk.name}"
        found = walk.ensure(made(walk.me, "Secret", secret, type="Opaque", data=data))
        if found is None:
            return walk.busy("TransportURLReady")
        walk.report |= {
            "queueType": server.get("spec", "queueType", default="Quorum"),
            "rabbitmqClusterName": cluster,
            "rabbitmqUsername": name,
            "rabbitmqVhost": "/",
            "secretHash": object_hash({"data": data}),
            "secretName": secret,
        }
        return walk.ok("TransportURLReady")


def _base64(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


TRANSPORT = Steps(Transport())
