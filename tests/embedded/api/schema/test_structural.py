import msgspec
import pytest

from osconsole.embedded.api.schema.regexps import matches
from osconsole.embedded.api.schema.structural import structural_problems

AT = "spec.validation.openAPIV3Schema"


def with_a(**schema):
    return {"type": "object", "properties": {"a": schema}}


# What a kube-apiserver 1.35 says.
REFUSED = [
    ({}, "type", "Required value: must not be empty at the root"),
    ({"type": "string"}, "type", 'Invalid value: "string": must be object at the root'),
    (with_a(), "properties[a].type", "Required value: must not be empty for specified object fields"),
    (with_a(type="array"), "properties[a].items", "Required value: must be specified"),
    (
        with_a(type="object", additionalProperties={"type": "string"}, properties={"x": {"type": "string"}}),
        "properties[a].additionalProperties",
        "Forbidden: additionalProperties and properties are mutual exclusive",
    ),
    (
        with_a(type="string", anyOf=[{"type": "string"}]),
        "properties[a].anyOf[0].type",
        "Forbidden: must be empty to be structural",
    ),
    (
        with_a(**{"type": "array", "items": {"type": "object"}, "x-kubernetes-list-type": "map"}),
        "properties[a].x-kubernetes-list-map-keys",
        "Required value: must not be empty if x-kubernetes-list-type is map",
    ),
    (
        with_a(type="array", items={"type": "string"}, uniqueItems=True),
        "properties[a].uniqueItems",
        "Forbidden: uniqueItems cannot be set to true since the runtime complexity becomes quadratic",
    ),
    (
        with_a(type="bogus"),
        "properties[a].type",
        'Unsupported value: "bogus": supported values: "array", "boolean", "integer", "number", "object", "string"',
    ),
    (
        with_a(type="string", default=1),
        "properties[a].default",
        'Invalid value: "integer":  in body must be of type string: "integer"',
    ),
    (
        {"type": "object", "properties": {"metadata": {"type": "object", "properties": {"x": {"type": "string"}}}}},
        "properties[metadata]",
        "Forbidden: must not specify anything other than name and generateName, but metadata is implicitly specified",
    ),
    (
        with_a(**{"type": "object", "x-kubernetes-embedded-resource": True}),
        "properties[a].properties",
        "Required value: must not be empty if x-kubernetes-embedded-resource is true "
        "without x-kubernetes-preserve-unknown-fields",
    ),
]


@pytest.mark.parametrize(("schema", "place", "message"), REFUSED, ids=[one[1] + "|" + one[2][:30] for one in REFUSED])
def test_what_is_refused(schema, place, message):
    found = [msgspec.to_builtins(cause) for cause in structural_problems(schema)]
    assert {"field": f"{AT}.{place}", "message": message} in [
        {"field": one["field"], "message": one["message"]} for one in found
    ]
    assert len(found) == 1


@pytest.mark.parametrize(
    "schema",
    [
        with_a(type="object", anyOf=[{"properties": {"q": {"minimum": 1}}}]),
        with_a(**{"x-kubernetes-int-or-string": True, "anyOf": [{"type": "integer"}, {"type": "string"}]}),
        with_a(**{"x-kubernetes-preserve-unknown-fields": True}),
        with_a(type="object", properties={"x": {"type": "string", "default": "a"}}, required=["y"]),
    ],
)
def test_what_is_structural(schema):
    assert structural_problems(schema) == []


@pytest.mark.parametrize(
    ("pattern", "value", "fits"),
    [
        ("^(?i)(abort|warn)?$", "WARN", True),
        ("^[a-z]+$", "ab\n", False),
        ("^[[:digit:]]+$", "12", True),
        ("a$", "ba", True),
        ("[", "x", True),
    ],
)
def test_go_patterns(pattern, value, fits):
    assert matches(pattern, value) is fits
