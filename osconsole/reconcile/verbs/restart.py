"""Restart: a run that evicts one pod after the other and waits for each to come back."""

from osconsole.errors import Refused
from osconsole.model import kinds
from osconsole.model.intents import Restart
from osconsole.model.preview import Finding, Preview
from osconsole.model.resource import Resource
from osconsole.model.snapshot import Snapshot
from osconsole.reconcile import runs
from osconsole.reconcile.actions import Create
from osconsole.reconcile.verbs import chain

# Their members form a quorum; restarting one is safe only when the others are synchronised, which is not checked yet.
QUORUM = frozenset({"Galera", "RabbitMq", "OVNDBCluster"})


def judge(intent: Restart, snapshot: Snapshot, now: float) -> Preview:
    """The Preview of a restart.

    Raises:
        Refused: the object is not there, or no pods belong to it.
    """
    resource = chain.known(intent.ref, snapshot)
    loads = chain.workloads(resource, snapshot)
    pods = [pod for load in loads for pod in chain.pods(load, snapshot)]
    if not pods:
        raise Refused(f"{resource.ref.short} has no workload with pods: there is nothing to restart")
    if resource.ref.kind == "Pod":
        pods = [pod for pod in pods if pod.ref == resource.ref]
    names = [pod.ref.name for pod in pods]
    count = "1 pod" if len(pods) == 1 else f"{len(pods)} pods"
    return Preview(
        intent=intent,
        title=f"Restart {resource.ref.short}: {count}, one after the other",
        target=resource.ref,
        because="each pod is evicted, so that disruption budgets hold; the next goes when all are Ready again",
        uid=resource.uid,
        version=resource.version,
        generation=resource.generation,
        rolls=tuple(names[:12]) + ((f"and {len(names) - 12} more",) if len(names) > 12 else ()),
        findings=tuple(_findings(resource, loads, snapshot)),
        undo="none is needed: S stops it between two pods",
    )


def create(preview: Preview, snapshot: Snapshot, now: float) -> Create:
    """The write that starts the run."""
    resource = chain.known(preview.target, snapshot)
    loads = chain.workloads(resource, snapshot)
    pods = [pod for load in loads for pod in chain.pods(load, snapshot)]
    if resource.ref.kind == "Pod":
        pods = [pod for pod in pods if pod.ref == resource.ref]
    return Create(runs.body(resource.ref, f"restart {resource.ref.short}", pods, loads, now))


def _findings(resource: Resource, loads: list[Resource], snapshot: Snapshot) -> list[Finding]:
    out = []
    for load in loads:
        line = chain.upward(load, snapshot)
        held = next((r for r in line if r.ref.kind in QUORUM), None)
        if held is not None:
            out.append(
                Finding("refused", f"{held.ref.short} is a quorum: it is not restarted until its members are checked")
            )
        wanted = load.get("spec", "replicas", default=1)
        if wanted == 1 and load.ref.kind != "DaemonSet":
            out.append(Finding("warn", f"{load.ref.short} has one pod: its service is away while it restarts"))
        ready = load.get("status", "readyReplicas", default=load.get("status", "numberReady", default=0))
        if load.ref.kind != "DaemonSet" and ready < wanted:
            out.append(
                Finding("warn", f"{load.ref.short} has {ready} of {wanted} ready: the run waits until it is whole")
            )
    other = next((r for r in _active(snapshot, resource) if _same(r, loads)), None)
    if other is not None:
        out.append(Finding("refused", f"{other.ref.name} restarts it already"))
    return out or [Finding("ok", "all of its pods are Ready")]


def _active(snapshot: Snapshot, resource: Resource) -> list[Resource]:
    found = snapshot.all(kinds.key("ConfigMap"), resource.ref.namespace)
    return [c for c in found if c.labels.get(runs.LABEL) == runs.ACTIVE]


def _same(run: Resource, loads: list[Resource]) -> bool:
    text = run.get("data", "workloads", default="")
    return any(f'"{load.ref.name}"' in text for load in loads)
