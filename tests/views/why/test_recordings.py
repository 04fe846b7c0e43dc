"""S02 on recordings of upstream's own operators: what a bring-up waits for, and why a Deployment failed."""

from bisect import bisect_right

import pytest

from osconsole.model import kinds
from osconsole.model.snapshot import Snapshot
from osconsole.views.why.explain import explain
from tests.recordings import moments

PLANE = kinds.key("OpenStackControlPlane").ref("openstack", "controlplane")
COMPUTE = kinds.key("OpenStackDataPlaneNodeSet").ref("openstack", "edpm-compute")
NETWORKER = kinds.key("OpenStackDataPlaneNodeSet").ref("openstack", "edpm-networker")
FAILING = kinds.key("OpenStackDataPlaneDeployment").ref("openstack", "edpm-fail")


def states(name: str, *stops: float) -> dict[float, tuple[float, Snapshot]]:
    """The world so many seconds after the recording began, with the clock of then."""
    found, out, world, start = moments(name), {}, Snapshot(), 0
    begin = found[0].at
    for stop in stops:
        end = bisect_right(found, begin + stop, key=lambda moment: moment.at)
        world, start = world.apply(moment.change for moment in found[start:end]), end
        out[stop] = (begin + stop, world)
    return out


@pytest.fixture(scope="module")
def fresh_up():
    return states("fresh-up", 5, 17, 28, 47, 90, 130, 250)


@pytest.fixture(scope="module")
def actions():
    return states("actions", 3, 65, 125)


def told(world, ref):
    now, snapshot = world
    return explain(ref, snapshot, now)


def test_the_control_plane_waits_for_its_certificate_authority_first(fresh_up):
    found = told(fresh_up[5], PLANE)
    assert found.cause == "issuer-not-ready"
    assert found.steps[-1].ref.name.startswith("rootca-")
    assert "keypair" in found.sentence


def test_then_for_its_infrastructure(fresh_up):
    found = told(fresh_up[17], PLANE)
    assert found.steps[0].ref == PLANE
    assert found.steps[1].ref.kind in {"DNSMasq", "RabbitMq", "Galera", "Memcached", "OVNDBCluster", "OVNNorthd"}
    assert found.cause


def test_then_all_services_for_keystone_and_keystone_for_its_bootstrap(fresh_up):
    found = told(fresh_up[28], PLANE)
    assert found.cause == "waits-for-keystone"
    assert found.go
    assert found.go.kind == "KeystoneAPI"
    assert any(step.ref.name == "keystone-bootstrap" for step in found.steps)


def test_then_nova_for_its_database_though_it_reads_as_an_error(fresh_up):
    found = told(fresh_up[47], PLANE)
    assert found.cause == "waits-for-database"
    assert "it waits for its database" in found.sentence
    assert found.steps[1].ref.kind == "Nova"


def test_a_nodeset_says_which_deployment_runs_on_it(fresh_up):
    found = told(fresh_up[90], COMPUTE)
    assert any("edpm-first" in step.ref.name for step in found.steps)
    assert found.cause == "nodeset-deploying"
    assert "Deployment edpm-first runs on it: service " in found.sentence
    assert "Edits of this NodeSet are refused" in found.blocked


def test_a_nodeset_that_is_through_waits_for_its_neighbour(fresh_up):
    found = told(fresh_up[130], NETWORKER)
    assert found.cause == "nodeset-waits-for-neighbours"
    assert "goes on with edpm-compute" in found.sentence


def test_at_the_end_all_is_well(fresh_up):
    for ref in (PLANE, COMPUTE, NETWORKER):
        found = told(fresh_up[250], ref)
        assert (found.verdict.word, found.cause, found.wants) == ("ok", "", ())


def test_a_retry_is_told_as_such_though_conditions_call_it_progress(actions):
    for ref in (FAILING, COMPUTE):
        found = told(actions[65], ref)
        assert found.cause == "deployment-retries"
        assert "validate-network of NodeSet edpm-compute fails (attempt 2 of 2)" in found.sentence
        assert "edpm-compute-1 failed" in found.sentence


def test_the_failure_names_service_host_and_summary(actions):
    found = told(actions[125], FAILING)
    assert found.cause == "ansible-gave-up"
    assert "edpm-compute-1 failed (of 2 hosts)" in found.sentence
    assert [step.ref.kind for step in found.steps[:3]] == ["OpenStackDataPlaneDeployment", "Job", "Pod"]
    assert "validate-network" in found.steps[1].ref.name
    assert "exits 2" in next(step.says for step in found.steps if step.what == "container")
    assert "another Deployment" in found.clears


def test_the_other_nodeset_is_locked_and_says_what_frees_it(actions):
    found = told(actions[125], NETWORKER)
    assert found.cause == "nodeset-locked"
    assert found.go == FAILING
    assert "edpm-fail is deleted" in found.clears
    assert "409" in found.blocked


def test_a_refusal_that_its_parent_does_not_show_is_found(actions):
    now, world = actions[3]
    volume = next(world.all(kinds.key("CinderVolume")))
    found = explain(volume.ref, world, now)
    assert found.cause == "template-refused"
    assert "disallowed by cluster policy" in found.sentence
    assert found.go == PLANE


def test_nearly_everything_that_ever_waits_is_explained(fresh_up, actions):
    asked, unknown = 0, []
    for now, world in (*fresh_up.values(), *actions.values()):
        for found in [r for objects in world.objects.values() for r in objects.values()]:
            if found.ref.kind in {"Event", "Secret", "ConfigMap"}:
                continue
            result = explain(found.ref, world, now)
            asked += result.verdict.word not in {"ok", "off"}
            if result.verdict.word not in {"ok", "off"} and not result.cause:
                unknown.append(result.sentence)
    assert asked > 100
    assert len(unknown) <= asked // 20, unknown


def test_what_must_happen_next_depends_on_whether_another_attempt_comes(actions):
    for second, again in ((65, "another attempt runs"), (125, "another Deployment is made")):
        now, snapshot = actions[second]
        pods = [p for p in snapshot.all(kinds.key("Pod")) if p.ref.name.startswith("validate-network-edpm-fail")]
        assert again in explain(pods[0].ref, snapshot, now).clears
