import json

from osconsole.embedded.api.openapi import v2 as swagger
from osconsole.embedded.api.openapi import v2_wire as swagger_wire
from osconsole.embedded.api.openapi.v3 import PREFIX, document, index
from osconsole.embedded.api.schema.builtin.descriptions import texts
from osconsole.embedded.api.schema.builtin.schemas import components as schemas_of
from osconsole.embedded.api.types import ResourceType

DEPLOYMENTS = ResourceType(
    group="apps", version="v1", kind="Deployment", plural="deployments", singular="", namespaced=True, has_status=True
)
FOOS = ResourceType(
    group="ex.org",
    version="v1",
    kind="Foo",
    plural="foos",
    singular="foo",
    namespaced=False,
    custom=True,
    schema={"type": "object", "properties": {"spec": {"type": "object", "description": "What is wanted."}}},
)


def references(value):
    if isinstance(value, dict):
        own = [value["$ref"]] if isinstance(value.get("$ref"), str) else []
        return own + [one for inner in value.values() for one in references(inner)]
    return [one for inner in value for one in references(inner)] if isinstance(value, list) else []


def test_every_reference_is_in_the_document():
    for resources in ([DEPLOYMENTS], [FOOS]):
        made = document(resources)
        names = {PREFIX + name for name in made["components"]["schemas"]}
        assert set(references(made)) <= names


def test_patch_offers_field_validation_and_names_the_kind():
    made = document([DEPLOYMENTS])
    patch = made["paths"]["/apis/apps/v1/namespaces/{namespace}/deployments/{name}"]["patch"]
    assert "fieldValidation" in [one["name"] for one in patch["parameters"]]
    assert patch["x-kubernetes-group-version-kind"] == {"group": "apps", "version": "v1", "kind": "Deployment"}
    assert "application/strategic-merge-patch+json" in patch["requestBody"]["content"]
    foo = document([FOOS])
    assert "application/strategic-merge-patch+json" not in json.dumps(foo)
    schema = foo["components"]["schemas"]["org.ex.v1.Foo"]
    assert schema["properties"]["spec"]["description"] == "What is wanted."
    assert schema["x-kubernetes-group-version-kind"] == [{"group": "ex.org", "version": "v1", "kind": "Foo"}]


def test_the_index_changes_with_the_document():
    first = index({"apis/apps/v1": b"1"})["paths"]["apis/apps/v1"]["serverRelativeURL"]
    assert first.startswith("/openapi/v3/apis/apps/v1?hash=")
    assert index({"apis/apps/v1": b"2"})["paths"]["apis/apps/v1"]["serverRelativeURL"] != first


def test_v2_says_what_v3_says():
    made = swagger.document([document([DEPLOYMENTS]), document([FOOS])])
    definitions = made["definitions"]
    spec = definitions["io.k8s.api.apps.v1.Deployment"]["properties"]["spec"]
    assert spec["$ref"] == "#/definitions/io.k8s.api.apps.v1.DeploymentSpec"
    assert {one.removeprefix("#/definitions/") for one in references(made)} <= set(definitions)
    patch = made["paths"]["/apis/ex.org/v1/foos/{name}"]["patch"]
    assert [one["in"] for one in patch["parameters"]][:2] == ["body", "query"]
    assert "application/merge-patch+json" in patch["consumes"]


def test_v2_does_not_say_what_it_cannot():
    free = {"type": "object", "x-kubernetes-preserve-unknown-fields": True, "properties": {"a": {"type": "string"}}}
    assert swagger.converted(free) == {"x-kubernetes-preserve-unknown-fields": True}
    assert swagger.converted({"type": "string", "nullable": True, "oneOf": []}) == {}
    assert swagger.converted({"type": "array", "items": {"type": "string", "default": "x"}}) == {
        "type": "array",
        "items": {"type": "string"},
    }


def test_v2_in_protobuf():
    """Bytes by hand, as gnostic's OpenAPIv2.proto numbers them."""
    document = {"swagger": "2.0", "info": {"title": "T", "version": "1"}, "paths": {}, "definitions": {"A": {}}}
    document["definitions"]["A"] = {"type": "string", "x-a": [1]}
    kind = bytes([0xB2, 1, 8, 0x0A, 6]) + b"string"
    extension = bytes([0xFA, 1, 13, 0x0A, 3]) + b"x-a" + bytes([0x12, 6, 0x12, 4]) + b"[1]\n"
    schema = kind + extension
    named = bytes([0x0A, 1]) + b"A" + bytes([0x12, len(schema)]) + schema
    definitions = bytes([0x0A, len(named)]) + named
    expected = bytes([0x0A, 3]) + b"2.0" + bytes([0x12, 6, 0x0A, 1]) + b"T" + bytes([0x12, 1]) + b"1"
    expected += bytes([0x42, 0, 0x4A, len(definitions)]) + definitions
    assert swagger_wire.encode(document) == expected


def test_kinds_and_fields_are_explained():
    schemas = document([DEPLOYMENTS])["components"]["schemas"]
    assert schemas["io.k8s.api.apps.v1.Deployment"]["description"].startswith("Keeps a number of equal pods")
    spec = schemas["io.k8s.api.apps.v1.DeploymentSpec"]["properties"]
    assert spec["strategy"]["description"] == "How old pods give way to new ones."
    assert spec["replicas"]["description"]
    foo = document([FOOS])["components"]["schemas"]["org.ex.v1.Foo"]["properties"]
    assert (foo["spec"]["description"], bool(foo["metadata"]["description"])) == ("What is wanted.", True)


def test_what_is_explained_is_there():
    """Every type, and every field of it."""
    types = {}
    for name, schema in schemas_of().items():
        types.setdefault(name.rpartition(".")[2], set()).update(schema.get("properties", {}))
    for name, fields in texts().items():
        if name != "*":
            assert set(fields) - {""} <= types[name], name
