"""GaleraBackup: where a database is saved, by what, and what the board of backups makes of it."""

import time

import pytest

from osconsole.model.conditions import find
from osconsole.model.kinds import key
from osconsole.reconcile.controlplane.galera_backup import minutes_of
from osconsole.views import backups


def wanted(galera="openstack", **spec):
    return {
        "apiVersion": "mariadb.openstack.org/v1beta1",
        "kind": "GaleraBackup",
        "metadata": {"name": "nightly", "namespace": "openstack"},
        "spec": {"databaseInstance": galera, "schedule": "0 3 * * *", **spec},
    }


def test_claims_and_cronjob_come_from_the_spec_and_else_from_the_galera(stage):
    stage.put(wanted(retention="72h", transferStorage={"storageRequest": "1Gi"}))
    stage.run()
    assert find(stage.get("GaleraBackup", "nightly").conditions, "Ready").ok
    sizes = {
        name: stage.get("PersistentVolumeClaim", name).get("spec", "resources", "requests", "storage")
        for name in ("mysql-backup-nightly", "mysql-transfer-nightly")
    }
    assert sizes == {"mysql-backup-nightly": "5Gi", "mysql-transfer-nightly": "1Gi"}
    cron = stage.get("CronJob", "backup-nightly")
    assert cron.get("spec", "schedule") == "0 3 * * *"
    pod = cron.get("spec", "jobTemplate", "spec", "template", "spec")
    assert pod["serviceAccountName"] == "galera-openstack"
    script = pod["containers"][0]["command"][-1]
    assert "mysqldump -h openstack.openstack.svc" in script
    assert "-mmin +4320 -delete" in script
    shown = backups.rows(stage.snapshot, "openstack", time.time()).rows[0]
    assert shown.cells[1].text == "openstack by nightly"
    assert "kept on mysql-backup-nightly (5Gi" in shown.cells[4].text


def test_what_is_saved_outlives_the_backup(stage):
    stage.put(wanted())
    stage.run()
    stage.drop(key("GaleraBackup").ref("openstack", "nightly"))
    assert stage.get("CronJob", "backup-nightly") is None
    assert stage.get("PersistentVolumeClaim", "mysql-backup-nightly") is not None


def test_a_database_that_is_not_there_is_waited_for(stage):
    stage.put(wanted("lost"))
    stage.run()
    assert not stage.get("GaleraBackup", "nightly").ready
    assert stage.get("CronJob", "backup-nightly") is None


@pytest.mark.parametrize(("text", "minutes"), [("72h", 4320), ("1h30m", 90), ("7d", 10080), ("", 0), ("2h0m30s", 120)])
def test_retention(text, minutes):
    assert minutes_of(text) == minutes
