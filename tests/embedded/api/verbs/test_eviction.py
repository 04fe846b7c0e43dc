"""Eviction, binding, scale and log of pods and workloads."""

import pytest

MERGE = "application/merge-patch+json"


@pytest.fixture
def pods(api, namespace):
    path = f"/api/v1/namespaces/{namespace}/pods"
    spec = {"containers": [{"name": "one", "image": "x"}, {"name": "two", "image": "x"}]}
    api("POST", path, {"metadata": {"name": "p", "labels": {"a": "b"}}, "spec": spec})
    return path


def test_budgets_hold_evictions(api, namespace, pods):
    api("PATCH", f"{pods}/p/status", {"status": {"phase": "Running"}}, MERGE)
    budgets = f"/apis/policy/v1/namespaces/{namespace}/poddisruptionbudgets"
    spec = {"minAvailable": 1, "selector": {"matchLabels": {"a": "b"}}}
    api("POST", budgets, {"metadata": {"name": "b"}, "spec": spec})
    eviction = {"apiVersion": "policy/v1", "kind": "Eviction", "metadata": {"name": "p"}}
    assert api("POST", f"{pods}/p/eviction", eviction).code == 429
    status = {"observedGeneration": 1, "disruptionsAllowed": 0, "desiredHealthy": 1, "currentHealthy": 1}
    api("PATCH", f"{budgets}/b/status", {"status": status}, MERGE)
    held = api("POST", f"{pods}/p/eviction", eviction)
    assert held.code == 429
    assert held.body["message"] == "Cannot evict pod as it would violate the pod's disruption budget."
    assert held.body["details"]["causes"][0]["message"].startswith(
        "The disruption budget b needs 1 healthy pods and has 1"
    )
    api("PATCH", f"{budgets}/b/status", {"status": {"disruptionsAllowed": 1}}, MERGE)
    assert api("POST", f"{pods}/p/eviction", eviction).code == 201
    assert api("GET", f"{pods}/p").code == 404
    assert api("GET", f"{budgets}/b").body["status"]["disruptionsAllowed"] == 0


def test_binding(api, pods):
    binding = {"metadata": {"name": "p"}, "target": {"kind": "Node", "name": "w0"}}
    assert api("POST", f"{pods}/p/binding", binding).code == 201
    pod = api("GET", f"{pods}/p").body
    assert pod["spec"]["nodeName"] == "w0"
    assert pod["status"]["conditions"][0]["type"] == "PodScheduled"
    assert api("POST", f"{pods}/p/binding", binding).code == 409


def test_which_log(api, pods):
    unclear = api("GET", f"{pods}/p/log")
    assert unclear.code == 400
    assert unclear.body["message"] == "a container name must be specified for pod p, choose one of: [one two]"
    unknown = api("GET", f"{pods}/p/log?container=three")
    assert unknown.body["message"] == "container three is not valid for pod p"
    nowhere = api("GET", f"{pods}/p/log?container=one")
    assert (nowhere.code, nowhere.body) == (204, "")
    assert api("GET", f"{pods}/none/log").code == 404


def test_scale_of_a_workload(api, namespace):
    path = f"/apis/apps/v1/namespaces/{namespace}/statefulsets"
    pod = {"metadata": {"labels": {"a": "b"}}, "spec": {"containers": [{"name": "c", "image": "x"}]}}
    spec = {"serviceName": "s", "selector": {"matchLabels": {"a": "b"}}, "template": pod}
    api("POST", path, {"metadata": {"name": "s"}, "spec": spec})
    assert api("GET", f"{path}/s/scale").body["status"] == {"replicas": 0, "selector": "a=b"}
    scaled = api("PATCH", f"{path}/s/scale", {"spec": {"replicas": 3}}, MERGE)
    assert scaled.body["spec"]["replicas"] == 3
    after = api("GET", f"{path}/s").body
    assert (after["spec"]["replicas"], after["metadata"]["generation"]) == (3, 2)
    renamed = api("PATCH", f"{path}/s", {"spec": {"serviceName": "t"}}, MERGE)
    assert renamed.code == 422
    assert "updates to statefulset spec for fields other than" in renamed.body["message"]
