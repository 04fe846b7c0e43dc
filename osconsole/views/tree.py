"""Trees: owner references make them, the control plane's own walk order sorts them, the worst state bubbles up.

`grow` gives nodes, `rows` the visible lines of a pane. Plumbing (Secrets, databases, endpoints ...) is left out while
it is well: it appears when it is what is wrong.
"""

from collections.abc import Iterator, Mapping

import msgspec

from osconsole.model import kinds
from osconsole.model.ref import Ref
from osconsole.model.resource import Resource
from osconsole.model.snapshot import Snapshot
from osconsole.views import columns, facts, health
from osconsole.views.layout import Pane
from osconsole.views.rows import Cell, Row, Table
from osconsole.views.state import DEGRADED, FAILED, OFF, OK, WORDS, Verdict
from osconsole.views.table import empty

WALK = (
    "OpenStackVersion", "DNSMasq", "RabbitMq", "Galera", "Memcached", "Redis", "OVNDBCluster", "OVNNorthd",
    "OVNController", "KeystoneAPI", "PlacementAPI", "Glance", "GlanceAPI", "Cinder", "NeutronAPI", "Nova", "NovaAPI",
    "NovaScheduler", "NovaMetadata", "NovaCell", "NovaConductor", "NovaNoVNCProxy", "Heat", "Ironic",
    "OpenStackClient", "Manila", "Horizon", "Telemetry", "Barbican", "Octavia", "Designate", "Swift", "Watcher",
)  # fmt: skip
_PLACE = {kind: place for place, kind in enumerate(WALK)}

WORKLOADS = frozenset({"Deployment", "StatefulSet", "DaemonSet"})
# Shown only when they are not well; the others of their kind are counted nowhere.
PLUMBING = frozenset({
    "Job", "MariaDBDatabase", "MariaDBAccount", "TransportURL", "KeystoneService", "KeystoneEndpoint", "Certificate",
    "Issuer", "Route", "PersistentVolumeClaim", "DNSData", "IPSet", "Reservation", "CronJob",
})  # fmt: skip
HIDDEN = frozenset({
    "Secret", "ConfigMap", "Service", "Endpoints", "EndpointSlice", "Event", "ServiceAccount", "Role", "RoleBinding",
    "PodDisruptionBudget", "ControllerRevision", "Lease", "OpenStackBackupConfig", "ReplicaSet",
})  # fmt: skip


class Node(msgspec.Struct, frozen=True):
    """One object in its tree; `verdict` is bubbled, `own` is not; counts are of the workloads below."""

    resource: Resource
    own: Verdict
    verdict: Verdict
    children: tuple["Node", ...] = ()
    ready: int = 0
    wanted: int = 0
    cause: Ref | None = None


def grow(resource: Resource, snapshot: Snapshot, now: float) -> Node:
    """The tree under one object."""
    return _grow(resource, snapshot, now, frozenset())


def _grow(resource: Resource, snapshot: Snapshot, now: float, above: frozenset[str]) -> Node:
    own = health.judge(resource, snapshot, now)
    above |= {resource.uid}
    found = [_grow(c, snapshot, now, above) for c in _below(resource, snapshot) if c.uid not in above]
    children = sorted((n for n in found if _shown(n)), key=_order)
    ready, wanted = _counts(resource, children)
    verdict, cause = _bubble(resource, own, children)
    return Node(resource, own, verdict, tuple(children), ready, wanted, cause)


def _below(resource: Resource, snapshot: Snapshot) -> Iterator[Resource]:
    """What an object owns; pods of a ReplicaSet belong to its Deployment."""
    for child in snapshot.owned(resource):
        if child.ref.kind == "ReplicaSet":
            yield from snapshot.owned(child)
        elif child.ref.kind not in HIDDEN:
            yield child


def _shown(node: Node) -> bool:
    if node.resource.ref.kind == "Pod" and node.own.why == "completed":
        return False
    return node.resource.ref.kind not in PLUMBING or node.verdict.word not in {OK, OFF}


def _order(node: Node) -> tuple[int, int, str]:
    ref = node.resource.ref
    return _PLACE.get(ref.kind, len(WALK)), ref.kind in PLUMBING, ref.name


def _counts(resource: Resource, children: list[Node]) -> tuple[int, int]:
    if resource.ref.kind in WORKLOADS:
        found = facts.workload(resource)
        return min(found.ready, found.desired), found.desired
    if resource.ref.kind == "Pod":
        pod = facts.pod(resource)
        return int(pod.ready == pod.total and pod.total > 0), 1
    counted = [c for c in children if c.resource.ref.kind not in PLUMBING]
    return sum(c.ready for c in counted), sum(c.wanted for c in counted)


def _bubble(resource: Resource, own: Verdict, children: list[Node]) -> tuple[Verdict, Ref | None]:
    """The worse of the own verdict and the worst child's; a failed child degrades its parent, it does not fail it."""
    worst = max(children, key=lambda c: (c.verdict.state.rank, c.verdict.since), default=None)
    if worst is None:
        return own, None
    word = DEGRADED if worst.verdict.word == FAILED else worst.verdict.word
    cause = worst.cause or worst.resource.ref
    if WORDS[word].rank > max(own.state.rank, WORDS[OFF].rank):
        said = worst.verdict.why
        why = (
            said if worst.cause and worst.resource.ref.kind not in WORKLOADS else f"{worst.resource.ref.short}: {said}"
        )
        return Verdict(word, why, worst.verdict.since, _soonest(own, worst.verdict)), cause
    points = cause if worst.verdict.word not in {OK, OFF} and own.word not in {OK, OFF} else None
    return Verdict(own.word, own.why, own.since, _soonest(own, worst.verdict)), points


def _soonest(*verdicts: Verdict) -> float:
    return min((v.until for v in verdicts if v.until), default=0.0)


NAMES = ("name", "kind", "state", "ready", "image", "restarts", "age", "since", "message")


def rows(snapshot: Snapshot, pane: Pane, scope: str, now: float, folds: Mapping[Ref, bool]) -> Table:
    """The visible lines of the tree under `pane.roots`; `folds` says what a person opened (True) or shut."""
    names = pane.columns or NAMES
    heads = tuple(columns.COLUMNS[name].column for name in names)
    roots = [kind for word in pane.roots if (kind := kinds.find(word))]
    out: list[Row] = []
    for kind in roots:
        for resource in sorted(snapshot.all(kind.key, scope), key=lambda r: (r.ref.namespace, r.ref.name)):
            _lines(grow(resource, snapshot, now), 0, (snapshot, names, pane.unfold, folds), out)
    why = "" if out or not roots else empty(snapshot.line(roots[0].key, scope), roots[0])
    return Table(heads, tuple(out), why)


_Context = tuple[Snapshot, tuple[str, ...], int, Mapping[Ref, bool]]


def _lines(node: Node, depth: int, context: _Context, out: list[Row]) -> None:
    snapshot, names, unfold, folds = context
    ref = node.resource.ref
    opened = folds.get(ref, depth < unfold)
    cells = tuple(_cell(name, node, snapshot) for name in names)
    text = " ".join(cell.text for cell in cells if cell.text).lower()
    fold = ("open" if opened else "shut") if node.children else ""
    out.append(Row(ref, cells, ref, node.resource.version, node.verdict.word, depth, fold, text))
    if opened:
        for child in node.children:
            _lines(child, depth + 1, context, out)


def _cell(name: str, node: Node, snapshot: Snapshot) -> Cell:
    if name == "ready" and node.wanted and node.resource.ref.kind != "Pod":
        return columns.ratio(node.ready, node.wanted)
    if name == "kind" and node.resource.ref.kind == "Pod":
        return Cell("Pod", "quiet")
    return columns.COLUMNS[name].cell(node.resource, snapshot, node.verdict)
