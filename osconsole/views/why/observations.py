"""Observations: what takes more than one value to see, each with a name that causes use.

An observation gives the words that it found, None when it is not so. Those of the data plane are in `dataplane`.
"""

from collections.abc import Callable

import msgspec

from osconsole.model import kinds
from osconsole.model.conditions import instant
from osconsole.model.resource import Resource
from osconsole.views import facts, tree
from osconsole.views.contradictions import OPERATORS
from osconsole.views.state import OFF, OK
from osconsole.views.text import age, count
from osconsole.views.why import dataplane
from osconsole.views.why.case import Case, Words, listed, mapped

WORKLOAD = kinds.key("Deployment")
PATIENCE_S = 30.0  # a controller that has not looked within so long does not run


class Observation(msgspec.Struct, frozen=True):
    """What is seen, in words for the table of causes, and the eye."""

    words: str
    see: Callable[[Case], Words | None]


def _behind(case: Case) -> Words | None:
    found = case.resource
    unseen = found.ref.group == "apps" and found.observed < found.generation  # these always say what they have seen
    if found.caught_up and not unseen:
        return None
    return {"generation": str(found.generation), "observed": str(found.observed), "operator": _operator(case)}


def _untouched(case: Case) -> Words | None:
    found = case.resource
    ours = found.ref.group.endswith("openstack.org")
    late = case.world.now - found.created > PATIENCE_S
    quiet = not found.conditions and case.own.word not in {OK, OFF}
    return {"operator": _operator(case)} if ours and quiet and late else None


def _operator(case: Case) -> str:
    """The operator of a group: `nova.openstack.org` is nova-operator's; core and dataplane are openstack-operator's."""
    word = case.resource.ref.group.partition(".")[0]
    if not case.resource.ref.group.endswith("openstack.org"):
        return "its controller"
    return f"{OPERATORS.get(word, word)}-operator"


def _operator_down(case: Case) -> Words | None:
    """Nobody looks at the object, and the workload of its operator is known and has no ready pod."""
    waits = _behind(case) or _untouched(case)
    if waits is None:
        return None
    name = f"{waits['operator']}-controller-manager"
    found = [w for w in case.world.all(WORKLOAD, "") if w.ref.name == name and not facts.workload(w).ready]
    if not found:
        return None
    ref = found[0].ref
    return {"operator": waits["operator"], "workload": ref.name, "where": ref.namespace}


def _held(case: Case) -> Words | None:
    found = case.resource
    if not found.deleted or case.world.now - found.deleted < PATIENCE_S:
        return None
    holders = case.items("metadata.finalizers")
    if not holders:
        return None
    out = {"holders": ", ".join(str(h) for h in holders[:6]), "since": age(case.world.now - found.deleted)}
    return out | _holder([str(h) for h in holders], case)


def _holder(holders: list[str], case: Case) -> Words:
    """The object that a finalizer `openstack.org/<kind>[-<name>]` of another kind names, where there is one."""
    ref = case.resource.ref
    for holder in holders:
        word, _, name = holder.partition("/")[2].partition("-")
        kind = kinds.find(word)
        if kind is None or kind.kind == ref.kind:
            continue
        users = [user.ref.name for user in case.world.all(kind.key, ref.namespace)]
        if name in users or len(users) == 1:
            return {"holderkind": kind.kind, "holder": name if name in users else users[0]}
    return {}


def _restless(case: Case) -> Words | None:
    found = case.guilty() if case.restless() else None
    if found is None:
        return None
    when = age(case.world.now - found.since)
    return {"container": found.name, "exit": str(found.last_exit), "restarts": str(found.restarts), "since": when}


def _lost_node(case: Case) -> Words | None:
    """The pod is on a node that does not report."""
    pod = facts.pod(case.resource)
    node = case.world.snapshot.get(kinds.key("Node").ref("", pod.node)) if pod.node else None
    ready = next((c for c in node.conditions if c.type == "Ready"), None) if node else None
    return {"node": pod.node} if ready and not ready.ok else None


def _on_delete(case: Case) -> Words | None:
    """A StatefulSet or DaemonSet that waits for somebody to delete its old pods."""
    if case.value("spec.updateStrategy.type") != "OnDelete":
        return None
    status = case.mapping("status")
    old = status.get("updateRevision") and status.get("currentRevision") != status.get("updateRevision")
    behind = int(status.get("desiredNumberScheduled") or 0) - int(status.get("updatedNumberScheduled") or 0)
    return {} if old or (behind > 0 and case.resource.ref.kind == "DaemonSet") else None


def _stalled(case: Case) -> Words | None:
    """A workload that should have pods and has none, with a caught-up controller."""
    found = facts.workload(case.resource)
    if found.desired == 0 or found.current > 0 or not found.caught_up:
        return None
    return {"wanted": count(found.desired, "pod")}


def _rolling(case: Case) -> Words | None:
    found = facts.workload(case.resource)
    if not found.caught_up or found.desired == 0 or (found.updated >= found.desired and found.current == found.desired):
        return None
    return {"updated": str(found.updated), "desired": str(found.desired), "ready": str(found.ready)}


def _not_ready(case: Case) -> Words | None:
    found = facts.workload(case.resource)
    if not found.caught_up or found.ready >= found.desired:
        return None
    return {"desired": str(found.desired), "ready": str(found.ready)}


def _settling(case: Case) -> Words | None:
    """Ready at its generation, and not called well yet."""
    return {} if case.resource.ready and case.own.word not in {OK, OFF} else None


def _no_pods_yet(case: Case) -> Words | None:
    found = facts.job(case.resource)
    return None if found.active or found.failed or found.succeeded or found.complete or found.gave_up else {}


def _no_endpoints(case: Case) -> Words | None:
    key = kinds.key("Endpoints")
    ref = key.ref(case.resource.ref.namespace, case.resource.ref.name)
    if not case.value("spec.selector"):
        return None
    found = case.world.get(ref)
    if found is None:
        return {} if case.world.missing(ref) else None
    return None if addresses(found) else {}


def addresses(endpoints: Resource) -> int:
    """How many addresses of an Endpoints object are ready."""
    return sum(len(listed(mapped(s).get("addresses"))) for s in listed(facts.value(endpoints, "subsets")))


def _no_address(case: Case) -> Words | None:
    if case.value("spec.type") != "LoadBalancer" or case.value("status.loadBalancer.ingress"):
        return None
    pool = case.mapping("metadata.annotations").get("metallb.universe.tf/address-pool")
    return {"pool": str(pool or "its pool")}


def _expired(case: Case) -> Words | None:
    end = instant(case.value("status.notAfter"))
    return {"since": age(case.world.now - end)} if end and end < case.world.now else None


def _no_disruption(case: Case) -> Words | None:
    status = case.mapping("status")
    if status.get("disruptionsAllowed", 1):
        return None
    return {"healthy": str(status.get("currentHealthy", 0)), "desired": str(status.get("desiredHealthy", 0))}


def _no_class(case: Case) -> Words | None:
    """A claim without a class where no class is the default."""
    if case.value("spec.storageClassName") or case.value("status.phase") == "Bound":
        return None
    key = kinds.key("StorageClass")
    if not case.world.watched(key, ""):
        return None
    default = "storageclass.kubernetes.io/is-default-class"
    classes = case.world.all(key, "")
    marked = any(mapped(facts.value(c, "metadata", "annotations")).get(default) == "true" for c in classes)
    return None if marked else {}


def _contradicted(case: Case) -> Words | None:
    """What `views.rules.contrary` finds; its first evidence is where to look."""
    found = tree.grow(case.resource, case.world.snapshot, case.world.now).against
    if found is None or found.due > case.world.now:
        return None
    where = {"othername": found.evidence[0].name, "otherkind": found.evidence[0].kind} if found.evidence else {}
    return {"said": found.sentence} | where


def _updating(case: Case) -> Words | None:
    """A minor update is under way: the control plane applies nothing else."""
    key = kinds.key("OpenStackVersion")
    ref = case.resource.ref
    version = next(iter(case.world.all(key, ref.namespace)), None) if ref.kind != key.kind else case.resource
    if version is None:
        return None
    target, deployed = (facts.value(version, *p) for p in (("spec", "targetVersion"), ("status", "deployedVersion")))
    return {"target": str(target), "deployed": str(deployed)} if target and deployed and target != deployed else None


OBSERVATIONS: dict[str, Observation] = {
    "behind": Observation("status.observedGeneration is behind metadata.generation", _behind),
    "operator-down": Observation("nobody looks at it, and its operator's Deployment has no ready pod", _operator_down),
    "untouched": Observation("no condition at all, long after it was made", _untouched),
    "held": Observation("deletionTimestamp is old and finalizers are left", _held),
    "restless": Observation("a container runs again, less than ten minutes after it failed", _restless),
    "lost-node": Observation("the pod's Node is not Ready", _lost_node),
    "on-delete": Observation("updateStrategy is OnDelete and old pods are left", _on_delete),
    "no-pods": Observation("pods are wanted and none was made", _stalled),
    "rolling": Observation("fewer pods are updated than wanted, or old ones are left", _rolling),
    "not-ready": Observation("fewer pods are ready than wanted", _not_ready),
    "settling": Observation("Ready is True, and was not for long", _settling),
    "no-pods-yet": Observation("its status counts no pod", _no_pods_yet),
    "no-endpoints": Observation("the Service selects pods and has no endpoint", _no_endpoints),
    "no-address": Observation("type is LoadBalancer and status.loadBalancer is empty", _no_address),
    "expired": Observation("status.notAfter is past", _expired),
    "no-disruption": Observation("status.disruptionsAllowed is 0", _no_disruption),
    "no-default-class": Observation("no storageClassName, and no StorageClass is the default", _no_class),
    "contradicted": Observation("what it says does not fit what others say (`rules/contrary.py`)", _contradicted),
    "updating": Observation("the OpenStackVersion's deployedVersion is not its targetVersion", _updating),
    **{name: Observation(words, see) for name, (words, see) in dataplane.SEEN.items()},
}
