"""A new pod completed from what is known of its spec is the pod that all the steps make."""

import copy

import msgspec
import pytest

from osconsole.embedded.api.failures import Failure, invalid
from osconsole.embedded.api.kinds import naming, strategy
from osconsole.embedded.api.kinds.catalog import BUILTIN
from osconsole.embedded.api.kinds.shape import fill, schema_of
from osconsole.embedded.api.ownership import ownership
from osconsole.embedded.api.protocol.options import WriteOptions
from osconsole.embedded.api.rules import table as rules
from osconsole.embedded.api.verbs import replicas

POD = next(kind for kind in BUILTIN if kind.kind == "Pod")
AUTHOR = WriteOptions("m", named_manager=True, dry_run=False, validation="Strict", force=False)
CONTAINER = {"name": "a", "image": "i", "ports": [{"containerPort": 80}], "resources": {"limits": {"cpu": "0.1"}}}
SPECS = {
    "bare": {"containers": [CONTAINER]},
    "tolerant": {"containers": [CONTAINER], "tolerations": [{"operator": "Exists"}], "serviceAccountName": "s"},
    "null": {"containers": [{**CONTAINER, "env": None}], "volumes": [], "nodeSelector": None},
    "wrong": {"containers": [{"name": "A", "volumeMounts": [{"name": "v"}]}], "restartPolicy": "Sometimes"},
    "none": {},
}


def step_by_step(obj):
    fill(POD, obj)
    ownership.track(POD, None, obj, AUTHOR)
    strategy.on_create(POD, obj)
    causes = naming.check(POD, obj["metadata"]) + rules.broken("Pod", obj, schema_of(POD))
    if causes:
        raise invalid(POD, obj["metadata"].get("name", ""), causes)


def outcome(step, obj):
    try:
        step(obj)
    except Failure as failure:
        return failure.status
    return msgspec.json.decode(msgspec.json.encode(obj, order="sorted"))


@pytest.mark.parametrize("spec", SPECS)
@pytest.mark.parametrize("meta", [{"name": "p", "labels": {"a": "b"}, "generation": 1}, {"name": "P"}])
def test_it_is_the_same_pod(spec, meta):
    obj = {"apiVersion": "v1", "kind": "Pod", "metadata": meta, "spec": SPECS[spec]}

    def known(pod):
        assert replicas.complete(POD, pod, AUTHOR)

    wanted = outcome(step_by_step, copy.deepcopy(obj))
    # What is known of a spec is not spoiled by the first that used it.
    for _ in range(2):
        assert outcome(known, copy.deepcopy(obj)) == wanted


def test_what_comes_with_owners_of_its_own_is_like_no_other():
    pod = {"metadata": {"name": "p", "managedFields": [{}]}, "spec": SPECS["bare"]}
    before = copy.deepcopy(pod)
    assert not replicas.complete(POD, pod, AUTHOR)
    assert pod == before
