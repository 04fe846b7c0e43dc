"""Checks of storage and nodes: where volumes come from, claims that wait, nodes that can carry pods."""

from osconsole.model.conditions import find
from osconsole.model.resource import Resource
from osconsole.views import facts, health
from osconsole.views.checks.check import Check, Finding, World
from osconsole.views.state import DEGRADED, FAILED, OK, PAUSED, PERSON, PROGRESSING, UNKNOWN
from osconsole.views.text import clean, count

DEFAULT = "storageclass.kubernetes.io/is-default-class"
STATIC = "kubernetes.io/no-provisioner"
PATIENCE_S = 60.0  # a claim is bound and a pod placed within seconds, where they can be


def _classes(world: World) -> Finding:
    classes = {c.ref.name: c for c in world.anywhere("StorageClass")}
    wanted = {
        str(name) for p in world.here("OpenStackControlPlane") if (name := facts.value(p, "spec", "storageClass"))
    }
    if gone := sorted(wanted - set(classes)):
        there = ", ".join(sorted(classes)) or "none"
        said = f"the control plane wants StorageClass {gone[0]}, there is {there}"
        return Finding(FAILED, clean(said), "make it, or change spec.storageClass")
    chosen = sorted(wanted) or sorted(name for name, found in classes.items() if _default(found))
    if not chosen:
        return Finding(PERSON, "there is no default StorageClass", "mark one, or name one in spec.storageClass")
    if facts.value(classes[chosen[0]], "provisioner") == STATIC:
        return _volumes(world, classes[chosen[0]])
    return Finding(OK, clean(f"{chosen[0]} makes volumes by itself"), "", classes[chosen[0]].ref)


def _default(found: Resource) -> bool:
    return str(facts.mapping(found, "metadata", "annotations").get(DEFAULT)) == "true"


def _volumes(world: World, storage: Resource) -> Finding:
    """A class that makes nothing by itself needs volumes that somebody made."""
    if not world.sees("PersistentVolume", ""):
        return Finding(OK, f"{storage.ref.name} makes no volumes by itself; free ones are not seen", "", storage.ref)
    mine = [v for v in world.anywhere("PersistentVolume") if _class(v) == storage.ref.name]
    free = [v for v in mine if facts.value(v, "status", "phase") == "Available"]
    waits = [c for c in world.here("PersistentVolumeClaim") if _class(c) == storage.ref.name and not _bound(c)]
    said = f"{storage.ref.name} makes no volumes by itself: {len(free)} of {len(mine)} are free"
    if len(waits) > len(free):
        oldest = min(waits, key=lambda c: (c.created, c.ref))
        late = world.now - oldest.created > PATIENCE_S  # until then somebody may be about to make them
        how = "make PersistentVolumes, or free those that are Released" if late else ""
        said = f"{said}, {count(len(waits), 'claim')} wait"
        return Finding(FAILED if late else PROGRESSING, clean(said), how, oldest.ref, oldest.created)
    return Finding(OK, clean(said), "", storage.ref)


def _class(found: Resource) -> str:
    return facts.text(found, "spec", "storageClassName")


def _bound(claim: Resource) -> bool:
    return bool(facts.value(claim, "status", "phase") == "Bound")


def _claims(world: World) -> Finding:
    found = sorted(world.here("PersistentVolumeClaim"), key=lambda c: (c.created, c.ref))
    waits = [c for c in found if not _bound(c)]
    if waits:
        claim = waits[0]
        rest = f" (and {len(waits) - 1} more)" if len(waits) > 1 else ""
        phase = clean(str(facts.value(claim, "status", "phase") or "Pending"))
        late = world.now - claim.created > PATIENCE_S
        said = f"{claim.ref.short} is {phase}{rest}: no volume is bound to it"
        how = f"kubectl -n {claim.ref.namespace} describe pvc {claim.ref.name}" if late else ""
        return Finding(FAILED if late else PROGRESSING, clean(said), clean(how), claim.ref, claim.created)
    return Finding(OK, f"{count(len(found), 'claim')} bound")


def _nodes(world: World) -> Finding:
    judged = [(n, health.judge(n, world.snapshot, world.now)) for n in world.anywhere("Node")]
    if not judged:
        return Finding(UNKNOWN, "no node is registered")
    ready = [n for n, v in judged if v.word == OK]
    for word in (FAILED, DEGRADED):
        for node, verdict in judged:
            if verdict.word == word:
                said = f"{node.ref.short}: {verdict.why} ({len(ready)} of {len(judged)} ready)"
                return Finding(FAILED if not ready else DEGRADED, said, "", node.ref, verdict.since)
    held = [n for n, v in judged if v.word == PAUSED]
    said = f"{len(ready)} of {count(len(judged), 'node')} ready, with {_sum(ready)}"
    return Finding(OK, said + (f", {len(held)} cordoned" if held else ""))


def _room(world: World) -> Finding:
    if stuck := [p for p in world.here("Pod") if _unschedulable(p)]:
        pod, rest = min(stuck, key=lambda p: (p.created, p.ref)), f" (and {len(stuck) - 1} more)" if stuck[1:] else ""
        said = f"{pod.ref.short} fits on no node{rest}: {facts.pod(pod).message}"
        late = world.now - pod.created > PATIENCE_S
        how = "free room, or ask for less" if late else ""
        return Finding(FAILED if late else PROGRESSING, clean(said), how, pod.ref, pod.created)
    return Finding(OK, "each pod has found a node")


def _unschedulable(pod: Resource) -> bool:
    found = find(pod.conditions, "PodScheduled")
    return bool(found and not found.ok and found.reason == "Unschedulable")


def _sum(nodes: list[Resource]) -> str:
    """What the nodes can give, all together."""
    cores = sum(cores_of(str(facts.value(n, "status", "allocatable", "cpu") or "0")) for n in nodes)
    size = sum(bytes_of(str(facts.value(n, "status", "allocatable", "memory") or "0")) for n in nodes)
    return f"{cores:.0f} cores and {size / 2**30:.0f} GiB"


def cores_of(quantity: str) -> float:
    """`3500m` -> 3.5; 0 where it cannot be read."""
    try:
        return float(quantity[:-1]) / 1000 if quantity.endswith("m") else float(quantity)
    except ValueError:
        return 0.0


UNITS = {"Ki": 2**10, "Mi": 2**20, "Gi": 2**30, "Ti": 2**40, "k": 10**3, "M": 10**6, "G": 10**9, "T": 10**12}


def bytes_of(quantity: str) -> float:
    """`32Gi` -> 34359738368; 0 where it cannot be read."""
    unit = next((u for u in UNITS if quantity.endswith(u)), "")
    try:
        return float(quantity.removesuffix(unit)) * UNITS.get(unit, 1)
    except ValueError:
        return 0.0


CHECKS = (
    Check(
        name="storage",
        about="there is a StorageClass that gives volumes",
        judge=_classes,
        needs=("StorageClass",),
        also=("OpenStackControlPlane", "PersistentVolumeClaim", "PersistentVolume"),
    ),
    Check(name="claims", about="each claim has its volume", judge=_claims, needs=("PersistentVolumeClaim",)),
    Check(name="nodes", about="the nodes of the cluster are ready", judge=_nodes, needs=("Node",)),
    # Not loud: a pod that waits stands in the attention list by itself.
    Check(name="room", about="pods fit on the nodes", judge=_room, needs=("Pod",), loud=False),
)
