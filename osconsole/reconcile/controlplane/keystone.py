"""KeystoneAPI with its Jobs and keys, and the CRs by which other services enter its catalogue."""

import base64
from typing import Any

import msgspec

from osconsole.model.resource import Resource
from osconsole.reconcile.actions import Generated
from osconsole.reconcile.controlplane.describe import CA, Container, Pods, secret
from osconsole.reconcile.controlplane.objects import made, stamp
from osconsole.reconcile.controlplane.steps.access import Account
from osconsole.reconcile.controlplane.steps.config import Config, ini
from osconsole.reconcile.controlplane.steps.database import Database
from osconsole.reconcile.controlplane.steps.inputs import Bundle, Cache, Networks, Passwords, secret_text
from osconsole.reconcile.controlplane.steps.jobs import RunJob
from osconsole.reconcile.controlplane.steps.messaging import Transport
from osconsole.reconcile.controlplane.steps.services import Endpoints
from osconsole.reconcile.controlplane.steps.step import Steps, Together
from osconsole.reconcile.controlplane.steps.workload import Periodic, Workload
from osconsole.reconcile.controlplane.walk import Walk

LABELS = {"service": "keystone", "owner": "{name}"}
ACCOUNT = "keystone-{name}"
FERNET_KEYS = 5


def files(walk: Walk) -> dict[str, str]:
    """What keystone reads."""
    return {
        "keystone.conf": ini(
            DEFAULT={"use_stderr": "true", "transport_url": walk.facts["transport"]},
            cache={
                "enabled": "true",
                "backend": "dogpile.cache.memcached",
                "memcache_servers": walk.facts["memcached"],
            },
            database={"connection": walk.facts["database"], "max_retries": "-1"},
            fernet_tokens={"key_repository": "/etc/keystone/fernet-keys"},
            credential={"key_repository": "/etc/keystone/credential-keys"},
            identity={"default_domain_id": "default"},
        ),
        "custom.conf": walk.get("customServiceConfig", default=""),
        "my.cnf": "[client]\nssl=0\n",
    }


class Keys(msgspec.Struct, frozen=True):
    """Secret `name` with fernet and credential keys, made up once, and clouds.yaml for clients."""

    conditions: tuple[str, ...] = ()

    def run(self, walk: Walk) -> bool:
        """Make them unless they are there."""
        labels = stamp(walk.me, "keystone")
        keys = {f"FernetKeys{n}": Generated("fernet") for n in range(FERNET_KEYS)}
        keys |= {f"CredentialKeys{n}": Generated("fernet") for n in range(2)}
        walk.create(made(walk.me, "Secret", walk.name, labels, type="Opaque"), keys)
        return True


class Clouds(msgspec.Struct, frozen=True):
    """ConfigMap openstack-config and Secret openstack-config-secret: how the openstack client reaches this cloud."""

    conditions: tuple[str, ...] = ()

    def run(self, walk: Walk) -> bool:
        """Write them, and say where Keystone is."""
        labels = stamp(walk.me, "keystone")
        region = walk.get("region", default="regionOne")
        user, project = walk.get("adminUser", default="admin"), walk.get("adminProject", default="admin")
        clouds = (
            "clouds:\n  default:\n    auth:\n"
            f"      auth_url: {walk.facts['internal']}\n      project_name: {project}\n      username: {user}\n"
            f"      user_domain_name: Default\n      project_domain_name: Default\n    region_name: {region}\n"
        )
        data = {"OS_CLOUD": "default", "clouds.yaml": clouds}
        walk.ensure(made(walk.me, "ConfigMap", "openstack-config", labels, data=data))
        given = walk.see("Secret", walk.get("secret", default="osp-secret"))
        password = secret_text(given, walk.get("passwordSelectors", "admin", default="AdminPassword"))
        secure = f"clouds:\n  default:\n    auth:\n      password: {password}\n"
        hidden = {"secure.yaml": base64.b64encode(secure.encode()).decode()}
        walk.ensure(made(walk.me, "Secret", "openstack-config-secret", labels, type="Opaque", data=hidden))
        walk.report |= {
            "region": region,
            "apiEndpoints": {"internal": walk.facts["internal"], "public": walk.facts["public"]},
        }
        return True


def _pods(*containers: Container) -> Pods:
    volumes = (
        secret("scripts", "keystone-scripts", "/usr/local/bin/container-scripts", 0o755),
        secret("config-data", "{name}-config-data", "/var/lib/config-data/default"),
        secret("fernet-keys", "{name}", "/etc/keystone/fernet-keys"),
        CA,
    )
    return Pods(LABELS, containers, volumes, ACCOUNT, attachments=True)


_ONCE = {"KOLLA_BOOTSTRAP": "true", "KOLLA_CONFIG_STRATEGY": "COPY_ALWAYS"}
_BOOTSTRAP = {
    **_ONCE,
    "OS_BOOTSTRAP_INTERNAL_URL": "{internal}",
    "OS_BOOTSTRAP_PUBLIC_URL": "{public}",
    "OS_BOOTSTRAP_PROJECT_NAME": "admin",
    "OS_BOOTSTRAP_REGION_ID": "regionOne",
    "OS_BOOTSTRAP_SERVICE_NAME": "keystone",
    "OS_BOOTSTRAP_USERNAME": "admin",
}

API = Steps(
    Account(ACCOUNT),
    Passwords(selectors=("admin",)),
    Together(
        Transport("{name}-keystone-transport", ("notificationsBus", "cluster"), LABELS),
        Cache(),
        Database(),
        Networks(),
        Bundle(),
        Keys(),
        Endpoints("{name}", 5000, LABELS),
    ),
    Config({"{name}-config-data": files, "{name}-scripts": lambda _: {}}, "keystone"),
    RunJob(
        "{name}-db-sync",
        "dbsync",
        _pods(Container("{name}-db-sync", ("/bin/bash", "-c", "keystone-manage db_sync"), env=_ONCE)),
    ),
    RunJob(
        "{name}-bootstrap",
        "bootstrap",
        _pods(
            Container(
                "{name}-bootstrap",
                ("/bin/bash", "-c", "/usr/local/bin/kolla_set_configs && keystone-manage bootstrap"),
                env=_BOOTSTRAP,
                hidden={"OS_BOOTSTRAP_PASSWORD": ("{passwords}", "{password_admin}")},
            )
        ),
        "BootstrapReady",
    ),
    Clouds(),
    Workload("Deployment", "{name}", _pods(Container("keystone-api", http=("/v3", 5000)))),
    Periodic(
        "{name}-cron",
        _pods(Container("{name}-cron", ("keystone-manage", "trust_flush"), words=2)),
        ("trustFlushSchedule",),
        "1 * * * *",
    ),
)


class Registered(msgspec.Struct, frozen=True):
    """An entry of the catalogue. Keystone is ready; nobody here speaks to it, and the messages say so."""

    service: bool

    @property
    def conditions(self) -> tuple[str, ...]:
        """Those of a KeystoneService, or of a KeystoneEndpoint."""
        service = ("KeystoneServiceOSServiceReady", "KeystoneServiceOSUserReady")
        own = service if self.service else ("KeystoneServiceOSEndpointsReady",)
        return ("KeystoneAPIReady", "AdminServiceClientReady", *own)

    def run(self, walk: Walk) -> bool:
        """Wait for Keystone, then record what is to be in the catalogue."""
        found = _keystone(walk)
        if found is None or not found.ready:
            return walk.busy("KeystoneAPIReady")
        walk.ok("KeystoneAPIReady")
        walk.ok("AdminServiceClientReady")
        if self.service:
            walk.ok("KeystoneServiceOSServiceReady", f"Keystone Service {walk.get('serviceName')} recorded{_HOW}")
            user = walk.get("serviceUser")
            return walk.ok("KeystoneServiceOSUserReady", f"Keystone Service user {user} recorded{_HOW}")
        urls = " ".join(f"{kind}:{url}" for kind, url in sorted(walk.get("endpoints", default={}).items()))
        return walk.ok("KeystoneServiceOSEndpointsReady", f"Keystone Endpoints recorded: [{urls}]{_HOW}")


_HOW = " (osconsole writes no rows into Keystone)"


class Known(msgspec.Struct, frozen=True):
    """The service of an endpoint is registered."""

    conditions: tuple[str, ...] = ("KeystoneServiceReady",)

    def run(self, walk: Walk) -> bool:
        """Wait for its KeystoneService."""
        return walk.mirror("KeystoneServiceReady", walk.see("KeystoneService", walk.get("serviceName", default="")))


def _keystone(walk: Walk) -> Resource | None:
    return walk.see("KeystoneAPI", "keystone")


SERVICE: Any = Steps(Registered(service=True), observes=False)
ENDPOINT: Any = Steps(Known(), Registered(service=False))
