"""S27, S28, S34 on recordings of upstream's own operators: Deployments that end well, are limited, and fail."""

import pytest

from osconsole.cli.status import reached
from osconsole.model.changes import Put
from osconsole.model.snapshot import Snapshot
from osconsole.views import board, deployments, matrix, progress, tree
from osconsole.views.coverage import ledger, retry
from osconsole.views.progress import DEPLOYMENT, NODESET
from osconsole.views.summary import summary
from tests.recordings import moments, play
from tests.views import staging_deployments as staged


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


@pytest.mark.parametrize(
    ("second", "word", "said", "now"),
    [
        (62, "degraded", "validate-network: edpm-compute-1 failed (of 2 hosts)", "0/4  validate-network attempt 2/2"),
        # It is over, and the Job on the other NodeSet is not: neither is hidden by the other.
        (80, "failed", "validate-network: BackoffLimitExceeded after 2 attempts", "has failed; run-os goes on"),
        (100, "failed", "validate-network: BackoffLimitExceeded after 2 attempts", "nothing runs"),
    ],
)
def test_what_runs_and_what_has_failed_is_in_the_summary(second, word, said, now):
    world = play("actions", second)
    at = moments("actions")[0].at + second
    [found] = summary(world, "", at).deployments
    assert (found.ref.name, found.word, found.total) == ("edpm-fail", word, 4)
    assert found.why.startswith(said)
    running = board.running(world, "", at)
    assert now in (running.rows[0].cells[-1].text if running.rows else running.empty)


def test_the_failed_attempts_of_a_job_that_is_through_are_no_trouble():
    run = staged.deployment("d1", 0, deployed=False)
    job = staged.job(run, "nova", 1, failed=1)
    ended = {"phase": "Failed", "containerStatuses": [{"name": "nova", "state": {"terminated": {"exitCode": 2}}}]}
    left = staged.thing("Pod", "nova-1", 1, "v1", job, status=ended)
    world = Snapshot().apply([Put(found, 0.0) for found in (staged.nodeset(), run, job, left)])
    now = run.created + 400
    assert tree.grow(left, world, now).verdict.word == "failed"
    assert tree.grow(run, world, now).verdict.word == "progressing"
    assert not board.attention(world, "", now).rows


def test_an_error_that_is_tried_again_is_not_the_end(condition):
    said = condition("DeploymentReady", "False", "Error", "Error", "Secret ovn-cert not found")
    retried = staged.deployment("d1", 0, deployed=False, status={"conditions": [said]})
    world = Snapshot().apply([Put(found, 0.0) for found in (staged.nodeset(), retried)])
    assert progress.running(world, "") == [retried]
    assert deployments.judged(retried, progress.lanes(retried, world)) == ("degraded", "Secret ovn-cert not found")
    assert not reached(world, retried.ref, "deployed")  # and `wait` goes on
