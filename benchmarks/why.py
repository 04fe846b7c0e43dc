"""What it costs to say why: a control plane of 2,000 objects and 500 Events, one pod of which keeps exiting."""

import time
from collections.abc import Iterator
from typing import Any

from benchmarks import cpu
from benchmarks.figure import Figure
from osconsole.model.changes import Listed
from osconsole.model.resource import Resource, resource
from osconsole.model.snapshot import Snapshot
from osconsole.views import tree
from osconsole.views.why.explain import explain

SERVICES, PODS, EVENTS = 60, 1_820, 500
OLD = "2026-01-01T00:00:00Z"


def figures() -> Iterator[Figure]:
    """CPU milliseconds of one explanation on a world that is judged, as the console's always is, and on a new one.

    The causes are read, and their patterns made, by the first.
    """
    judged, unseen = [], []
    for _ in range(5):
        plane, world = _world()
        tree.grow(plane, world, time.time())
        judged.append(_ms(plane, world))
        unseen.append(_ms(*_world()))
    note = f"with the judgement of all {min(unseen):.1f}"
    yield Figure("2,000 objects: why, without logs", judged, "CPU ms", 50, note=note)


def _ms(plane: Resource, world: Snapshot) -> float:
    began = cpu.own_s()
    found = explain(plane.ref, world, time.time())
    spent = (cpu.own_s() - began) * 1000
    if found.cause != "crash-loop":
        raise AssertionError(found.sentence)
    return spent


def _world() -> tuple[Resource, Snapshot]:
    plane = _object("core.openstack.org/v1beta1", "OpenStackControlPlane", "cp", None, _conditions(ready=False))
    services, workloads, pods = [], [], []
    for number in range(SERVICES):
        ready = number != SERVICES // 2
        name = f"service-{number}"
        services.append(_object("nova.openstack.org/v1beta1", "NovaAPI", name, plane, _conditions(ready=ready)))
        counts = {"replicas": 30, "readyReplicas": 30 if ready else 29, "updatedReplicas": 30, "observedGeneration": 1}
        workloads.append(_object("apps/v1", "StatefulSet", name, services[-1], counts, {"replicas": 30}))
    for number in range(PODS):
        broken = number == SERVICES // 2
        state = {"waiting": {"reason": "CrashLoopBackOff"}} if broken else {"running": {}}
        container = {"name": "main", "ready": not broken, "restartCount": 7 * broken, "state": state}
        status = {"phase": "Running", "containerStatuses": [container]}
        pods.append(_object("v1", "Pod", f"pod-{number}", workloads[number % SERVICES], status))
    events = [_event(number, pods[number]) for number in range(EVENTS)]
    groups = ([plane], services, workloads, pods, events)
    return plane, Snapshot().apply([Listed(group[0].kind, "", tuple(group), time.time()) for group in groups])


def _conditions(*, ready: bool) -> dict[str, Any]:
    word, reason = ("True", "Ready") if ready else ("False", "Error")
    entry = {"type": "Ready", "status": word, "reason": reason, "severity": "" if ready else "Error"}
    return {"conditions": [{**entry, "message": "29 of 30", "lastTransitionTime": OLD}], "observedGeneration": 1}


def _object(api_version: str, kind: str, name: str, owner: Resource | None, status: Any, spec: Any = None) -> Resource:
    meta: dict[str, Any] = {"name": name, "namespace": "openstack", "uid": f"{kind}-{name}", "resourceVersion": "1"}
    meta |= {"generation": 1, "creationTimestamp": OLD}
    if owner is not None:
        ref = {"apiVersion": owner.api_version, "kind": owner.ref.kind, "name": owner.ref.name, "uid": owner.uid}
        meta["ownerReferences"] = [{**ref, "controller": True}]
    body = {"apiVersion": api_version, "kind": kind, "metadata": meta, "spec": spec or {}, "status": status}
    return resource(body)


def _event(number: int, about: Resource) -> Resource:
    found = _object("v1", "Event", f"e{number}", None, {})
    body = found.body()
    stamp = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    body |= {"type": "Warning", "reason": "BackOff", "message": "restarting", "lastTimestamp": stamp}
    body["involvedObject"] = {"uid": about.uid, "kind": "Pod", "name": about.ref.name}
    return resource(body)
