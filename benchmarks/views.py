"""What a look at 2,000 objects costs: every verdict, the tree, the table, the overview, and the same once more."""

import time
from collections.abc import Callable, Iterator
from typing import Any

from benchmarks import cpu
from benchmarks.figure import Figure
from benchmarks.objects import pod
from osconsole.model.changes import Listed, Put
from osconsole.model.ref import KindKey
from osconsole.model.resource import Resource, resource
from osconsole.model.snapshot import Snapshot
from osconsole.views import board, health, table, tree
from osconsole.views.layout import Pane

SERVICES, PODS = 60, 1_820
READY = {"type": "Ready", "status": "True", "reason": "Ready", "lastTransitionTime": "2026-01-01T00:00:00Z"}


def figures() -> Iterator[Figure]:
    """CPU milliseconds of each look, on objects that nobody has looked at before and again."""
    now = time.time()
    pane = Pane(show="tree", roots=("OpenStackControlPlane",), unfold=9)
    pods = Pane(show="table", kind="Pod")
    looks: tuple[tuple[str, Callable[[Snapshot], object], float | None], ...] = (
        ("each judged", lambda s: [health.judge(r, s, now) for k in s.objects.values() for r in k.values()], 60),
        ("tree of all", lambda s: tree.rows(s, pane, "", now, {}), None),
        ("table of pods", lambda s: list(table.rows(s, pods, "", now).rows), None),
        ("what needs attention", lambda s: board.attention(s, "", now), 100),
    )
    for name, look, budget in looks:
        first, again = [], []
        for _ in range(3):
            world = _world()
            first.append(_ms(look, world))
            again.append(_ms(look, world))
        yield Figure(f"2,000 objects: {name}", first, "CPU ms", budget, note=f"again {min(again):.1f}")
    yield Figure("2,000 objects: judged again after one change", _changes(_world()), "CPU ms", 2)
    yield Figure("one change folded into 2,000 objects", _folds(_world()), "CPU ms", 5)


def _changes(world: Snapshot) -> list[float]:
    """Each time another pod is not ready any more: what needs attention is asked for again."""
    spent = []
    now = time.time()
    board.attention(world, "", now)
    for number, old in enumerate(list(world.all(KindKey("", "Pod")))[:40:2]):
        body = old.body()
        body["metadata"]["resourceVersion"] = f"8{number}"
        body["status"]["containerStatuses"][0]["ready"] = False
        world = world.apply([Put(resource(body), now)])
        spent.append(_ms(board.attention, world, "", now))
    return spent


def _folds(world: Snapshot) -> list[float]:
    changed = next(world.all(KindKey("", "Pod")))
    spent = []
    for version in range(20):
        body = changed.body()
        body["metadata"]["resourceVersion"] = f"9{version}"
        put = Put(resource(body), time.time())
        spent.append(_ms(world.apply, [put]))
    return spent


def _ms(work: Callable[..., object], *given: object) -> float:
    began = cpu.own_s()
    work(*given)
    return (cpu.own_s() - began) * 1000


def _world() -> Snapshot:
    """One control plane, 60 services each with a Deployment, and pods of those."""
    plane = _object("core.openstack.org/v1beta1", "OpenStackControlPlane", "controlplane", None)
    services, workloads = [], []
    for number in range(SERVICES):
        service = _object("keystone.openstack.org/v1beta1", "KeystoneAPI", f"service-{number}", plane)
        services.append(service)
        status = {"readyReplicas": 30, "replicas": 30, "updatedReplicas": 30, "observedGeneration": 1}
        spec = {"replicas": 30}
        rest: dict[str, Any] = {"spec": spec, "status": status}
        workloads.append(_object("apps/v1", "Deployment", f"service-{number}", service, **rest))
    pods = [_pod(number, workloads[number % SERVICES]) for number in range(PODS)]
    sets = [
        _object("dataplane.openstack.org/v1beta1", "OpenStackDataPlaneNodeSet", f"edpm-{n}", None) for n in range(59)
    ]
    groups = ([plane], services, workloads, pods, sets)
    return Snapshot().apply([Listed(found[0].kind, "", tuple(found), time.time()) for found in groups])


def _object(api_version: str, kind: str, name: str, owner: Resource | None, **rest: Any) -> Resource:
    status = {"conditions": [READY], "observedGeneration": 1}
    return resource(
        {"apiVersion": api_version, "kind": kind, "metadata": _meta(name, kind, owner), "status": status} | rest
    )


def _pod(number: int, owner: Resource) -> Resource:
    body = pod(number, "openstack")
    container = {"name": "service", "ready": True, "restartCount": 0, "state": {"running": {}}}
    status = {"phase": "Running", "conditions": [READY], "containerStatuses": [container]}
    return resource({**body, "metadata": _meta(body["metadata"]["name"], "Pod", owner), "status": status})


def _meta(name: str, kind: str, owner: Resource | None) -> dict[str, Any]:
    meta: dict[str, Any] = {"name": name, "namespace": "openstack", "uid": f"{kind}-{name}", "resourceVersion": "1"}
    meta |= {"generation": 1, "creationTimestamp": "2026-01-01T00:00:00Z"}
    if owner is not None:
        ref = {"apiVersion": owner.api_version, "kind": owner.ref.kind, "name": owner.ref.name, "uid": owner.uid}
        meta["ownerReferences"] = [{**ref, "controller": True}]
    return meta
