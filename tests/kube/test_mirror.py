"""From bytes to Resources: the fast way gives what the plain way gives, and nothing makes it fail."""

import json
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from osconsole.kube import mirror
from osconsole.model import gist
from osconsole.model.hashes import object_hash, secret_hash
from osconsole.model.kinds import BY_KEY, Kind, key
from osconsole.model.packing import SAMPLES, Packing
from osconsole.model.resource import resource

PODS, SECRETS = BY_KEY[key("Pod")], BY_KEY[key("Secret")]
BODY = {
    "apiVersion": "v1",
    "kind": "Pod",
    "metadata": {
        "name": "a",
        "namespace": "n",
        "uid": "u",
        "resourceVersion": "7",
        "generation": 2,
        "creationTimestamp": "2026-01-02T03:04:05Z",
        "labels": {"x": "y"},
        "managedFields": [
            {"manager": "kubelet", "operation": "Update", "subresource": "status", "time": "2026-01-02T03:04:06Z"}
        ],
        "ownerReferences": [
            {"apiVersion": "apps/v1", "kind": "ReplicaSet", "name": "r", "uid": "v", "controller": True}
        ],
    },
    "spec": {"text": 'a "managedFields": [] inside'},
    "status": {"observedGeneration": 2, "conditions": [{"type": "Ready", "status": "True", "reason": None}]},
}


@pytest.mark.parametrize("indent", [None, 1])
@pytest.mark.parametrize("typed", [True, False])
def test_both_ways_agree(indent, typed):
    body = BODY if typed else {k: v for k, v in BODY.items() if k not in {"apiVersion", "kind"}}
    found, plain = mirror.decode(json.dumps(body, indent=indent).encode(), PODS), resource(BODY)
    for field in plain.__struct_fields__:
        if field not in {"kept", "gist"}:
            assert getattr(found, field) == getattr(plain, field), field
    assert found.gist == gist.read(plain.kind, plain.raw)
    assert found.body() == plain.body()
    assert b"kubelet" not in found.raw


def test_packed_bodies_are_the_same_and_small():
    packing, found = Packing(), []
    for number in range(50):
        spec = {"containers": [{"name": f"c{i}", "image": f"quay.io/example/image-{i}:{number}"} for i in range(20)]}
        body = BODY | {"metadata": BODY["metadata"] | {"name": f"p{number}"}, "spec": spec}
        found.append((body, mirror.decode(json.dumps(body).encode(), PODS, packing=packing)))
    for body, packed in found:
        assert not packed.kept.packed
        packed.kept.pack()
        assert packed.body() == resource(body).body()
    assert sum(len(packed.kept.stored) for _, packed in found[SAMPLES:]) < 0.2 * sum(
        len(p.raw) for _, p in found[SAMPLES:]
    )
    with ThreadPoolExecutor(4) as threads:
        assert list(threads.map(lambda pair: pair[1].raw, found * 20)) == [packed.raw for _, packed in found * 20]


def test_secrets_keep_names_sizes_and_hash_only():
    body = {
        "metadata": {
            "name": "s",
            "namespace": "n",
            "annotations": {mirror.LAST_APPLIED: '{"data": {"password": "aHVudGVyMg=="}}', "kept": "1"},
        },
        "data": {"password": "aHVudGVyMg==", "empty": ""},
        "type": "Opaque",
    }
    raw = json.dumps(body).encode()
    found = mirror.decode(raw, SECRETS)
    assert b"aHVudGVyMg" not in found.raw
    assert found.get("data") == {"password": "", "empty": ""}
    assert found.get(mirror.SUMMARY) == {"hash": secret_hash(body), "sizes": {"password": 7, "empty": 0}}
    assert found.get("metadata", "annotations") == {"kept": "1"}
    for kept in (mirror.ALL, frozenset({"n"})):
        assert mirror.decode(raw, SECRETS, kept).get("data", "password") == "aHVudGVyMg=="
    assert mirror.decode(raw, SECRETS, frozenset({"m"})).get("data", "password") == ""


def test_a_broken_secret_shows_nothing_either():
    raw = b'{"metadata": {"name": "s", "namespace": "n"}, "data": ["aHVudGVyMg=="]}'
    found = mirror.decode(raw, SECRETS)
    assert b"aHVudGVyMg" not in found.raw
    assert found.conditions[0].reason == "Unreadable"


def test_odd_objects_are_forgiven():
    kind = Kind("x.org", "v1", "Odd", "odds")
    raw = b'{"metadata": {"name": "a"}, "status": {"conditions": {"not": "a list"}, "observedGeneration": "3"}}'
    found = mirror.decode(raw, kind)
    assert (found.ref.kind, found.ref.name, found.conditions) == ("Odd", "a", ())


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(),
        lambda x: (
            st.lists(x)
            | st.dictionaries(
                st.sampled_from(
                    ["metadata", "name", "labels", "status", "conditions", "type", "data", "managedFields"]
                ),
                x,
            )
        ),
    )
)
def test_nothing_makes_it_fail(value):
    for kind in (PODS, SECRETS):
        for raw in (json.dumps(value).encode(), json.dumps({"metadata": value}).encode(), str(value).encode()):
            found = mirror.decode(raw, kind)
            assert found.ref.kind == kind.kind
            assert found.ref.name


def test_hashes_are_upstreams():
    assert object_hash({"a": "a"}).startswith("n548h65h79hff")
    assert secret_hash({"data": {}, "type": "Opaque"}) == secret_hash({"type": "Opaque"})
