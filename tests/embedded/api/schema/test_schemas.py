import copy
import json
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from osconsole.embedded.api.causes import summary
from osconsole.embedded.api.schema.builtin.defaults import complete
from osconsole.embedded.api.schema.builtin.schemas import builtin, custom, kinds
from osconsole.embedded.api.schema.decoding import decode_problem
from osconsole.embedded.api.schema.defaulting import default
from osconsole.embedded.api.schema.pruning import prune, unknown_fields
from osconsole.embedded.api.schema.validation import validate

# What a kube-apiserver 1.35 answered to creates of one custom kind.
RECORDED = json.loads(Path(__file__).parents[1].joinpath("data_custom.json").read_text())
FOO = custom(RECORDED["schema"])


@pytest.mark.parametrize("case", RECORDED["cases"], ids=lambda case: json.dumps(case["spec"]))
def test_custom_objects_as_the_server_takes_them(case):
    obj = {"apiVersion": "ex.org/v1", "kind": "Foo", "metadata": {"name": "x"}, "spec": copy.deepcopy(case["spec"])}
    prune(obj, FOO)
    default(obj, FOO)
    causes = validate(obj, FOO)
    assert [msgspec.to_builtins(cause) for cause in causes] == case.get("causes", [])
    if causes:
        assert summary("Foo.ex.org", "x", causes) == case["message"]
    else:
        assert obj["spec"] == case["stored"]


def test_unknown_fields_are_named_and_not_removed():
    obj = {
        "apiVersion": "ex.org/v1",
        "kind": "Foo",
        "metadata": {"name": "x", "bogus": 1},
        "spec": {"size": 1, "m": {"a": 1}, "raw": {"k": {"y": 1}, "free": 1}, "items": [{"key": "a", "zz": 1}]},
        "top": 1,
    }
    before = copy.deepcopy(obj)
    found = ["metadata.bogus", "spec.items[0].zz", "spec.raw.k.y", "top"]
    assert unknown_fields(obj, FOO) == found
    assert obj == before
    assert prune(obj, FOO) == found
    assert unknown_fields(obj, FOO) == []


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=3),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["size", "items", "key", "m", "raw", "k", "z", "x"]), inner, max_size=3)
    ),
    max_leaves=10,
)


@given(JSON)
def test_pruning_and_defaulting_settle(spec):
    obj = {"spec": spec}
    prune(obj, FOO)
    default(obj, FOO)
    once = copy.deepcopy(obj)
    assert prune(obj, FOO) == []
    default(obj, FOO)
    assert obj == once


TEMPLATE = {"metadata": {"labels": {"a": "b"}}, "spec": {"containers": [{"name": "c", "image": "i"}]}}


def deployment(**spec):
    return {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "x"}, "spec": spec}


def test_a_deployment_gets_the_servers_defaults():
    obj = deployment(selector={"matchLabels": {"a": "b"}}, template=copy.deepcopy(TEMPLATE))
    default(obj, builtin("apps", "v1", "Deployment"))
    complete(obj, "Deployment")
    assert obj["spec"] == {
        "replicas": 1,
        "selector": {"matchLabels": {"a": "b"}},
        "template": {
            "metadata": {"labels": {"a": "b"}},
            "spec": {
                "containers": [
                    {
                        "name": "c",
                        "image": "i",
                        "resources": {},
                        "terminationMessagePath": "/dev/termination-log",
                        "terminationMessagePolicy": "File",
                        "imagePullPolicy": "Always",
                    }
                ],
                "restartPolicy": "Always",
                "terminationGracePeriodSeconds": 30,
                "dnsPolicy": "ClusterFirst",
                "securityContext": {},
                "schedulerName": "default-scheduler",
            },
        },
        "strategy": {"type": "RollingUpdate", "rollingUpdate": {"maxUnavailable": "25%", "maxSurge": "25%"}},
        "revisionHistoryLimit": 10,
        "progressDeadlineSeconds": 600,
    }


@pytest.mark.parametrize(
    ("spec", "words"),
    [
        ({"replicas": "x"}, "cannot unmarshal string into Go struct field DeploymentSpec.spec.replicas of type int32"),
        (
            {"replicas": 1.5},
            "cannot unmarshal number 1.5 into Go struct field DeploymentSpec.spec.replicas of type int32",
        ),
        (
            {"selector": {"matchLabels": {"a": 1}}},
            "cannot unmarshal number into Go struct field LabelSelector.spec.selector.matchLabels of type string",
        ),
        (
            {"selector": []},
            "cannot unmarshal array into Go struct field DeploymentSpec.spec.selector of type v1.LabelSelector",
        ),
    ],
)
def test_wrong_types_of_a_builtin_kind(spec, words):
    assert decode_problem(deployment(**spec), builtin("apps", "v1", "Deployment")) == f"json: {words}"


def test_every_builtin_kind_compiles():
    for key in kinds():
        schema = builtin(*key.split("/"))
        assert schema.type == "object"
    crd = builtin("apiextensions.k8s.io", "v1", "CustomResourceDefinition")
    version = {"name": "v1", "schema": {"openAPIV3Schema": RECORDED["schema"]}}
    assert unknown_fields({"spec": {"versions": [version]}}, crd) == []
