"""Plans: every shipped one loads, broken ones say why, and a run goes step by step."""

import pathlib

import pytest

from osconsole.errors import DocumentError, Refused
from osconsole.model.changes import Put
from osconsole.model.intents import RunPlan
from osconsole.reconcile import plans, preflight, runs
from osconsole.reconcile.decide import Act, Wait, World

T = 1_767_225_600.0
PLANS = sorted((pathlib.Path(__file__).parents[2] / "plans").glob("*.yaml"))
TEXT = """
version: 1
about: keystone
inputs: {n: {type: int, default: 3, min: 1, max: 5, odd: true}}
target: {kind: OpenStackControlPlane}
before: [{ready: target}]
steps:
  - patch: {spec: {keystone: {template: {replicas: {input: n}}}}}
    until: {ready: target}
    within: 5m
"""


@pytest.mark.parametrize("path", PLANS, ids=lambda p: p.stem)
def test_shipped(path):
    assert plans.plan(path.read_text(), path.name).steps


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("within: 5m", "within: soon", "p.yaml:10: steps.0.within: 'soon' is no duration"),
        ("{input: n}", "{input: m}", "p.yaml:8: steps.0.patch.spec.keystone.template.replicas: input 'm' is used but"),
        (
            "ControlPlane}",
            "ControlPlan}",
            "p.yaml:5: target.kind: unknown kind 'OpenStackControlPlan': did you mean 'O",
        ),
        ("until:", "untl:", "p.yaml:9: unknown key 'steps.0.untl': did you mean 'until'?"),
        ("version: 1", "version: 2", "p.yaml:2: version: 2 is not known here: this program reads version 1"),
        ("version: 1", "", "`version`"),
    ],
)
def test_broken(old, new, words):
    with pytest.raises(DocumentError) as raised:
        plans.plan(TEXT.replace(old, new), "p.yaml")
    assert words in str(raised.value)


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"n": 4}, "must be odd"),
        ({"n": 9}, "from 1 to 5"),
        ({"m": 1}, "unknown input 'm'"),
        ({"n": "x"}, "whole number"),
    ],
)
def test_inputs(given, words):
    with pytest.raises(Refused, match=words):
        plans.inputs(plans.plan(TEXT, "p"), given)


def test_a_run_patches_then_waits_then_ends(cloud, snapshot_of, make, condition):
    world = snapshot_of(*cloud.values())
    intent = RunPlan("scale", plans.plan(TEXT, "p"), "openstack")
    preview = preflight.judge(intent, world, T)
    assert str(preview.touches[0]) == "spec.keystone.template.replicas: 2 → 3"
    (create,) = preflight.writes(preview, world, T)

    def run(data):
        return make("v1", "ConfigMap", "run", metadata={"labels": create.body["metadata"]["labels"]}, data=data)

    data = create.body["data"]
    first = runs.decide(run(data), World(world), T)
    assert isinstance(first, Act)
    assert first.actions[0].ref == cloud["cp"].ref
    body = cloud["cp"].body()
    spec = body["spec"] | {"keystone": {"template": {"replicas": 3}}}
    busy = make(
        "core.openstack.org/v1beta1",
        "OpenStackControlPlane",
        "controlplane",
        metadata={"generation": 2},
        spec=spec,
        status={"conditions": [condition("Ready", "True")], "observedGeneration": 1},
    )
    waiting = runs.decide(run(data), World(world.apply([Put(busy, T)])), T)
    assert waiting == Wait("ControlPlane controlplane is not Ready at its generation", T + 300)
    late = runs.decide(run(data), World(world.apply([Put(busy, T)])), T + 301)
    assert late.actions[0].patch["metadata"]["labels"][runs.LABEL] == runs.FAILED
    through = make(
        "core.openstack.org/v1beta1",
        "OpenStackControlPlane",
        "controlplane",
        spec=spec,
        status={"conditions": [condition("Ready", "True")], "observedGeneration": 1},
    )
    world = world.apply([Put(through, T)])
    on = runs.decide(run(data), World(world), T).actions[0].patch["data"]
    last = runs.decide(run(data | on), World(world), T)
    assert last.actions[0].patch["metadata"]["labels"][runs.LABEL] == runs.DONE


def test_it_does_not_start_when_what_it_needs_is_not_so(cloud, snapshot_of, make):
    bad = make("core.openstack.org/v1beta1", "OpenStackControlPlane", "controlplane", spec={}, status={})
    found = preflight.judge(RunPlan("scale", plans.plan(TEXT, "p"), ""), snapshot_of(bad), T)
    assert "not Ready" in found.refused


@pytest.mark.parametrize(
    ("patch", "name", "said"),
    [
        ("{galera: {templates: {openstack: {replicas: 1}}}}", "controlplane", "Galera openstack"),
        ("{rabbitmq: {enabled: false}}", "controlplane", "RabbitMq"),
        ("{ovn: {template: {ovnDBCluster: {ovndbcluster-nb: {replicas: 3}}}}}", "controlplane", "OVNDBCluster ovndb"),
        ("{ovn: {template: {ovnNorthd: {replicas: 2}}}}", "", ""),
        ("{keystone: {template: {replicas: 3}}}", "", ""),
    ],
)
def test_what_touches_a_quorum_asks_for_the_typed_name(cloud, snapshot_of, patch, name, said):
    text = TEXT.replace("{keystone: {template: {replicas: {input: n}}}}", patch)
    found = preflight.judge(RunPlan("p", plans.plan(text, "p"), "openstack"), snapshot_of(*cloud.values()), T)
    assert found.confirm == name
    assert said in "; ".join(f.text for f in found.findings)
