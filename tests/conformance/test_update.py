"""Behaviours 21-33: PUT and the four patches."""

import pytest

MERGE = "application/merge-patch+json"
JSON_PATCH = "application/json-patch+json"
STRATEGIC = "application/strategic-merge-patch+json"


def deployment(**spec):
    template = {"metadata": {"labels": {"a": "b"}}, "spec": {"containers": [{"name": "c", "image": "x:1"}]}}
    return {"spec": {"selector": {"matchLabels": {"a": "b"}}, "template": template, **spec}}


@pytest.fixture
def web(place):
    """The path of a Deployment."""
    place.create("apps/v1/deployments", "web", deployment())
    return place.path("apps/v1/deployments", "web")


@pytest.fixture
def config(place):
    """The path of a ConfigMap."""
    place.create("configmaps", "c", data={"a": "1"})
    return place.path("configmaps", "c")


def test_21_a_stale_version_conflicts(place, config):
    old = place("GET", config).body
    assert place("PUT", config, {**old, "data": {"a": "2"}}).code == 200
    again = place("PUT", config, {**old, "data": {"a": "3"}})
    assert again.error == (409, "Conflict")
    expected = 'Operation cannot be fulfilled on configmaps "c": the object has been modified; please apply your'
    assert again.message == f"{expected} changes to the latest version and try again"


def test_22_without_a_version_the_last_writer_wins(place, config):
    made = place("PUT", config, {"metadata": {"name": "c"}, "data": {"b": "2"}})
    assert (made.code, made.body["data"]) == (200, {"b": "2"})


def test_22_custom_objects_want_a_version(place, widget):
    body = widget("w")
    path = place.path("conform.example.org/v1/widgets", "w")
    del body["metadata"]["resourceVersion"]
    made = place("PUT", path, body)
    assert made.error == (422, "Invalid")
    assert made.causes == [("metadata.resourceVersion", "FieldValueInvalid")]
    assert "must be specified for an update" in made.message


def test_23_an_update_that_changes_nothing(place, config):
    old = place("GET", config).body
    with place.api.watch(place.path("configmaps"), resourceVersion=old["metadata"]["resourceVersion"]) as stream:
        assert place("PUT", config, old).body == old
        assert place("PATCH", config, {"data": {"a": "1"}}, MERGE).body == old
        place.create("configmaps", "z")
        assert stream.take(1) == [("ADDED", "z")]


def test_24_generation_counts_changes_of_the_spec(place, web):
    def generation(body, path=web):
        return place("PATCH", path, body, MERGE).body["metadata"]["generation"]

    assert generation({"metadata": {"labels": {"x": "y"}}}) == 1
    assert generation({"status": {"replicas": 1}}, f"{web}/status") == 1
    assert generation({"spec": {"replicas": 2}}) == 2
    assert generation({"spec": {"replicas": 2}}) == 2


def test_25_status_has_its_own_endpoint(place, web):
    main = place("PATCH", web, {"status": {"replicas": 5}}, MERGE)
    assert (main.code, main.body["status"]) == (200, {})
    status = place("PATCH", f"{web}/status", {"status": {"replicas": 5}, "spec": {"replicas": 9}}, MERGE).body
    assert (status["status"]["replicas"], status["spec"]["replicas"]) == (5, 1)
    body = place("GET", f"{web}/status").body
    body["status"]["replicas"] = 6
    body["spec"]["replicas"] = 9
    body["metadata"]["labels"] = {"sent": "too"}
    put = place("PUT", f"{web}/status", body).body
    assert (put["status"]["replicas"], put["spec"]["replicas"]) == (6, 1)
    assert put["metadata"].get("labels") is None


@pytest.mark.parametrize(
    ("meta", "code"),
    [({"uid": "11111111-2222-3333-4444-555555555555"}, 409), ({"creationTimestamp": "2001-01-01T00:00:00Z"}, 200)],
)
def test_26_identity_does_not_change(place, config, meta, code):
    old = place("GET", config).body
    body = {**old, "metadata": {**old["metadata"], **meta}}
    made = place("PUT", config, body)
    assert made.code == code
    if code == 200:
        assert made.body["metadata"]["creationTimestamp"] == old["metadata"]["creationTimestamp"]
    else:
        assert "Precondition failed: UID in precondition" in made.message


def test_26_the_name_in_the_body_is_that_of_the_url(place, config):
    old = place("GET", config).body
    old["metadata"]["name"] = "d"
    made = place("PUT", config, old)
    assert made.error == (400, "BadRequest")
    assert made.message == "the name of the object (d) does not match the name on the URL (c)"


def test_27_merge_patch(place, config):
    made = place("PATCH", config, {"data": {"a": None, "b": "2"}}, MERGE)
    assert made.body["data"] == {"b": "2"}
    assert "data" not in place("PATCH", config, {"data": None}, MERGE).body


@pytest.mark.parametrize(
    "operation",
    [
        {"op": "test", "path": "/data/a", "value": "2"},
        {"op": "remove", "path": "/data/nope"},
        {"op": "add", "path": "/nope/deep", "value": "1"},
        {"op": "jump", "path": "/data/a"},
    ],
)
def test_28_json_patches_that_do_not_fit(place, config, operation):
    made = place("PATCH", config, [operation], JSON_PATCH)
    assert made.error == (422, "Invalid")
    assert place("GET", config).body["data"] == {"a": "1"}


def test_28_json_patch(place, config):
    patch = [
        {"op": "test", "path": "/data/a", "value": "1"},
        {"op": "test", "path": "/data/nope", "value": None},
        {"op": "add", "path": "/metadata/labels", "value": {"x/y": "z"}},
        {"op": "replace", "path": "/metadata/labels/x~1y", "value": "w"},
        {"op": "move", "from": "/data/a", "path": "/data/b"},
        {"op": "copy", "from": "/data/b", "path": "/data/c"},
    ]
    made = place("PATCH", config, patch, JSON_PATCH)
    assert (made.code, made.body["data"]) == (200, {"b": "1", "c": "1"})
    assert made.body["metadata"]["labels"] == {"x/y": "w"}


@pytest.mark.parametrize("body", [b"{", b"{}", b'"x"', b"[1]"])
def test_28_what_is_no_json_patch(place, config, body):
    assert place("PATCH", config, body, JSON_PATCH).error == (400, "BadRequest")


def _names(items, key="name"):
    return [item[key] for item in items]


def test_29_lists_merge_by_key(place, web):
    path = {"spec": {"template": {"spec": {"containers": [{"name": "d", "image": "y:1"}]}}}}
    spec = place("PATCH", web, path, STRATEGIC).body["spec"]["template"]["spec"]
    assert sorted(_names(spec["containers"])) == ["c", "d"]
    assert _names(spec["containers"])[0] == "d"
    path["spec"]["template"]["spec"]["containers"] = [{"name": "d", "$patch": "delete"}]
    spec = place("PATCH", web, path, STRATEGIC).body["spec"]["template"]["spec"]
    assert _names(spec["containers"]) == ["c"]
    path["spec"]["template"]["spec"]["containers"] = [{"$patch": "replace"}, {"name": "e", "image": "z:1"}]
    spec = place("PATCH", web, path, STRATEGIC).body["spec"]["template"]["spec"]
    assert _names(spec["containers"]) == ["e"]


def test_29_an_order_may_be_given(place, web):
    containers = [{"name": n, "image": "y:1"} for n in "zyx"]
    patch = {"containers": containers, "$setElementOrder/containers": [{"name": n} for n in "zcyx"]}
    body = {"spec": {"template": {"spec": patch}}}
    spec = place("PATCH", web, body, STRATEGIC).body["spec"]["template"]["spec"]
    assert _names(spec["containers"]) == ["z", "c", "y", "x"]


def test_29_keys_may_be_retained(place, web):
    patch = {"spec": {"strategy": {"$retainKeys": ["type"], "type": "Recreate"}}}
    assert place("PATCH", web, patch, STRATEGIC).body["spec"]["strategy"] == {"type": "Recreate"}


def test_29_values_leave_a_primitive_list(place, config):
    place("PATCH", config, {"metadata": {"finalizers": ["x.org/a", "x.org/b"]}}, STRATEGIC)
    made = place("PATCH", config, {"metadata": {"finalizers": ["x.org/c"]}}, STRATEGIC)
    assert sorted(made.body["metadata"]["finalizers"]) == ["x.org/a", "x.org/b", "x.org/c"]
    patch = {"metadata": {"$deleteFromPrimitiveList/finalizers": ["x.org/a"]}}
    made = place("PATCH", config, patch, STRATEGIC)
    assert sorted(made.body["metadata"]["finalizers"]) == ["x.org/b", "x.org/c"]


def test_29_a_list_without_a_key_is_replaced(place, web):
    patch = {"spec": {"template": {"spec": {"containers": [{"name": "c", "args": ["a", "b"]}]}}}}
    place("PATCH", web, patch, STRATEGIC)
    patch["spec"]["template"]["spec"]["containers"][0]["args"] = ["z"]
    found = place("PATCH", web, patch, STRATEGIC).body["spec"]["template"]["spec"]["containers"][0]
    assert (found["args"], found["image"]) == (["z"], "x:1")


def test_30_no_strategic_patch_for_custom_kinds(place, widget):
    widget("w")
    path = place.path("conform.example.org/v1/widgets", "w")
    assert place("PATCH", path, {"spec": {}}, STRATEGIC).error == (415, "UnsupportedMediaType")
    assert place("PATCH", path, {"spec": {}}, "application/json").error == (415, "UnsupportedMediaType")


@pytest.mark.parametrize("kind", [MERGE, STRATEGIC])
def test_31_a_patch_may_name_a_version(place, config, kind):
    old = place("GET", config).body["metadata"]["resourceVersion"]
    body = {"metadata": {"resourceVersion": old}, "data": {"b": "2"}}
    assert place("PATCH", config, body, kind).code == 200
    body["data"]["b"] = "3"
    assert place("PATCH", config, body, kind).error == (409, "Conflict")


def test_29_an_order_contradicts_the_list(place, web):
    containers = [{"name": n, "image": "y:1"} for n in "xy"]
    patch = {"containers": containers, "$setElementOrder/containers": [{"name": n} for n in "yx"]}
    made = place("PATCH", web, {"spec": {"template": {"spec": patch}}}, STRATEGIC)
    assert made.error == (500, "")
    assert "doesn't match $setElementOrder list" in made.message


@pytest.mark.parametrize(
    ("plural", "code"),
    [("coordination.k8s.io/v1/leases", 201), ("endpoints", 201), ("configmaps", 404), ("serviceaccounts", 404),
     ("secrets", 404), ("pods", 404), ("services", 201), ("rbac.authorization.k8s.io/v1/roles", 201),
     ("policy/v1/poddisruptionbudgets", 404), ("networking.k8s.io/v1/ingresses", 404),
     ("persistentvolumeclaims", 404), ("apps/v1/deployments", 404), ("batch/v1/jobs", 404),
     ("events", 201)],
)  # fmt: skip
def test_32_few_kinds_are_created_by_put(place, plural, code):
    body = {"metadata": {"name": "n"}}
    if plural == "services":
        body["spec"] = {"ports": [{"port": 1}]}
    if plural == "pods":
        body["spec"] = {"containers": [{"name": "a", "image": "b"}]}
    if plural == "events":
        body["involvedObject"] = {"namespace": place.name}
    if plural.endswith("deployments"):
        body |= deployment()
    assert place("PUT", place.path(plural, "n"), body).code == code


def test_33_a_selector_stays(place, web):
    made = place("PATCH", web, {"spec": {"selector": {"matchLabels": {"x": "y"}}}}, MERGE)
    assert made.error == (422, "Invalid")
    assert ("spec.selector", "FieldValueInvalid") in made.causes
    assert "field is immutable" in made.message


def test_33_a_jobs_template_stays(place):
    template = {"spec": {"restartPolicy": "Never", "containers": [{"name": "c", "image": "x"}]}}
    place.create("batch/v1/jobs", "j", spec={"template": template})
    patch = [{"op": "replace", "path": "/spec/template/spec/containers/0/image", "value": "y"}]
    made = place("PATCH", place.path("batch/v1/jobs", "j"), patch, JSON_PATCH)
    assert made.error == (422, "Invalid")
    assert made.causes == [("spec.template", "FieldValueInvalid")]


def test_33_secret_types_and_sealed_maps_stay(place):
    place.create("secrets", "s", type="Opaque")
    made = place("PATCH", place.path("secrets", "s"), {"type": "x.org/y"}, MERGE)
    assert made.error == (422, "Invalid")
    assert made.causes == [("type", "FieldValueInvalid")]
    place.create("configmaps", "c", data={"a": "1"}, immutable=True)
    for patch, field in (({"data": {"a": "2"}}, "data"), ({"immutable": False}, "immutable")):
        made = place("PATCH", place.path("configmaps", "c"), patch, MERGE)
        assert made.error == (422, "Invalid")
        assert made.causes[0] == (field, "FieldValueForbidden")


def test_33_a_pods_containers_stay(place):
    place.create("pods", "p", spec={"containers": [{"name": "c", "image": "x"}]})
    path = place.path("pods", "p")
    image = [{"op": "replace", "path": "/spec/containers/0/image", "value": "y"}]
    assert place("PATCH", path, image, JSON_PATCH).code == 200
    name = [{"op": "add", "path": "/spec/containers/0/args", "value": ["y"]}]
    made = place("PATCH", path, name, JSON_PATCH)
    assert made.error == (422, "Invalid")
    assert made.causes == [("spec", "FieldValueForbidden")]


def test_a_patch_of_nothing(place):
    made = place("PATCH", place.path("configmaps", "nope"), {"data": {}}, MERGE)
    assert made.error == (404, "NotFound")
    assert made.body["details"] == {"name": "nope", "kind": "configmaps"}


@pytest.mark.parametrize("kind", [MERGE, STRATEGIC])
@pytest.mark.parametrize("body", [b"{", b"[]", b"5", b""])
def test_patches_that_are_no_map(place, config, kind, body):
    assert place("PATCH", config, body, kind).error == (400, "BadRequest")


def test_a_dry_patch_changes_nothing(place, config):
    made = place("PATCH", f"{config}?dryRun=All", {"data": {"a": "2"}}, MERGE)
    assert (made.code, made.body["data"]) == (200, {"a": "2"})
    assert place("GET", config).body["data"] == {"a": "1"}


def test_finalizers_that_do_not_say_whose_they_are(place, widget):
    widget("w")
    path = place.path("conform.example.org/v1/widgets", "w")
    patch = {"metadata": {"finalizers": ["bare", "with.dot", "x.org/a"]}}
    made = place("PATCH", path, patch, "application/merge-patch+json")
    assert "prefer a domain-qualified finalizer name" in made.headers["Warning"]
    again = place("PATCH", path, {"metadata": {"labels": {"a": "b"}}}, "application/merge-patch+json")
    assert "Warning" not in again.headers


@pytest.mark.parametrize("mark", [{"uid": "x"}, {"deletionTimestamp": "2020-01-01T00:00:00Z"}])
def test_what_never_changes(place, widget, mark):
    widget("w")
    path = place.path("conform.example.org/v1/widgets", "w")
    made = place("PATCH", path, {"metadata": mark}, "application/merge-patch+json")
    assert made.error == (422, "Invalid")
    assert set(made.causes) == {(f"metadata.{next(iter(mark))}", "FieldValueInvalid")}


def test_nobody_owns_what_the_server_adds(place):
    """Addresses, the selector of a Job and its labels."""
    pods = {"containers": [{"name": "a", "image": "x"}], "restartPolicy": "Never"}
    job = place.create("batch/v1/jobs", "j", spec={"template": {"spec": pods}})
    service = place.create("services", "s", spec={"ports": [{"port": 80}]})
    (entry,) = job["metadata"]["managedFields"]
    assert "f:selector" not in entry["fieldsV1"]["f:spec"]
    assert "f:metadata" not in entry["fieldsV1"]["f:spec"]["f:template"]
    assert job["metadata"]["labels"] == job["spec"]["template"]["metadata"]["labels"]
    (entry,) = service["metadata"]["managedFields"]
    assert "f:clusterIP" not in entry["fieldsV1"]["f:spec"]


def test_a_strategic_patch_that_does_not_fit(place):
    """It is said in words of its own: the patch as Go prints it, and what cannot be made of it."""
    place.create("configmaps", "c", data={"a": "1"})
    kind = "application/strategic-merge-patch+json"
    found = place("PATCH", place.path("configmaps", "c"), {"data": {"a": 1}}, kind)
    assert found.message.endswith('patch: Invalid value: "map[data:map[a:1]]": cannot convert int64 to string')
    found = place("PATCH", place.path("configmaps", "c"), {"data": ["a"]}, kind)
    assert found.message.endswith('patch: Invalid value: "map[data:[a]]": cannot restore map from slice')


@pytest.mark.parametrize("plural", ["services", "apps/v1/statefulsets", "apps/v1/deployments"])
def test_labels_sent_to_the_status_of_built_in_kinds(place, plural):
    """Most kinds take them there, and whoever sent them owns them; a Deployment does not."""
    template = {"metadata": {"labels": {"a": "b"}}, "spec": {"containers": [{"name": "a", "image": "x"}]}}
    kept = {"selector": {"matchLabels": {"a": "b"}}, "template": template}
    place.create(plural, "x", spec={"ports": [{"port": 80}]} if plural == "services" else kept)
    path = place.path(plural, "x/status", query="fieldManager=one")
    made = place("PATCH", path, {"metadata": {"labels": {"from": "status"}}}, "application/merge-patch+json").body
    taken = plural != "apps/v1/deployments"
    assert made["metadata"].get("labels") == ({"from": "status"} if taken else None)
    assert ("one" in {entry["manager"] for entry in made["metadata"]["managedFields"]}) is taken


def test_bytes_that_cannot_be_applied(place):
    body = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "s"}, "data": {"a": "!"}}
    path = place.path("secrets", "s", query="fieldManager=one")
    found = place("PATCH", path, body, "application/apply-patch+yaml")
    assert (found.code, found.message.endswith("error decoding from json: illegal base64 data at input byte 0")) == (
        500,
        True,
    )
