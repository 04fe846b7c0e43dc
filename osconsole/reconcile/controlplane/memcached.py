"""Memcached: the cache that the services share."""

from typing import Any

import msgspec

from osconsole.reconcile.controlplane.describe import Container, Pods, config_map
from osconsole.reconcile.controlplane.objects import made, number
from osconsole.reconcile.controlplane.steps.access import Account
from osconsole.reconcile.controlplane.steps.config import Config
from osconsole.reconcile.controlplane.steps.inputs import Bundle
from osconsole.reconcile.controlplane.steps.services import ports
from osconsole.reconcile.controlplane.steps.step import Steps
from osconsole.reconcile.controlplane.steps.workload import Workload
from osconsole.reconcile.controlplane.walk import Walk

LABELS = {"app": "{name}", "cr": "{name}", "owner": "infra-operator", "service": "{name}"}
PORT = 11211


def files(walk: Walk) -> dict[str, str]:
    """What memcached reads."""
    size, connections = number(walk.spec, "cacheSize", default=9932), number(walk.spec, "maxConn", default=8192)
    options = f"-l $POD_IPS -m {size} -c {connections} -p {PORT}"
    return {"memcached": f'PORT="{PORT}"\nUSER="memcached"\nOPTIONS="{options}"\n'}


class Servers(msgspec.Struct, frozen=True):
    """The headless Service, and the list of servers that clients are given."""

    conditions: tuple[str, ...] = ("CreateServiceReady",)

    def run(self, walk: Walk) -> bool:
        """Make it."""
        name = walk.name
        spec = {
            "type": "ClusterIP",
            "clusterIP": "None",
            "selector": {"app": name, "service": name},
            "ports": ports({"memcached-tls": 11212, "memcached": PORT}),
        }
        labels = {key: walk.fill(value) for key, value in LABELS.items()}
        found = walk.ensure(made(walk.me, "Service", name, labels, spec=spec))
        count = number(walk.spec, "replicas")
        servers = [f"{name}-{n}.{name}.{walk.namespace}.svc:{PORT}" for n in range(count)]
        walk.report |= {"serverList": servers, "serverListWithInet": [f"inet:{s}" for s in servers]}
        return walk.ok("CreateServiceReady") if found else not walk.busy("CreateServiceReady")


MEMCACHED: Any = Steps(
    Account("memcached-{name}"),
    Bundle(),
    Config({"{name}-config-data": files}, plain=True),
    Servers(),
    Workload(
        "StatefulSet",
        "{name}",
        Pods(
            LABELS,
            (
                Container(
                    "memcached",
                    ("/usr/bin/dumb-init", "--", "/usr/local/bin/kolla_start"),
                    words=3,
                    ports={"memcached": PORT, "memcached-tls": 11212},
                    tcp=PORT,
                ),
            ),
            (config_map("config-data", "{name}-config-data", "/var/lib/config-data/default"),),
            "memcached-{name}",
        ),
        service="{name}",
        parallel=True,
    ),
)
