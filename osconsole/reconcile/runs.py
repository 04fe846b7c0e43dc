"""Runs: actions of more than one write, kept as ConfigMaps so that they survive whoever started them.

A run of `restart` evicts one pod, waits until its workload is whole again, and goes on; members of a quorum go one by
one as long as that is safe. The decider keeps nothing: which pods are still to go is read from the cluster by their
uids. Who drives a run holds the Lease of its name.
"""

import json
from typing import Any

from osconsole.model import conditions, kinds
from osconsole.model.ref import Ref
from osconsole.model.resource import Resource
from osconsole.reconcile import plans, quorate
from osconsole.reconcile.actions import Evict
from osconsole.reconcile.decide import Act, Decider, Done, Outcome, Wait, World
from osconsole.reconcile.states import ACTIVE, DONE, FAILED, LABEL, PAUSED, READS, STOPPED, TARGET, moved, steer
from osconsole.reconcile.verbs import chain

__all__ = ["ACTIVE", "DECIDER", "DONE", "FAILED", "LABEL", "PAUSED", "STOPPED", "TARGET", "body", "decide", "steer"]

CONFIGMAP = kinds.key("ConfigMap")
POD = kinds.key("Pod")
PATIENCE_S = 600.0  # a pod that is not back by then stops the run


def body(
    target: Ref, pods: list[Resource], workloads: list[Resource], now: float, *, outage: bool = False
) -> dict[str, Any]:
    """The ConfigMap of a restart: the pods by uid, the workloads that must be whole between two evictions.

    `outage`: a person has agreed that the only member of a quorum is away meanwhile.
    """
    steps = [{"name": p.ref.name, "uid": p.uid} for p in pods]
    wholes = [{"group": w.ref.group, "kind": w.ref.kind, "name": w.ref.name} for w in workloads]
    return {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {
            "name": f"osconsole-run-restart-{target.name}-{int(now) % 10_000_000}"[:63].rstrip("-"),
            "namespace": target.namespace,
            "labels": {LABEL: ACTIVE, TARGET: f"{target.kind}.{target.name}"[:63].rstrip("-.")},
        },
        "data": {
            "verb": "restart",
            "title": f"restart {target.short}",
            "pods": json.dumps(steps),
            "workloads": json.dumps(wholes),
            "step": f"0 of {len(steps)} pods restarted",
            "moved": f"{now:.0f}",
            **({"outage": "agreed"} if outage else {}),
        },
    }


def decide(run: Resource, world: World, now: float) -> Outcome:
    """The next step of a run."""
    if run.labels.get(LABEL) != ACTIVE:
        return Done()
    data = run.get("data", default={})
    if data.get("verb") == "plan":
        return plans.decide(run, world, now)
    pods = json.loads(data.get("pods", "[]"))
    namespace = run.ref.namespace
    left = [p for p in pods if (found := world.find(POD, namespace, p["name"])) and found.uid == p["uid"]]
    step = f"{len(pods) - len(left)} of {len(pods)} pods restarted"
    if step != data.get("step"):
        return Act((moved(run, ACTIVE, step, now),), step)
    due = float(data.get("moved", "0")) + PATIENCE_S
    waiting, until = _not_whole(json.loads(data.get("workloads", "[]")), world, namespace), 0.0
    if waiting is None:
        if not left:
            return Act((moved(run, DONE, f"all {len(pods)} pods restarted", now),), "done")
        pod, waiting, until = _next(left, world, run, now)
        if not waiting and now < due:
            return Act((Evict(pod.ref, pod.uid),), f"evict {pod.ref.name}", again_s=5.0)
        waiting = waiting or f"pod {pod.ref.name} to be evicted: a disruption budget may forbid it"
    if now >= due:
        words = f"{step}; stopped after {PATIENCE_S / 60:.0f} minutes of waiting for {waiting}"
        return Act((moved(run, FAILED, words, now),), "gave up")
    return Wait(waiting, min(due, until or due))


def _next(left: list[dict[str, str]], world: World, run: Resource, now: float) -> tuple[Resource, str, float]:
    """The pod whose turn it is, and what it waits for ("": it may go) until when: a quorum is judged before each."""
    namespace, outage = run.ref.namespace, run.get("data", "outage") == "agreed"
    pods = [pod for step in left if (pod := world.find(POD, namespace, step["name"]))]
    going = next((pod for pod in pods if pod.deleted), None)
    if going is not None:
        return going, f"pod {going.ref.name} to go", 0.0
    snapshot = world.seen(quorate.READS, namespace)
    load = next((r for r in chain.upward(pods[0], snapshot) if r.ref.kind in chain.WORKLOADS), None)
    if load is None:
        return pods[0], "", 0.0
    mine = [pod for pod in pods if pod in chain.pods(load, snapshot)]
    return quorate.ordered(load, mine, snapshot)[0], *quorate.unsafe(load, snapshot, now, outage=outage)


def _not_whole(workloads: list[dict[str, str]], world: World, namespace: str) -> str | None:
    """What keeps the next pod from going: a workload with fewer ready pods than it wants."""
    for name in workloads:
        found = world.get(Ref(name["group"], name["kind"], namespace, name["name"]))
        if found is None:
            continue
        status, spec = found.get("status", default={}), found.get("spec", default={})
        wanted = status.get("desiredNumberScheduled", 0) if name["kind"] == "DaemonSet" else spec.get("replicas", 1)
        ready = status.get("numberReady", 0) if name["kind"] == "DaemonSet" else status.get("readyReplicas", 0)
        if ready < wanted or found.observed < found.generation:
            return f"{name['kind']} {name['name']}: {ready} of {wanted} ready"
        for pod in world.all(POD, namespace):
            if _belongs(pod, name, world) and not pod.deleted and not _ready(pod):
                return f"pod {pod.ref.name} to be Ready"
    return None


def _belongs(pod: Resource, workload: dict[str, str], world: World) -> bool:
    owner = pod.controller
    if owner is None:
        return False
    if owner.ref.kind == "ReplicaSet":
        above = world.get(owner.ref)
        owner = above.controller if above else None
    return bool(owner and owner.ref.kind == workload["kind"] and owner.ref.name == workload["name"])


def _ready(pod: Resource) -> bool:
    condition = conditions.find(pod.conditions, conditions.READY)
    return bool(condition and condition.ok)


DECIDER = Decider(CONFIGMAP, "runs", decide, READS)
