"""managedFields are noted and cut out of the bytes, and nothing else is, however an object is written."""

import json
from itertools import product

import pytest

from osconsole.kube import managed
from osconsole.kube.mirror import decode
from osconsole.model.kinds import BY_KEY, key

FIELDS = {"f:spec": {"f:names": {".": {}, 'v:"a}],"': {}, 'k:{"name":"managedFields\\":["}': {"f:x": {}}}}}
ENTRIES = [
    {
        "manager": "kubelet",
        "operation": "Update",
        "apiVersion": "v1",
        "time": "2026-01-02T03:04:06Z",
        "fieldsType": "FieldsV1",
        "fieldsV1": FIELDS,
        "subresource": "status",
    },
    {
        "manager": 'a}],"fieldsV1":{"',
        "operation": "Apply",
        "apiVersion": "v1",
        "fieldsType": "FieldsV1",
        "fieldsV1": {"f:x": {}},
    },
    {"manager": "}]", "operation": "Apply", "fieldsType": "FieldsV1", "fieldsV1": {}},
]
# What looks like them and is not, before and after.
DECOYS = {"managedFields": [{"manager": "x", "fieldsV1": {"f:y": {}}}], "text": '"managedFields":[{"fieldsV1":{}}]'}


def body(entries, decoys):
    meta = {"name": "a", "uid": "u", "annotations": {"note": '"managedFields":[]'}, "managedFields": entries}
    return {"metadata": meta, "spec": decoys, "apiVersion": "v1", "data": decoys, "kind": "ConfigMap"}


@pytest.mark.parametrize("sort", [False, True], ids=["as Go does", "by name"])
@pytest.mark.parametrize("separators", [(",", ":"), (", ", ": ")], ids=["dense", "with blanks"])
@pytest.mark.parametrize("decoys", [{}, DECOYS], ids=["plain", "decoys"])
def test_only_they_are_cut(sort, separators, decoys):
    for count, one in product(range(1, 4), range(3)):
        found = body((ENTRIES[one:] + ENTRIES[:one])[:count], decoys)
        raw = json.dumps(found, sort_keys=sort, separators=separators).encode()
        read = decode(raw, BY_KEY[key("ConfigMap")])
        assert [(w.manager, w.subresource) for w in read.writers] == [
            (e["manager"], e.get("subresource", "")) for e in found["metadata"].pop("managedFields")
        ]
        assert read.body() == found


@pytest.mark.parametrize("sort", [False, True], ids=["as Go does", "by name"])
@pytest.mark.parametrize("count", [1, 2, 3])
def test_as_servers_write_them_they_are_not_read(sort, count):
    entries = [ENTRIES[0], {**ENTRIES[0], "manager": "b", "time": "2026-01-02T03:04:07Z"}]
    entries = [*entries, {**ENTRIES[2], "manager": "c"}][:count]
    found = {"kind": "Pod", "apiVersion": "v1", **body(entries, DECOYS)}
    del found["data"]  # which stands before metadata when sorted
    raw = json.dumps(found, sort_keys=sort, separators=(",", ":")).encode()
    rest, writers = managed.cut(raw)
    assert [(w.manager, w.operation, w.subresource, bool(w.at)) for w in writers] == [
        (e["manager"], e["operation"], e.get("subresource", ""), "time" in e)
        for e in found["metadata"].pop("managedFields")
    ]
    assert json.loads(rest) == found


@pytest.mark.parametrize("manager", ["{", "}", "},{", "]", "}]", '"', '}]},"a', "\\", "fieldsV1"])
@pytest.mark.parametrize("sort", [False, True], ids=["as Go does", "by name"])
def test_whatever_a_manager_is_called(sort, manager):
    entries = [{**ENTRIES[0], "manager": manager}, ENTRIES[0], {**ENTRIES[0], "subresource": manager}]
    found = {"kind": "Pod", "apiVersion": "v1", **body(entries, {})}
    read = decode(json.dumps(found, sort_keys=sort, separators=(",", ":")).encode(), BY_KEY[key("Pod")])
    assert [w.manager for w in read.writers] == [manager, "kubelet", "kubelet"]
    assert [w.subresource for w in read.writers] == ["status", "status", manager]
    del found["metadata"]["managedFields"]
    assert read.body() == found


def test_a_template_keeps_its_own():
    inner = {"metadata": {"managedFields": [ENTRIES[0]]}}
    found = {"kind": "Pod", "apiVersion": "v1", "metadata": {"name": "a", "uid": "u"}, "spec": {"template": inner}}
    read = decode(json.dumps(found, separators=(",", ":")).encode(), BY_KEY[key("Pod")])
    assert read.writers == ()
    assert read.body() == found
