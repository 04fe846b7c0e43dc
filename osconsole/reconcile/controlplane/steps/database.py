"""A service's database: MariaDBDatabase, MariaDBAccount and the Secret with the account's password."""

import hashlib

import msgspec

from osconsole.model.resource import Resource
from osconsole.reconcile.actions import Generated
from osconsole.reconcile.controlplane.objects import made
from osconsole.reconcile.controlplane.steps.inputs import secret_text
from osconsole.reconcile.controlplane.walk import Walk


class Database(msgspec.Struct, frozen=True):
    """Database and account `name`, on the Galera that the spec names; the URL becomes the fact `database`."""

    name: str = "{name}"
    conditions: tuple[str, ...] = ("MariaDBAccountReady", "DBReady")

    def run(self, walk: Walk) -> bool:
        """Make them, and wait until both are ready."""
        galera = walk.get("databaseInstance", default="openstack")
        name = walk.fill(self.name)
        account = walk.get("databaseAccount", default=name)
        walk.report["databaseHostname"] = walk.facts["dbhost"] = f"{galera}.{walk.namespace}.svc"
        found = database(walk, name, account, galera)
        user = account_of(walk, account)
        if user is None or not user.ready:
            walk.mirror("MariaDBAccountReady", user)
        else:
            walk.ok("MariaDBAccountReady")
        if found is None or not found.ready:
            return walk.busy("DBReady")
        walk.ok("DBReady")
        if user is None or not user.ready:
            return False
        walk.facts["database"] = url(walk, user, walk.facts["dbhost"], name.replace("-", "_"))
        return True


def database(walk: Walk, name: str, account: str, galera: str) -> Resource | None:
    """Make a MariaDBDatabase with its account and password; the database as it is."""
    user = f"{account.replace('-', '_')}_{hashlib.sha256((walk.me.uid + account).encode()).hexdigest()[:4]}"
    walk.create(
        made(walk.me, "Secret", f"{account}-db-secret", type="Opaque", immutable=True),
        {"DatabasePassword": Generated("password", 32)},
    )
    spec = {"accountType": "User", "requireTLS": False, "secret": f"{account}-db-secret", "userName": user}
    walk.create(made(walk.me, "MariaDBAccount", account, {"mariaDBDatabaseName": name}, spec=spec))
    spec = {"defaultCharacterSet": "utf8", "defaultCollation": "utf8_general_ci", "name": name.replace("-", "_")}
    return walk.ensure(made(walk.me, "MariaDBDatabase", name, {"dbName": galera}, spec=spec))


def account_of(walk: Walk, account: str) -> Resource | None:
    """The MariaDBAccount of that name."""
    return walk.see("MariaDBAccount", account)


def url(walk: Walk, account: Resource, host: str, name: str) -> str:
    """The SQLAlchemy URL with which a service reaches its database; "" as long as its password is not there."""
    spec = account.body().get("spec") or {}
    password = secret_text(walk.see("Secret", str(spec.get("secret", ""))), "DatabasePassword")
    if not password:
        return ""
    return f"mysql+pymysql://{spec.get('userName')}:{password}@{host}/{name}?read_default_file=/etc/my.cnf"
