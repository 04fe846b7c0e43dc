"""RabbitMq: the message bus, its default user and cookie."""

from typing import Any

import msgspec

from osconsole.reconcile.actions import Generated
from osconsole.reconcile.controlplane.describe import Container, Pods, Volume, config_map, empty, secret
from osconsole.reconcile.controlplane.objects import backup, made, merged
from osconsole.reconcile.controlplane.steps.access import Account
from osconsole.reconcile.controlplane.steps.config import Config
from osconsole.reconcile.controlplane.steps.inputs import Bundle
from osconsole.reconcile.controlplane.steps.services import HOSTNAME, Headless, ingress, ports
from osconsole.reconcile.controlplane.steps.step import Steps
from osconsole.reconcile.controlplane.steps.workload import Budget, Claim, Workload
from osconsole.reconcile.controlplane.walk import Walk

_APP = "app.kubernetes.io"
LABELS = {f"{_APP}/component": "rabbitmq", f"{_APP}/name": "{name}", f"{_APP}/part-of": "rabbitmq"}
SELECTOR = {f"{_APP}/name": "{name}"}


class Credentials(msgspec.Struct, frozen=True):
    """Secrets `name`-default-user and `name`-erlang-cookie, made up once."""

    conditions: tuple[str, ...] = ()

    def run(self, walk: Walk) -> bool:
        """Make them unless they are there."""
        name = walk.name
        user = made(walk.me, "Secret", f"{name}-default-user", backup("10", "controlplane"), type="Opaque")
        username = f"default_user_{name}"
        known = {"username": username, "host": f"{name}.{walk.namespace}.svc", "port": "5672"}
        walk.create({**user, "stringData": known}, {"password": Generated("password", 24)})
        cookie = made(walk.me, "Secret", f"{name}-erlang-cookie", type="Opaque")
        walk.create(cookie, {".erlang.cookie": Generated("password", 20)})
        where = {"name": name, "namespace": walk.namespace}
        keys = {"password": "password", "username": "username"}
        reference = {"keys": keys, "name": f"{name}-default-user", "namespace": walk.namespace}
        walk.report["defaultUser"] = {"secretReference": reference, "serviceReference": where}
        return True


class Front(msgspec.Struct, frozen=True):
    """Service `name` for clients, as the template overrides it."""

    conditions: tuple[str, ...] = ("CreateServiceReady",)

    def run(self, walk: Walk) -> bool:
        """Make it, and wait for its address where it is a LoadBalancer."""
        override = walk.get("override", "service", default={})
        given = override.get("spec") or {}
        annotations = dict((override.get("metadata") or {}).get("annotations") or {})
        if given.get("type") == "LoadBalancer":
            annotations[HOSTNAME] = f"{walk.name}.{walk.namespace}.svc"
        numbers = {"amqp": 5672, "management": 15672, "prometheus": 15692}
        labels = {name: walk.fill(value) for name, value in LABELS.items()}
        spec = merged(
            {"type": "ClusterIP", "selector": {f"{_APP}/name": walk.name}, "ports": ports(numbers)},
            given,
        )
        found = walk.ensure(made(walk.me, "Service", walk.name, labels, annotations, spec=spec))
        if spec["type"] == "LoadBalancer" and not (found and ingress(found)):
            walk.failed("CreateServiceReady", f"resource is not ready: {walk.name} LoadBalancer IP still pending")
        else:
            walk.ok("CreateServiceReady")
        return True  # the members need no address to form a cluster


def server(walk: Walk) -> dict[str, str]:
    """rabbitmq.conf in its parts."""
    own = walk.get("rabbitmq", "additionalConfig", default="")
    defaults = (
        "queue_master_locator = min-masters\ndisk_free_limit.absolute = 2GB\n"
        "cluster_partition_handling = pause_minority\ncluster_formation.peer_discovery_backend = kubernetes\n"
        f"cluster_formation.k8s.service_name = {walk.name}-nodes\ncluster_name = {walk.name}\n"
    )
    return {"operatorDefaults.conf": defaults, "userDefinedConfiguration.conf": own, "advanced.config": "[].\n"}


def plugins(_: Walk) -> dict[str, str]:
    """The plugins that are on."""
    return {"enabled_plugins": "[rabbitmq_peer_discovery_k8s,rabbitmq_prometheus,rabbitmq_management]."}


class Version(msgspec.Struct, frozen=True):
    """What runs is what was asked for: nothing here upgrades in steps."""

    conditions: tuple[str, ...] = ()

    def run(self, walk: Walk) -> bool:
        """Report it."""
        walk.report |= {
            "currentVersion": walk.get("targetVersion", default="4.2"),
            "queueType": walk.get("queueType", default="Quorum"),
        }
        return True


_ENV = {
    "K8S_SERVICE_NAME": "{name}-nodes",
    "RABBITMQ_CONFIG_FILES": "/etc/rabbitmq/conf.d",
    "RABBITMQ_ENABLED_PLUGINS_FILE": "/operator/enabled_plugins",
    "RABBITMQ_USE_LONGNAME": "true",
    "HOME": "/var/lib/rabbitmq",
}
_SETUP = (
    "set -e\ncp /tmp/erlang-cookie-secret/.erlang.cookie /var/lib/rabbitmq/.erlang.cookie\n"
    "chmod 600 /var/lib/rabbitmq/.erlang.cookie\n"
    "cp /tmp/rabbitmq-plugins/enabled_plugins /operator/enabled_plugins\n"
)
_PODS = Pods(
    LABELS,
    (
        Container(
            "rabbitmq",
            ("rabbitmq-server",),
            ports={"epmd": 4369, "amqp": 5672, "management": 15672, "prometheus": 15692},
            tcp=5672,
            env=_ENV,
        ),
    ),
    (
        secret("erlang-cookie-secret", "{name}-erlang-cookie", "/tmp/erlang-cookie-secret"),  # noqa: S108
        config_map("plugins-conf", "{name}-plugins-conf", "/tmp/rabbitmq-plugins"),  # noqa: S108
        config_map("server-conf", "{name}-server-conf", "/etc/rabbitmq/conf.d"),
        empty("rabbitmq-plugins", "/operator"),
        Volume("persistence", "claim", "/var/lib/rabbitmq/mnesia"),
    ),
    "{name}-server",
    init=(Container("setup-container", ("sh", "-c", _SETUP), words=2, env={}),),
)

RABBITMQ: Any = Steps(
    Account("{name}-server", scc="restricted-v2"),
    Credentials(),
    Bundle(),
    Config({"{name}-server-conf": server, "{name}-plugins-conf": plugins}, plain=True, remember=False),
    Headless("{name}-nodes", {"epmd": 4369, "cluster-rpc": 25672}, SELECTOR, LABELS),
    Front(),
    Budget("{name}-server", SELECTOR),
    Version(),
    Workload(
        "StatefulSet",
        "{name}-server",
        _PODS,
        service="{name}-nodes",
        claim=Claim("persistence", ("persistence", "storageClassName"), ("persistence", "storage")),
        selector=SELECTOR,
        labels=LABELS,
        parallel=True,
    ),
)
