"""Trees: owners and declared links make them, the control plane's walk order sorts them, the worst state bubbles up.

`grow` gives nodes, `rows` the visible lines of a pane. Plumbing (Secrets, databases, endpoints ...) is left out while
it is well: it appears when it is what is wrong.
"""

from collections.abc import Iterator, Mapping

import msgspec

from osconsole.model import kinds, links
from osconsole.model.ref import Ref
from osconsole.model.resource import Resource
from osconsole.model.snapshot import Snapshot
from osconsole.model.standing import judged
from osconsole.views import columns, facts, health
from osconsole.views.kept import Kept
from osconsole.views.layout import Pane
from osconsole.views.rows import Cell, Row, Table
from osconsole.views.rules import contrary, neighbours
from osconsole.views.state import DEGRADED, FAILED, OFF, OK, PERSON, STALE, UNKNOWN, WORDS, Verdict
from osconsole.views.table import empty

WALK = (
    "OpenStackVersion", "DNSMasq", "RabbitMq", "Galera", "Memcached", "OVNDBCluster", "OVNNorthd", "OVNController",
    "KeystoneAPI", "PlacementAPI", "Glance", "GlanceAPI", "Cinder", "CinderAPI", "CinderScheduler", "CinderBackup",
    "CinderVolume", "NeutronAPI", "Nova", "NovaAPI", "NovaScheduler", "NovaMetadata", "NovaCell", "NovaConductor",
    "NovaNoVNCProxy", "NovaCompute", "Heat", "Ironic", "OpenStackClient", "Manila", "Horizon", "Telemetry", "Barbican",
    "Redis", "Octavia", "Designate", "Swift", "InstanceHa", "Watcher",
)  # fmt: skip
_PLACE = {kind: place for place, kind in enumerate(WALK)}

WORKLOADS = frozenset({"Deployment", "StatefulSet", "DaemonSet"})
# Shown only when they are not well; the others of their kind are counted nowhere.
PLUMBING = frozenset({
    "Job", "MariaDBDatabase", "MariaDBAccount", "TransportURL", "KeystoneService", "KeystoneEndpoint", "Certificate",
    "Issuer", "Route", "PersistentVolumeClaim", "DNSData", "IPSet", "Reservation", "CronJob", "RabbitMQUser",
    "RabbitMQVhost", "RabbitMQPolicy", "KeystoneApplicationCredential", "GaleraBackup", "OpenStackBackupConfig",
})  # fmt: skip
HIDDEN = frozenset({
    "Secret", "ConfigMap", "Service", "Endpoints", "EndpointSlice", "Event", "ServiceAccount", "Role", "RoleBinding",
    "PodDisruptionBudget", "ControllerRevision", "Lease",
})  # fmt: skip

_LINKED = frozenset(link.kind.kind for link in links.LINKS if link.grows)
# Judged by what is not below them, or over what they do not own; so is all that can stand above them.
ASKED_AGAIN = frozenset(neighbours.RULES) | {kind for rule in contrary.RULES for kind in rule.kinds} | _LINKED

# Whose changes make these be asked again.
AROUND = links.FAR | neighbours.AROUND


class Node(msgspec.Struct, frozen=True, gc=False):
    """One object in its tree; `verdict` is bubbled, `own` is not; counts are of the workloads below.

    `all` are the nodes of everything it owns, shown or not; `against` is what contradicts it; `due` is when the node
    may become another though nothing changes, 0 for never.
    """

    resource: Resource
    own: Verdict
    verdict: Verdict
    children: tuple["Node", ...] = ()
    ready: int = 0
    wanted: int = 0
    cause: Ref | None = None
    all: tuple["Node", ...] = ()
    against: contrary.Contradiction | None = None
    due: float = 0.0


# A node is used again while everything below it is the same: what is kept is never wrong, only missing.
_kept: Kept[Node] = Kept(AROUND)
_MOST = 100_000


def grow(resource: Resource, snapshot: Snapshot, now: float) -> Node:
    """The tree under one object."""
    _kept.turn(snapshot, now)
    return _grow(resource, snapshot, now, frozenset())


def _grow(resource: Resource, snapshot: Snapshot, now: float, above: frozenset[str]) -> Node:
    old = _kept.get(resource)
    if old is not None and (old.resource is not resource or 0 < old.due <= now):
        old = None
    if old is not None and (resource.ref.kind not in ASKED_AGAIN or _kept.asked(resource)):
        return old
    found: tuple[Node, ...] = ()
    if kids := list(_kids(resource, snapshot)):
        above |= {resource.uid}
        found = tuple([_grow(child, snapshot, now, above) for child in kids if child.uid not in above])
    own, against = _own(resource, snapshot, now)
    if old is not None and old.own == own and old.against == against and _same(old.all, found):
        return _kept.put(resource, old)
    return _kept.put(resource, _node(resource, own, found, against))


def _own(resource: Resource, snapshot: Snapshot, now: float) -> tuple[Verdict, contrary.Contradiction | None]:
    own = health.judge(resource, snapshot, now)
    if not judged(resource):
        return own, None
    against = contrary.of(resource, snapshot, now)
    return contrary.shown(own, against, now), against


def _kids(resource: Resource, snapshot: Snapshot) -> Iterator[Resource]:
    """What stands below an object: what it owns, and what its links lead to."""
    for ref in snapshot.children.get(resource.uid, ()):
        if ref.kind not in HIDDEN and (child := snapshot.get(ref)):
            yield child
    if resource.ref.kind in _LINKED:
        yield from links.below(resource, snapshot)


def _same(old: tuple[Node, ...], new: tuple[Node, ...]) -> bool:
    return len(old) == len(new) and all(a is b for a, b in zip(old, new, strict=True))


def _node(resource: Resource, own: Verdict, found: tuple[Node, ...], against: contrary.Contradiction | None) -> Node:
    """A node over its children; pods of a ReplicaSet belong to its Deployment."""
    if not found:
        return Node(resource, own, own, (), *_counts(resource, []), against=against, due=own.until)
    below = [n for child in found for n in (child.all if child.resource.ref.kind == "ReplicaSet" else (child,))]
    children = sorted((n for n in below if _shown(n)), key=_order)
    ready, wanted = _counts(resource, children)
    verdict, cause = _bubble(resource, own, children)
    due = _soonest(own.until, *(n.due for n in found))
    return Node(resource, own, verdict, tuple(children), ready, wanted, cause, found, against, due)


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


# What a parent shows of a child. What is merely busy shows where it is busy: a parent that followed every Job below it
# would go back and forth all the time.
BUBBLES = frozenset({FAILED, DEGRADED, PERSON, STALE, UNKNOWN})


def _bubble(resource: Resource, own: Verdict, children: list[Node]) -> tuple[Verdict, Ref | None]:
    """The worse of the own verdict and the worst child's; a failed child degrades its parent, it does not fail it."""
    worst = max(children, key=lambda c: (c.verdict.state.rank, c.verdict.since), default=None)
    if worst is None or (resource.ref.kind == "Job" and own.word == OK):
        return own, None  # a Job that is through leaves the pods of its failed attempts behind
    until = _soonest(own.until, *(c.verdict.until for c in children))
    word = DEGRADED if worst.verdict.word == FAILED else worst.verdict.word
    cause = worst.cause or worst.resource.ref
    if word in BUBBLES and WORDS[word].rank > own.state.rank:
        said = worst.verdict.why
        why = (
            said if worst.cause and worst.resource.ref.kind not in WORKLOADS else f"{worst.resource.ref.short}: {said}"
        )
        return Verdict(word, why, worst.verdict.since, until), cause
    points = cause if worst.verdict.word not in {OK, OFF} and own.word not in {OK, OFF} else None
    return Verdict(own.word, own.why, own.since, until), points


def _soonest(*moments: float) -> float:
    return min((at for at in moments if at), default=0.0)


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
    _, _, unfold, folds = context
    opened = folds.get(node.resource.ref, depth < unfold)
    out.append(_row(node, depth, ("open" if opened else "shut") if node.children else "", context))
    if opened:
        for child in node.children:
            _lines(child, depth + 1, context, out)


# Rows by object and columns, with what they were made from.
_drawn: dict[tuple[Ref, tuple[str, ...]], tuple[Node, int, str, Row]] = {}


def _row(node: Node, depth: int, fold: str, context: _Context) -> Row:
    snapshot, names, _, _ = context
    ref = node.resource.ref
    old = _drawn.get((ref, names))
    if old is not None and old[0] is node and old[1:3] == (depth, fold):
        return old[3]
    cells = tuple(_cell(name, node, snapshot) for name in names)
    text = " ".join(cell.text for cell in cells if cell.text).lower()
    row = Row(ref, cells, ref, node.resource.version, node.verdict.word, depth, fold, text)
    if len(_drawn) > _MOST:
        _drawn.clear()
    _drawn[ref, names] = (node, depth, fold, row)
    return row


def _cell(name: str, node: Node, snapshot: Snapshot) -> Cell:
    if name == "ready" and node.wanted and node.resource.ref.kind != "Pod":
        return columns.ratio(node.ready, node.wanted)
    if name == "kind" and node.resource.ref.kind == "Pod":
        return Cell("Pod", "quiet")
    return columns.COLUMNS[name].cell(node.resource, snapshot, node.verdict)
