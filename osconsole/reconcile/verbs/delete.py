"""Delete: only what is finished, or what comes back by itself."""

from osconsole.model.intents import Delete
from osconsole.model.preview import Finding, Preview
from osconsole.model.resource import Resource
from osconsole.model.snapshot import Snapshot
from osconsole.reconcile.actions import Action, Patch, Remove
from osconsole.reconcile.verbs import chain

DEPLOYMENT = "OpenStackDataPlaneDeployment"
CONFIRM = "dataplane.openstack.org/confirm-delete"
ALLOWED = frozenset({DEPLOYMENT, "Pod", "Job"})


def judge(intent: Delete, snapshot: Snapshot) -> Preview:
    """The Preview of a deletion.

    Raises:
        Refused: the object is not there.
    """
    resource = chain.known(intent.ref, snapshot)
    return Preview(
        intent=intent,
        title=f"Delete {resource.ref.short}",
        target=resource.ref,
        because="its Jobs, their pods and logs go with it" if resource.ref.kind in ALLOWED - {"Pod"} else "",
        uid=resource.uid,
        version=resource.version,
        generation=resource.generation,
        rolls=tuple(f"{r.ref.short} goes" for r in snapshot.owned(resource)[:12]),
        findings=(_finding(resource, snapshot),),
        undo="none",
        confirm=resource.ref.name,
    )


def remove(preview: Preview) -> tuple[Action, ...]:
    """The writes; the uid must still be the one that was judged.

    A Deployment is first marked as upstream wants it of one that runs; one that has ended does not mind.
    """
    gone = Remove(preview.target, preview.uid)
    if preview.target.kind != DEPLOYMENT:
        return (gone,)
    return Patch(preview.target, {"metadata": {"annotations": {CONFIRM: "true"}}}, preview.uid), gone


def _finding(resource: Resource, snapshot: Snapshot) -> Finding:
    kind, namespace = resource.ref.kind, resource.ref.namespace
    if kind not in ALLOWED:
        return Finding("refused", f"{kind} objects are not deleted from here: use kubectl if you are sure")
    if kind == DEPLOYMENT:
        for nodeset in resource.get("spec", "nodeSets", default=[]):
            busy = chain.deploying(nodeset, namespace, snapshot)
            if busy is not None and busy.ref == resource.ref:
                return Finding("warn", "it is still running: Ansible is stopped where it is, hosts may be half done")
        return Finding("ok", "it has ended; its NodeSets are judged by the Deployments that remain")
    if kind == "Pod" and resource.controller is None:
        return Finding("refused", "nobody controls this pod: it would not come back")
    return Finding("ok", "its controller makes a new one" if kind == "Pod" else "it is not made again")
