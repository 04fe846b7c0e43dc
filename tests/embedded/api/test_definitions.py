"""CustomResourceDefinitions from creation to the end of their last object."""

import pytest

MERGE = "application/merge-patch+json"
STRATEGIC = "application/strategic-merge-patch+json"
CRDS = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"


def definition(plural):
    spec = {
        "type": "object",
        "required": ["size"],
        "properties": {
            "size": {"type": "integer", "minimum": 0, "default": 1},
            "mode": {"type": "string", "enum": ["a", "b"], "default": "a"},
            "free": {"type": "object", "x-kubernetes-preserve-unknown-fields": True},
        },
    }
    status = {"type": "object", "properties": {"size": {"type": "integer"}, "selector": {"type": "string"}}}
    schema = {"type": "object", "properties": {"spec": spec, "status": status}}
    kind = plural[:-1].capitalize()
    scale = {
        "specReplicasPath": ".spec.size",
        "statusReplicasPath": ".status.size",
        "labelSelectorPath": ".status.selector",
    }
    version = {
        "name": "v1",
        "served": True,
        "storage": True,
        "schema": {"openAPIV3Schema": schema},
        "subresources": {"status": {}, "scale": scale},
        "additionalPrinterColumns": [{"name": "Size", "type": "integer", "jsonPath": ".spec.size"}],
    }
    older = {**version, "name": "v1beta1", "storage": False}
    names = {"plural": plural, "kind": kind, "shortNames": [plural[:3]]}
    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": f"{plural}.ex.org"},
        "spec": {"group": "ex.org", "scope": "Namespaced", "names": names, "versions": [version, older]},
    }


@pytest.fixture
def things(api, namespace):
    assert api("POST", CRDS, definition("things")).code == 201
    yield f"/apis/ex.org/v1/namespaces/{namespace}/things"
    api("DELETE", f"{CRDS}/things.ex.org")


def thing(name="t", **spec):
    return {"apiVersion": "ex.org/v1", "kind": "Thing", "metadata": {"name": name}, "spec": spec}


def test_a_definition_is_established_and_discovered(api, things):
    made = api("GET", f"{CRDS}/things.ex.org").body
    conditions = {c["type"]: c["status"] for c in made["status"]["conditions"]}
    assert conditions == {"NamesAccepted": "True", "Established": "True"}
    assert made["status"]["storedVersions"] == ["v1"]
    assert made["spec"]["names"]["listKind"] == "ThingList"
    listed = {item["name"] for item in api("GET", "/apis/ex.org/v1").body["resources"]}
    assert listed == {"things", "things/status", "things/scale"}
    assert api("GET", "/openapi/v3/apis/ex.org/v1").body["openapi"] == "3.0.0"


def test_defaults_pruning_and_validation(api, things):
    made = api("POST", things, thing(size=2, odd=1, free={"any": [1]})).body
    assert made["spec"] == {"size": 2, "mode": "a", "free": {"any": [1]}}
    assert made["metadata"]["generation"] == 1
    wrong = api("POST", things, thing("u", size=-1, mode="z"))
    assert wrong.code == 422
    assert {cause["field"] for cause in wrong.body["details"]["causes"]} == {"spec.size", ".spec.size", "spec.mode"}
    assert 'Unsupported value: "z": supported values: "a", "b"' in wrong.body["message"]
    strict = api("POST", f"{things}?fieldValidation=Strict", thing("v", odd=1))
    assert strict.code == 400
    assert 'unknown field "spec.odd"' in strict.body["message"]


def test_status_and_generation(api, things):
    api("POST", things, {**thing(size=1), "status": {"size": 7}})
    assert "status" not in api("GET", f"{things}/t").body
    done = api("PATCH", f"{things}/t/status", {"status": {"size": 1}, "spec": {"size": 5}}, MERGE).body
    assert (done["status"], done["spec"]["size"], done["metadata"]["generation"]) == ({"size": 1}, 1, 1)
    assert api("PATCH", f"{things}/t", {"spec": {"size": 3}}, MERGE).body["metadata"]["generation"] == 2
    assert api("PATCH", f"{things}/t", {}, STRATEGIC).code == 415
    assert api("PUT", f"{things}/t", thing(size=4)).code == 422


def test_scale(api, things):
    api("POST", things, thing(size=1))
    api("PATCH", f"{things}/t/status", {"status": {"size": 1, "selector": "a=b"}}, MERGE)
    scale = api("GET", f"{things}/t/scale").body
    assert (scale["spec"], scale["status"]) == ({"replicas": 1}, {"replicas": 1, "selector": "a=b"})
    assert api("PATCH", f"{things}/t/scale", {"spec": {"replicas": 4}}, MERGE).code == 200
    assert api("GET", f"{things}/t").body["spec"]["size"] == 4
    assert api("PUT", f"{things}/t/scale", {**scale, "spec": {"replicas": 5}}).code == 409


def test_every_served_version_shows_the_same_object(api, things):
    api("POST", things, thing(size=1))
    older = things.replace("/v1/", "/v1beta1/")
    assert api("GET", f"{older}/t").body["apiVersion"] == "ex.org/v1beta1"
    assert api("GET", older).body["items"][0]["apiVersion"] == "ex.org/v1beta1"
    (event,) = api.watch(f"{older}?watch=1", 1)
    assert event["object"]["apiVersion"] == "ex.org/v1beta1"
    changed = api("PATCH", f"{older}/t", {"spec": {"size": 2}}, MERGE).body
    assert changed["apiVersion"] == "ex.org/v1beta1"
    assert api("GET", f"{things}/t").body["apiVersion"] == "ex.org/v1"


def test_printer_columns(api, things):
    api("POST", things, thing(size=3))
    table = api("GET", things, Accept="application/json;as=Table;v=v1;g=meta.k8s.io").body
    assert [c["name"] for c in table["columnDefinitions"]] == ["Name", "Size"]
    assert table["rows"][0]["cells"] == ["t", 3]


def test_deleting_a_definition_deletes_its_objects(api, things):
    api("POST", things, {**thing(size=1), "metadata": {"name": "held", "finalizers": ["ex.org/x"]}})
    api("POST", things, thing("free", size=1))
    ending = api("DELETE", f"{CRDS}/things.ex.org").body
    assert ending["metadata"]["deletionTimestamp"]
    assert api("GET", f"{things}/free").code == 404
    assert api("GET", f"{things}/held").body["metadata"]["deletionTimestamp"]
    api("PATCH", f"{things}/held", {"metadata": {"finalizers": None}}, MERGE)
    assert api("GET", f"{CRDS}/things.ex.org").code == 404
    assert api("GET", things).code == 404


def test_definitions_are_checked(api):
    wrong = definition("wrongs")
    wrong["metadata"]["name"] = "other.ex.org"
    wrong["spec"]["versions"][1]["storage"] = True
    refused = api("POST", CRDS, wrong)
    assert refused.code == 422
    assert {c["field"] for c in refused.body["details"]["causes"]} == {"metadata.name", "spec.versions"}
