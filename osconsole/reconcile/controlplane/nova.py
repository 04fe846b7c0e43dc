"""Nova: cells with their databases and buses, and the services above them."""

import base64
from typing import Any

import msgspec

from osconsole.model.conditions import find
from osconsole.model.kinds import key
from osconsole.model.resource import Resource
from osconsole.reconcile.controlplane.authorities import BUNDLE
from osconsole.reconcile.controlplane.describe import CA, Container, Pods, secret
from osconsole.reconcile.controlplane.nova_cell import CELL0, given, taken
from osconsole.reconcile.controlplane.objects import made, merged, stamp
from osconsole.reconcile.controlplane.steps import database, jobs, messaging
from osconsole.reconcile.controlplane.steps.access import Account
from osconsole.reconcile.controlplane.steps.catalogue import Entry, KeystoneUrls
from osconsole.reconcile.controlplane.steps.config import holder, ini
from osconsole.reconcile.controlplane.steps.inputs import Cache, Passwords, secret_text
from osconsole.reconcile.controlplane.steps.step import Steps, Together
from osconsole.reconcile.controlplane.walk import Walk

LABELS = {"service": "nova"}


def cells(walk: Walk) -> dict[str, dict[str, Any]]:
    """The cells of the template, cell0 first."""
    found: dict[str, dict[str, Any]] = walk.get("cellTemplates", default={})
    return dict(sorted(found.items(), key=lambda item: (item[0] != CELL0, item[0])))


def galera(walk: Walk, cell: str) -> str:
    """The Galera of a cell."""
    return str(cells(walk)[cell].get("cellDatabaseInstance") or "openstack")


class Databases(msgspec.Struct, frozen=True):
    """nova-api, and one per cell."""

    conditions: tuple[str, ...] = ("MariaDBAccountReady", "NovaAPIDBReady", "NovaAllCellDBReady")

    def run(self, walk: Walk) -> bool:
        """Make all of them, and wait for all."""
        account = walk.get("apiDatabaseAccount", default="nova-api")
        instance = walk.get("apiDatabaseInstance", default="openstack")
        api = _ready(walk, "nova-api", account, instance)
        late = [cell for cell in cells(walk) if not _ready(walk, *self._cell(walk, cell))]
        if api:
            walk.ok("NovaAPIDBReady")
            walk.ok("MariaDBAccountReady")
        else:
            walk.busy("NovaAPIDBReady")
        if late:
            return walk.busy("NovaAllCellDBReady", f"DB creation ongoing for {','.join(late)}")
        walk.ok("NovaAllCellDBReady")
        return api

    def _cell(self, walk: Walk, cell: str) -> tuple[str, str, str]:
        account = str(cells(walk)[cell].get("cellDatabaseAccount") or f"nova-{cell}")
        return f"nova-{cell}", account, galera(walk, cell)


def _ready(walk: Walk, name: str, account: str, instance: str) -> bool:
    found = database.database(walk, name, account, instance)
    user = database.account_of(walk, account)
    return bool(found and found.ready and user and user.ready)


class Buses(msgspec.Struct, frozen=True):
    """TransportURL nova-api-transport, and one per cell; cell0 shares the API's."""

    conditions: tuple[str, ...] = ("NovaAPIMQReady", "NovaAllCellsMQReady")

    def run(self, walk: Walk) -> bool:
        """Make all of them, wait for all, and hand password and bus to the services in Secrets of their own."""
        top = messaging.transport(
            walk, f"{walk.name}-api-transport", walk.get("messagingBus", "cluster", default="rabbitmq")
        )
        found = {cell: self._bus(walk, cell, top) for cell in cells(walk)}
        if top and top.ready:
            walk.ok("NovaAPIMQReady")
        else:
            walk.busy("NovaAPIMQReady")
        late = [cell for cell, bus in found.items() if not (bus and bus.ready)]
        if late:
            return walk.busy("NovaAllCellsMQReady", f"Message bus creation ongoing for {','.join(late)}")
        walk.ok("NovaAllCellsMQReady")
        if not (top and top.ready):
            return False
        self._secret(walk, walk.name, top, metadata=True)
        for cell, bus in found.items():
            if bus:
                self._secret(walk, f"{walk.name}-{cell}", bus)
        return True

    def _bus(self, walk: Walk, cell: str, top: Resource | None) -> Resource | None:
        if cell == CELL0:
            return top
        cluster = (cells(walk)[cell].get("messagingBus") or {}).get("cluster") or f"rabbitmq-{cell}"
        return messaging.transport(walk, f"{walk.name}-{cell}-transport", cluster)

    def _secret(self, walk: Walk, name: str, bus: Resource, *, metadata: bool = False) -> None:
        passwords = walk.see("Secret", walk.facts["passwords"])
        values = {
            "ServicePassword": secret_text(passwords, walk.facts["password_service"] or "NovaPassword"),
            "transport_url": messaging.url(walk, bus),
            "quorum_queues": "true",
        }
        if metadata:
            values["MetadataSecret"] = secret_text(passwords, walk.facts["password_metadataSecret"] or "MetadataSecret")
        data = {key: base64.b64encode(text.encode()).decode() for key, text in values.items()}
        walk.ensure(made(walk.me, "Secret", name, stamp(walk.me, "nova"), type="Opaque", data=data))


class Cells(msgspec.Struct, frozen=True):
    """One NovaCell per cell, then a Job that maps it; what is mapped is `status.registeredCells`.

    Cells beside cell0 wait until its Job has made the tables of the API database.
    """

    conditions: tuple[str, ...] = ("NovaAllCellReady", "NovaCellsDeletion")

    def run(self, walk: Walk) -> bool:
        """Make and map them; the services above wait until no cell is on its way."""
        wanted = cells(walk)
        for old in walk.world.owned(walk.me, key("NovaCell")):
            if old.ref.name.removeprefix(f"{walk.name}-") not in wanted:
                walk.remove(old)
        walk.ok("NovaCellsDeletion")
        synced = False
        late, states = [], {}
        walk.report["registeredCells"] = registered = dict[str, str]()
        for cell, template in wanted.items():
            if cell != CELL0 and not synced and CELL0 in wanted:
                late.append(cell)
                continue
            found = walk.ensure(self._cell(walk, cell, template))
            synced_here = _synced(walk, f"{walk.name}-{cell}-conductor")
            synced = synced or (cell == CELL0 and synced_here)
            states[cell] = self._map(walk, cell) if synced_here else "running"
            if states[cell] == "done":
                registered[f"{walk.name}-{cell}"] = walk.report["hash"][f"cell-{cell}"]
            if found is None or not found.ready:
                late.append(cell)
        walk.report.pop("hash", None)
        if late:
            walk.busy("NovaAllCellReady", f"NovaCell {late[0]} is not Ready")
        else:
            walk.ok("NovaAllCellReady")
        return set(states) == set(wanted) and "running" not in states.values() and "done" in states.values()

    def _cell(self, walk: Walk, cell: str, template: dict[str, Any]) -> dict[str, Any]:
        shared = taken(
            walk,
            (
                *("computeContainerImageURL", "conductorContainerImageURL", "metadataContainerImageURL"),
                *("novncproxyContainerImageURL", "apiTimeout", "preserveJobs", "serviceUser"),
            ),
        )
        templates = ("conductorServiceTemplate", "metadataServiceTemplate", "noVNCProxyServiceTemplate", "dbPurge")
        own = {
            **above(walk),
            "cellName": cell,
            "cellDatabaseAccount": str(template.get("cellDatabaseAccount") or f"nova-{cell}"),
            "cellDatabaseHostname": f"{galera(walk, cell)}.{walk.namespace}.svc",
            "memcachedInstance": template.get("memcachedInstance")
            or walk.get("memcachedInstance", default="memcached"),
            "secret": f"{walk.name}-{cell}",
        }
        parts = {name: template[name] for name in templates if template.get(name) is not None}
        parts.setdefault("conductorServiceTemplate", {})
        parts.setdefault("noVNCProxyServiceTemplate", {"enabled": cell != CELL0})
        return made(walk.me, "NovaCell", f"{walk.name}-{cell}", spec=merged(shared, own, parts))

    def _map(self, walk: Walk, cell: str) -> str:
        name = f"{walk.name}-{cell}-manage"
        files = {"01-nova.conf": ini(DEFAULT={"transport_url": walk.facts.get("transport", "")})}
        script = "nova-manage cell_v2 map_cell0 || nova-manage cell_v2 create_cell --name $CELL_NAME\n"
        labels = stamp(walk.me, "nova")
        walk.ensure(holder(walk, f"{name}-config-data", files, labels))
        walk.ensure(holder(walk, f"{name}-scripts", {"ensure_cell_mapping.sh": f"#!/bin/bash\n{script}"}, labels))
        container = Container(
            "nova-manage",
            image=("conductorContainerImageURL",),
            env={"CELL_NAME": cell, "KOLLA_BOOTSTRAP": "true", "KOLLA_CONFIG_STRATEGY": "COPY_ALWAYS"},
        )
        volumes = (
            secret("config-data", f"{name}-config-data", "/var/lib/openstack/config"),
            secret("scripts", f"{name}-scripts", "/var/lib/openstack/bin", 0o755),
            CA,
        )
        pods = Pods(LABELS, (container,), volumes, "nova-{name}", token=False)
        return registered(walk, cell, jobs.job(walk, f"{walk.name}-{cell}-cell-mapping", pods))


def registered(walk: Walk, cell: str, body: dict[str, Any]) -> str:
    """`jobs.done`, with `status.registeredCells` as its memory."""
    known = (walk.status.get("registeredCells") or {}).get(f"{walk.name}-{cell}")
    memory = {**walk.status, "hash": {f"cell-{cell}": known}}
    return jobs.done(walk, body, f"cell-{cell}", memory)


def above(walk: Walk) -> dict[str, Any]:
    """What every service of Nova is told about the world around it."""
    return {
        "apiDatabaseAccount": walk.get("apiDatabaseAccount", default="nova-api"),
        "apiDatabaseHostname": f"{walk.get('apiDatabaseInstance', default='openstack')}.{walk.namespace}.svc",
        "keystoneAuthURL": walk.facts["auth"],
        "region": "regionOne",
        "serviceAccount": f"nova-{walk.name}",
        "tls": {"caBundleSecretName": BUNDLE},
    }


class Top(msgspec.Struct, frozen=True):
    """NovaAPI, NovaScheduler and NovaMetadata, side by side."""

    conditions: tuple[str, ...] = ("NovaAPIReady", "NovaSchedulerReady")

    def run(self, walk: Walk) -> bool:
        """Make them, and wait for all."""
        cell0 = {
            "cell0DatabaseAccount": str(cells(walk).get(CELL0, {}).get("cellDatabaseAccount") or "nova-cell0"),
            "cell0DatabaseHostname": f"{galera(walk, CELL0)}.{walk.namespace}.svc",
        }
        public = {"keystonePublicAuthURL": walk.facts["auth_public"], "apiTimeout": walk.get("apiTimeout", default=60)}
        done = [
            self._service(walk, "API", "api", {**cell0, **public}),
            self._service(walk, "Scheduler", "scheduler", cell0),
        ]
        if walk.get("metadataServiceTemplate", "enabled", default=True):
            walk.expect("NovaMetadataReady")
            cell = {f"cellDatabase{k.removeprefix('cell0Database')}": v for k, v in cell0.items()}
            done.append(self._service(walk, "Metadata", "metadata", cell))
        else:
            walk.remove(walk.see("NovaMetadata", f"{walk.name}-metadata"))
        return all(done)

    def _service(self, walk: Walk, title: str, name: str, more: dict[str, Any]) -> bool:
        own = {
            **above(walk),
            **more,
            "containerImage": walk.get(f"{name}ContainerImageURL", default=""),
            "memcachedInstance": walk.get("memcachedInstance", default="memcached"),
            "registeredCells": walk.report["registeredCells"],
            "secret": walk.name,
            "serviceUser": walk.get("serviceUser", default="nova"),
        }
        spec = merged(own, given(walk, f"{name}ServiceTemplate"))
        found = walk.ensure(made(walk.me, f"Nova{title}", f"{walk.name}-{name}", spec=spec))
        walk.report[f"{name}ServiceReadyCount"] = found.get("status", "readyCount", default=0) if found else 0
        return walk.mirror(f"Nova{title}Ready", found, done="Setup complete")


def _synced(walk: Walk, conductor: str) -> bool:
    """Whether a conductor's Job has made the tables of its databases."""
    found = walk.see("NovaConductor", conductor)
    condition = find(found.conditions, "DBSyncReady") if found else None
    return bool(condition and condition.ok)


NOVA: Any = Steps(
    Account("nova-{name}"),
    Passwords(selectors=("service", "metadataSecret")),
    Together(Databases(), Buses(), Cache()),
    KeystoneUrls(),
    Entry("nova", "compute", "Nova Compute Service", LABELS),
    Cells(),
    Top(),
)
