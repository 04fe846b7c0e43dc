"""S27, S28, S34 on recordings of upstream's own operators: Deployments that end well, are limited, and fail."""

import pytest

from osconsole.model.snapshot import Snapshot
from osconsole.views import matrix, progress
from osconsole.views.coverage import ledger, retry
from osconsole.views.progress import DEPLOYMENT, NODESET
from tests.recordings import moments, play


@pytest.fixture(scope="module")
def told():
    """Of `actions`: NodeSet, word and attempt of the first service of the failing Deployment, as they follow."""
    world, services = Snapshot(), []
    for moment in moments("actions"):
        world = world.apply([moment.change])
        failing = world.get(DEPLOYMENT.ref("openstack", "edpm-fail"))
        for lane in progress.lanes(failing, world) if failing else ():
            said = (lane.nodeset, lane.services[0].word, lane.services[0].attempt)
            services += [said] if said not in services else []
    return services


def test_a_first_deployment_reaches_every_host_with_every_service():
    world = play("fresh-up")
    found = world.get(DEPLOYMENT.ref("openstack", "edpm-first"))
    assert [(lane.nodeset, lane.done, len(lane.services)) for lane in progress.lanes(found, world)] == [
        ("edpm-compute", 16, 16), ("edpm-networker", 10, 10),
    ]  # fmt: skip
    table = matrix.rows(found, world)
    assert [row.cells[0].text for row in table.rows] == ["edpm-compute-0", "edpm-compute-1", "edpm-networker-0"]
    assert "".join(cell.text for cell in table.rows[0].cells[2:]) == "●" * 16
    ledgers = [ledger(nodeset, world) for nodeset in world.all(NODESET)]
    assert sorted((one.current, len(one.hosts)) for one in ledgers) == [(1, 1), (2, 2)]
    assert not any(retry(one).services for one in ledgers)


def test_a_limited_deployment_reaches_one_host():
    world = play("actions", 20)
    found = world.get(DEPLOYMENT.ref("openstack", "edpm-reboot"))
    assert [row.cells[0].text for row in matrix.rows(found, world).rows] == ["edpm-compute-0"]


def test_a_failing_deployment_tells_its_second_attempt_and_the_host(told):
    """From the first failed pod on, while its condition still reads as progress."""
    mine = [(word, attempt) for nodeset, word, attempt in told if nodeset == "edpm-compute"]
    assert mine == [("waiting-for-dependency", 0), ("progressing", 1), ("degraded", 2), ("failed", 2)]
    world = play("actions", 75)
    found = world.get(DEPLOYMENT.ref("openstack", "edpm-fail"))
    assert matrix.rows(found, world).rows[0].cells[0].text == "edpm-compute-1"
    failed = matrix.failures(found, world).rows
    assert {row.cells[1].text for row in failed} == {"edpm-compute-1"}
    one = ledger(world.get(NODESET.ref("openstack", "edpm-compute")), world)
    assert one.covers["edpm-compute-1", "validate-network"].word == "failed"
    assert retry(one).services == ("validate-network",)
    assert retry(one).command.endswith("--service validate-network")
