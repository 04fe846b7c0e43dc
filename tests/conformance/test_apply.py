"""Behaviours 34-42: server-side apply and who owns what."""

import pytest

APPLY = "application/apply-patch+yaml"
MERGE = "application/merge-patch+json"


@pytest.fixture
def apply(place):
    """Apply a ConfigMap's data as a manager."""

    def _apply(manager, data, query="", **meta):
        body = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "c", **meta}}
        if data is not None:
            body["data"] = data
        path = place.path("configmaps", "c", query=f"fieldManager={manager}{query}")
        return place("PATCH", path, body, APPLY)

    return _apply


def owners(body):
    return {
        (one["manager"], one["operation"]): one["fieldsV1"].get("f:data", {})
        for one in body["metadata"]["managedFields"]
    }


def test_34_apply_creates(apply):
    made = apply("one", {"a": "1"})
    assert made.code == 201
    (entry,) = made.body["metadata"]["managedFields"]
    expected = {"manager": "one", "operation": "Apply", "apiVersion": "v1", "fieldsType": "FieldsV1"}
    assert entry == {**expected, "fieldsV1": {"f:data": {"f:a": {}}}, "time": entry["time"]}
    assert apply("one", {"a": "1"}).body == made.body


def test_35_two_managers_conflict(apply):
    apply("one", {"a": "1"})
    made = apply("two", {"a": "2"})
    assert made.error == (409, "Conflict")
    assert made.causes == [(".data.a", "FieldManagerConflict")]
    assert made.message == 'Apply failed with 1 conflict: conflict with "one": .data.a'
    same = apply("two", {"a": "1"})
    assert same.code == 200
    assert owners(same.body) == {("one", "Apply"): {"f:a": {}}, ("two", "Apply"): {"f:a": {}}}


def test_35_conflicts_are_told_by_manager(apply):
    apply("zoe", {"a": "1"})
    apply("adam", {"b": "1"})
    made = apply("two", {"a": "2", "b": "2"})
    said = 'conflicts with "adam":\n- .data.b\nconflicts with "zoe":\n- .data.a'
    assert made.message == f"Apply failed with 2 conflicts: {said}"


def test_36_force_takes(apply):
    apply("one", {"a": "1", "b": "1"})
    made = apply("two", {"a": "2"}, "&force=true")
    assert made.body["data"] == {"a": "2", "b": "1"}
    assert owners(made.body) == {("one", "Apply"): {"f:b": {}}, ("two", "Apply"): {"f:a": {}}}


def test_37_what_nobody_owns_any_more_goes(apply):
    apply("one", {"a": "1", "b": "1"})
    apply("two", {"b": "1"})
    assert apply("one", {}).body["data"] == {"b": "1"}
    assert apply("two", None).body.get("data") in (None, {})


def test_37_a_field_goes_with_the_last_that_was_applied_in_it(place, widget):
    """With it goes what nobody owns, such as a default; a key of a map is owned itself."""
    made = widget("w", mode="fast", free={"a": {"b": "c"}, "x": "y"}, manager="one")
    (entry,) = made["metadata"]["managedFields"]
    owned = {"f:a": {".": {}, "f:b": {}}, "f:x": {}}
    assert entry["fieldsV1"]["f:spec"] == {"f:free": owned, "f:mode": {}}
    path = place.path("conform.example.org/v1/widgets", "w", query="fieldManager=one")
    body = {"apiVersion": "conform.example.org/v1", "kind": "Widget", "metadata": {"name": "w"}}
    left = place("PATCH", path, {**body, "spec": {"free": {"x": "y"}}}, APPLY).body
    assert left["spec"] == {"free": {"x": "y"}, "size": 1}
    assert "spec" not in place("PATCH", path, body, APPLY).body


def test_38_lists_merge_by_all_their_keys(place):
    def apply(manager, *ports):
        body = {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "s"}, "spec": {"ports": list(ports)}}
        return place("PATCH", place.path("services", "s", query=f"fieldManager={manager}"), body, APPLY)

    assert apply("one", {"port": 80, "name": "a"}).code == 201
    made = apply("two", {"port": 80, "protocol": "UDP", "name": "b"})
    assert made.code == 200, made
    assert [(p["port"], p["protocol"]) for p in made.body["spec"]["ports"]] == [(80, "TCP"), (80, "UDP")]
    entry = next(one for one in made.body["metadata"]["managedFields"] if one["manager"] == "one")
    assert list(entry["fieldsV1"]["f:spec"]["f:ports"]) == ['k:{"port":80,"protocol":"TCP"}']
    left = apply("one", {"port": 81, "name": "c"})
    assert [(p["port"], p["protocol"]) for p in left.body["spec"]["ports"]] == [(80, "UDP"), (81, "TCP")]


def test_39_sets_and_atoms(apply, place):
    made = apply("one", {"a": "1"}, finalizers=["x.org/a"])
    made = apply("two", {"b": "1"}, finalizers=["x.org/b"])
    assert made.body["metadata"]["finalizers"] == ["x.org/a", "x.org/b"]
    entry = next(one for one in made.body["metadata"]["managedFields"] if one["manager"] == "two")
    assert entry["fieldsV1"]["f:metadata"] == {"f:finalizers": {'v:"x.org/b"': {}}}
    template = {"metadata": {"labels": {"a": "b"}}, "spec": {"containers": [{"name": "c", "image": "x"}]}}
    body = {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "d"},
        "spec": {"selector": {"matchLabels": {"a": "b"}}, "template": template},
    }
    path = place.path("apps/v1/deployments", "d")
    assert place("PATCH", f"{path}?fieldManager=one", body, APPLY).code == 201
    # the selector is one atom
    body["spec"]["selector"] = {"matchLabels": {"a": "b"}, "matchExpressions": [{"key": "a", "operator": "Exists"}]}
    made = place("PATCH", f"{path}?fieldManager=two", body, APPLY)
    assert made.error == (409, "Conflict")
    assert made.causes == [(".spec.selector", "FieldManagerConflict")]


def test_40_an_update_takes_over(apply, place):
    apply("one", {"a": "1", "b": "1"})
    patch = {"data": {"a": "2"}}
    made = place("PATCH", place.path("configmaps", "c", query="fieldManager=two"), patch, MERGE)
    assert owners(made.body) == {("one", "Apply"): {"f:b": {}}, ("two", "Update"): {"f:a": {}}}
    conflict = apply("one", {"a": "1", "b": "1"})
    assert conflict.error == (409, "Conflict")
    assert 'conflict with "two" using v1: .data.a' in conflict.message


def test_41_what_apply_wants(place):
    body = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "c"}}
    path = place.path("configmaps", "c")
    nobody = place("PATCH", path, body, APPLY)
    assert nobody.error == (422, "Invalid")
    assert nobody.causes == [("fieldManager", "FieldValueRequired")]
    managed = {**body, "metadata": {"name": "c", "managedFields": [{"manager": "x"}]}}
    made = place("PATCH", f"{path}?fieldManager=one", managed, APPLY)
    assert made.error == (400, "BadRequest")
    assert made.message == "metadata.managedFields must be nil"
    for key in ("apiVersion", "kind"):
        made = place("PATCH", f"{path}?fieldManager=one", {k: v for k, v in body.items() if k != key}, APPLY)
        assert made.code == 400
    made = place("PATCH", f"{path}?fieldManager=one", b"a: [", APPLY)
    assert made.error == (400, "BadRequest")
    made = place("PATCH", f"{path}?fieldManager=one", b"kind: ConfigMap\napiVersion: v1\nmetadata: {name: c}", APPLY)
    assert made.code == 201


def test_41_force_is_for_apply(place):
    place.create("configmaps", "c")
    made = place("PATCH", place.path("configmaps", "c", query="force=true"), {"data": {}}, MERGE)
    assert made.error == (422, "Invalid")
    assert made.causes == [("force", "FieldValueForbidden")]


def test_42_status_is_owned_apart(place):
    template = {"metadata": {"labels": {"a": "b"}}, "spec": {"containers": [{"name": "c", "image": "x"}]}}
    place.create("apps/v1/deployments", "d", spec={"selector": {"matchLabels": {"a": "b"}}, "template": template})
    body = {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "d"}, "status": {"replicas": 3}}
    path = place.path("apps/v1/deployments", "d/status", query="fieldManager=one")
    made = place("PATCH", path, body, APPLY)
    assert (made.code, made.body["status"]) == (200, {"replicas": 3})
    entry = next(one for one in made.body["metadata"]["managedFields"] if one["manager"] == "one")
    assert (entry["subresource"], entry["fieldsV1"]) == ("status", {"f:status": {"f:replicas": {}}})


def test_42_status_wants_an_object(place):
    body = {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "d"}, "status": {"replicas": 3}}
    path = place.path("apps/v1/deployments", "d/status", query="fieldManager=one")
    assert place("PATCH", path, body, APPLY).error == (404, "NotFound")


def test_custom_objects_are_applied(place, widget):
    widget("w", size=1, items=[{"key": "a", "value": "1"}], manager="one")
    path = place.path("conform.example.org/v1/widgets", "w", query="fieldManager=two")
    body = {"apiVersion": "conform.example.org/v1", "kind": "Widget", "metadata": {"name": "w"}}
    body["spec"] = {"items": [{"key": "b", "value": "2"}]}
    made = place("PATCH", path, body, APPLY).body
    assert made["spec"]["items"] == [{"key": "a", "value": "1"}, {"key": "b", "value": "2"}]
    entry = next(one for one in made["metadata"]["managedFields"] if one["manager"] == "two")
    expected = {"f:items": {'k:{"key":"b"}': {".": {}, "f:key": {}, "f:value": {}}}}
    assert entry["fieldsV1"] == {"f:spec": expected}


def test_an_order_that_changes_is_noted(place):
    """Nobody owns the order of a list, but who applies another one has written."""
    body = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "c", "finalizers": ["x.org/a", "x.org/b"]}}
    kind = "application/apply-patch+yaml"
    path = place.path("configmaps", "c")
    assert place("PATCH", f"{path}?fieldManager=one", body, kind).code == 201
    turned = {**body, "metadata": {"name": "c", "finalizers": ["x.org/b", "x.org/a"]}}
    made = place("PATCH", f"{path}?fieldManager=two", turned, kind).body
    assert made["metadata"]["finalizers"] == ["x.org/b", "x.org/a"]
    assert all(entry["time"] for entry in made["metadata"]["managedFields"])


def test_what_is_made_by_applying_says_its_name(place):
    body = {"apiVersion": "v1", "kind": "ConfigMap"}
    kind = "application/apply-patch+yaml"
    path = place.path("configmaps", "c", query="fieldManager=one")
    made = place("PATCH", path, body, kind)
    assert made.error == (400, "BadRequest")
    assert made.message == "the name of the object (c based on URL) was undeterminable: name must be provided"
    assert place("PATCH", path, {**body, "metadata": {"name": "c"}}, kind).code == 201
    assert place("PATCH", path, body, kind).code == 200
