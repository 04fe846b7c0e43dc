"""Restart: a run that evicts one pod after the other and waits for each to come back.

Members of a quorum restart only as long as the others hold it; see `quorate` for that.
"""

from osconsole.errors import Refused
from osconsole.model import kinds
from osconsole.model.intents import Restart
from osconsole.model.preview import Finding, Preview
from osconsole.model.resource import Resource
from osconsole.model.snapshot import Snapshot
from osconsole.reconcile import quorate, runs
from osconsole.reconcile.actions import Create
from osconsole.reconcile.verbs import chain
from osconsole.views import quorum

_FREELY = "each pod is evicted, so that disruption budgets hold; the next goes when all are Ready again"
_ONE_BY_ONE = (
    "one member is evicted at a time, the one that serves last; before each the quorum is judged anew, "
    "and the run ends at the first that does not come back"
)
_AWAY = "its only member is evicted: nobody can take over, and nothing can split; the run ends when it is back"
# What an outage of the only member means, by kind.
_MEANWHILE = {
    "Galera": "every API that asks the database fails meanwhile",
    "RabbitMq": "services cannot call each other meanwhile, and messages that are not persistent are lost",
    "OVNDBCluster": "no network changes meanwhile; traffic that flows goes on",
    "Redis": "what is kept in it alone is lost",
}


def judge(intent: Restart, snapshot: Snapshot, now: float) -> Preview:
    """The Preview of a restart.

    Raises:
        Refused: the object is not there, or no pods belong to it.
    """
    resource = chain.known(intent.ref, snapshot)
    loads = chain.workloads(resource, snapshot)
    pods = _pods(resource, loads, snapshot)
    if not pods:
        raise Refused(f"{resource.ref.short} has no workload with pods: there is nothing to restart")
    names = [pod.ref.name for pod in pods]
    count = "1 pod" if len(pods) == 1 else f"{len(pods)} pods"
    held = [found for load in loads if (found := quorate.guard(load, snapshot))]
    away = [quorum.safety(found, snapshot, now).outage for found in held]
    return Preview(
        intent=intent,
        title=f"Restart {resource.ref.short}: {count}, one after the other",
        target=resource.ref,
        because=_AWAY if away and all(away) else _ONE_BY_ONE if held else _FREELY,
        uid=resource.uid,
        version=resource.version,
        generation=resource.generation,
        rolls=tuple(names[:12]) + ((f"and {len(names) - 12} more",) if len(names) > 12 else ()),
        findings=tuple(_findings(resource, loads, snapshot, now)),
        undo="none is needed: S stops it between two pods",
        confirm=resource.ref.name if held else "",
    )


def create(preview: Preview, snapshot: Snapshot, now: float) -> Create:
    """The write that starts the run."""
    resource = chain.known(preview.target, snapshot)
    loads = chain.workloads(resource, snapshot)
    pods = _pods(resource, loads, snapshot)
    held = [found for load in loads if (found := quorate.guard(load, snapshot))]
    outage = any(quorum.safety(found, snapshot, now).outage for found in held)
    return Create(runs.body(resource.ref, pods, loads, now, outage=outage))


def _pods(resource: Resource, loads: list[Resource], snapshot: Snapshot) -> list[Resource]:
    """What restarts, in order: the pod itself, or all pods of the workloads."""
    if resource.ref.kind == "Pod":
        return [resource] if loads else []
    return [pod for load in loads for pod in quorate.ordered(load, chain.pods(load, snapshot), snapshot)]


def _findings(resource: Resource, loads: list[Resource], snapshot: Snapshot, now: float) -> list[Finding]:
    out = []
    for load in loads:
        held = quorate.guard(load, snapshot)
        out += _quorum(held, snapshot, now) if held else _whole(load)
    other = next((r for r in _active(snapshot, resource) if _same(r, loads)), None)
    if other is not None:
        out.append(Finding("refused", f"{other.ref.name} restarts it already"))
    return out or [Finding("ok", "all of its pods are Ready")]


def _quorum(held: Resource, snapshot: Snapshot, now: float) -> list[Finding]:
    """The judgement on members of a quorum, in its own words."""
    found = quorum.safety(held, snapshot, now)
    if found.outage:
        lost = _MEANWHILE.get(held.ref.kind, "its service is away meanwhile")
        return [Finding("warn", f"{held.ref.short} has one member: an outage until it is back: {lost}")]
    if found.word != quorum.SAFE:
        return [Finding("refused", quorate.said(held, found))]
    safe = Finding("ok", f"{held.ref.short}: safe, {found.ready} of {found.wanted} members are ready")
    doubts = [text for text in (*found.notes, found.unseen) if text]
    return [safe, *(Finding("warn", f"{held.ref.short}: {text}") for text in doubts)]


def _whole(load: Resource) -> list[Finding]:
    """What a workload of pods that are alike loses meanwhile."""
    if load.ref.kind == "DaemonSet":
        return []
    out = []
    wanted, ready = load.get("spec", "replicas", default=1), load.get("status", "readyReplicas", default=0)
    if wanted == 1:
        out.append(Finding("warn", f"{load.ref.short} has one pod: its service is away while it restarts"))
    if ready < wanted:
        out.append(Finding("warn", f"{load.ref.short} has {ready} of {wanted} ready: the run waits until it is whole"))
    return out


def _active(snapshot: Snapshot, resource: Resource) -> list[Resource]:
    found = snapshot.all(kinds.key("ConfigMap"), resource.ref.namespace)
    return [c for c in found if c.labels.get(runs.LABEL) == runs.ACTIVE]


def _same(run: Resource, loads: list[Resource]) -> bool:
    text = run.get("data", "workloads", default="")
    return any(f'"{load.ref.name}"' in text for load in loads)
