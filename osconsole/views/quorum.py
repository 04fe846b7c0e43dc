"""Quorum: may one pod of a service be restarted now, as far as Kubernetes shows it?

`safety` gives one of three words: safe, not safe because ..., cannot tell because .... It never guesses: what a status
cannot prove (who is a member, what is replicated) is said in `unseen`. Nothing here restarts anything.
"""

from collections.abc import Callable, Iterator
from typing import Literal

import msgspec

from osconsole.model import kinds
from osconsole.model.conditions import READY, find
from osconsole.model.ref import Ref
from osconsole.model.resource import Resource, dig
from osconsole.model.snapshot import Snapshot
from osconsole.views import facts
from osconsole.views.text import age, clean, count

SAFE: Literal["safe"] = "safe"
UNSAFE: Literal["not safe"] = "not safe"
UNTOLD: Literal["cannot tell"] = "cannot tell"

POD, BUDGET = kinds.key("Pod"), kinds.key("PodDisruptionBudget")
SERVICE, ENDPOINTS = kinds.key("Service"), kinds.key("Endpoints")
WORKLOADS = (kinds.key("StatefulSet"), kinds.key("Deployment"))
READS = (*WORKLOADS, POD, BUDGET, SERVICE, ENDPOINTS)

SETTLE_S = 60.0  # a member that came back so lately may still be catching up


class Safety(msgspec.Struct, frozen=True):
    """The answer.

    Attributes:
        word: "safe", "not safe" or "cannot tell".
        reasons: why not, the weightiest first; empty when safe.
        unseen: what no status proves, "" when nothing.
        notes: what a person should know though it forbids nothing.
        ready, wanted: pods.
        evidence: the objects that say so.
        until: when the answer may change though nothing moves, 0 for never.
        outage: nothing speaks against it but that its one member is away meanwhile; no quorum can be lost by that.
    """

    word: Literal["safe", "not safe", "cannot tell"]
    reasons: tuple[str, ...] = ()
    unseen: str = ""
    notes: tuple[str, ...] = ()
    ready: int = 0
    wanted: int = 0
    evidence: tuple[Ref, ...] = ()
    until: float = 0.0
    outage: bool = False

    @property
    def sentence(self) -> str:
        """`not safe because 2 of 3 pods are ready`; a safe one with its counts and what is unseen."""
        if self.word != SAFE:
            return f"{self.word} because {'; '.join(self.reasons)}"
        said = f"safe: {self.ready}/{self.wanted} pods ready"
        return "; ".join((said, *self.notes, *((self.unseen,) if self.unseen else ())))


class _Found(msgspec.Struct, frozen=True):
    """What a rule says: against it, since what is unseen, and notes."""

    against: tuple[str, ...] = ()
    unseen: str = ""
    notes: tuple[str, ...] = ()


Rule = Callable[[Resource], _Found]


def _galera(galera: Resource) -> _Found:
    """`attributes` hold the pods that wait for their place; they are taken out when a pod is ready."""
    status = facts.mapping(galera, "status")
    against = []
    if status.get("bootstrapped") is False:
        against.append("the cluster is not bootstrapped")
    if status.get("stopRequired"):
        against.append("the whole cluster has to stop for a change of its properties (stopRequired)")
    if chosen := status.get("safeToBootstrap"):
        against.append(f"{clean(str(chosen))} was chosen to form the cluster anew")
    for pod, attributes in sorted(facts.mapping(galera, "status", "attributes").items()):
        seqno = clean(str(dig(attributes, "seqno", default="?")))
        against.append(f"{clean(str(pod))} waits to join (seqno {seqno})")
    return _Found(tuple(against), "membership and sync state (wsrep) are not visible from Kubernetes")


def _rabbitmq(rabbit: Resource) -> _Found:
    status = facts.mapping(rabbit, "status")
    against = []
    if phase := status.get("upgradePhase"):
        against.append(f"an upgrade is under way ({clean(str(phase))})")
    current, target = facts.text(rabbit, "status", "currentVersion"), facts.text(rabbit, "spec", "targetVersion")
    if current and target and current != target:
        against.append(f"version {clean(str(current))} is to become {clean(str(target))}")
    if reason := status.get("wipeReason"):
        against.append(f"its storage is to be wiped ({clean(str(reason))})")
    notes: tuple[str, ...] = ()
    if (kind := status.get("queueType")) and kind != "Quorum":
        notes = (f"queue type is {clean(str(kind))}: queues without replicas stop with their pod",)
    return _Found(tuple(against), "members and queue majorities are not visible from Kubernetes", notes)


def _ovn(database: Resource) -> _Found:
    ready, wanted = facts.number(database, "status", "readyCount"), facts.number(database, "spec", "replicas")
    against: tuple[str, ...] = ()
    if ready is not None and wanted is not None and ready < wanted:
        against = (f"its operator counts {ready} of {wanted} members ready",)
    return _Found(against, "raft membership and leader are not visible from Kubernetes")


def _memcached(_: Resource) -> _Found:
    return _Found(notes=("nothing is replicated: a member's share of the cache is lost",))


def _redis(_: Resource) -> _Found:
    return _Found(unseen="which member is master, and that sentinels agree, is not visible from Kubernetes")


def _stateless(_: Resource) -> _Found:
    return _Found()


# Kinds that keep a quorum: more than half must stay.
QUORATE = frozenset({"Galera", "RabbitMq", "OVNDBCluster", "Redis"})
RULES: dict[str, Rule] = {
    "Galera": _galera,
    "RabbitMq": _rabbitmq,
    "OVNDBCluster": _ovn,
    "Memcached": _memcached,
    "Redis": _redis,
    **dict.fromkeys(
        (
            *("OVNNorthd", "DNSMasq", "KeystoneAPI", "PlacementAPI", "GlanceAPI", "CinderAPI", "CinderScheduler"),
            *("NeutronAPI", "NovaAPI", "NovaScheduler", "NovaMetadata", "NovaConductor", "NovaNoVNCProxy", "HeatAPI"),
            *("HeatCfnAPI", "HeatEngine", "Horizon", "BarbicanAPI", "BarbicanWorker", "ManilaAPI", "ManilaScheduler"),
            *("OctaviaAPI", "DesignateAPI", "IronicAPI", "SwiftProxy", "WatcherAPI"),
        ),
        _stateless,
    ),
}


def safety(resource: Resource, snapshot: Snapshot, now: float) -> Safety:
    """Whether one of its pods may be restarted now. For kinds of RULES; of others nothing can be told."""
    rule = RULES.get(resource.ref.kind)
    if rule is None:
        return Safety(UNTOLD, (f"there is no rule for a {resource.ref.kind}",))
    if blind := _blind(resource, snapshot):
        return Safety(UNTOLD, blind)
    workloads = [w for w in snapshot.owned(resource) if w.kind in WORKLOADS]
    wanted = sum(facts.workload(w).desired for w in workloads)
    pods = [p for w in workloads for p in pods_of(w, snapshot)]
    ready = [p for p in pods if _ready(p)]
    refs = tuple(r.ref for r in (*workloads, *pods))
    if facts.value(resource, "spec", "replicas") == 0 and not pods:
        return Safety(SAFE, notes=("it has no pods (replicas 0)",), evidence=refs)
    if not workloads:
        return Safety(UNTOLD, (f"no workload of {resource.ref.short} is known",))
    own = rule(resource)
    settled = _settling(ready, now) if resource.ref.kind in QUORATE else ((), 0.0)
    guarded, notes = _guarded(pods, resource.ref.namespace, snapshot)
    alone = tuple(_alone(resource, wanted))
    against = (
        *_unfit(resource, workloads), *_missing(pods, ready, wanted), *own.against, *settled[0],
        *alone, *_unserved(resource, snapshot, wanted), *guarded,
    )  # fmt: skip
    counts = (len(ready), wanted, refs, settled[1], wanted == 1 and against == alone)
    return Safety(UNSAFE if against else SAFE, against, own.unseen, (*own.notes, *notes), *counts)


def pods_of(workload: Resource, snapshot: Snapshot) -> list[Resource]:
    """The pods of a workload, those of a Deployment through its ReplicaSets, or by labels where none is seen."""
    owned = snapshot.owned(workload)
    sets = [child for child in owned if child.ref.kind == "ReplicaSet"]
    found = [pod for above in (workload, *sets) for pod in snapshot.owned(above) if pod.ref.kind == "Pod"]
    wanted = facts.mapping(workload, "spec", "selector", "matchLabels")
    if found or sets or workload.ref.kind != "Deployment" or not wanted:
        return found
    return [pod for pod in snapshot.all(POD, workload.ref.namespace) if wanted.items() <= pod.labels.items()]


def _blind(resource: Resource, snapshot: Snapshot) -> tuple[str, ...]:
    """What would have to be seen and is not."""
    out = []
    for key in (resource.kind, *WORKLOADS, POD):
        line = snapshot.line(key, resource.ref.namespace)
        if line.state == "denied":
            out.append(f"there is no permission to see {key.kind}s: {clean(line.why)}")
        elif line.state != "live":
            out.append(f"{key.kind}s are not seen now ({line.state})")
    return tuple(out)


def _ready(pod: Resource) -> bool:
    found = find(pod.conditions, READY)
    return bool(found and found.ok and not pod.deleted)


def _unfit(resource: Resource, workloads: list[Resource]) -> Iterator[str]:
    """It is going, or on its way to another state already."""
    if resource.deleted:
        yield "it is being deleted"
    if not resource.caught_up:
        yield f"generation {resource.generation} has not been taken up by its operator yet"
    for workload in workloads:
        found = facts.workload(workload)
        if not found.caught_up or found.updated < found.desired or found.current != found.desired:
            yield f"a rollout of {clean(workload.ref.name)} is under way ({found.updated} of {found.desired} updated)"


def _missing(pods: list[Resource], ready: list[Resource], wanted: int) -> Iterator[str]:
    if len(ready) < wanted:
        names = ", ".join(clean(p.ref.name) for p in pods if not _ready(p))
        yield f"{len(ready)} of {count(wanted, 'pod')} ready" + (f", not {names}" if names else "")


def _settling(ready: list[Resource], now: float) -> tuple[tuple[str, ...], float]:
    """Members that came back a moment ago, and when the last of them counts."""
    young = [(p, facts.pod(p).since) for p in ready if now - facts.pod(p).since < SETTLE_S]
    said = tuple(f"{clean(p.ref.name)} is back only since {age(now - since)}" for p, since in young)
    return said, max((since + SETTLE_S for _, since in young), default=0.0)


def _alone(resource: Resource, wanted: int) -> Iterator[str]:
    if wanted == 1:
        yield "it has one pod: it is away while that restarts"
    elif wanted == 2 and resource.ref.kind in QUORATE:
        yield "it has two members: one alone is no majority"


def _unserved(resource: Resource, snapshot: Snapshot, wanted: int) -> Iterator[str]:
    """Services of its own that reach fewer pods than there should be, where Endpoints are seen."""
    for service in snapshot.owned(resource):
        if service.kind != SERVICE or not facts.value(service, "spec", "selector"):
            continue
        found = snapshot.get(ENDPOINTS.ref(service.ref.namespace, service.ref.name))
        if found is None:
            continue
        subsets = [s for s in facts.sequence(found, "subsets") if isinstance(s, dict)]
        if not any(s.get("addresses") for s in subsets):
            yield f"Service {clean(service.ref.name)} reaches no pod"
        elif waiting := max(len(_list(s.get("notReadyAddresses"))) for s in subsets):
            yield f"Service {clean(service.ref.name)} reaches {max(0, wanted - waiting)} of {count(wanted, 'pod')}"


def _guarded(pods: list[Resource], namespace: str, snapshot: Snapshot) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """What disruption budgets forbid, and a note where there is none to ask."""
    if snapshot.line(BUDGET, namespace).state != "live":
        return (), ("disruption budgets are not seen",)
    mine = [b for b in snapshot.all(BUDGET, namespace) if _selects(b, pods)]
    if not mine:
        return (), ("no disruption budget guards it",)
    shut = [b for b in mine if facts.value(b, "status", "disruptionsAllowed") == 0]
    return tuple(f"PodDisruptionBudget {clean(b.ref.name)} allows no disruption now" for b in shut), ()


def _selects(budget: Resource, pods: list[Resource]) -> bool:
    """By labels; expressions are not read, so a budget that has some is taken to select."""
    selector = facts.value(budget, "spec", "selector")
    wanted = dig(selector, "matchLabels", default={})
    if not isinstance(wanted, dict) or not selector:
        return False
    return any(wanted.items() <= pod.labels.items() for pod in pods)


def _list(found: object) -> list[object]:
    return found if isinstance(found, list) else []
