"""From whatever a person pointed at to the component that is meant, and up to the object that a person edits."""

import difflib

from osconsole.errors import Refused
from osconsole.model import kinds
from osconsole.model.conditions import find
from osconsole.model.paths import SCALES, STANDS_FOR
from osconsole.model.preview import Finding
from osconsole.model.ref import KindKey, Ref
from osconsole.model.resource import Resource
from osconsole.model.snapshot import Snapshot

WORKLOADS = frozenset({"Deployment", "StatefulSet", "DaemonSet"})
CONTROL_PLANE = kinds.key("OpenStackControlPlane")


def known(ref: Ref, snapshot: Snapshot) -> Resource:
    """The object.

    Raises:
        Refused: it is not there; names the nearest that are.
    """
    found = snapshot.get(ref)
    if found is not None:
        return found
    names = [r.ref.name for r in snapshot.all(KindKey(ref.group, ref.kind), ref.namespace)]
    near = difflib.get_close_matches(ref.name, names, n=2, cutoff=0.4)
    hint = f": did you mean {' or '.join(near)}?" if near else ""
    where = f" in namespace {ref.namespace}" if ref.namespace else ""
    raise Refused(f"there is no {ref.kind} '{ref.name}'{where}{hint}")


def upward(resource: Resource, snapshot: Snapshot) -> list[Resource]:
    """The object and its controllers, up to the one that nobody controls."""
    out, seen = [resource], {resource.uid}
    while (parent := snapshot.owner(out[-1])) and parent.uid not in seen:
        seen.add(parent.uid)
        out.append(parent)
    return out


def component(resource: Resource, snapshot: Snapshot) -> Resource | None:
    """The component CR that has a replica field: upward, or the only one below a service CR."""
    for found in upward(resource, snapshot):
        if found.ref.kind in SCALES:
            return found
    below = [c for c in snapshot.owned(resource) if c.ref.kind in STANDS_FOR.get(resource.ref.kind, ())]
    return below[0] if below else None


def workloads(resource: Resource, snapshot: Snapshot) -> list[Resource]:
    """The workloads below an object, or the one that it belongs to."""
    above = [r for r in upward(resource, snapshot) if r.ref.kind in WORKLOADS]
    if above:
        return above[:1]
    out: list[Resource] = []
    queue, seen = [resource], {resource.uid}
    while queue:
        for child in snapshot.owned(queue.pop(0)):
            if child.uid in seen:
                continue
            seen.add(child.uid)
            (out if child.ref.kind in WORKLOADS else queue).append(child)
    return out


def pods(workload: Resource, snapshot: Snapshot) -> list[Resource]:
    """The pods of a workload, by name."""
    direct = snapshot.owned(workload)
    sets = [r for r in direct if r.ref.kind == "ReplicaSet"]
    found = [r for r in direct if r.ref.kind == "Pod"] + [p for s in sets for p in snapshot.owned(s)]
    return sorted((p for p in found if p.ref.kind == "Pod"), key=lambda p: p.ref.name)


def because(chain: list[Resource]) -> str:
    """Why the last of a chain is written and not the first."""
    if len(chain) < 2:
        return "nobody controls it: it is written itself"
    words = [f"{chain[0].ref.short} belongs to {chain[1].ref.short}"]
    words += [f"which belongs to {r.ref.short}" for r in chain[2:]]
    return ", ".join(words) + "; a write further down would be reverted"


def standing(target: Resource, snapshot: Snapshot) -> list[Finding]:
    """Checks that every write to a control plane makes: ready now, no update under way, no GitOps behind it."""
    out = []
    if target.ready:
        out.append(Finding("ok", f"{target.ref.short} is Ready at its generation"))
    elif target.conditions:
        out.append(Finding("warn", f"{target.ref.short} is not Ready now"))
    version = snapshot.get(kinds.key("OpenStackVersion").ref(target.ref.namespace, target.ref.name))
    if version is not None and target.kind == CONTROL_PLANE:
        wanted, deployed = version.get("spec", "targetVersion"), version.get("status", "deployedVersion")
        if wanted and deployed and wanted != deployed:
            out.append(Finding("warn", f"an update {deployed} → {wanted} is under way: edits wait until it has ended"))
    notes = target.get("metadata", "annotations", default={}) or {}
    if any(key.startswith("argocd.argoproj.io/") for key in notes):
        out.append(
            Finding("warn", "Argo CD manages this object: it will revert the edit unless its source changes too")
        )
    return out


def deploying(nodeset: str, namespace: str, snapshot: Snapshot) -> Resource | None:
    """The Deployment that runs on a NodeSet now, None when none does."""
    for deployment in snapshot.all(kinds.key("OpenStackDataPlaneDeployment"), namespace):
        body = deployment.body()
        if nodeset not in (body.get("spec") or {}).get("nodeSets", []):
            continue
        condition = find(deployment.conditions, "DeploymentReady")
        if not (body.get("status") or {}).get("deployed") and not (condition and condition.error):
            return deployment
    return None
