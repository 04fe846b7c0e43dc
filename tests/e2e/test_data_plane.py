"""Deployments by real Ansible over real SSH: done, done again, repaired, and every way in which they go wrong."""

import json
import re
import signal

import pytest

RECAP = re.compile(r"^(\S+)\s*: ok=(\d+)\s+changed=(\d+)\s+unreachable=(\d+)\s+failed=(\d+)", re.MULTILINE)
COLOUR = re.compile(r"\x1b\[[0-9;]*m")


def recap(demo, deployment: str) -> dict[tuple[str, str], int]:
    """Service and host -> changed, from the pods' logs; nothing may have failed."""
    found = {}
    for service, job in demo.jobs(deployment).items():
        text = demo.osc("logs", f"job/{job['metadata']['name']}", "-n", "openstack").stdout
        for line in COLOUR.sub("", text).splitlines():
            for host, _, changed, unreachable, failed in RECAP.findall(line.partition(" ")[2]):
                assert (unreachable, failed) == ("0", "0"), line
                found[service, host] = int(changed)
    return found


def deployed(demo, name: str, *services: str) -> dict[tuple[str, str], int]:
    done = demo.deploy(*services, name=name, more=("--wait", "--timeout", "100"))
    assert done.returncode == 0, done.stdout + done.stderr
    return recap(demo, name)


def test_a_deployment_changes_hosts_once_and_repairs_what_is_damaged(demo):
    first = deployed(demo, "first", "configure-os")
    assert len(first) == 3  # hosts
    assert all(first.values())
    assert set(deployed(demo, "second", "configure-os").values()) == {0}
    disk = demo.disk("edpm-compute-1")
    written = next(disk.rglob("etc/chrony.conf"))
    kept = written.read_bytes()
    written.write_bytes(b"damaged\n")
    third = deployed(demo, "third", "configure-os")
    assert {host for (_, host), changed in third.items() if changed} == {"edpm-compute-1"}
    assert written.read_bytes() == kept
    statuses = demo.until(
        "the NodeSet knows",
        lambda: demo.get("OpenStackDataPlaneNodeSet", "edpm-compute")["status"].get("deploymentStatuses"),
    )
    assert {"first", "second", "third"} <= set(statuses)


def test_a_missing_nodeset_is_refused_and_one_made_anyway_says_what_it_waits_for(demo, condition):
    refused = demo.osc("deploy", "no-such-nodeset", "-n", "openstack", "--yes")
    assert refused.returncode == 4
    assert "no-such-nodeset" in refused.stderr
    demo.create("OpenStackDataPlaneDeployment", "astray", {"nodeSets": ["no-such-nodeset"]})
    seen = demo.until(
        "the Deployment is looked at",
        lambda: condition(demo.get("OpenStackDataPlaneDeployment", "astray"), "Ready"),
        20,
    )
    assert seen["status"] != "True"
    why = demo.osc("why", "openstackdataplanedeployment/astray", "-n", "openstack")
    assert why.returncode == 1
    assert "no-such-nodeset" in why.stdout
    demo.call("DELETE", "OpenStackDataPlaneDeployment", "astray")


def test_a_missing_service_is_said_in_the_condition(demo, condition):
    refused = demo.deploy("no-such-service", name="unserved")
    assert refused.returncode == 4
    assert "no-such-service" in refused.stderr
    spec = {"nodeSets": ["edpm-networker"], "servicesOverride": ["no-such-service"]}
    demo.create("OpenStackDataPlaneDeployment", "unserved", spec)
    found = demo.until(
        "the condition is an error",
        lambda: (
            (c := condition(demo.get("OpenStackDataPlaneDeployment", "unserved"), "DeploymentReady"))
            and c["status"] == "False"
            and c
        ),
        20,
    )
    assert "no-such-service" in found["message"]
    demo.call("DELETE", "OpenStackDataPlaneDeployment", "unserved")


@pytest.mark.parametrize("fault", ["off", "freeze"])
def test_a_compute_node_that_does_not_answer_fails_the_deployment_by_name(demo, fault):
    demo.node(fault, "edpm-compute-2")
    try:
        more = ("--backoff-limit", "0", "--wait", "--timeout", "90", "--extra-var", "ansible_ssh_timeout=3")
        failed = demo.deploy("configure-os", name=f"{fault}-node", more=more)
        assert failed.returncode == 1, failed.stdout + failed.stderr
        assert "Traceback" not in failed.stderr
        job = demo.jobs(f"{fault}-node")["configure-os"]
        text = demo.osc("logs", f"job/{job['metadata']['name']}", "-n", "openstack").stdout
        assert re.search(r"edpm-compute-2\s*: ok=\d+\s+changed=\d+\s+unreachable=1", COLOUR.sub("", text)), text
        assert len(job["metadata"]["uid"]) == 36
        why = demo.osc("why", f"openstackdataplanedeployment/{fault}-node", "-n", "openstack")
        assert "host edpm-compute-2 does not answer over SSH" in why.stdout, why.stdout
    finally:
        demo.node("on", "edpm-compute-2")
    demo.call("DELETE", "OpenStackDataPlaneDeployment", f"{fault}-node")


def test_a_playbook_that_fails_is_tried_again_as_often_as_was_asked(demo, condition):
    task = {"name": "cannot", "ansible.builtin.fail": {"msg": "on purpose"}}
    play = json.dumps([{"hosts": "all", "gather_facts": False, "tasks": [task]}])
    demo.create("OpenStackDataPlaneService", "broken", {"playbookContents": play, "edpmServiceType": "broken"})
    more = ("--backoff-limit", "1", "--wait", "--timeout", "100")
    failed = demo.deploy("broken", name="broken", nodeset="edpm-networker", more=more)
    assert failed.returncode == 1, failed.stdout + failed.stderr
    assert "has failed" in failed.stderr
    why = json.loads(demo.osc("why", "openstackdataplanedeployment/broken", "-n", "openstack", "-o", "json").stdout)
    assert why["cause"] in {"task-failed", "task-failed-by-log"}
    assert "on purpose" in why["sentence"]
    assert demo.jobs("broken")["broken"]["status"]["failed"] == 2
    assert len(demo.all("Pod", openstackdataplanedeployment="broken")) == 2
    found = demo.get("OpenStackDataPlaneDeployment", "broken")
    assert condition(found, "Ready")["status"] == "False"
    assert demo.osc("status", "--all").returncode == 1
    demo.call("DELETE", "OpenStackDataPlaneDeployment", "broken")


def test_an_operator_killed_in_mid_deployment_does_no_step_twice(demo):
    done = demo.deploy("bootstrap", "configure-os", name="killed", nodeset="edpm-networker")
    assert done.returncode == 0, done.stderr
    first = demo.until("the first Job runs", lambda: demo.jobs("killed").get("bootstrap"), 30)
    demo.end_operator(signal.SIGKILL)
    demo.operate()
    demo.until(
        "it is deployed", lambda: demo.get("OpenStackDataPlaneDeployment", "killed")["status"].get("deployed"), 120
    )
    jobs = demo.jobs("killed")
    assert set(jobs) == {"bootstrap", "configure-os"}
    assert jobs["bootstrap"]["metadata"]["uid"] == first["metadata"]["uid"]
    assert jobs["bootstrap"]["status"]["completionTime"] <= jobs["configure-os"]["status"]["startTime"]
    assert [job["status"]["succeeded"] for job in jobs.values()] == [1, 1]
    assert len(demo.all("Pod", openstackdataplanedeployment="killed")) == 2


def test_a_deployment_with_a_host_off_is_told_host_by_host_while_it_runs(demo):
    """S27, S34: the matrix, attempt k of n, what failed, and afterwards what another run would need."""
    demo.node("off", "edpm-compute-2")
    try:
        more = ("--backoff-limit", "1", "--extra-var", "ansible_ssh_timeout=3")
        assert demo.deploy("configure-os", name="one-off", more=more).returncode == 0

        def told() -> dict:
            found = demo.osc("progress", "one-off", "-n", "openstack", "-o", "json")
            return json.loads(found.stdout)["nodeSets"][0]["services"][0] if found.stdout else {}

        tried = demo.until("a second attempt is told", lambda: (s := told()) and s["attempt"] == 2 and s, 60)
        assert tried["attempts"] == 2
        ended = demo.until("it has failed", lambda: (s := told()) and s["state"] == "failed" and s, 60)
        assert {host: found["state"] for host, found in ended["hosts"].items()} == {
            "edpm-compute-0": "ok", "edpm-compute-1": "ok", "edpm-compute-2": "failed",
        }  # fmt: skip
        assert [(f["host"], f["outcome"]) for f in ended["failures"]] == [("edpm-compute-2", "unreachable")]
        text = demo.osc("progress", "one-off", "-n", "openstack")
        assert text.returncode == 1
        assert re.search(r"edpm-compute-2 +\S +\S +unreachable in ", text.stdout), text.stdout
        [left] = json.loads(demo.osc("coverage", "edpm-compute", "-n", "openstack", "-o", "json").stdout)
        needed = [c["host"] for c in left["covers"] if c["service"] == "configure-os" and c["reasons"]]
        assert "edpm-compute-2" in needed
    finally:
        demo.node("on", "edpm-compute-2")
    demo.call("DELETE", "OpenStackDataPlaneDeployment", "one-off")


def test_the_inventory_is_shown_without_its_secrets(demo):
    shown = demo.osc("inventory", "edpm-compute", "edpm-compute-0", "-n", "openstack")
    assert shown.returncode == 0, shown.stderr
    assert "canonical_hostname: edpm-compute-0" in shown.stdout
    assert demo.osc("inventory", "edpm-compute", "no-such-host", "-n", "openstack").returncode != 0
