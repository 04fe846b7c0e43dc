"""Behaviours 9-20: what create sets, refuses and warns of."""

import re

import pytest

CRD = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"


def config(name="c", **rest):
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name}, **rest}


def deployment(name="web", **spec):
    template = {"metadata": {"labels": {"a": "b"}}, "spec": {"containers": [{"name": "c", "image": "x:1"}]}}
    spec = {"selector": {"matchLabels": {"a": "b"}}, "template": template, **spec}
    return {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": name}, "spec": spec}


def test_09_the_server_sets_what_it_owns(place):
    meta = {
        "name": "c",
        "uid": "11111111-2222-3333-4444-555555555555",
        "generation": 7,
        "creationTimestamp": "2001-01-01T00:00:00Z",
        "selfLink": "/x",
    }
    made = place("POST", place.path("configmaps"), {"metadata": meta})
    assert made.code == 201
    found = made.body["metadata"]
    assert re.fullmatch("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", found["uid"])
    assert found["uid"] != meta["uid"]
    assert not found["creationTimestamp"].startswith("2001")
    assert int(found["resourceVersion"]) > 0
    assert found["namespace"] == place.name
    assert "selfLink" not in found


def test_09_generation_begins_at_one(place):
    body = deployment()
    body["metadata"]["generation"] = 7
    made = place("POST", place.path("apps/v1/deployments"), body).body
    assert made["metadata"]["generation"] == 1
    assert "generation" not in place.create("configmaps", "c")["metadata"]


def test_09_a_deletion_cannot_be_created(place):
    meta = {"name": "c", "deletionTimestamp": "2001-01-01T00:00:00Z", "deletionGracePeriodSeconds": 5}
    made = place("POST", place.path("configmaps"), {"metadata": meta})
    assert made.code == 201
    assert not {"deletionTimestamp", "deletionGracePeriodSeconds"} & set(made.body["metadata"])


def test_09_an_event_has_its_empty_fields_and_nobody_owns_them(place):
    about = {"kind": "Pod", "namespace": place.name, "name": "p"}
    made = place.create("events", "e", {"involvedObject": about})
    empty = dict.fromkeys(("eventTime", "firstTimestamp", "lastTimestamp"))
    empty |= {"source": {}, "reportingComponent": "", "reportingInstance": ""}
    meta = made.pop("metadata")
    assert made == {"apiVersion": "v1", "kind": "Event", "involvedObject": about, **empty}
    assert [one["fieldsV1"] for one in meta["managedFields"]] == [{"f:involvedObject": {}}]


def test_09_null_in_a_map_of_strings_is_empty(place):
    made = place.create("configmaps", "c", {"data": {"a": None}}, metadata={"labels": {"x": None}})
    assert (made["data"], made["metadata"]["labels"]) == ({"a": ""}, {"x": ""})


def test_10_generated_names(place):
    made = place("POST", place.path("configmaps"), {"metadata": {"generateName": "job-"}})
    assert re.fullmatch("job-[bcdfghjklmnpqrstvwxz2456789]{5}", made.body["metadata"]["name"])
    assert made.body["metadata"]["generateName"] == "job-"


def test_10_a_name_is_required(place):
    made = place("POST", place.path("configmaps"), {"metadata": {}})
    assert made.error == (422, "Invalid")
    assert ("metadata.name", "FieldValueRequired") in made.causes
    assert "name or generateName is required" in made.message


def test_11_a_name_is_taken_once(place):
    place.create("configmaps", "c")
    again = place("POST", place.path("configmaps"), config())
    assert again.error == (409, "AlreadyExists")
    assert again.message == 'configmaps "c" already exists'
    assert again.body["details"] == {"name": "c", "kind": "configmaps"}


@pytest.mark.parametrize("name", ["A_b", "-a", "a" * 254, "a..b", "ä"])
def test_12_names_are_dns_names(place, name):
    made = place("POST", place.path("configmaps"), config(name))
    assert made.error == (422, "Invalid")
    assert made.causes[0] == ("metadata.name", "FieldValueInvalid")


@pytest.mark.parametrize(
    ("meta", "field", "reason"),
    [
        ({"labels": {"a b": "c"}}, "metadata.labels", "FieldValueInvalid"),
        ({"labels": {"a": "x" * 64}}, "metadata.labels", "FieldValueInvalid"),
        ({"annotations": {"a b": "c"}}, "metadata.annotations", "FieldValueInvalid"),
        ({"finalizers": ["no slash"]}, "metadata.finalizers", "FieldValueInvalid"),
        ({"ownerReferences": [{"apiVersion": "v1", "kind": "X", "name": "", "uid": "1"}]},
         "metadata.ownerReferences.name", "FieldValueInvalid"),
        ({"ownerReferences": [{"apiVersion": "v1", "kind": "X", "name": "x", "uid": ""}]},
         "metadata.ownerReferences.uid", "FieldValueInvalid"),
    ],
)  # fmt: skip
def test_12_metadata_is_checked(place, meta, field, reason):
    made = place("POST", place.path("configmaps"), {"metadata": {"name": "c", **meta}})
    assert made.error == (422, "Invalid")
    assert made.causes[0] == (field, reason)


def test_12_two_controllers_are_one_too_many(place):
    owner = {"apiVersion": "v1", "kind": "X", "controller": True}
    owners = [{**owner, "name": n, "uid": n} for n in "ab"]
    made = place("POST", place.path("configmaps"), {"metadata": {"name": "c", "ownerReferences": owners}})
    assert made.error == (422, "Invalid")
    assert made.causes[0] == ("metadata.ownerReferences", "FieldValueInvalid")


def test_13_body_and_url_name_one_namespace(place):
    body = config()
    body["metadata"]["namespace"] = "other"
    made = place("POST", place.path("configmaps"), body)
    assert made.error == (400, "BadRequest")
    expected = "the namespace of the provided object does not match the namespace sent on the request"
    assert made.message == expected


def test_14_a_missing_namespace(api):
    made = api("POST", "/api/v1/namespaces/c-nowhere/configmaps", config())
    assert made.error == (404, "NotFound")
    assert made.message == 'namespaces "c-nowhere" not found'
    assert made.body["details"] == {"name": "c-nowhere", "kind": "namespaces"}


def test_14_a_namespace_that_ends(place):
    place.create("configmaps", "held", metadata={"finalizers": ["x.org/y"]})
    assert place("DELETE", f"/api/v1/namespaces/{place.name}").body["status"] == {"phase": "Terminating"}
    made = place("POST", place.path("configmaps"), config())
    assert made.error == (403, "Forbidden")
    assert made.causes == [("metadata.namespace", "NamespaceTerminating")]
    expected = f'configmaps "c" is forbidden: unable to create new content in namespace {place.name} because it is'
    assert made.message == f"{expected} being terminated"


@pytest.mark.parametrize(
    "wrong", [{"kind": "Secret"}, {"apiVersion": "apps/v1"}, {"apiVersion": "v2"}, {"kind": "Nope"}]
)
def test_15_body_and_url_name_one_kind(place, wrong):
    made = place("POST", place.path("configmaps"), config() | wrong)
    assert made.error == (400, "BadRequest")


def test_16_no_version_on_create(place):
    body = config()
    body["metadata"]["resourceVersion"] = "5"
    made = place("POST", place.path("configmaps"), body)
    assert made.message == "resourceVersion should not be set on objects to be created"
    assert made.code == 500


def test_17_dry_run_persists_nothing(place):
    made = place("POST", place.path("configmaps", query="dryRun=All"), config())
    assert made.code == 201
    assert made.body["metadata"]["uid"]
    assert "resourceVersion" not in made.body["metadata"]
    assert place("GET", place.path("configmaps", "c")).code == 404
    wrong = place("POST", place.path("configmaps", query="dryRun=Some"), config())
    assert wrong.error == (422, "Invalid")
    assert wrong.causes == [("dryRun", "FieldValueNotSupported")]


def test_18_unknown_fields(place):
    path = place.path("configmaps", query="fieldValidation=Strict")
    strict = place("POST", path, config(oops=1))
    assert strict.error == (400, "BadRequest")
    assert strict.message == 'ConfigMap in version "v1" cannot be handled as a ConfigMap: strict decoding error: ' + (
        'unknown field "oops"'
    )
    warned = place("POST", place.path("configmaps", query="fieldValidation=Warn"), config("w", oops=1))
    assert (warned.code, warned.headers["Warning"]) == (201, '299 - "unknown field \\"oops\\""')
    ignored = place("POST", place.path("configmaps", query="fieldValidation=Ignore"), config("i", oops=1))
    assert (ignored.code, ignored.headers.get("Warning")) == (201, None)
    default = place("POST", place.path("configmaps"), config("d", oops=1))
    assert (default.code, "Warning" in default.headers) == (201, True)
    assert "oops" not in default.body
    bad = place("POST", place.path("configmaps", query="fieldValidation=Some"), config("b"))
    assert bad.error == (422, "Invalid")


def test_18_unknown_fields_deep_inside(place):
    body = deployment()
    body["spec"]["template"]["spec"]["containers"][0]["imagge"] = "y"
    made = place("POST", place.path("apps/v1/deployments", query="fieldValidation=Strict"), body)
    assert made.error == (400, "BadRequest")
    assert 'unknown field "spec.template.spec.containers[0].imagge"' in made.message


def test_19_a_key_that_stands_twice(place):
    body = b'{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"c"},"data":{"a":"1","a":"2"}}'
    made = place("POST", place.path("configmaps", query="fieldValidation=Strict"), body)
    assert made.error == (400, "BadRequest")
    assert 'duplicate field "data.a"' in made.message or 'duplicate field "a"' in made.message
    warned = place("POST", place.path("configmaps"), body)
    assert warned.code == 201
    assert "duplicate field" in warned.headers["Warning"]
    assert warned.body["data"] == {"a": "2"}


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"[]", b"null", b'"x"', b"{}}", b'{"metadata":[]}', b'{"metadata":{"name":5}}', b'{"data":{"a":1}}'],
)
def test_bodies_that_are_no_object(place, body):
    made = place("POST", place.path("configmaps"), body)
    assert made.error in {(400, "BadRequest"), (422, "Invalid")}


def test_yaml_is_taken(place):
    body = b"apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c}\ndata: {a: 'on'}\n"
    made = place("POST", place.path("configmaps"), body, "application/yaml")
    assert (made.code, made.body["data"]) == (201, {"a": "on"})


def test_defaults_of_a_deployment(place):
    spec = place("POST", place.path("apps/v1/deployments"), deployment()).body["spec"]
    assert spec["replicas"] == 1
    assert spec["strategy"] == {
        "type": "RollingUpdate",
        "rollingUpdate": {"maxUnavailable": "25%", "maxSurge": "25%"},
    }
    assert (spec["revisionHistoryLimit"], spec["progressDeadlineSeconds"]) == (10, 600)
    assert spec["template"]["spec"]["containers"][0]["imagePullPolicy"] == "IfNotPresent"


def test_an_empty_kind_and_version_are_those_of_the_url(place):
    made = place("POST", place.path("configmaps"), {"metadata": {"name": "c"}})
    assert (made.code, made.body["kind"], made.body["apiVersion"]) == (201, "ConfigMap", "v1")


def test_a_client_manager_is_recorded(place):
    made = place("POST", place.path("configmaps", query="fieldManager=me"), config(data={"a": "1"})).body
    (entry,) = made["metadata"]["managedFields"]
    assert (entry["manager"], entry["operation"], entry["apiVersion"]) == ("me", "Update", "v1")
    assert entry["fieldsV1"] == {"f:data": {".": {}, "f:a": {}}}
    agent = place("POST", place.path("configmaps"), config("d", data={"a": "1"}), User_Agent="tool/1.0 (x)").body
    assert agent["metadata"]["managedFields"][0]["manager"] == "tool"
    long = place("POST", place.path("configmaps", query=f"fieldManager={'x' * 129}"), config("e"))
    assert long.error == (422, "Invalid")


def test_20_protobuf(place):
    """A ConfigMap named `c`, as kubectl's generated client sends it."""
    meta = b"\x0a\x01c"
    body = b"\x0a" + bytes([len(meta)]) + meta
    kind = b"\x0a\x02v1\x12\x09ConfigMap"
    unknown = b"\x0a" + bytes([len(kind)]) + kind + b"\x12" + bytes([len(body)]) + body + b"\x1a\x00\x22\x00"
    made = place("POST", place.path("configmaps"), b"k8s\0" + unknown, "application/vnd.kubernetes.protobuf")
    assert made.code == 201
