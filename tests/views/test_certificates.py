"""Certificates: the clock, the chain, the users and the hosts that have the one before."""

from datetime import UTC, datetime

import pytest

from osconsole.model.changes import Denied
from osconsole.model.ref import KindKey
from osconsole.model.snapshot import Snapshot
from osconsole.views import board, certificates, health
from osconsole.views.rules.certificates import DAY_S, expiry

T = 1_767_225_600.0
CERT = "cert-manager.io/v1"


def stamp(at):
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


@pytest.fixture
def certificate(make, condition):
    """A Certificate that lives from T on for so many days."""

    def made(name="c", days=90.0, renews=60.0, ready="True", issuer="ca", secret="", **more):
        times = {"notBefore": stamp(T), "notAfter": stamp(T + days * DAY_S)}
        times |= {"renewalTime": stamp(T + renews * DAY_S)} if renews else {}
        spec = {"secretName": secret or f"cert-{name}", "issuerRef": {"name": issuer}}
        status = {"conditions": [condition("Ready", ready, "Ready")], **times}
        return make(CERT, "Certificate", name, spec=spec, status=status, **more)

    return made


@pytest.mark.parametrize(
    ("at", "word", "words"),
    [
        (1, "ok", ""),
        (59, "ok", ""),
        (61, "degraded", "was to be renewed 1d ago: cert-manager does not do it"),
        (84, "degraded", "expires in 5d"),
        (92, "failed", "expired 2d ago"),
    ],
)
def test_the_clock(certificate, snapshot_of, at, word, words):
    found = certificate()
    verdict = health.judge(found, snapshot_of(found), T + at * DAY_S + 1)
    assert (verdict.word, verdict.why) == (word, words)


def test_it_says_when_it_will_be_another(certificate, snapshot_of):
    found = certificate()
    verdict = health.judge(found, snapshot_of(found), T + DAY_S)
    assert verdict.until == T + 60 * DAY_S + 3600
    late = health.judge(found, snapshot_of(found), verdict.until)
    assert (late.word, late.until) == ("degraded", T + 83 * DAY_S)


def test_what_lives_for_a_day_is_near_its_end_in_its_last_hours(certificate):
    assert expiry(certificate(days=1)).near == pytest.approx(T + 0.9 * DAY_S)
    assert expiry(certificate(days=3650)).near == T + 3643 * DAY_S


def test_no_times_no_alarm(make, snapshot_of, condition):
    found = make(CERT, "Certificate", "c", status={"conditions": [condition("Ready", "True")]})
    assert health.judge(found, snapshot_of(found), T).word == "ok"


def test_chain_users_and_order(certificate, make, snapshot_of, condition):
    top = make(CERT, "Issuer", "selfsigned", spec={"selfSigned": {}})
    ca = make(CERT, "Issuer", "ca", spec={"ca": {"secretName": "root"}})
    root = certificate("rootca", 3650, 3000, issuer="selfsigned", secret="root")
    leaf, near = certificate("leaf"), certificate("near", 3, 0)
    galera = make("mariadb.openstack.org/v1beta1", "Galera", "openstack")
    sts = make("apps/v1", "StatefulSet", "openstack-galera", owner=galera)
    volumes = [{"secret": {"secretName": "cert-leaf"}}, {"projected": {"sources": [{"secret": {"name": "root"}}]}}]
    pod = make("v1", "Pod", "openstack-galera-0", owner=sts, spec={"volumes": volumes})
    world = snapshot_of(top, ca, root, leaf, near, galera, sts, pod)
    found = certificates.rows(world, "openstack", T + 2.9 * DAY_S)
    assert [row.ref.name for row in found.rows] == ["near", "leaf", "rootca"]
    assert found.rows[1].cells[5].text == "ca < selfsigned"
    assert found.rows[1].cells[6].text == "Galera openstack (1 pod)"
    assert found.rows[0].cells[7].text == "expires in 2h"
    assert any(row.ref == near.ref for row in board.attention(world, "openstack", T + 2.9 * DAY_S).rows)


def test_an_issuer_that_does_not_work_is_told_with_what_it_issued(certificate, make, snapshot_of, condition):
    broken = make(CERT, "Issuer", "ca", status={"conditions": [condition("Ready", "False", "ErrGetKeyPair")]})
    found = certificates.rows(snapshot_of(broken, certificate()), "openstack", T + DAY_S)
    assert "issuer ca is not ready" in found.rows[0].cells[7].text


def test_hosts_that_have_the_certificate_before(certificate, make, snapshot_of, condition):
    dataplane = "dataplane.openstack.org/v1beta1"
    nodeset = make(dataplane, "OpenStackDataPlaneNodeSet", "edpm", spec={"nodes": {"a": {}}})
    ready = [condition("DeploymentReady", "True", at=stamp(T + 5))]
    run = make(
        dataplane, "OpenStackDataPlaneDeployment", "first",
        spec={"nodeSets": ["edpm"]}, status={"deployed": True, "conditions": ready},
    )  # fmt: skip
    before = certificate("before", owner=nodeset)
    times = {"notBefore": stamp(T + 60), "notAfter": stamp(T + 90 * DAY_S)}
    renewed = make(CERT, "Certificate", "renewed", owner=nodeset, spec={"secretName": "s"}, status=times)
    found = certificates.rows(snapshot_of(nodeset, run, before, renewed), "openstack", T + DAY_S)
    assert found.rows[0].state == "waiting-for-person"
    assert "issued after Deployment first: the hosts of NodeSet edpm have the one before" in found.rows[0].cells[7].text
    assert found.rows[1].state == "ok"


def test_empty_says_why():
    key = KindKey("cert-manager.io", "Certificate")
    assert certificates.rows(Snapshot(), "x", T).empty == "loading"
    absent = Snapshot().apply([Denied(key, "", "", T, installed=False)])
    assert "not installed" in certificates.rows(absent, "x", T).empty
    denied = Snapshot().apply([Denied(key, "", "list certificates", T)])
    assert certificates.rows(denied, "x", T).empty == "no permission: list certificates"
