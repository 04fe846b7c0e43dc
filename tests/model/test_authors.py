"""Which field is whose: FieldsV1 as the API server writes it."""

import json

import msgspec

from osconsole.model import authors
from osconsole.model.resource import resource
from osconsole.views import writers

MANAGED = [
    {
        "manager": "openstack-operator", "operation": "Update", "time": "2026-01-01T00:00:00Z", "apiVersion": "apps/v1",
        "fieldsType": "FieldsV1",
        "fieldsV1": {
            "f:metadata": {"f:labels": {".": {}, "f:app": {}}},
            "f:spec": {
                "f:replicas": {},
                "f:template": {"f:spec": {"f:containers": {'k:{"name":"api"}': {".": {}, "f:image": {}}}}},
                "f:whole": {},
            },
        },
    },
    {
        "manager": "kubectl-edit", "operation": "Update", "time": "2026-01-02T00:00:00Z",
        "fieldsV1": {"f:spec": {"f:replicas": {}, "f:names": {'v:"b"': {}}}},
    },
    {"manager": "odd", "operation": "Apply", "fieldsV1": {"f:spec": 3, "k:nojson": {}}},
]  # fmt: skip
BODY = {
    "apiVersion": "apps/v1", "kind": "Deployment",
    "metadata": {"name": "d", "uid": "u", "labels": {"app": "x"}, "managedFields": MANAGED},
    "spec": {
        "replicas": 3, "names": ["a", "b"], "whole": {"a": {"b": 1}},
        "template": {"spec": {"containers": [{"name": "log", "image": "l:1"}, {"name": "api", "image": "a:1"}]}},
    },
}  # fmt: skip


def owned():
    return {
        writers.spoken(field.path): [w.manager for w in field.writers]
        for field in authors.fields(fresh())
    }  # fmt: skip


def fresh():
    return msgspec.structs.replace(resource(BODY), writers=authors.read(json.dumps(BODY).encode()))


def test_fields_know_their_writers_newest_first():
    found = owned()
    assert found["spec.replicas"] == ["kubectl-edit", "openstack-operator"]
    assert found["spec.template.spec.containers[1].image"] == ["openstack-operator"]
    assert found["spec.template.spec.containers[0].image"] == []
    assert found["spec.names[1]"] == ["kubectl-edit"]
    assert found["spec.names[0]"] == []
    assert found["spec.whole.a.b"] == ["openstack-operator"]  # who owns a map as a whole owns what is in it
    assert found["metadata.labels.app"] == ["openstack-operator"]


def test_lines_name_the_writer_and_how():
    text = ["".join(t for t, _ in line.spans) for line in writers.lines(fresh(), 1_767_312_000.0, "spec.replicas")]
    assert text == [f"{'spec.replicas: 3':<72}  kubectl-edit 0s  also openstack-operator"]
    assert "no field spec.nothing" in writers.lines(fresh(), 0, "spec.nothing")[0].spans[0][0]
    assert writers.within(("spec", "containers", 0, "image"), "spec.containers[0]")


def test_what_is_unlike_is_left_out():
    assert authors.read(b"[]") == ()
    assert authors.read(b'{"metadata": {"managedFields": "x"}}') == ()
    assert authors.read(b"{}") == ()
