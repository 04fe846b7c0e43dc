"""What fits a mould, the walks find nothing wrong with; and nearly all that is right fits."""

import copy
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from osconsole.embedded.api.schema.builtin.schemas import builtin, custom, kinds
from osconsole.embedded.api.schema.decoding import decode_problem
from osconsole.embedded.api.schema.moulds import fits
from osconsole.embedded.api.schema.pruning import unknown_fields

RECORDED = json.loads(Path(__file__).parents[1].joinpath("data_custom.json").read_text())
FOO = custom(RECORDED["schema"])
POD = builtin("", "v1", "Pod")
GOOD = {
    "apiVersion": "v1",
    "kind": "Pod",
    "metadata": {"name": "x", "labels": {"a": "b"}, "annotations": None, "ownerReferences": [{"kind": "K"}]},
    "spec": {
        "containers": [{"name": "a", "ports": [{"containerPort": 1}], "resources": {"limits": {"cpu": 1}}}],
        "volumes": [{"name": "v", "emptyDir": {}}],
        "hostNetwork": True,
    },
}
ODD = st.sampled_from([None, True, 0, 1.5, 1.0, "", "x", [], [None], ["x"], [{}], {}, {"a": 1}, {"name": None}])


def places(value, path=()):
    """Every path to a value inside."""
    members = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, member in members:
        yield (*path, key)
        yield from places(member, (*path, key))


def replaced(obj, path, value):
    out = copy.deepcopy(obj)
    target = out
    for key in path[:-1]:
        target = target[key]
    target[path[-1]] = value
    return out


def right(obj, schema):
    return decode_problem(obj, schema) is None and not unknown_fields(obj, schema)


@given(st.sampled_from(sorted(places(GOOD), key=str)), ODD, st.booleans())
def test_what_fits_is_right(path, value, added):
    obj = replaced(GOOD, (*path[:-1], "added") if added and isinstance(path[-1], str) else path, value)
    assert fits(obj, POD) <= right(obj, POD)


@pytest.mark.parametrize("case", RECORDED["cases"], ids=lambda case: json.dumps(case["spec"]))
def test_custom_resources(case):
    obj = {"apiVersion": "ex.org/v1", "kind": "Foo", "metadata": {"name": "x"}, "spec": case["spec"]}
    assert fits(obj, FOO) <= right(obj, FOO)


def test_every_built_in_kind_has_one_and_what_is_right_fits():
    for name in kinds():
        assert fits({"kind": "K", "apiVersion": "v1"}, builtin(*name.split("/")))
        assert not fits({"kind": 1}, builtin(*name.split("/")))
    assert fits(GOOD, POD)
    assert fits({"metadata": {"name": "x"}, "spec": {}}, FOO)
