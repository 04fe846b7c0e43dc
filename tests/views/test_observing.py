"""Quorum, images, certificates, checks and backups on recordings of upstream's own operators."""

import pytest

from osconsole.model import kinds
from osconsole.model.snapshot import Snapshot
from osconsole.views import backups, certificates, facts, images, quorum, update, update_table
from osconsole.views.checks.check import ask
from osconsole.views.checks.table import CHECKS
from tests.recordings import moments

EVERY = 20  # changes between two looks


class Told:
    """What was seen on the way: (name, word) of services, of images and of checks; the last world."""

    def __init__(self, name: str) -> None:
        self.world, self.at = Snapshot(), 0.0
        self.safe: list[tuple[str, int, int]] = []
        self.quorum: set[tuple[str, str]] = set()
        self.checks: dict[str, set[str]] = {}
        for number, moment in enumerate(moments(name)):
            self.world, self.at = self.world.apply([moment.change]), moment.at
            if number % EVERY == 0:
                self.look()
        self.look()

    def look(self) -> None:
        for kind in quorum.RULES:
            for found in self.world.all(kinds.key(kind)):
                told = quorum.safety(found, self.world, self.at)
                self.quorum.add((found.ref.name, told.word))
                if told.word == "safe" and told.wanted:
                    counts = [facts.workload(w) for w in self.world.owned(found) if w.kind in quorum.WORKLOADS]
                    self.safe.append((found.ref.name, sum(c.ready for c in counts), sum(c.desired for c in counts)))
        for name, check in CHECKS.items():
            self.checks.setdefault(name, set()).add(ask(check, self.world, "openstack", self.at).word)


@pytest.fixture(scope="module")
def fresh():
    return Told("fresh-up")


@pytest.fixture(scope="module")
def actions():
    return Told("actions")


def test_nothing_is_safe_before_all_its_pods_are_ready(fresh, actions):
    for _, ready, wanted in [*fresh.safe, *actions.safe]:
        assert ready >= wanted >= 2


def test_one_pod_is_never_safe_to_restart(fresh):
    assert ("openstack", "not safe") in fresh.quorum
    assert ("openstack", "safe") not in fresh.quorum
    ends = [quorum.safety(r, fresh.world, fresh.at) for r in fresh.world.all(kinds.key("Galera"))]
    assert {end.reasons[-1] for end in ends} == {"it has one pod: it is away while that restarts"}


def test_every_image_that_runs_is_the_target(fresh):
    version = next(fresh.world.all(update.VERSION))
    found = list(images.uses(version, fresh.world))
    assert len({use.ref.kind for use in found}) > 20
    assert [(use.ref.name, use.sentence) for use in found if use.word != "ok"] == []
    assert {use.field for use in found if use.ref.kind == images.NODESET.kind} >= {
        "novaComputeImage",
        "ovnControllerImage",
    }


def test_no_update_is_told_where_there_is_none(fresh):
    head = update_table.rows(fresh.world, "openstack", fresh.at).rows
    assert [(row.state, row.cells[2].text) for row in head] == [("ok", "0.6.0 is deployed, nothing newer is available")]


def test_certificates_their_issuers_and_users(fresh):
    rows = {row.ref.name: row for row in certificates.rows(fresh.world, "openstack", fresh.at).rows}
    galera = rows["galera-openstack-svc"]
    assert [cell.text for cell in galera.cells[5:7]] == [
        "rootca-internal < selfsigned-issuer",
        "Galera openstack (1 pod)",
    ]
    assert {row.state for row in rows.values()} == {"ok"}


RECORDED = ("cert-manager", "certificates", "addresses", "networks", "claims", "room")  # whose kinds are recorded


def test_a_bring_up_that_heals_alarms_nobody(fresh):
    for name in RECORDED:
        assert fresh.checks[name] <= {"ok", "off", "progressing", "unknown"}, name
        assert ask(CHECKS[name], fresh.world, "openstack", fresh.at + 60).good, name


def test_what_is_labelled_for_a_restore_is_counted(fresh):
    rows = backups.rows(fresh.world, "openstack", fresh.at).rows
    said = next(row.cells[4].text for row in rows if row.ref.kind == "OpenStackBackupConfig")
    assert said.startswith("labelled for a restore: 15 Secrets, 2 ConfigMaps, 4 NADs, 54 CRs")
    assert [row.cells[4].text for row in rows if row.ref.kind == "Galera"] == ["no GaleraBackup saves it"] * 2
