"""The backup board: the last good run, its age, and what is in the way."""

from datetime import UTC, datetime

import pytest

from osconsole.views import backups

T = 1_767_225_600.0
DAY_S = 86400.0
MARIADB = "mariadb.openstack.org/v1beta1"
NIGHTLY = "0 1 * * *"


def stamp(at):
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


@pytest.fixture
def world(make, snapshot_of):
    """One Galera, one GaleraBackup, its CronJob and claim; keywords change the CronJob, `jobs` are its Jobs."""

    def made(jobs=(), *, cron=True, suspend=False, succeeded=""):
        galera = make(MARIADB, "Galera", "openstack")
        spec = {"databaseInstance": "openstack", "schedule": NIGHTLY}
        backup = make(MARIADB, "GaleraBackup", "nightly", spec=spec)
        status = {"lastSuccessfulTime": succeeded} if succeeded else {}
        asked = {"schedule": NIGHTLY, "suspend": suspend}
        bound = {"phase": "Bound", "capacity": {"storage": "20Gi"}}
        timer = make("batch/v1", "CronJob", "backup-nightly", spec=asked, status=status)
        claim = make("v1", "PersistentVolumeClaim", "mysql-backup-nightly", status=bound)
        runs = [make("batch/v1", "Job", f"run-{n}", owner=timer, status=one) for n, one in enumerate(jobs)]
        return snapshot_of(galera, backup, claim, *([timer] if cron else []), *runs)

    return made


def first(snapshot, now):
    found = backups.rows(snapshot, "openstack", now).rows[0]
    return found.state, found.cells[4].text, found.cells[5].text


def test_a_good_backup(world):
    state, said, _ = first(world(succeeded=stamp(T)), T + DAY_S)
    assert (state, said) == ("ok", "kept on mysql-backup-nightly (20Gi, Bound)")
    row = backups.rows(world(succeeded=stamp(T)), "openstack", T + DAY_S).rows[0]
    assert (row.cells[1].text, row.cells[2].text, row.cells[3].instant) == ("openstack by nightly", NIGHTLY, T)


@pytest.mark.parametrize(
    ("change", "at", "word", "words"),
    [
        ({}, 60, "ok", "nothing was saved yet"),
        ({}, 3 * DAY_S, "degraded", "it was never saved"),
        ({"succeeded": stamp(T)}, 5 * DAY_S, "degraded", "the last good backup is 5d old"),
        ({"suspend": True}, 60, "paused", "is suspended"),
        ({"cron": False}, 60, "", "CronJob backup-nightly is not there"),
        ({"jobs": [{"active": 1}]}, 60, "progressing", "Job run-0 runs"),
    ],
)
def test_backups_that_are_not_as_they_should_be(world, change, at, word, words):
    state, said, _ = first(world(**change), T + at)
    assert words in said
    assert state == word or not word


def test_a_failed_run_and_a_good_one_made_by_hand(world, condition):
    failed = {"failed": 7, "conditions": [condition("Failed", "True", "BackoffLimitExceeded")]}
    state, said, how = first(world([failed]), T + 60)
    assert (state, "BackoffLimitExceeded" in said, how) == ("failed", True, "osconsole logs job/run-0")
    good = {"succeeded": 1, "completionTime": stamp(T + 30), "conditions": [condition("Complete", "True")]}
    assert first(world([good]), T + 60)[0] == "ok"


def test_what_nobody_saves_what_is_restored_and_what_is_labelled(make, snapshot_of, condition):
    galera = make(MARIADB, "Galera", "openstack")
    fine = {"conditions": [condition("Ready", "True")]}
    restore = make(MARIADB, "GaleraRestore", "back", spec={"backupSource": "nightly"}, status=fine)
    config = make(
        "backup.openstack.org/v1beta1", "OpenStackBackupConfig", "controlplane",
        status={**fine, "labeledResources": {"secrets": 15, "crs": 1}},
    )  # fmt: skip
    claim = make("v1", "PersistentVolumeClaim", "db", metadata={"labels": {backups.LABEL: "true"}})
    found = backups.rows(snapshot_of(galera, restore, config, claim), "openstack", T + 3600).rows
    assert [(row.state, row.cells[4].text.split(":")[0]) for row in found] == [
        ("off", "no GaleraBackup saves it"),
        ("ok", "from nightly"),
        ("ok", "labelled for a restore"),
    ]
    assert "15 Secrets, 0 ConfigMaps, 0 NADs, 1 CR; 1 claim to be saved" in found[2].cells[4].text
