import copy
import json
from pathlib import Path

import msgspec
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from osconsole.embedded.api.ownership import fieldsets
from osconsole.embedded.api.ownership.apply import ApplyConflict, apply
from osconsole.embedded.api.ownership.managed import Author, track
from osconsole.embedded.api.patch.patches import merge
from osconsole.embedded.api.schema.builtin.defaults import complete
from osconsole.embedded.api.schema.builtin.schemas import builtin, custom
from osconsole.embedded.api.schema.defaulting import default
from osconsole.embedded.api.schema.pruning import prune

HERE = Path(__file__).parents[1]
# Sequences of writes and what a kube-apiserver 1.35 stored after each.
RECORDED = json.loads(HERE.joinpath("data_managed.json").read_text())
SCHEMAS = {
    "configmap": builtin("", "v1", "ConfigMap"),
    "deployment": builtin("apps", "v1", "Deployment"),
    "custom": custom(json.loads(HERE.joinpath("data_custom.json").read_text())["schema"]),
}
SERVERS = ("uid", "resourceVersion", "creationTimestamp", "generation")


def settled(obj, schema):
    prune(obj, schema)
    default(obj, schema)
    if schema.name:
        complete(obj, obj["kind"])
    return obj


def written(live, step, schema):
    """What this step makes of the live object, by our modules."""
    body = copy.deepcopy(step["body"])
    operation = "Apply" if step["do"] == "apply" else "Update"
    api_version = (live or body)["apiVersion"]
    author = Author(step["manager"], api_version, "T", operation, step["subresource"])
    if step["do"] == "apply":
        return settled(apply(live, body, author, schema, force=step["force"]), schema)
    new = settled(merge(copy.deepcopy(live), body) if live else body, schema)
    if live is None and not schema.name:
        new.pop("status", None)
    new["metadata"]["managedFields"] = track(live, new, author, schema)
    return new


def comparable(obj):
    obj = copy.deepcopy(obj)
    for key in SERVERS:
        obj["metadata"].pop(key, None)
    for entry in obj["metadata"].get("managedFields", ()):
        entry["time"] = "T"
    return obj


@pytest.mark.parametrize("scenario", RECORDED, ids=lambda scenario: scenario["name"])
def test_ownership_as_the_server_keeps_it(scenario):
    schema = SCHEMAS[scenario["name"]]
    live = None
    for at, step in enumerate(scenario["steps"]):
        if "object" in step:
            ours = comparable(written(live, step, schema))
            theirs = comparable(step["object"])
            assert ours["metadata"].pop("managedFields") == theirs["metadata"].pop("managedFields"), at
            ours.pop("status", None)
            theirs.pop("status", None)
            assert ours == theirs, at
            live = step["object"]
        else:
            with pytest.raises(ApplyConflict) as caught:
                written(live, step, schema)
            assert str(caught.value) == step["error"]
            assert [msgspec.to_builtins(cause) for cause in caught.value.causes] == step["causes"]


VALUES = st.integers(0, 2)
SPECS = st.fixed_dictionaries(
    {},
    optional={
        "size": VALUES,
        "m": st.dictionaries(st.sampled_from("ab"), VALUES),
        "set": st.lists(st.sampled_from("xyz"), unique=True),
        "items": st.lists(st.sampled_from("pqr"), unique=True).map(lambda keys: [{"key": key, "n": 1} for key in keys]),
    },
)


def foo(spec):
    return {"apiVersion": "ex.org/v1", "kind": "Foo", "metadata": {"name": "f"}, "spec": spec}


@given(st.none() | SPECS, SPECS)
def test_applying_twice_changes_nothing(live, spec):
    schema = SCHEMAS["custom"]
    before = None
    if live is not None:
        before = foo(live)
        before["metadata"]["managedFields"] = track(None, before, Author("x", "ex.org/v1", "T0"), schema)
    once = apply(before, foo(spec), Author("a", "ex.org/v1", "T1", "Apply"), schema, force=True)
    # What nobody owns is taken for what was there before the first apply.
    assume(once["metadata"]["managedFields"])
    assert apply(once, foo(spec), Author("a", "ex.org/v1", "T2", "Apply"), schema) == once


@given(SPECS)
def test_stored_sets_read_back(spec):
    fields = fieldsets.of(foo(spec), SCHEMAS["custom"])
    assert fieldsets.decode(json.loads(json.dumps(fieldsets.encode(fields)))) == fields
    assert fieldsets.difference(fields, fields) == {}
    assert fieldsets.intersection(fields, fields) == fields


def test_kubectl_may_take_over_what_its_annotation_names():
    schema = SCHEMAS["configmap"]
    note = "kubectl.kubernetes.io/last-applied-configuration"
    config = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "m"}, "data": {"a": "1"}}
    live = copy.deepcopy(config)
    live["metadata"]["annotations"] = {note: json.dumps(config)}
    live["metadata"]["managedFields"] = track(None, live, Author("kubectl-client-side-apply", "v1", "T"), schema)
    wanted = {**config, "data": {"a": "2"}}
    with pytest.raises(ApplyConflict):
        apply(live, wanted, Author("else", "v1", "T", "Apply"), schema)
    made = apply(live, wanted, Author("kubectl", "v1", "T", "Apply"), schema)
    assert made["data"] == {"a": "2"}
    assert json.loads(made["metadata"]["annotations"][note]) == wanted


def test_a_client_may_rewrite_managed_fields():
    live = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "m"}, "data": {"a": "1"}}
    live["metadata"]["managedFields"] = track(None, live, Author("x", "v1", "T"), SCHEMAS["configmap"])
    assert live["metadata"]["managedFields"]
    for reset in ([], [{}]):
        new = {**live, "metadata": {"name": "m", "managedFields": reset}}
        assert track(live, new, Author("y", "v1", "T"), SCHEMAS["configmap"]) == []


def test_a_map_stays_while_something_inside_is_applied():
    schema = SCHEMAS["configmap"]
    live = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "m"}, "data": {"a": "1", "b": "2"}}
    owned = {"f:data": {".": {}, "f:a": {}, "f:b": {}}}
    entry = {"manager": "k", "operation": "Apply", "apiVersion": "v1", "fieldsType": "FieldsV1", "fieldsV1": owned}
    live["metadata"]["managedFields"] = [entry]
    made = apply(live, {**live, "metadata": {"name": "m"}, "data": {"a": "1"}}, Author("k", "v1", "T", "Apply"), schema)
    assert made["data"] == {"a": "1"}
