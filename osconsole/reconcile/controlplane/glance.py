"""Glance with its APIs: images; one GlanceAPI CR per API of the template, two where it is split."""

from collections.abc import Iterator
from typing import Any

import msgspec

from osconsole.model.kinds import key
from osconsole.model.resource import Resource
from osconsole.reconcile.controlplane import conf
from osconsole.reconcile.controlplane.describe import CA, Container, Pods, Volume, empty, secret, tail
from osconsole.reconcile.controlplane.objects import made, merged
from osconsole.reconcile.controlplane.steps import database
from osconsole.reconcile.controlplane.steps.access import Account
from osconsole.reconcile.controlplane.steps.catalogue import Addresses, Entry, KeystoneUrls
from osconsole.reconcile.controlplane.steps.config import Config
from osconsole.reconcile.controlplane.steps.database import Database
from osconsole.reconcile.controlplane.steps.inputs import Bundle, Cache, Networks, NothingAsked, Passwords
from osconsole.reconcile.controlplane.steps.jobs import RunJob
from osconsole.reconcile.controlplane.steps.services import Endpoints, Headless
from osconsole.reconcile.controlplane.steps.step import Steps, Together
from osconsole.reconcile.controlplane.steps.workload import Claim, Periodic, Workload
from osconsole.reconcile.controlplane.walk import Walk

LABELS = {"service": "glance"}
PORT = 9292
# what the APIs of a type are: suffix of the CR's name -> its apiType
TYPES = {"split": ("internal", "external"), "single": ("single",), "edge": ("edge",)}
# which Services an apiType has
FACES = {"internal": ("internal",), "external": ("public",), "edge": ("internal",), "single": ("internal", "public")}
# fields that every API takes from its Glance
SHARED = ("databaseAccount", "memcachedInstance", "passwordSelectors", "secret", "serviceUser", "containerImage")


def files(walk: Walk) -> dict[str, str]:
    """What glance-manage reads."""
    return {"00-config.conf": conf.service(walk), "02-config.conf": conf.custom(walk), "my.cnf": conf.MY_CNF}


class Apis(msgspec.Struct, frozen=True):
    """The GlanceAPI CRs; those that the template no longer has are taken away."""

    conditions: tuple[str, ...] = ("GlanceAPIReady",)

    def run(self, walk: Walk) -> bool:
        """Make them, and wait until all are ready."""
        wanted = {body["metadata"]["name"]: body for body in self._bodies(walk)}
        for old in walk.world.owned(walk.me, key("GlanceAPI")):
            if old.ref.name not in wanted:
                walk.remove(old)
        found = {name: walk.ensure(body) for name, body in wanted.items()}
        walk.report["glanceAPIReadyCounts"] = counts = dict[str, int]()
        for name, body in wanted.items():
            api = found[name]
            count = api.get("status", "readyCount", default=0) if api else 0
            label = body["metadata"]["labels"]["api-name"]
            counts[label] = min(count, counts.get(label, count))
        late: list[Resource | None] = [api for api in found.values() if api is None or not api.ready]
        return walk.mirror("GlanceAPIReady", late[0]) if late else walk.ok("GlanceAPIReady", "Setup complete")

    def _bodies(self, walk: Walk) -> Iterator[dict[str, Any]]:
        for name, given in walk.get("glanceAPIs", default={}).items():
            for kind in TYPES.get(given.get("type", "split"), ("single",)):
                yield self._body(walk, name, kind, given)

    def _body(self, walk: Walk, name: str, kind: str, given: dict[str, Any]) -> dict[str, Any]:
        shared = {field: walk.get(field) for field in SHARED if walk.get(field) is not None}
        own = {
            "apiType": kind,
            "databaseHostname": walk.facts["dbhost"],
            "serviceAccount": f"glance-{walk.name}",
            "customServiceConfig": walk.get("customServiceConfig", default=""),
            "imageCache": {"size": ""},
            "replicas": 1,
        }
        filled = {field: value for field, value in given.items() if value not in ("", None)}
        storage = {"storage": merged(walk.get("storage"), given.get("storage"))}
        annotations = {"keystoneEndpoint": "true" if walk.get("keystoneEndpoint") == name else "false"}
        labels = {"api-name": name, "service": "glance"}
        spec = merged(shared, own, filled, storage)
        return made(walk.me, "GlanceAPI", f"{walk.name}-{name}-{kind}", labels, annotations, spec=spec)


def _pods(*containers: Container) -> Pods:
    volumes = (
        secret("config-data", "{name}-config-data", "/etc/glance/glance.conf.d"),
        secret("scripts", "{name}-scripts", "/usr/local/bin/container-scripts", 0o755),
        CA,
    )
    return Pods(LABELS, containers, volumes, "glance-{name}")


_SYNC = Container("{name}-db-sync", ("/bin/bash", "-c", "glance-manage --config-dir /etc/glance/glance.conf.d db_sync"))
_PURGE = Container(
    "{name}-dbpurge",
    ("/bin/bash", "-c", "/usr/bin/glance-manage --config-dir /etc/glance/glance.conf.d db purge 30"),
)

GLANCE: Any = Steps(
    Account("glance-{name}"),
    Passwords(),
    NothingAsked("NotificationBusInstanceReady"),
    Together(Cache(), Database(), Networks()),
    KeystoneUrls(),
    Entry("glance", "image", "Glance Service", LABELS),
    Config({"{name}-config-data": files, "{name}-scripts": lambda _: {}}, "glance"),
    RunJob("{name}-db-sync", "dbsync", _pods(_SYNC)),
    Periodic("{name}-db-purge", _pods(_PURGE), ("dbPurge", "schedule")),
    Apis(),
)


class Name(msgspec.Struct, frozen=True):
    """Which API this is: the facts `kind`, `prefix` of its Services, and `workload`, the name of its StatefulSet."""

    conditions: tuple[str, ...] = ()

    def run(self, walk: Walk) -> bool:
        """Find out; the count is a field that the schema demands from the first write on."""
        kind = walk.get("apiType", default="single")
        walk.facts |= {"kind": kind, "prefix": walk.name.removesuffix(f"-{kind}")}
        walk.facts["workload"] = f"{walk.name}-api" if kind in TYPES["split"] else walk.name
        walk.report["readyCount"] = walk.status.get("readyCount", 0)
        walk.report["domain"] = f"{walk.facts['workload']}.{walk.namespace}.svc"
        return True


class Storage(msgspec.Struct, frozen=True):
    """The database as the Glance above has made it; the fact `database`."""

    conditions: tuple[str, ...] = ()

    def run(self, walk: Walk) -> bool:
        """Read it."""
        account = database.account_of(walk, walk.get("databaseAccount", default="glance"))
        host = walk.get("databaseHostname", default="")
        walk.facts["database"] = database.url(walk, account, host, "glance") if account else ""
        return True


class Faces(msgspec.Struct, frozen=True):
    """The Services and the catalogue's URLs of this type of API."""

    conditions: tuple[str, ...] = ("CreateServiceReady", "KeystoneEndpointReady")

    def run(self, walk: Walk) -> bool:
        """Make them."""
        kinds = FACES[walk.facts["kind"]]
        if not Endpoints("{prefix}", PORT, _API_LABELS, kinds).run(walk):
            return False
        walk.report["apiEndpoint"] = {kind: walk.facts[kind] for kind in kinds}
        annotations = walk.meta.get("annotations") or {}
        if annotations.get("keystoneEndpoint") != "true":
            return walk.ok("KeystoneEndpointReady")
        return Addresses("{name}", "glance", _API_LABELS, kinds).run(walk)


def api_files(walk: Walk) -> dict[str, str]:
    """What glance-api reads; the template may name Keystone's URL and the password."""
    facts = {".KeystoneInternalURL": walk.facts["auth"], ".ServicePassword": conf.password(walk)}
    text = conf.custom(walk)
    for name, value in facts.items():
        text = text.replace(f"{{{{ {name} }}}}", value)
    return {"00-config.conf": conf.service(walk), "02-config.conf": text, "my.cnf": conf.MY_CNF}


_API_LABELS = {"service": "glance", "component": "glance-api", "glanceAPI": "{name}", "owner": "{name}"}
_API_PODS = Pods(
    _API_LABELS,
    (tail("glance-log", "/var/log/glance/glance.log"), Container("glance-httpd", http=("/healthcheck", PORT))),
    (
        secret("config-data", "{name}-config-data", "/etc/glance/glance.conf.d"),
        empty("logs", "/var/log/glance"),
        Volume("glance", "claim", "/var/lib/glance"),
        CA,
    ),
    "glance-glance",
    attachments=True,
)

API: Any = Steps(
    Name(),
    Passwords(),
    Cache(),
    KeystoneUrls("KeystoneEndpointReady"),
    Storage(),
    NothingAsked("CinderReady"),
    Networks(),
    Bundle(),
    Faces(),
    NothingAsked("CronJobReady"),
    Config({"{name}-config-data": api_files}, "glance"),
    Headless("{workload}", {"glance-api": PORT}, _API_LABELS, _API_LABELS),
    Workload(
        "StatefulSet",
        "{workload}",
        _API_PODS,
        service="{workload}",
        claim=Claim("glance", ("storage", "storageClass"), ("storage", "storageRequest"), labels=_API_LABELS),
        labels=_API_LABELS,
        parallel=True,
    ),
)
