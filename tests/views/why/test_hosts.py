"""Compute nodes: explained by what ran on them, by their address and by their metal."""

from osconsole.model.evidence import Evidence
from osconsole.views.nodes import host_key
from osconsole.views.why.explain import explain
from tests.views.why.staging import NOW, staged

LABELS = {
    "openstackdataplanedeployment": "d", "openstackdataplanenodeset": "edpm", "openstackdataplaneservice": "bootstrap",
}  # fmt: skip
SUMMARY = '{"totalHosts":2,"failedHosts":0,"unreachableHosts":1,"failedHostList":[],"unreachableHostList":["c1"]}'


def world(*more):
    case = {
        "objects": [
            {
                "kind": "OpenStackDataPlaneNodeSet",
                "name": "edpm",
                "spec": {"nodes": {"c0": {}, "c1": {}}, "services": ["bootstrap"]},
                "conditions": ["DeploymentReady False/Error Error: Deployment error occurred in bootstrap service"],
            },
            *more,
        ]
    }
    found, _, about = staged(case)
    nodeset = found.get(about)
    return found, lambda host: host_key(nodeset, host)


FAILED = (
    {
        "kind": "OpenStackDataPlaneDeployment",
        "name": "d",
        "spec": {"nodeSets": ["edpm"]},
        "status": {
            "ansibleExecutionSummaries": {
                "bootstrap-d-edpm": {"totalHosts": 2, "failedHostList": [], "unreachableHostList": ["c1"]}
            }
        },
        "conditions": ["DeploymentReady False/Error BackoffLimitExceeded: backoff limit reached"],
    },
    {
        "kind": "Job",
        "name": "bootstrap-d-edpm",
        "owner": "OpenStackDataPlaneDeployment d",
        "metadata": {"labels": LABELS},
        "spec": {"backoffLimit": 0},
        "status": {"failed": 1},
        "conditions": ["Failed True BackoffLimitExceeded: Job has reached the specified backoff limit"],
    },
    {
        "kind": "Pod",
        "name": "bootstrap-d-edpm-1",
        "owner": "Job bootstrap-d-edpm",
        "status": {"phase": "Failed"},
        "container": {"state": "terminated", "exit": 4, "message": SUMMARY},
    },
)


def test_a_host_leads_to_the_log_of_what_failed_on_it():
    found, key = world(*FAILED)
    first = explain(key("c1"), found, NOW)
    assert first.verdict.word == "failed"
    assert [step.ref.kind for step in first.steps][:3] == ["Host", "Job", "Pod"]
    line = 'fatal: [c1]: UNREACHABLE! => {"msg": "ssh: connect to host 192.168.122.101 port 22: Connection timed out"}'
    second = explain(key("c1"), found, NOW, Evidence(logs=dict.fromkeys(first.wants, (line,))))
    assert second.cause == "host-unreachable"
    assert "c1" in second.sentence


def test_a_host_on_which_nothing_ran_waits_like_its_nodeset():
    found, key = world()
    told = explain(key("c0"), found, NOW)
    assert "nothing has run on it yet" in told.steps[0].says
    assert told.steps[1].ref.kind == "OpenStackDataPlaneNodeSet"


def test_a_short_name_means_the_only_host_and_a_stranger_none():
    found, key = world()
    short = key("c0")._replace(name="c0")
    assert explain(short, found, NOW).steps
    assert "does not exist" in explain(short._replace(name="c9"), found, NOW).sentence


def test_broken_metal_is_told_though_nothing_above_says_so():
    metal = {
        "kind": "BareMetalHost", "name": "rack-7", "metadata": {"labels": {"edpm-osbms-hostname": "c0"}},
        "status": {"errorMessage": "failed to power on: 401 Unauthorized", "operationalStatus": "error"},
    }  # fmt: skip
    found, key = world(metal)
    told = explain(key("c0"), found, NOW)
    assert told.cause == "host-hardware-error"
    assert "401 Unauthorized" in told.sentence
