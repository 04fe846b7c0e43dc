"""Behaviours 8 and 60: kinds that a definition makes."""

import copy

import pytest

CRDS = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
MERGE = "application/merge-patch+json"
WIDGETS = "conform.example.org/v1/widgets"


def gadgets(schema=None, **rest):
    """A definition that nobody else makes."""
    schema = schema or {
        "type": "object",
        "properties": {"spec": {"type": "object", "x-kubernetes-preserve-unknown-fields": True}},
    }
    version = {"name": "v1", "served": True, "storage": True, "schema": {"openAPIV3Schema": schema}}
    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": "gadgets.conform.example.org"},
        "spec": {
            "group": "conform.example.org",
            "scope": "Namespaced",
            "names": {"plural": "gadgets", "kind": "Gadget"},
            "versions": [version],
            **rest,
        },
    }


def spec_of(**properties):
    return {"type": "object", "properties": {"spec": {"type": "object", "properties": properties}}}


def test_60_a_definition_is_served(place, until):
    made = place("POST", CRDS, gadgets())
    assert made.code == 201
    assert made.body["spec"]["names"]["listKind"] == "GadgetList"
    assert made.body["spec"]["names"]["singular"] == "gadget"
    assert made.body["spec"]["conversion"] == {"strategy": "None"}
    until(lambda: place("GET", place.path("conform.example.org/v1/gadgets")).code == 200)
    found = place("GET", f"{CRDS}/gadgets.conform.example.org").body["status"]
    assert {c["type"]: c["status"] for c in found["conditions"]} == {"NamesAccepted": "True", "Established": "True"}
    assert found["storedVersions"] == ["v1"]
    resources = until(
        lambda: [r for r in place("GET", "/apis/conform.example.org/v1").body["resources"] if r["name"] == "gadgets"]
    )
    assert resources[0]["kind"] == "Gadget"
    schemas = until(
        lambda: (
            isinstance(found := place("GET", "/openapi/v3/apis/conform.example.org/v1").body, dict)
            and "org.example.conform.v1.Gadget" in found.get("components", {}).get("schemas", {})
        )
    )
    assert schemas


def test_60_its_end_is_the_end_of_its_objects(place, until):
    place("POST", CRDS, gadgets())
    path = place.path("conform.example.org/v1/gadgets")
    until(lambda: place("GET", path).code == 200)
    place.create("conform.example.org/v1/gadgets", "g", apiVersion="conform.example.org/v1", kind="Gadget")
    since = place("GET", path).body["metadata"]["resourceVersion"]
    with place.api.watch(path, resourceVersion=since) as stream:
        place("DELETE", f"{CRDS}/gadgets.conform.example.org")
        assert stream.take(1) == [("DELETED", "g")]
        assert stream.event() is None
    until(lambda: place("GET", path).code == 404)
    until(lambda: place("GET", f"{CRDS}/gadgets.conform.example.org").code == 404)


ROOT = "spec.validation.openAPIV3Schema"
BELOW = f"{ROOT}.properties[spec].properties[a]"
LISTED = {"type": "array", "x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["k"]}
STRINGS = {"type": "object", "properties": {"b": {"type": "string"}}, "additionalProperties": {"type": "string"}}


@pytest.mark.parametrize("schema", [None, spec_of(a={"x-kubernetes-preserve-unknown-fields": True})])
def test_60_schemas_that_are_structural(place, schema):
    assert place("POST", f"{CRDS}?dryRun=All", gadgets(schema)).code == 201


@pytest.mark.parametrize(
    ("schema", "field"),
    [
        ({"type": "string"}, f"{ROOT}.type"),
        (spec_of(a={}), f"{BELOW}.type"),
        (spec_of(a={"type": "array"}), f"{BELOW}.items"),
        (spec_of(a={"type": "integer", "default": "x"}), f"{BELOW}.default"),
        (spec_of(a={"type": "string", "pattern": "("}), f"{BELOW}.pattern"),
        (spec_of(a=STRINGS), f"{BELOW}.additionalProperties"),
        (spec_of(a={"type": "string", "$ref": "x"}), f"{BELOW}.$ref"),
        (spec_of(a={**LISTED, "items": {"type": "object", "properties": {"k": {"type": "string"}}}}),
         f"{BELOW}.items.properties[k].default"),
    ],
)  # fmt: skip
def test_60_schemas_that_are_not_structural(place, schema, field):
    made = place("POST", f"{CRDS}?dryRun=All", gadgets(schema))
    assert made.error == (422, "Invalid")
    assert field in [cause[0] for cause in made.causes], made.causes


@pytest.mark.parametrize(
    ("change", "field"),
    [({"names": {"plural": "others", "kind": "Gadget"}}, "metadata.name"), ({"scope": "Some"}, "spec.scope"),
     ({"versions": []}, "spec.versions"), ({"group": "x"}, "metadata.name"), ({"scope": None}, "spec.scope"),
     ({"names": {"plural": "gadgets", "kind": "gad get"}}, "spec.names.kind")],
)  # fmt: skip
def test_60_definitions_are_checked(place, change, field):
    made = place("POST", f"{CRDS}?dryRun=All", gadgets(**change))
    assert made.error == (422, "Invalid")
    assert field in [cause[0] for cause in made.causes], made.causes


@pytest.mark.parametrize(
    ("spec", "field", "reason"),
    [({"size": "x"}, "spec.size", "FieldValueTypeInvalid"), ({"size": -1}, "spec.size", "FieldValueInvalid"),
     ({"size": 101}, "spec.size", "FieldValueInvalid"), ({"size": 1.5}, "spec.size", "FieldValueTypeInvalid"),
     ({"mode": "some"}, "spec.mode", "FieldValueNotSupported"), ({"code": "A"}, "spec.code", "FieldValueInvalid"),
     ({"code": "abcdef"}, "spec.code", "FieldValueTooLong"), ({"port": True}, "spec.port", "FieldValueTypeInvalid"),
     ({"items": [{}]}, "spec.items[0].key", "FieldValueRequired"),
     ({"labels": {"a": 1}}, "spec.labels.a", "FieldValueTypeInvalid"),
     ({"items": [{"key": "a"}, {"key": "a"}]}, "spec.items[1]", "FieldValueDuplicate"),
     ({"tags": ["a", "a"]}, "spec.tags[1]", "FieldValueDuplicate"),
     ({"free": 1}, "spec.free", "FieldValueTypeInvalid")],
)  # fmt: skip
def test_60_objects_are_checked(place, spec, field, reason):
    body = {"apiVersion": "conform.example.org/v1", "kind": "Widget", "metadata": {"name": "w"}, "spec": spec}
    made = place("POST", place.path(WIDGETS), body)
    assert made.error == (422, "Invalid")
    # a size is checked once more as what scale writes
    again = [(".spec.size", "FieldValueInvalid")] if spec.get("size") in ("x", -1, 1.5) else []
    assert made.causes == [(field, reason), *again]


def test_60_null_and_defaults(place, widget):
    made = widget("w", size=None, maybe=None, items=[{"key": "a"}], port="http")["spec"]
    assert made == {"size": 1, "maybe": None, "items": [{"key": "a", "value": "none"}], "port": "http"}
    other = widget("v", port=80)["spec"]
    assert other == {"size": 1, "port": 80}


def test_60_unknown_fields_are_pruned(place, widget):
    made = widget("w", odd=1, free={"any": [1, {"b": None}]})
    assert made["spec"] == {"size": 1, "free": {"any": [1, {"b": None}]}}
    body = {"apiVersion": "conform.example.org/v1", "kind": "Widget", "metadata": {"name": "x"}, "spec": {"odd": 1}}
    strict = place("POST", place.path(WIDGETS, query="fieldValidation=Strict"), body)
    assert strict.error == (400, "BadRequest")
    assert 'strict decoding error: unknown field "spec.odd"' in strict.message


def test_60_kind_and_version_must_be_named(place):
    made = place("POST", place.path(WIDGETS), {"metadata": {"name": "w"}})
    assert made.error == (400, "BadRequest")


def test_60_defaults_are_read_too(place, until):
    before = spec_of(a={"type": "string"})
    place("POST", CRDS, gadgets(before))
    path = place.path("conform.example.org/v1/gadgets")
    until(lambda: place("GET", path).code == 200)
    body = {"apiVersion": "conform.example.org/v1", "kind": "Gadget", "metadata": {"name": "g"}, "spec": {"a": "x"}}
    until(lambda: place("POST", path, body).code in (201, 409))
    after = copy.deepcopy(before)
    after["properties"]["spec"]["properties"]["b"] = {"type": "integer", "default": 7}
    patch = [{"op": "replace", "path": "/spec/versions/0/schema/openAPIV3Schema", "value": after}]
    made = place("PATCH", f"{CRDS}/gadgets.conform.example.org", patch, "application/json-patch+json")
    assert made.code == 200
    # While it takes up the change, a real server has no answer for some requests.
    until(lambda: (one := place("GET", f"{path}/g")).code == 200 and one.body["spec"].get("b") == 7)
    until(lambda: (all_ := place("GET", path)).code == 200 and all_.body["items"][0]["spec"].get("b") == 7)


def test_60_status_apart(place, widget):
    body = widget("w")
    path = place.path(WIDGETS, "w")
    assert "status" not in place("PATCH", path, {"status": {"phase": "x"}}, MERGE).body
    found = place("PATCH", f"{path}/status", {"status": {"phase": "x"}, "spec": {"size": 9}}, MERGE).body
    assert (found["status"], found["spec"], found["metadata"]["generation"]) == ({"phase": "x"}, body["spec"], 1)


def test_60_columns(place, widget):
    widget("w", size=3, mode="fast")
    table = place("GET", place.path(WIDGETS), Accept="application/json;as=Table;g=meta.k8s.io;v=v1").body
    found = [(c["name"], c["type"], c["priority"]) for c in table["columnDefinitions"]]
    assert found == [("Name", "string", 0), ("Size", "integer", 0), ("Mode", "string", 1)]
    assert table["rows"][0]["cells"] == ["w", 3, "fast"]
