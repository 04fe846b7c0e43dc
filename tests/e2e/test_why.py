"""S02: what is broken for real is traced down to its cause, by the command line."""

import json

NS = ("-n", "openstack")


def said(demo, ref: str) -> dict:
    """The explanation as JSON; it is not well."""
    done = demo.osc("why", ref, *NS, "-o", "json")
    assert done.returncode == 1, done.stdout + done.stderr
    return json.loads(done.stdout)


def test_a_pod_that_crashes_is_explained_with_its_log(demo):
    body = {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": "crasher", "annotations": {"sandbox.osconsole.io/fail": "3"}},
        "spec": {"containers": [{"name": "main", "image": "quay.io/x/y:1"}]},
    }
    demo.call("POST", "Pod", "", body)
    try:
        demo.until("it is in CrashLoopBackOff", lambda: "CrashLoopBackOff" in json.dumps(demo.get("Pod", "crasher")))
        found = said(demo, "pod/crasher")
        assert found["cause"] in {"crash-loop", "restarted-lately"}  # it runs for a second between two crashes
        assert " with 3" in found["sentence"]
        steps = {step["what"]: step["says"] for step in found["steps"]}
        assert "exits 3" in steps["container"]
        assert steps["log"]
        text = demo.osc("why", "pod/crasher", *NS)
        assert text.returncode == 1
        assert "It clears when" in text.stdout
    finally:
        demo.call("DELETE", "Pod", "crasher")


def test_a_missing_secret_is_named_from_the_nodeset_down(demo):
    demo.create("OpenStackDataPlaneService", "needy", {
        "playbook": "osp.edpm.bootstrap", "dataSources": [{"secretRef": {"name": "never-made"}}],
    })  # fmt: skip
    demo.create("OpenStackDataPlaneDeployment", "needs", {"nodeSets": ["edpm-compute"], "servicesOverride": ["needy"]})
    try:
        demo.until("it is said", lambda: "never-made" in json.dumps(demo.get("OpenStackDataPlaneDeployment", "needs")))
        for ref in ("openstackdataplanedeployment/needs", "openstackdataplanenodeset/edpm-compute"):
            found = said(demo, ref)
            assert found["cause"] == "service-input-missing", found
            assert "never-made" in found["sentence"]
    finally:
        demo.call("DELETE", "OpenStackDataPlaneDeployment", "needs")
        demo.call("DELETE", "OpenStackDataPlaneService", "needy")


def test_a_compute_node_is_asked_about_by_name(demo):
    done = demo.osc("why", "host/edpm-compute-0", *NS, "-o", "json")
    assert done.returncode in {0, 1}, done.stderr
    found = json.loads(done.stdout)
    assert found["steps"][0]["ref"] == {"group": "", "kind": "Host", "namespace": "openstack", "name": "edpm-compute-0"}
    missing = demo.osc("why", "host/nowhere", *NS)
    assert missing.returncode == 1
    assert "there is no Host nowhere" in missing.stderr
