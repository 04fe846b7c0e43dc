"""Galera: the database servers, their root account, and the Service that points at one of them."""

from typing import Any

import msgspec

from osconsole.reconcile.actions import Generated
from osconsole.reconcile.controlplane.describe import CA, Container, Pods, Volume, config_map, empty
from osconsole.reconcile.controlplane.objects import made, number
from osconsole.reconcile.controlplane.steps.access import Account
from osconsole.reconcile.controlplane.steps.config import Config
from osconsole.reconcile.controlplane.steps.inputs import Bundle, Passwords, secret_text
from osconsole.reconcile.controlplane.steps.services import Headless, ports
from osconsole.reconcile.controlplane.steps.step import Steps
from osconsole.reconcile.controlplane.steps.workload import Budget, Claim, Workload
from osconsole.reconcile.controlplane.walk import Walk

LABELS = {"app": "galera", "cr": "galera-{name}", "owner": "mariadb-operator", "service": "{name}-galera"}
PORT = 3306
_SCRIPTS = "/var/lib/operator-scripts"
_PROBE = f"{_SCRIPTS}/mysql_probe.sh"


def config(walk: Walk) -> dict[str, str]:
    """What the database server reads."""
    return {
        "galera.cnf.in": (
            "[mysqld]\nbind-address={ PODNAME }\ndefault_storage_engine=InnoDB\nwsrep_on=ON\n"
            f"wsrep_cluster_name=galera_cluster\nwsrep_cluster_address=gcomm://{_members(walk)}\n"
        ),
        "zzz_galera_custom.cnf.in": walk.get("customServiceConfig", default=""),
    }


def scripts(walk: Walk) -> dict[str, str]:
    """Start, probes, and how a Job logs in as root."""
    root = walk.facts["root_secret"]
    account = "/var/run/secrets/kubernetes.io/serviceaccount"
    url = f"https://kubernetes.default.svc/api/v1/namespaces/{walk.namespace}/secrets/{root}"
    return {
        "mysql_bootstrap.sh": "#!/bin/bash\nset -eu\n[ -d /var/lib/mysql/mysql ] || mysql_install_db --user=mysql\n",
        "mysql_probe.sh": (
            "#!/bin/bash\ncase $1 in\nreadiness) mysql -uroot -sNe \"SHOW STATUS LIKE 'wsrep_local_state_comment'\""
            " | grep -q Synced ;;\n*) mysqladmin -uroot ping ;;\nesac\n"
        ),
        "mysql_root_auth.sh": (
            f"# the root password, from the Secret {root}\n"
            f"MYSQL_PWD=$(curl -sS --cacert {account}/ca.crt "
            f'-H "Authorization: Bearer $(cat {account}/token)" {url} |\n'
            '  sed -n \'s/.*"DatabasePassword": *"\\([^"]*\\)".*/\\1/p\' | base64 -d)\n'
            "export MYSQL_PWD\n"
        ),
    }


def _members(walk: Walk) -> str:
    names = (f"{walk.name}-galera-{n}.{walk.name}-galera" for n in range(number(walk.spec, "replicas")))
    return ",".join(names)


class Root(msgspec.Struct, frozen=True):
    """The system account `root`, with the password that the Secret of passwords gives, or one made up."""

    conditions: tuple[str, ...] = ()

    def run(self, walk: Walk) -> bool:
        """Make account and Secret."""
        account = walk.get("rootDatabaseAccount", default=f"{walk.name}-mariadb-root")
        name = f"{account}-db-secret"
        walk.facts |= {"root": account, "root_secret": name}
        given = secret_text(walk.see("Secret", walk.get("secret", default="osp-secret")), "DbRootPassword")
        body = made(walk.me, "Secret", name, type="Opaque", immutable=True)
        if given:
            walk.create({**body, "stringData": {"DatabasePassword": given}})
        else:
            walk.create(body, {"DatabasePassword": Generated("password", 24)})
        spec = {"accountType": "System", "requireTLS": False, "secret": name, "userName": "root"}
        walk.create(made(walk.me, "MariaDBAccount", account, {"dbName": walk.name}, spec=spec))
        walk.report |= {"rootDatabaseAccount": account, "rootDatabaseSecret": name}
        return True


class Front(msgspec.Struct, frozen=True):
    """Service `name`: clients talk to one member, the first that is ready."""

    conditions: tuple[str, ...] = ("CreateServiceReady",)

    def run(self, walk: Walk) -> bool:
        """Make it."""
        labels = {"app": "mariadb", "cr": f"mariadb-{walk.name}", "owner": "mariadb-operator"}
        selector = {"app": "galera", "cr": f"galera-{walk.name}"}
        selector["statefulset.kubernetes.io/pod-name"] = self._active(walk)
        spec = {"type": "ClusterIP", "selector": selector, "ports": ports({"database": PORT})}
        found = walk.ensure(made(walk.me, "Service", walk.name, labels, spec=spec))
        return walk.ok("CreateServiceReady") if found else not walk.busy("CreateServiceReady")

    def _active(self, walk: Walk) -> str:
        """The member that has it, as long as that is ready."""
        members = [f"{walk.name}-galera-{n}" for n in range(max(1, number(walk.spec, "replicas")))]
        pods = {name: walk.see("Pod", name) for name in members}
        ready = [name for name, pod in pods.items() if pod and pod.ready]
        service = walk.see("Service", walk.name)
        held = service.get("spec", "selector", "statefulset.kubernetes.io/pod-name") if service else None
        return held if held in ready else (ready or members)[0]


class Bootstrapped(msgspec.Struct, frozen=True):
    """Status fields that upstream's schema demands from the first write on."""

    conditions: tuple[str, ...] = ()

    def run(self, walk: Walk) -> bool:
        """Nobody has bootstrapped it yet, unless it is so."""
        walk.report |= {"bootstrapped": bool(walk.status.get("bootstrapped")), "stopRequired": False}
        return True


class Members(msgspec.Struct, frozen=True):
    """The StatefulSet; once a member is ready the cluster is bootstrapped, and Jobs may come."""

    workload: Workload
    conditions: tuple[str, ...] = ("DeploymentReady",)

    def run(self, walk: Walk) -> bool:
        """Bring the members up."""
        found = self.workload.run(walk)
        ready = walk.see("StatefulSet", f"{walk.name}-galera")
        if ready and ready.get("status", "readyReplicas", default=0):
            walk.report["bootstrapped"] = True
        return found


class RootReady(msgspec.Struct, frozen=True):
    """The root account has the password of its Secret."""

    conditions: tuple[str, ...] = ("MariaDBAccountReady",)

    def run(self, walk: Walk) -> bool:
        """Wait for the account; a cluster of no members has no Job to wait for."""
        done = "MariaDBAccount System account 'root' creation complete"
        found = walk.see("MariaDBAccount", walk.facts["root"])
        if not number(walk.spec, "replicas"):
            return walk.ok("MariaDBAccountReady", done)
        return walk.mirror("MariaDBAccountReady", found, done=done)


_VOLUMES = (
    config_map("kolla-config", "{name}-config-data", "/var/lib/kolla/config_files"),
    config_map("config-data-default", "{name}-config-data", "/var/lib/config-data/default"),
    empty("config-data-generated", "/var/lib/config-data/generated"),
    config_map("operator-scripts", "{name}-scripts", _SCRIPTS),
    CA,
)
_TLS = "/var/lib/config-data/tls"
_START = ("/usr/bin/dumb-init", "--", "/usr/local/bin/kolla_start")
_MEMBERS = Workload(
    "StatefulSet",
    "{name}-galera",
    Pods(
        LABELS,
        (
            Container(
                "galera",
                _START,
                words=3,
                ports={"mysql": PORT, "galera": 4567},
                exec=("/bin/bash", _PROBE, "readiness"),
            ),
        ),
        (*_VOLUMES, Volume("galera-tls-certs", "secret:cert-galera-{name}-svc", _TLS, optional=True)),
        "galera-{name}",
        init=(Container("mysql-bootstrap", ("bash", f"{_SCRIPTS}/mysql_bootstrap.sh"), words=2),),
        hash_env="CR_CONFIG_HASH",
    ),
    service="{name}-galera",
    claim=Claim("mysql-db", labels=LABELS),
    parallel=True,
    count="",
)

GALERA: Any = Steps(
    Bootstrapped(),
    Account("galera-{name}"),
    Passwords(selectors=()),
    Root(),
    Bundle(),
    Headless("{name}-galera", {"mysql": PORT}, {"app": "galera", "cr": "galera-{name}"}),
    Front(),
    Config({"{name}-config-data": config, "{name}-scripts": scripts}, plain=True),
    Budget("{name}-galera", {"app": "galera", "cr": "galera-{name}"}),
    Members(_MEMBERS),
    RootReady(),
)
