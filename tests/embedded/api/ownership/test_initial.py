"""What the author of a new object owns: written at once, and the same as what the algebra of sets says."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from osconsole.embedded.api.ownership import fieldsets
from osconsole.embedded.api.ownership.managed import Author, created, owned, stored, taken
from osconsole.embedded.api.schema.builtin.defaults import complete
from osconsole.embedded.api.schema.builtin.schemas import builtin, custom
from osconsole.embedded.api.schema.defaulting import default

CUSTOM = custom(json.loads(Path(__file__).parents[1].joinpath("data_custom.json").read_text())["schema"])
PORTS = [{"containerPort": 80}, {"containerPort": 80, "protocol": "UDP", "name": "u"}]
CONTAINER = {"name": "a", "image": "i", "env": [{"name": "A", "value": ""}], "ports": PORTS, "resources": {}}
META = {"name": "x", "uid": "u", "labels": {"a": "b"}, "annotations": {}, "finalizers": ["f/g"]}
SPECS = {
    ("", "v1", "Pod"): {"containers": [CONTAINER], "hostIPC": False, "nodeSelector": {"a": "b"}, "priority": 0},
    ("apps", "v1", "Deployment"): {
        "selector": {"matchLabels": {"a": "b"}},
        "template": {"metadata": {"labels": {"a": "b"}}, "spec": {"containers": [CONTAINER]}},
    },
    ("", "v1", "Service"): {"ports": [{"port": 1}], "selector": {}, "clusterIPs": ["10.0.0.1"]},
}
VALUES = st.recursive(
    st.integers(0, 1) | st.none() | st.text("ab", max_size=1),
    lambda below: st.lists(below, max_size=3) | st.dictionaries(st.sampled_from("abmk"), below),
    max_leaves=6,
)


def agree(obj, schema, author):
    changed, _ = fieldsets.compare({"metadata": {}}, obj, schema)
    wanted = stored(taken([], owned(changed, author), {}, author))
    assert json.dumps(created(obj, author, schema)) == json.dumps(wanted)


@pytest.mark.parametrize("whole", [True, False])
@pytest.mark.parametrize("kind", SPECS, ids=lambda kind: kind[2])
def test_built_in_kinds(kind, whole):
    schema = builtin(*kind)
    obj = {"apiVersion": "/".join(filter(None, kind[:2])), "kind": kind[2], "metadata": META, "spec": SPECS[kind]}
    obj = json.loads(json.dumps({**obj, "status": {"conditions": [{"type": "a", "status": "b"}], "replicas": 0}}))
    default(obj, schema)
    complete(obj, kind[2])
    agree(obj, schema, Author("m", obj["apiVersion"], "T", whole=whole))


@given(st.dictionaries(st.sampled_from(("size", "m", "set", "items", "other")), VALUES))
def test_whatever_a_custom_resource_holds(spec):
    spec["items"] = [{"key": "p", "n": spec.get("items")}, {"key": "q"}]
    obj = {"apiVersion": "ex.org/v1", "kind": "Foo", "metadata": {"name": "f"}, "spec": spec, "status": spec}
    agree(obj, CUSTOM, Author("m", "ex.org/v1", "T"))
