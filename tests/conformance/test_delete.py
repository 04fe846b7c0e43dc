"""Behaviours 54-58: finalizers, preconditions, propagation, collections, grace."""

import pytest

MERGE = "application/merge-patch+json"


@pytest.fixture
def held(place):
    """The path of a ConfigMap that a finalizer holds."""
    place.create("configmaps", "c", metadata={"finalizers": ["x.org/hold"]})
    return place.path("configmaps", "c")


def test_54_a_finalizer_holds_an_object(place, held):
    gone = place("DELETE", held)
    assert (gone.code, gone.body["kind"]) == (200, "ConfigMap")
    assert gone.body["metadata"]["deletionTimestamp"]
    assert gone.body["metadata"]["deletionGracePeriodSeconds"] == 0
    assert place("GET", held).code == 200
    again = place("DELETE", held)
    assert again.code == 200
    last = place("PATCH", held, {"metadata": {"finalizers": None}}, MERGE)
    assert (last.code, last.body["metadata"]["name"]) == (200, "c")
    assert place("GET", held).code == 404


def test_54_no_new_finalizers_at_the_end(place, held):
    place("DELETE", held)
    made = place("PATCH", held, {"metadata": {"finalizers": ["x.org/hold", "x.org/more"]}}, MERGE)
    assert made.error == (422, "Invalid")
    assert set(made.causes) == {("metadata.finalizers", "FieldValueForbidden")}
    assert "no new finalizers can be added if the object is being deleted" in made.message


def test_54_the_name_of_an_ending_object_is_taken(place, held):
    place("DELETE", held)
    again = place("POST", place.path("configmaps"), {"metadata": {"name": "c"}})
    assert again.error == (409, "AlreadyExists")
    assert again.message == 'object is being deleted: configmaps "c" already exists'


def test_54_an_ending_object_may_change(place, held):
    place("DELETE", held)
    assert place("PATCH", held, {"data": {"a": "1"}}, MERGE).body["data"] == {"a": "1"}


def test_54_a_deletion_is_not_undone(place, held):
    ending = place("DELETE", held).body["metadata"]["deletionTimestamp"]
    made = place("PATCH", held, {"metadata": {"deletionTimestamp": None}}, MERGE).body
    assert made["metadata"]["deletionTimestamp"] == ending


def test_54_generation_counts_a_deletion(place, widget):
    widget("w")
    path = place.path("conform.example.org/v1/widgets", "w")
    place("PATCH", path, {"metadata": {"finalizers": ["x.org/hold"]}}, MERGE)
    assert place("DELETE", path).body["metadata"]["generation"] == 2


def test_a_plain_deletion_says_success(place):
    made = place.create("configmaps", "c")
    gone = place("DELETE", place.path("configmaps", "c"))
    assert (gone.code, gone.body["kind"], gone.body["status"]) == (200, "Status", "Success")
    assert gone.body["details"] == {"name": "c", "kind": "configmaps", "uid": made["metadata"]["uid"]}
    assert place("DELETE", place.path("configmaps", "c")).error == (404, "NotFound")


@pytest.mark.parametrize("name", ["uid", "resourceVersion"])
def test_55_preconditions(place, name):
    made = place.create("configmaps", "c")["metadata"]
    path = place.path("configmaps", "c")
    refused = place("DELETE", path, {"preconditions": {name: "5"}})
    assert refused.error == (409, "Conflict")
    what = {"uid": "UID", "resourceVersion": "ResourceVersion"}[name]
    expected = f'Operation cannot be fulfilled on ConfigMap "c": the {what} in the precondition (5) does not match the'
    assert refused.message.startswith(f"{expected} {what} in record ({made[name]}). The object might have been ")
    assert place("DELETE", path, {"preconditions": {name: made[name]}}).code == 200


@pytest.mark.parametrize(
    ("policy", "finalizers"), [("Foreground", ["foregroundDeletion"]), ("Orphan", ["orphan"]), ("Background", None)]
)
def test_56_propagation(place, policy, finalizers):
    place.create("configmaps", "c")
    path = place.path("configmaps", "c")
    place("DELETE", path, {"propagationPolicy": policy})
    left = place("GET", path)
    if finalizers:
        assert left.body["metadata"]["finalizers"] == finalizers
        assert left.body["metadata"]["deletionTimestamp"]
    else:
        assert left.code == 404


def test_56_unknown_propagation(place):
    place.create("configmaps", "c")
    made = place("DELETE", place.path("configmaps", "c"), {"propagationPolicy": "Sideways"})
    assert made.error == (422, "Invalid")
    assert made.causes == [("propagationPolicy", "FieldValueNotSupported")]
    both = {"propagationPolicy": "Orphan", "orphanDependents": True}
    assert place("DELETE", place.path("configmaps", "c"), both).code == 422


def test_56_a_dry_deletion(place):
    place.create("configmaps", "c")
    path = place.path("configmaps", "c")
    assert place("DELETE", f"{path}?dryRun=All").code == 200
    assert place("DELETE", path, {"dryRun": ["All"]}).code == 200
    assert place("GET", path).code == 200


def test_57_a_collection(place):
    for name in "abc":
        place.create("configmaps", name, metadata={"labels": {"x": name}})
    maps = place.path("configmaps")
    gone = place("DELETE", f"{maps}?labelSelector=x+in+(a,b)")
    assert (gone.code, gone.body["kind"]) == (200, "ConfigMapList")
    assert [item["metadata"]["name"] for item in gone.body["items"]] == ["a", "b"]
    assert [item["metadata"]["name"] for item in place("GET", maps).body["items"]] == ["c"]


def test_58_a_pod_ends_with_grace(place):
    spec = {"nodeName": "n1", "terminationGracePeriodSeconds": 20, "containers": [{"name": "c", "image": "x"}]}
    place.create("pods", "p", spec=spec)
    path = place.path("pods", "p")
    gone = place("DELETE", path).body
    assert gone["metadata"]["deletionGracePeriodSeconds"] == 20
    shorter = place("DELETE", path, {"gracePeriodSeconds": 5}).body
    assert shorter["metadata"]["deletionGracePeriodSeconds"] == 5
    longer = place("DELETE", path, {"gracePeriodSeconds": 50}).body
    assert longer["metadata"]["deletionGracePeriodSeconds"] == 5
    assert place("DELETE", f"{path}?gracePeriodSeconds=0").code == 200
    assert place("GET", path).code == 404


def test_58_a_pod_without_a_node_ends_at_once(place):
    place.create("pods", "p", spec={"containers": [{"name": "c", "image": "x"}]})
    gone = place("DELETE", place.path("pods", "p"))
    assert (gone.code, gone.body["kind"]) == (200, "Pod")
    assert place("GET", place.path("pods", "p")).code == 404


def test_58_a_namespace_waits(place):
    path = f"/api/v1/namespaces/{place.name}"
    gone = place("DELETE", path)
    assert (gone.code, gone.body["status"]["phase"]) == (200, "Terminating")
    assert gone.body["spec"]["finalizers"] == ["kubernetes"]
    body = place("GET", path).body
    body["spec"]["finalizers"] = []
    assert place("PUT", f"{path}/finalize", body).code == 200
    assert place("GET", path).code == 404


@pytest.mark.parametrize("name", ["default", "kube-system"])
def test_58_some_namespaces_last(api, name):
    gone = api("DELETE", f"/api/v1/namespaces/{name}?dryRun=All")
    assert gone.error == (403, "Forbidden")
    assert gone.message == f'namespaces "{name}" is forbidden: this namespace may not be deleted'


def test_negative_grace(place):
    place.create("configmaps", "c")
    made = place("DELETE", place.path("configmaps", "c"), {"gracePeriodSeconds": "x"})
    assert made.error == (400, "BadRequest")


def test_a_body_of_the_wrong_kind(place):
    place.create("configmaps", "c")
    made = place("DELETE", place.path("configmaps", "c"), {"kind": "ConfigMap", "apiVersion": "v1"})
    assert made.error == (400, "BadRequest")


def test_a_job_leaves_its_pods_unless_told_otherwise(place):
    template = {"spec": {"containers": [{"name": "a", "image": "x"}], "restartPolicy": "Never"}}
    place.create("batch/v1/jobs", "j", spec={"template": template})
    gone = place("DELETE", place.path("batch/v1/jobs", "j"))
    assert gone.body["metadata"]["finalizers"] == ["orphan"]
    assert "child pods are preserved by default" in gone.headers["Warning"]
    place.create("batch/v1/jobs", "k", spec={"template": template})
    gone = place("DELETE", place.path("batch/v1/jobs", "k"), {"propagationPolicy": "Background"})
    assert (gone.body["status"], "Warning" in gone.headers) == ("Success", False)
