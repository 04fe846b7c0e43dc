import pytest
from hypothesis import given
from hypothesis import strategies as st

from osconsole.embedded.api.patch.patches import PatchError, json_patch, merge

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=2), inner, max_size=3),
    max_leaves=8,
)
MAPS = st.dictionaries(st.text(max_size=2), JSON, max_size=4)


def test_merge_removes_with_null_and_merges_maps():
    target = {"a": {"b": 1, "c": [1, 2]}, "d": 1}
    assert merge(target, {"a": {"b": None, "c": [3]}, "e": {"f": None}}) == {"a": {"c": [3]}, "d": 1, "e": {}}
    assert target == {"a": {"b": 1, "c": [1, 2]}, "d": 1}


@given(MAPS, MAPS)
def test_a_merge_patch_applied_twice_changes_nothing(target, patch):
    once = merge(target, patch)
    assert merge(once, patch) == once


OBJECT = {"data": {"x": "1"}, "list": [1]}


@pytest.mark.parametrize(
    "operation",
    [
        {"op": "test", "path": "/data/x", "value": "2"},
        {"op": "remove", "path": "/data/nope"},
        {"op": "add", "path": "/foo/bar", "value": 1},
        {"op": "bogus", "path": "/data/x"},
        {"op": "add", "path": "data", "value": 1},
        {"op": "move", "from": "/data/q", "path": "/data/z"},
        {"op": "add", "path": "/list/3", "value": 1},
        {"op": "replace", "path": "/list/3", "value": 1},
        {"op": "remove", "path": "/data/x/y"},
        {"op": "add"},
        {"op": "replace", "path": "", "value": 3},
    ],
)
def test_what_does_not_fit_is_422(operation):
    with pytest.raises(PatchError, match="the server rejected our request") as caught:
        json_patch(OBJECT, [operation])
    assert (caught.value.code, caught.value.reason) == (422, "Invalid")


@pytest.mark.parametrize(
    ("operations", "words"),
    [
        ({"op": "add"}, "cannot unmarshal object into Go value of type []handlers.jsonPatchOp"),
        ("x", "cannot unmarshal string into Go value of type []handlers.jsonPatchOp"),
        ([1], "cannot unmarshal number into Go value of type handlers.jsonPatchOp"),
    ],
)
def test_what_is_no_patch_is_400(operations, words):
    with pytest.raises(PatchError) as caught:
        json_patch(OBJECT, operations)
    assert caught.value.code == 400
    assert str(caught.value) == f"error decoding patch: json: {words}"


def test_json_patch_is_all_or_nothing_and_replace_may_create():
    assert json_patch(OBJECT, [{"op": "replace", "path": "/data/new", "value": "1"}])["data"] == {"x": "1", "new": "1"}
    assert json_patch(OBJECT, [{"op": "add", "path": "/list/-", "value": 2}])["list"] == [1, 2]
    with pytest.raises(PatchError):
        json_patch(OBJECT, [{"op": "remove", "path": "/data/x"}, {"op": "remove", "path": "/nope"}])
    assert OBJECT == {"data": {"x": "1"}, "list": [1]}


def test_merge_patch_that_is_no_map():
    with pytest.raises(PatchError, match=r"cannot unmarshal array into Go value of type map\[string\]interface"):
        merge({}, [1])
