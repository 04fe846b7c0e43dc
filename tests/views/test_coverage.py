"""S34, S28, S33: which host got which service with which configuration, and why another Deployment is needed."""

import pytest

from osconsole.model.changes import Progressed, Put
from osconsole.model.run import HostResult, Recap, Run
from osconsole.views import coverage, coverage_table
from osconsole.views.coverage import ledger, retry
from tests.views import staging_deployments as stage

CONFIG = stage.config_hash(a="1")
GIVEN = {"secretHashes": {"logins": "n1q"}, "configMapHashes": {"os": CONFIG}}
SOURCES = [
    stage.thing("OpenStackDataPlaneService", "configure-os", spec={"dataSources": [{"configMapRef": {"name": "os"}}]}),
    stage.config_map("os", a="1"),
    stage.secret("logins", "n1q"),
]


def world_of(snapshot_of, *objects, config="h1"):
    return snapshot_of(stage.nodeset(config), *SOURCES, *objects)


RUNS = stage.deployment("other", 1, nodeSets=["edpm-networker"])  # so that Deployments are listed


def found(world):
    return ledger(world.get(stage.nodeset().ref), world)


def needs(one):
    return {(c.host[-1], c.service): c.reasons for c in one.covers.values() if c.reasons}


def test_everything_was_reached(snapshot_of):
    one = found(world_of(snapshot_of, stage.deployment("all", 10, status=GIVEN)))
    assert (one.current, needs(one), retry(one)) == (3, {}, coverage.Retry())
    cover = one.covers["edpm-compute-0", "nova"]
    assert (cover.config, cover.last.deployment.ref.name, cover.word) == ("h1", "all", "ok")


def test_never(snapshot_of):
    assert "not listed (loading)" in found(world_of(snapshot_of)).covers["edpm-compute-0", "nova"].reasons[0]
    one = found(world_of(snapshot_of, RUNS))
    assert {c.reasons for c in one.covers.values()} == {("never reached",)}
    assert retry(one).command == "osconsole deploy edpm-compute -n openstack"


def test_deployments_that_are_gone_are_not_made_up(snapshot_of):
    one = found(snapshot_of(stage.nodeset(deployedConfigHash="h1"), RUNS))
    assert {c.word for c in one.covers.values()} == {"unknown"}
    assert retry(one) == coverage.Retry()


def test_a_limited_run_stamps_all_and_reaches_some(snapshot_of):
    """The trap of upstream: the NodeSet is Ready though two hosts of three have the old configuration."""
    runs = [
        stage.deployment("all", 10, config="h1", status=GIVEN),
        stage.deployment("one", 60, config="h2", ansibleLimit="edpm-compute-1", status=GIVEN),
    ]
    one = found(world_of(snapshot_of, *runs, config="h2"))
    assert one.current == 1
    assert set(needs(one).values()) == {("configuration changed",)}
    again = retry(one)
    assert again.command == "osconsole deploy edpm-compute -n openstack --limit edpm-compute-0,edpm-compute-2"
    assert "marks the whole NodeSet" in again.note


@pytest.mark.parametrize(
    ("limit", "left"),
    [("*", ""), ("all", ""), ("edpm-compute", ""), ("edpm-compute-?,!edpm-compute-2", "2"),
     ("all,!edpm-compute-0", "0"),
     ("edpm-compute-0,edpm-compute-2", "1"), ("~.*-[12]$", "0"), ("edpm-compute[0]", "12"), ("nobody", "012")],
)  # fmt: skip
def test_limits_as_ansible_reads_them(snapshot_of, limit, left):
    one = found(world_of(snapshot_of, stage.deployment("d", 10, ansibleLimit=limit, status=GIVEN)))
    assert {host for host, _ in needs(one)} == set(left)


def test_services_and_tags_leave_out(snapshot_of):
    runs = [
        stage.deployment("some", 10, servicesOverride=["nova", "reboot-os"], status=GIVEN),
        stage.deployment("tagged", 60, servicesOverride=["bootstrap"], ansibleTags="a", status=GIVEN),
    ]
    one = found(world_of(snapshot_of, *runs))
    assert one.covers["edpm-compute-0", "nova"].reasons == ()
    assert one.covers["edpm-compute-0", "bootstrap"].reasons == ("only in part: --tags a",)
    assert one.covers["edpm-compute-0", "configure-os"].reasons == ("never reached",)
    assert "--service bootstrap --service configure-os" in retry(one).command


def test_inputs_that_changed_concern_the_services_that_get_them(snapshot_of):
    world = world_of(snapshot_of, stage.deployment("all", 10, status=GIVEN))
    turned = found(world.apply([Put(stage.thing("ConfigMap", "os", 90, "v1", data={"a": "2"}), 1.0)]))
    assert set(needs(turned).values()) == {("ConfigMap os changed",)}
    assert {service for _, service in needs(turned)} == {"configure-os"}
    turned = found(world.apply([Put(stage.thing("Secret", "logins", 90, "v1", osconsole={"hash": "n2q"}), 1.0)]))
    assert len(needs(turned)) == 9
    masked = found(world.apply([Put(stage.thing("ConfigMap", "os", 90, "v1", data={"a": "<5 bytes>"}), 1.0)]))
    assert needs(masked) == {}  # content that was masked says nothing


def test_a_host_that_came_later_was_not_reached(snapshot_of):
    addresses = [stage.ipset(host, 0) for host in stage.HOSTS[:2]] + [stage.ipset(stage.HOSTS[2], 500)]
    one = found(world_of(snapshot_of, *addresses, stage.deployment("all", 10, status=GIVEN)))
    assert set(needs(one)) == {("2", service) for service in stage.SERVICES}
    assert set(needs(one).values()) == {("never reached",)}


def test_a_host_that_failed_is_needed_again_and_one_under_way_is_waited_for(snapshot_of):
    run = stage.deployment("bad", 10, deployed=False, status=GIVEN)
    first, second = (
        stage.job(run, "bootstrap", 11),
        stage.job(run, "configure-os", 20, failed=7, done=False, gave_up=True),
    )
    dead = stage.pod(second, 20, "Failed")
    world = world_of(snapshot_of, run, first, second, dead)
    recap = tuple(Recap(host, ok=3, failed=int(host == "edpm-compute-1")) for host in stage.HOSTS)
    ended = Run(tasks=3, recap=recap, hosts={"edpm-compute-1": HostResult("t", "failed", "no")})
    one = found(world.apply([Progressed(dead.ref, ended, 1.0)]))
    assert needs(one)["1", "configure-os"] == ("failed in t (bad)",)
    assert needs(one)["0", "configure-os"] == ("bad is under way",)
    assert needs(one)["0", "nova"] == ("never reached",)
    assert one.running == "bad"
    assert "wait for its end" in retry(one).note


def test_the_screen(snapshot_of):
    runs = [stage.deployment("one", 10, ansibleLimit="edpm-compute-1", status=GIVEN)]
    table = coverage_table.rows(world_of(snapshot_of, *runs), "openstack", 0.0)
    lines = [[cell.text for cell in row.cells] for row in table.rows]
    assert lines[0][1] == "edpm-compute"
    assert "1 of 3 hosts as asked for" in lines[0][-1]
    assert "--limit edpm-compute-0,edpm-compute-2" in lines[0][-1]
    assert [line[1].strip() for line in lines[1:]] == ["edpm-compute-0", "edpm-compute-2", "edpm-compute-1"]
    assert lines[1][-1] == "never reached: every service"
    assert lines[3][2:5] == ["●", "●", "●"]


def test_who_did_not_fail_is_not_through_where_others_did(snapshot_of):
    """Playbooks may stop everywhere when one host fails."""
    ended = [{"type": "DeploymentReady", "status": "False", "reason": "BackoffLimitExceeded", "severity": "Error"}]
    summary = {"failedHostList": ["edpm-compute-1"], "unreachableHostList": [], "totalHosts": 3}
    status = {"conditions": ended, "ansibleExecutionSummaries": {"bootstrap-bad-edpm-compute": summary}}
    run = stage.deployment("bad", 10, deployed=False, status=status)
    one = found(world_of(snapshot_of, run, stage.job(run, "bootstrap", 11, failed=7, done=False, gave_up=True)))
    assert needs(one)["1", "bootstrap"] == ("failed (bad)",)
    assert needs(one)["0", "bootstrap"] == ("not known to be through: bad failed on other hosts",)
    assert retry(one).hosts == stage.HOSTS
