import json

from osconsole.embedded.api.openapi import PREFIX, document, index
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
