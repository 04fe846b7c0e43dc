"""MariaDBDatabase and MariaDBAccount: one Job each against the Galera that they name."""

from typing import Any

import msgspec

from osconsole.model.hashes import object_hash
from osconsole.reconcile.controlplane.objects import made
from osconsole.reconcile.controlplane.steps import jobs
from osconsole.reconcile.controlplane.steps.step import Steps
from osconsole.reconcile.controlplane.walk import Walk

AUTH = "/var/lib/operator-scripts"
SYSTEM = "System"

_CREATE = """#!/bin/bash
set -e
source {auth}/mysql_root_auth.sh
mysql -h {host} -u root -P 3306 -e "CREATE DATABASE IF NOT EXISTS {db}; \
ALTER DATABASE {db} CHARACTER SET '{charset}' COLLATE '{collation}';"
mysql -h {host} -u root -P 3306 -NB -e "SHOW CREATE DATABASE {db};"
"""
_ACCOUNT = """#!/bin/bash
set -e
export DatabasePassword=${{DatabasePassword:?"a password is needed"}}
source {auth}/mysql_root_auth.sh
mysql -h {host} -u root -P 3306 <<EOF
CREATE USER IF NOT EXISTS '{user}'@'localhost';
CREATE USER IF NOT EXISTS '{user}'@'%';
ALTER USER '{user}'@'localhost' IDENTIFIED BY '$DatabasePassword';
ALTER USER '{user}'@'%' IDENTIFIED BY '$DatabasePassword';
GRANT ALL PRIVILEGES ON {grant}.* TO '{user}'@'localhost';
GRANT ALL PRIVILEGES ON {grant}.* TO '{user}'@'%';
EOF
"""


class Server(msgspec.Struct, frozen=True):
    """The Galera behind a database is up; its name becomes the fact `galera`."""

    conditions: tuple[str, ...] = ("MariaDBServerReady",)

    def run(self, walk: Walk) -> bool:
        """Wait for it."""
        name = walk.facts.get("galera") or walk.me.labels.get("dbName", "")
        found = walk.see("Galera", name) if name else None
        if found is None or not found.get("status", "bootstrapped", default=False):
            return walk.busy(self.conditions[0])
        walk.facts["galera"] = name
        walk.facts["host"] = f"{name}.{walk.namespace}.svc"
        walk.facts["image"] = found.get("spec", "containerImage", default="")
        return walk.ok(self.conditions[0])


class Schema(msgspec.Struct, frozen=True):
    """The database exists."""

    conditions: tuple[str, ...] = ("MariaDBDatabaseReady",)

    def run(self, walk: Walk) -> bool:
        """Run the Job that creates it."""
        db = walk.get("name", default=walk.name)
        script = _CREATE.format(
            auth=AUTH,
            host=walk.facts["host"],
            db=db,
            charset=walk.get("defaultCharacterSet", default="utf8"),
            collation=walk.get("defaultCollation", default="utf8_general_ci"),
        )
        body = _job(walk, f"{db.replace('_', '-')}-db-create", db, "mariadb-database-create", script)
        state = jobs.done(walk, body, "dbcreate")
        walk.report["completed"] = state == "done"
        return _say(walk, self.conditions[0], state)


class Owner(msgspec.Struct, frozen=True):
    """The database that an account is for is there; a system account has none, but names its Galera by its label."""

    conditions: tuple[str, ...] = ()

    def run(self, walk: Walk) -> bool:
        """Find the Galera."""
        if walk.get("accountType") == SYSTEM:
            return True
        walk.expect("MariaDBDatabaseReady")
        found = walk.see("MariaDBDatabase", walk.me.labels.get("mariaDBDatabaseName", ""))
        if found is None:
            return walk.busy("MariaDBDatabaseReady", "MariaDBDatabase not yet available")
        walk.facts["galera"] = found.labels.get("dbName", "")
        walk.facts["grant"] = found.get("spec", "name", default=found.ref.name)
        return True


class User(msgspec.Struct, frozen=True):
    """The account exists, with the password of its Secret."""

    conditions: tuple[str, ...] = ("MariaDBAccountReady",)

    def run(self, walk: Walk) -> bool:
        """Run the Job that creates or updates it."""
        secret = walk.get("secret", default="")
        if walk.see("Secret", secret) is None:
            return walk.failed("MariaDBAccountReady", f"secret/{secret} is missing")
        system = walk.get("accountType") == SYSTEM
        if not system:
            database = walk.see("MariaDBDatabase", walk.me.labels.get("mariaDBDatabaseName", ""))
            if database is None or not database.ready:
                return walk.busy("MariaDBDatabaseReady")
            walk.ok("MariaDBDatabaseReady")
        user = walk.get("userName", default=walk.name)
        grant = "*" if system else walk.facts["grant"]
        script = _ACCOUNT.format(auth=AUTH, host=walk.facts["host"], user=user, grant=grant)
        prefix = f"{walk.facts['galera']}-root" if system else user.replace("_", "-")
        env = [{"name": "DatabasePassword", "valueFrom": {"secretKeyRef": {"name": secret, "key": "DatabasePassword"}}}]
        name = f"{prefix}-account-create-update"
        body = _job(walk, name, user, "mariadb-account-create-update", script, env)
        state = jobs.done(walk, body, "accountcreateorupdate")
        if state == "done":
            walk.report["currentSecret"] = secret
        return _say(walk, self.conditions[0], state)


def _job(
    walk: Walk, name: str, cr: str, container: str, script: str, env: list[dict[str, Any]] | None = None
) -> dict[str, Any]:
    """A Job that runs a script with the root password at hand."""
    template = job_template(walk, container, script, env)
    labels = {"app": "mariadbschema", "cr": cr, "owner": "mariadb-operator"}
    annotations = {"hash": object_hash(template)}
    return made(walk.me, "Job", name, labels, annotations, spec=jobs.wrapped(walk, template))


def job_template(walk: Walk, container: str, script: str, env: list[dict[str, Any]] | None = None) -> dict[str, Any]:
    """The pod template of a script that may log in as root: `mysql_root_auth.sh` lies in AUTH."""
    galera = walk.facts["galera"]
    spec: dict[str, Any] = {
        "serviceAccountName": f"galera-{galera}",
        "restartPolicy": "OnFailure",
        "containers": [
            {
                "name": container,
                "image": walk.facts["image"],
                "command": ["/bin/sh", "-c", script],
                "volumeMounts": [{"name": "operator-scripts", "readOnly": True, "mountPath": AUTH}],
                **({"env": env} if env else {}),
            }
        ],
        "volumes": [
            {
                "name": "operator-scripts",
                "configMap": {
                    "name": f"{galera}-scripts",
                    "items": [{"key": "mysql_root_auth.sh", "path": "mysql_root_auth.sh"}],
                },
            }
        ],
    }
    return {"spec": spec}


def _say(walk: Walk, condition: str, state: str) -> bool:
    if state == "failed":
        return walk.failed(condition, f"its Job has failed for good: see the Jobs of {walk.me.ref.short}")
    return walk.ok(condition) if state == "done" else walk.busy(condition)


DATABASE = Steps(Server(), Schema(), observes=False)
ACCOUNT = Steps(Owner(), Server(), User(), observes=False)
