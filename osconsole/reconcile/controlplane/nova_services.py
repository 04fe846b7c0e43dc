"""The services of Nova: API, scheduler, metadata, conductor, noVNC proxy."""

from typing import Any

import msgspec

from osconsole.reconcile.controlplane.describe import CA, Container, Pods, Volume, empty, secret, tail
from osconsole.reconcile.controlplane.nova_config import Inputs, files
from osconsole.reconcile.controlplane.objects import stamp
from osconsole.reconcile.controlplane.steps.catalogue import Addresses
from osconsole.reconcile.controlplane.steps.config import Config, holder, ini
from osconsole.reconcile.controlplane.steps.inputs import Bundle, Cache, Networks, secret_text
from osconsole.reconcile.controlplane.steps.jobs import RunJob
from osconsole.reconcile.controlplane.steps.services import Endpoints
from osconsole.reconcile.controlplane.steps.step import Step, Steps
from osconsole.reconcile.controlplane.steps.workload import Periodic, Workload
from osconsole.reconcile.controlplane.walk import Walk

ACCOUNT = "nova-nova"


def _config(prefix: str) -> Config:
    return Config({"{name}-config-data": files}, prefix)


def _pods(labels: dict[str, str], *containers: Container, logs: bool = False, scripts: bool = False) -> Pods:
    volumes: tuple[Volume, ...] = (secret("config-data", "{name}-config-data", "/var/lib/openstack/config"), CA)
    if scripts:
        volumes += (secret("scripts", "{name}-scripts", "/var/lib/openstack/bin", 0o755),)
    if logs:
        volumes += (empty("logs", "/var/log/nova"),)
    return Pods(labels, containers, volumes, ACCOUNT, attachments=True, token=False)


def _service(labels: dict[str, str], *containers: Container, logs: bool = False) -> Workload:
    return Workload("StatefulSet", "{name}", _pods(labels, *containers, logs=logs), parallel=True)


def _alive(process: str) -> tuple[str, ...]:
    return ("/usr/bin/pgrep", "-r", "DRST", process)


_BEFORE: tuple[Step, ...] = (Inputs(), Cache(), Networks(), Bundle())

_API = {"service": "nova-api"}
API: Any = Steps(
    *_BEFORE,
    Endpoints("nova", 8774, _API, path="/v2.1"),
    Addresses("nova", "nova", _API),
    _config("nova-api"),
    _service(
        _API,
        tail("{name}-log", "/var/log/nova/nova-api.log"),
        Container("{name}-api", http=("/", 8774)),
        logs=True,
    ),
)

SCHEDULER: Any = Steps(
    *_BEFORE,
    _config("nova-scheduler"),
    _service({"service": "nova-scheduler"}, Container("{name}-scheduler", exec=_alive("nova-scheduler"))),
)


class Shared(msgspec.Struct, frozen=True):
    """Secret nova-metadata-neutron-config: how the agents on compute nodes reach the metadata service."""

    conditions: tuple[str, ...] = ("NovaComputeServiceConfigReady",)

    def run(self, walk: Walk) -> bool:
        """Write it."""
        shared = secret_text(walk.see("Secret", walk.facts["passwords"]), "MetadataSecret")
        host = f"nova-metadata-internal.{walk.namespace}.svc"
        options = {"nova_metadata_host": host, "nova_metadata_port": "8775", "metadata_proxy_shared_secret": shared}
        text = {"05-nova-metadata.conf": ini(DEFAULT=options)}
        walk.ensure(holder(walk, "nova-metadata-neutron-config", text, stamp(walk.me, "nova-metadata")))
        return walk.ok(self.conditions[0])


_METADATA = {"service": "nova-metadata"}
METADATA: Any = Steps(
    *_BEFORE,
    Endpoints("{name}", 8775, _METADATA, ("internal",), single=True),
    _config("nova-metadata"),
    Shared(),
    _service(
        _METADATA,
        tail("{name}-log", "/var/log/nova/nova-metadata.log"),
        Container("{name}-metadata", http=("/", 8775)),
        logs=True,
    ),
)


def scripts(_: Walk) -> dict[str, str]:
    """What the Jobs of a conductor run."""
    archive = "nova-manage db archive_deleted_rows --until-complete --verbose"
    return {
        "dbsync.sh": '#!/bin/bash\nset -e\n[ "$CELL_NAME" != cell0 ] || nova-manage api_db sync\nnova-manage db sync\n',
        "dbpurge.sh": f"#!/bin/bash\nset -e\n{archive}\nnova-manage db purge --all --verbose\n",
    }


_CONDUCTOR = {"service": "nova-conductor", "cell": "{cell}"}
_JOB = {"service": "nova-conductor"}
_ENV = {"CELL_NAME": "{cell}", "KOLLA_BOOTSTRAP": "true", "KOLLA_CONFIG_STRATEGY": "COPY_ALWAYS"}
CONDUCTOR: Any = Steps(
    *_BEFORE,
    Config({"{name}-config-data": files, "{name}-scripts": scripts}, "nova-conductor"),
    RunJob("{name}-db-sync", "dbsync", _pods(_JOB, Container("{name}-db-sync", env=_ENV), scripts=True)),
    Periodic(
        "nova-{cell}-db-purge",
        _pods(_JOB, Container("nova-manage", env=_ENV), scripts=True),
        ("dbPurge", "schedule"),
        "0 0 * * *",
    ),
    _service(_CONDUCTOR, Container("{name}-conductor", exec=_alive("nova-conductor"))),
)

_PROXY = {"service": "nova-novncproxy", "cell": "{cell}"}
NOVNCPROXY: Any = Steps(
    *_BEFORE,
    Endpoints("nova-novncproxy-{cell}", 6080, _PROXY, ("public",), single=True),
    _config("nova-novncproxy"),
    _service(_PROXY, Container("{name}-novncproxy", http=("/vnc_lite.html", 6080))),
)
