"""One run: its Jobs in order, what it says, how it ends, and what it refuses."""

import json
from typing import TYPE_CHECKING, Any

from osconsole.reconcile.dataplane.job import job_name
from osconsole.reconcile.dataplane.services import Service
from osconsole.reconcile.decide import Blocked, Wait

if TYPE_CHECKING:
    from tests.reconcile.dataplane.conftest import Namespace

DEPLOYMENT = "OpenStackDataPlaneDeployment"
NODESET = "OpenStackDataPlaneNodeSet"
SUMMARY = (
    '{"totalHosts":2,"failedHosts":1,"unreachableHosts":0,"failurePercent":50,'
    '"failedHostList":["a"],"unreachableHostList":[]}'
)
BOTH = ["edpm-compute", "edpm-networker"]


def deploy(world: "Namespace", name: str = "first", **spec: Any) -> None:
    world.put(DEPLOYMENT, name, spec={"nodeSets": BOTH, "backoffLimit": 6, **spec})
    world.settle()


def lane(world: "Namespace", nodeset: str, name: str = "first") -> dict[str, str]:
    entries = world.get(DEPLOYMENT, name)["status"]["nodeSetConditions"][nodeset]
    return {entry["type"]: entry["status"] for entry in entries}


def environment(job: dict[str, Any]) -> dict[str, str]:
    return {e["name"]: e["value"] for e in job["spec"]["template"]["spec"]["containers"][0]["env"]}


def test_lanes_run_in_parallel_and_services_in_order(world: "Namespace") -> None:
    deploy(world)
    assert world.names("Job") == ["bootstrap-first-edpm-compute", "bootstrap-first-edpm-networker"]
    assert lane(world, "edpm-compute") == {
        "NodeSetDeploymentReady": "False",
        "ServiceBootstrapDeploymentReady": "False",
    }
    world.end_job("bootstrap-first-edpm-compute")
    world.settle()
    assert "ssh-known-hosts-first" in world.names("Job")
    assert lane(world, "edpm-compute")["ServiceBootstrapDeploymentReady"] == "True"
    assert world.conditions(NODESET, "edpm-compute")["DeploymentReady"]["message"] == "Deployment in progress"
    world.end_job("bootstrap-first-edpm-networker")
    world.settle()
    # the global service is the first NodeSet's business; the second has nothing left
    assert lane(world, "edpm-networker")["NodeSetDeploymentReady"] == "True"
    for name in ("ssh-known-hosts-first", "run-os-first-edpm-compute"):
        world.end_job(name)
        world.settle()
    done = world.get(DEPLOYMENT, "first")
    assert done["status"]["deployed"] is True
    assert done["status"]["deployedVersion"] == "1.0"
    assert done["status"]["containerImages"] == {"EdpmLogrotateCrondImage": "registry/cron:1"}
    assert world.conditions(DEPLOYMENT, "first")["Ready"]["message"] == "Setup complete"
    for nodeset in BOTH:
        assert world.conditions(NODESET, nodeset)["Ready"]["message"] == "NodeSet Ready"
        status = world.get(NODESET, nodeset)["status"]
        assert status["deployedConfigHash"] == status["configHash"]
        assert "deployedVersion" not in status
    assert len(world.names("Job")) == 4


def test_the_job_is_upstreams(world: "Namespace") -> None:
    extra = {"b": {"c": [1]}, "a": True}
    override = ["bootstrap", "ssh-known-hosts"]
    deploy(world, servicesOverride=override, ansibleLimit="edpm-compute-0", ansibleTags="t", ansibleExtraVars=extra)
    job = world.get("Job", "bootstrap-first-edpm-compute")
    assert job["metadata"]["labels"] == {
        "app": "openstackansibleee",
        "openstackdataplanedeployment": "first",
        "openstackdataplanenodeset": "edpm-compute",
        "openstackdataplaneservice": "bootstrap",
    }
    assert environment(job)["RUNNER_PLAYBOOK"] == "\nosp.edpm.bootstrap\n\n"
    assert environment(job)["RUNNER_CMDLINE"] == "\n--tags t --limit edpm-compute-0\n\n"
    assert environment(job)["RUNNER_EXTRA_VARS"] == (
        "\na: true\nb:\n    c:\n        - 1\nedpm_override_hosts: edpm-compute\nedpm_service_type: bootstrap\n"
        "edpm_services_override:\n    - bootstrap\n    - ssh-known-hosts\n\n\n"
    )
    pod = job["spec"]["template"]["spec"]
    assert pod["dnsConfig"] == {"nameservers": ["10.0.0.18"], "searches": ["ctlplane.example.com"]}
    assert pod["containers"][0]["image"] == "registry/runner:1"
    world.end_job("bootstrap-first-edpm-compute")
    world.settle()
    everywhere = world.get("Job", "ssh-known-hosts-first")["spec"]["template"]["spec"]["containers"][0]
    assert [m["mountPath"] for m in everywhere["volumeMounts"]] == [
        "/runner/env/ssh_key/ssh_key_edpm-compute",
        "/runner/env/ssh_key/ssh_key_edpm-networker",
        "/runner/inventory/inventory-0",
        "/runner/inventory/inventory-1",
    ]
    assert "edpm_override_hosts: all\n" in environment(world.get("Job", "ssh-known-hosts-first"))["RUNNER_EXTRA_VARS"]


def test_a_failed_job_ends_the_run_but_those_at_work_are_followed(world: "Namespace") -> None:
    deploy(world)
    world.end_job("bootstrap-first-edpm-compute", ok=False, message=SUMMARY)
    world.settle()
    said = world.conditions(DEPLOYMENT, "first")["Ready"]
    assert (said["reason"], said["severity"]) == ("BackoffLimitExceeded", "Error")
    assert said["message"] == (
        "Deployment error occurred nodeSet: edpm-compute error: backoff limit reached for execution.name "
        "bootstrap-first-edpm-compute execution.namespace openstack execution.condition.message: "
        "Job has reached the specified backoff limit"
    )
    summary = world.get(DEPLOYMENT, "first")["status"]["ansibleExecutionSummaries"]["bootstrap-first-edpm-compute"]
    assert summary == json.loads(SUMMARY)
    assert world.conditions(NODESET, "edpm-compute")["Ready"]["severity"] == "Error"
    assert world.conditions(NODESET, "edpm-networker")["Ready"]["message"] == "Deployment in progress"
    world.end_job("bootstrap-first-edpm-networker")
    world.settle()
    assert lane(world, "edpm-networker")["NodeSetDeploymentReady"] == "True"
    world.delete("Job", "bootstrap-first-edpm-compute")
    world.settle()
    assert len(world.names("Job")) == 1
    assert isinstance(world.outcomes[next(r for r in world.outcomes if r.kind == DEPLOYMENT)], Blocked)
    world.delete(DEPLOYMENT, "first")
    world.settle()
    assert "waiting" in world.conditions(NODESET, "edpm-compute")["Ready"]["message"]


def test_a_lane_that_was_stopped_says_so(world: "Namespace") -> None:
    deploy(world, servicesOverride=["bootstrap", "run-os"])
    world.end_job("bootstrap-first-edpm-compute", ok=False)
    world.settle()
    world.end_job("bootstrap-first-edpm-networker")
    world.settle()
    entries = world.get(DEPLOYMENT, "first")["status"]["nodeSetConditions"]["edpm-networker"]
    said = next(e for e in entries if e["type"] == "NodeSetDeploymentReady")
    assert said["message"] == "Deployment stopped before run-os service: another NodeSet of this Deployment has failed"
    assert len(world.names("Job")) == 2


def test_a_job_that_vanishes_is_made_again_unless_it_had_succeeded(world: "Namespace") -> None:
    deploy(world, nodeSets=["edpm-compute"])
    world.end_job("bootstrap-first-edpm-compute")
    world.settle()
    world.delete("Job", "bootstrap-first-edpm-compute")
    world.delete("Job", "ssh-known-hosts-first")
    world.settle()
    assert world.names("Job") == ["ssh-known-hosts-first"]
    assert lane(world, "edpm-compute")["ServiceBootstrapDeploymentReady"] == "True"


def test_a_second_deployment_on_a_busy_nodeset_is_refused_for_good(world: "Namespace") -> None:
    deploy(world, nodeSets=["edpm-compute"])
    deploy(world, "second")
    said = world.conditions(DEPLOYMENT, "second")["Ready"]
    assert said["message"].startswith("Deployment refused: Deployment first runs on NodeSet edpm-compute")
    assert world.conditions(NODESET, "edpm-compute")["Ready"]["message"] == "Deployment in progress"
    world.delete(DEPLOYMENT, "first")
    world.settle()
    assert world.names("Job") == []


def test_a_changed_spec_is_refused_in_words(world: "Namespace") -> None:
    deploy(world, nodeSets=["edpm-compute"])
    world.edit(DEPLOYMENT, "first", {"ansibleLimit": "x"})
    world.end_job("bootstrap-first-edpm-compute")
    world.settle()
    assert "cannot be changed" in world.conditions(DEPLOYMENT, "first")["Ready"]["message"]
    assert world.names("Job") == ["bootstrap-first-edpm-compute"]


def test_what_is_missing_is_named_and_the_run_goes_on_when_it_is_there(world: "Namespace") -> None:
    deploy(world, nodeSets=["edpm-compute", "no-such"])
    assert world.conditions(DEPLOYMENT, "first")["Ready"]["message"] == (
        'Input data error occurred OpenStackDataPlaneNodeSet "no-such" not found'
    )
    world.delete(DEPLOYMENT, "first")
    deploy(world, "second", nodeSets=["edpm-compute"], servicesOverride=["nova"])
    said = world.conditions(DEPLOYMENT, "second")["Ready"]
    assert said["severity"] == "Warning"
    assert 'error: Secret "nova-cell1-compute-config" not found' in said["message"]
    for name in ("nova-cell1-compute-config", "nova-migration-ssh-key"):
        world.put("Secret", name, data={"one": "eA=="}, type="Opaque")
    world.settle()
    assert world.names("Job") == ["nova-second-edpm-compute"]
    world.delete(DEPLOYMENT, "second")
    deploy(world, "third", nodeSets=["edpm-compute"], servicesOverride=["nosuch"])
    said = world.conditions(DEPLOYMENT, "third")["Ready"]
    assert 'OpenStackDataPlaneService "nosuch" not found' in said["message"]


def test_tls_must_agree_and_setup_is_waited_for(world: "Namespace") -> None:
    world.get("OpenStackControlPlane", "cp")["spec"]["tls"]["podLevel"]["enabled"] = True
    deploy(world)
    assert "TLS is disabled on NodeSet edpm-compute" in world.conditions(DEPLOYMENT, "first")["SetupReady"]["message"]
    world.delete(DEPLOYMENT, "first")
    world.get("OpenStackControlPlane", "cp")["spec"]["tls"]["podLevel"]["enabled"] = False
    world.get("DNSMasq", "dns")["status"]["conditions"] = []
    world.settle()
    deploy(world, "second")
    outcome = next(o for r, o in world.outcomes.items() if r.name == "second")
    assert isinstance(outcome, Wait)
    assert world.names("Job") == []


def test_edits_during_a_run_are_not_part_of_it(world: "Namespace") -> None:
    deploy(world, nodeSets=["edpm-compute"], servicesOverride=["bootstrap"])
    inventory = world.get("Secret", "dataplanenodeset-edpm-compute")["data"]["inventory"]
    world.edit(NODESET, "edpm-compute", {"nodeTemplate": {"ansible": {"ansibleVars": {"a": 1}}}})
    world.settle()
    assert world.get("Secret", "dataplanenodeset-edpm-compute")["data"]["inventory"] == inventory
    world.end_job("bootstrap-first-edpm-compute")
    world.settle()
    assert world.get("Secret", "dataplanenodeset-edpm-compute")["data"]["inventory"] != inventory
    assert "waiting" in world.conditions(NODESET, "edpm-compute")["Ready"]["message"]


def test_names() -> None:
    service = Service("ssh-known-hosts", {"edpmServiceType": "x"})
    assert service.condition == "ServiceSshKnownHostsDeploymentReady"
    long = job_name(service, "a" * 30, "b" * 30)
    assert len(long) == 63
    assert long.startswith("ssh-known-hosts-" + "a" * 30)


def test_the_last_words_of_a_pod_are_waited_for(world: "Namespace") -> None:
    deploy(world, nodeSets=["edpm-compute"], servicesOverride=["bootstrap"])
    world.end_job("bootstrap-first-edpm-compute", message=SUMMARY)
    pod = world.get("Pod", "bootstrap-first-edpm-compute-x")
    pod["status"]["phase"] = "Running"
    world.settle()
    assert "deployed" not in world.get(DEPLOYMENT, "first")["status"]
    pod["status"]["phase"] = "Succeeded"
    world.settle()
    status = world.get(DEPLOYMENT, "first")["status"]
    assert status["deployed"] is True
    assert status["ansibleExecutionSummaries"]["bootstrap-first-edpm-compute"]["failedHosts"] == 1
