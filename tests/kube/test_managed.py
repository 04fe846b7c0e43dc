"""managedFields are noted and cut out of the bytes, and nothing else is, however an object is written."""

import json
from itertools import product

import pytest

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
