"""GaleraBackup: the volumes that hold what is saved of a database, and the CronJob that saves it.

Nothing here runs a backup: the CronJob does on its schedule, and a person does with a Job made from it.
"""

import re
from typing import Any

import msgspec

from osconsole.reconcile.controlplane.mariadb import AUTH, Server, job_template
from osconsole.reconcile.controlplane.objects import backup, made
from osconsole.reconcile.controlplane.steps.step import Steps
from osconsole.reconcile.controlplane.walk import Walk

_LABELS = {"app": "galera", "owner": "mariadb-operator"}
_DATA, _TRANSFER = "/backup/data", "/backup/transfer"
_UNITS = {"h": 60, "m": 1, "d": 24 * 60, "s": 0}
_SAVE = """set -e
source {auth}/mysql_root_auth.sh
name={galera}-$(date -u +%Y-%m-%d_%H-%M-%S).sql.gz
mysqldump -h {host} -u root -P 3306 --single-transaction --routines --events --all-databases | gzip > {transfer}/$name
mv {transfer}/$name {data}/$name
{reclaim}ls -l {data}
"""


class Named(msgspec.Struct, frozen=True):
    """The database that is to be saved."""

    conditions: tuple[str, ...] = ()

    def run(self, walk: Walk) -> bool:
        """Take its name from the spec."""
        walk.facts["galera"] = walk.get("databaseInstance", default="")
        return True


class Claims(msgspec.Struct, frozen=True):
    """Claims `mysql-backup-NAME` and `mysql-transfer-NAME`: kept when the backup is deleted, as upstream's are."""

    conditions: tuple[str, ...] = ("PersistentVolumeClaimReady",)

    def run(self, walk: Walk) -> bool:
        """Make them. They are bound when a first pod wants them, so nothing waits for that."""
        galera = walk.see("Galera", walk.facts["galera"])
        size = galera.get("spec", "storageRequest", default="5G") if galera else "5G"
        storage = galera.get("spec", "storageClass", default="") if galera else ""
        own = (walk.get("storageClass", default=storage), walk.get("storageRequest", default=size))
        other = walk.get("transferStorage", default={})
        transfer = (other.get("storageClass") or own[0], other.get("storageRequest") or own[1])
        there = [
            _claim(walk, f"mysql-{what}-{walk.name}", *of) for what, of in (("backup", own), ("transfer", transfer))
        ]
        return walk.ok(self.conditions[0]) if all(there) else walk.busy(self.conditions[0])


def _claim(walk: Walk, name: str, storage_class: str, size: str) -> bool:
    spec: dict[str, Any] = {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": size}}}
    if storage_class:
        spec["storageClassName"] = storage_class
    body = made(walk.me, "PersistentVolumeClaim", name, {**_LABELS, **backup("00", "controlplane")}, spec=spec)
    del body["metadata"]["ownerReferences"]
    return walk.create(body) is not None


class Schedule(msgspec.Struct, frozen=True):
    """CronJob `backup-NAME`."""

    conditions: tuple[str, ...] = ("CronjobReady",)

    def run(self, walk: Walk) -> bool:
        """Make it; nothing waits for its runs."""
        minutes = minutes_of(walk.get("retention", default=""))
        reclaim = f"find {_DATA} -name '*.sql.gz' -mmin +{minutes} -delete\n" if minutes else ""
        script = _SAVE.format(
            auth=AUTH, galera=walk.facts["galera"], host=walk.facts["host"], data=_DATA, transfer=_TRANSFER,
            reclaim=reclaim,
        )  # fmt: skip
        pod = job_template(walk, "backup", script)["spec"]
        for what, path in (("backup", _DATA), ("transfer", _TRANSFER)):
            pod["containers"][0]["volumeMounts"].append({"name": what, "mountPath": path})
            claim = {"claimName": f"mysql-{what}-{walk.name}"}
            pod["volumes"].append({"name": what, "persistentVolumeClaim": claim})
        spec = {
            "schedule": walk.get("schedule", default="@daily"),
            "concurrencyPolicy": "Forbid",
            "jobTemplate": {"spec": {"template": {"metadata": {"labels": _LABELS}, "spec": pod}}},
        }
        found = walk.ensure(made(walk.me, "CronJob", f"backup-{walk.name}", _LABELS, spec=spec))
        return walk.ok(self.conditions[0]) if found else walk.busy(self.conditions[0])


def minutes_of(retention: str) -> int:
    """How long a backup is kept, in minutes: `72h`, `1h30m`, `7d`; 0 for ever."""
    return sum(int(count) * _UNITS[unit] for count, unit in re.findall(r"(\d+)([dhms])", retention))


BACKUP = Steps(Named(), Server(), Claims(), Schedule())
