"""PlacementAPI: which host has what left."""

from typing import Any

from osconsole.reconcile.controlplane import conf
from osconsole.reconcile.controlplane.describe import CA, Container, Pods, empty, secret, tail
from osconsole.reconcile.controlplane.steps.access import Account
from osconsole.reconcile.controlplane.steps.catalogue import Addresses, Entry, KeystoneUrls
from osconsole.reconcile.controlplane.steps.config import Config
from osconsole.reconcile.controlplane.steps.database import Database
from osconsole.reconcile.controlplane.steps.inputs import Bundle, Networks, Passwords
from osconsole.reconcile.controlplane.steps.jobs import RunJob
from osconsole.reconcile.controlplane.steps.services import Endpoints
from osconsole.reconcile.controlplane.steps.step import Steps, Together
from osconsole.reconcile.controlplane.steps.workload import Workload
from osconsole.reconcile.controlplane.walk import Walk

LABELS = {"service": "placement", "owner": "{name}"}
PORT = 8778


def files(walk: Walk) -> dict[str, str]:
    """What placement reads."""
    return {
        "placement.conf": conf.service(walk, placement_database={"connection": walk.facts["database"]}),
        "custom.conf": conf.custom(walk),
        "my.cnf": conf.MY_CNF,
    }


def _pods(*containers: Container) -> Pods:
    volumes = (
        secret("scripts", "{name}-scripts", "/usr/local/bin/container-scripts", 0o755),
        secret("config-data", "{name}-config-data", "/var/lib/openstack/config"),
        empty("logs", "/var/log/placement"),
        CA,
    )
    return Pods(LABELS, containers, volumes, "placement-{name}", attachments=True, token=False)


_SYNC = Container("{name}-db-sync", env={"KOLLA_BOOTSTRAP": "true", "KOLLA_CONFIG_STRATEGY": "COPY_ALWAYS"})

API: Any = Steps(
    Account("placement-{name}"),
    Passwords(),
    Together(Database(), Networks(), Bundle(), Endpoints("{name}", PORT, LABELS)),
    KeystoneUrls(),
    Entry("placement", "placement", "Placement Service", LABELS),
    Addresses("{name}", "placement", LABELS),
    Config({"{name}-config-data": files, "{name}-scripts": lambda _: {}}, "placement"),
    RunJob("{name}-db-sync", "dbsync", _pods(_SYNC)),
    Workload(
        "Deployment",
        "{name}",
        _pods(tail("{name}-log", "/var/log/placement/placement-api.log"), Container("{name}-api", http=("/", PORT))),
    ),
)
