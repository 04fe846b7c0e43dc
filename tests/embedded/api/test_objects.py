"""Create, read, update, patch, delete: the rules of metadata, conflicts, finalizers."""

import pytest

MERGE = "application/merge-patch+json"
APPLY = "application/apply-patch+yaml"


def config(name="c", **data):
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name}, "data": data}


def deployment(name="web"):
    pod = {"metadata": {"labels": {"a": "b"}}, "spec": {"containers": [{"name": "c", "image": "x:1"}]}}
    spec = {"selector": {"matchLabels": {"a": "b"}}, "template": pod}
    return {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": name}, "spec": spec}


@pytest.fixture
def maps(namespace):
    return f"/api/v1/namespaces/{namespace}/configmaps"


@pytest.fixture
def deployments(namespace):
    return f"/apis/apps/v1/namespaces/{namespace}/deployments"


def test_create_sets_what_the_server_owns(api, maps, namespace):
    made = api("POST", maps, {**config(), "metadata": {"name": "c", "uid": "mine", "generation": 7}})
    meta = made.body["metadata"]
    assert made.code == 201
    assert meta["uid"] != "mine"
    assert meta["creationTimestamp"]
    assert int(meta["resourceVersion"]) > 0
    assert meta["namespace"] == namespace
    assert "generation" not in meta
    again = api("POST", maps, config())
    assert (again.code, again.body["reason"]) == (409, "AlreadyExists")
    assert again.body["message"] == 'configmaps "c" already exists'
    assert again.body["details"] == {"name": "c", "kind": "configmaps"}


def test_names(api, maps):
    made = api("POST", maps, {"metadata": {"generateName": "job-"}})
    assert made.body["metadata"]["name"].startswith("job-")
    assert len(made.body["metadata"]["name"]) == 9
    bad = api("POST", maps, config("A_b"))
    assert bad.code == 422
    assert bad.body["details"]["causes"][0]["field"] == "metadata.name"
    assert 'Invalid value: "A_b": a lowercase RFC 1123 subdomain' in bad.body["message"]
    assert api("POST", maps, {"metadata": {}}).code == 422


def test_a_missing_namespace(api):
    path = "/api/v1/namespaces/nope/configmaps"
    made = api("POST", path, config())
    assert (made.code, made.body["message"]) == (404, 'namespaces "nope" not found')


def test_bodies_that_cannot_be(api, maps, namespace):
    assert api("POST", maps, b"{").code == 400
    assert api("POST", maps, config(), "application/cbor").code == 415
    assert api("POST", maps, {**config(), "kind": "Secret"}).code == 400
    assert api("POST", maps, {**config(), "metadata": {"name": "c", "namespace": "other"}}).code == 400
    assert api("POST", maps, config(a="x" * 4_000_000)).code == 413
    assert api("GET", maps, Accept="text/plain").code == 406
    assert api("POST", maps, {"metadata": {"name": "c"}, "data": {"a": 1}}).code == 400


def test_field_validation(api, maps):
    strict = api("POST", f"{maps}?fieldValidation=Strict", {**config(), "dta": {}})
    assert strict.code == 400
    assert 'strict decoding error: unknown field "dta"' in strict.body["message"]
    twice = b'{"metadata":{"name":"d"},"data":{"a":"1","a":"2"}}'
    assert api("POST", f"{maps}?fieldValidation=Strict", twice).code == 400
    warned = api("POST", f"{maps}?fieldValidation=Warn", {**config(), "dta": {}})
    assert warned.code == 201
    assert warned.headers["Warning"] == '299 - "unknown field \\"dta\\""'
    assert "dta" not in warned.body


def test_updates_and_conflicts(api, maps):
    made = api("POST", maps, config(a="1")).body
    same = api("PUT", f"{maps}/c", made)
    assert same.body["metadata"]["resourceVersion"] == made["metadata"]["resourceVersion"]
    new = api("PUT", f"{maps}/c", {**made, "data": {"a": "2"}})
    assert new.code == 200
    assert new.body["metadata"]["resourceVersion"] != made["metadata"]["resourceVersion"]
    stale = api("PUT", f"{maps}/c", {**made, "data": {"a": "3"}})
    assert (stale.code, stale.body["reason"]) == (409, "Conflict")
    assert stale.body["message"].endswith("please apply your changes to the latest version and try again")
    assert api("PUT", f"{maps}/c", config(a="4")).code == 200
    assert api("PUT", f"{maps}/none", config("none")).code == 404


def test_generation_counts_spec_changes_only(api, deployments):
    made = api("POST", deployments, deployment()).body
    assert made["metadata"]["generation"] == 1
    assert made["spec"]["replicas"] == 1
    assert made["spec"]["strategy"]["rollingUpdate"] == {"maxSurge": "25%", "maxUnavailable": "25%"}
    path = f"{deployments}/web"
    assert api("PATCH", path, {"metadata": {"labels": {"x": "y"}}}, MERGE).body["metadata"]["generation"] == 1
    assert api("PATCH", path, {"status": {"replicas": 9}}, MERGE).body["status"] == {}
    done = api("PATCH", f"{path}/status", {"status": {"replicas": 1}, "spec": {"replicas": 9}}, MERGE).body
    assert (done["status"]["replicas"], done["spec"]["replicas"], done["metadata"]["generation"]) == (1, 1, 1)
    assert api("PATCH", path, {"spec": {"replicas": 2}}, MERGE).body["metadata"]["generation"] == 2
    fixed = api("PATCH", path, {"spec": {"selector": {"matchLabels": {"a": "c"}}}}, MERGE)
    assert fixed.code == 422
    assert {c["field"] for c in fixed.body["details"]["causes"]} == {"spec.selector", "spec.template.metadata.labels"}


def test_dry_run_stores_nothing(api, maps):
    made = api("POST", f"{maps}?dryRun=All", config())
    assert made.code == 201
    assert api("GET", f"{maps}/c").code == 404
    api("POST", maps, config(a="1"))
    assert api("PATCH", f"{maps}/c?dryRun=All", {"data": {"a": "2"}}, MERGE).body["data"] == {"a": "2"}
    assert api("DELETE", f"{maps}/c?dryRun=All").code == 200
    assert api("GET", f"{maps}/c").body["data"] == {"a": "1"}


def test_apply_creates_conflicts_and_forces(api, maps):
    first = api("PATCH", f"{maps}/c?fieldManager=one", config(a="1"), APPLY)
    assert first.code == 201
    assert first.body["metadata"]["managedFields"][0]["operation"] == "Apply"
    rv = first.body["metadata"]["resourceVersion"]
    assert api("PATCH", f"{maps}/c?fieldManager=one", config(a="1"), APPLY).body["metadata"]["resourceVersion"] == rv
    clash = api("PATCH", f"{maps}/c?fieldManager=two", config(a="2"), APPLY)
    assert clash.code == 409
    assert clash.body["details"]["causes"][0] == {
        "reason": "FieldManagerConflict",
        "message": 'conflict with "one"',
        "field": ".data.a",
    }
    assert api("PATCH", f"{maps}/c?fieldManager=two&force=true", config(a="2"), APPLY).body["data"] == {"a": "2"}
    assert api("PATCH", f"{maps}/c", config(a="2"), APPLY).code == 422


def test_finalizers_hold_an_object(api, maps):
    api("POST", maps, {"metadata": {"name": "c", "finalizers": ["x/y"]}})
    gone = api("DELETE", f"{maps}/c")
    assert gone.body["metadata"]["deletionTimestamp"]
    more = api("PATCH", f"{maps}/c", {"metadata": {"finalizers": ["x/y", "x/z"]}}, MERGE)
    assert more.code == 422
    assert "no new finalizers can be added if the object is being deleted" in more.body["message"]
    assert api("PATCH", f"{maps}/c", {"metadata": {"finalizers": None}}, MERGE).code == 200
    assert api("GET", f"{maps}/c").code == 404


def test_preconditions_and_propagation(api, maps):
    made = api("POST", maps, config()).body
    wrong = api("DELETE", f"{maps}/c", {"preconditions": {"uid": "other"}})
    assert wrong.code == 409
    assert "the UID in the precondition (other) does not match the UID in record" in wrong.body["message"]
    held = api("DELETE", f"{maps}/c", {"propagationPolicy": "Foreground"})
    assert held.body["metadata"]["finalizers"] == ["foregroundDeletion"]
    api("PATCH", f"{maps}/c", {"metadata": {"finalizers": []}}, MERGE)
    api("POST", maps, config())
    status = api("DELETE", f"{maps}/c", {"propagationPolicy": "Background"})
    assert (status.body["status"], status.body["details"]["kind"]) == ("Success", "configmaps")
    assert status.body["details"]["uid"] != made["metadata"]["uid"]


def test_pods_end_gracefully(api, namespace):
    pods = f"/api/v1/namespaces/{namespace}/pods"
    pod = {"metadata": {"name": "p"}, "spec": {"nodeName": "n", "containers": [{"name": "c", "image": "x"}]}}
    assert api("POST", pods, pod).body["status"] == {"phase": "Pending", "qosClass": "BestEffort"}
    ending = api("DELETE", f"{pods}/p", {"gracePeriodSeconds": 20}).body
    assert ending["metadata"]["deletionGracePeriodSeconds"] == 20
    assert api("GET", f"{pods}/p").code == 200
    assert api("DELETE", f"{pods}/p", {"gracePeriodSeconds": 0}).code == 200
    assert api("GET", f"{pods}/p").code == 404


def test_a_namespace_waits_for_its_content(api, namespace, maps):
    path = f"/api/v1/namespaces/{namespace}"
    ending = api("DELETE", path).body
    assert ending["status"]["phase"] == "Terminating"
    refused = api("POST", maps, config())
    assert refused.code == 403
    assert "because it is being terminated" in refused.body["message"]
    final = api("PUT", f"{path}/finalize", {**ending, "spec": {"finalizers": []}})
    assert final.code == 200
    assert api("GET", path).code == 404


def test_secrets_jobs_and_services_are_completed(api, namespace):
    base = f"/api/v1/namespaces/{namespace}"
    secret = api("POST", f"{base}/secrets", {"metadata": {"name": "s"}, "stringData": {"a": "b"}}).body
    assert (secret["data"], secret["type"], "stringData" in secret) == ({"a": "Yg=="}, "Opaque", False)
    services = [
        api("POST", f"{base}/services", {"metadata": {"name": name}, "spec": {"ports": [{"port": 80}]}}).body["spec"]
        for name in ("one", "two")
    ]
    assert services[0]["clusterIP"] != services[1]["clusterIP"]
    assert services[0]["ports"] == [{"port": 80, "protocol": "TCP", "targetPort": 80}]
    pod = {"spec": {"restartPolicy": "Never", "containers": [{"name": "c", "image": "x"}]}}
    jobs = f"/apis/batch/v1/namespaces/{namespace}/jobs"
    job = api("POST", jobs, {"metadata": {"name": "j"}, "spec": {"template": pod}}).body
    uid = job["metadata"]["uid"]
    assert job["spec"]["selector"] == {"matchLabels": {"batch.kubernetes.io/controller-uid": uid}}
    assert job["spec"]["template"]["metadata"]["labels"]["batch.kubernetes.io/job-name"] == "j"
    assert (job["spec"]["backoffLimit"], job["spec"]["parallelism"]) == (6, 1)
    changed = {"spec": {"template": {"spec": {"containers": [{"name": "c", "image": "y"}]}}}}
    assert api("PATCH", f"{jobs}/j", changed, MERGE).code == 422
