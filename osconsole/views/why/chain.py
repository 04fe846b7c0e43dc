"""Chain: from an object down to the one in which its trouble is, along owner references."""

from osconsole.model.conditions import READY, find, mirror
from osconsole.model.resource import Resource
from osconsole.views import facts, tree
from osconsole.views.state import OFF, OK
from osconsole.views.text import age, clean
from osconsole.views.why.patterns import MOST
from osconsole.views.why.world import World

WELL = frozenset({OK, OFF})
CHANGES = frozenset({"generation", "image"})


def descend(resource: Resource, world: World) -> list[tree.Node]:
    """The object's node and those below it, each the worst child of the one before."""
    node = tree.grow(resource, world.snapshot, world.now)
    out = [node]
    while below := _worst(node):
        node = below
        out.append(node)
    if replicas := _replica_set(node, world):
        out.append(tree.grow(replicas, world.snapshot, world.now))
    return out


def _worst(node: tree.Node) -> tree.Node | None:
    """The worst child; among equals the one whose words the object repeats, then the first in the walk, the newest."""
    children = enumerate(node.children)
    troubled = [(place, child) for place, child in children if child.verdict.word not in WELL and not _settling(child)]
    if not troubled:
        return None
    own = mirror([c for c in node.resource.conditions if c.type != READY])
    said = own.message.strip() if own and not own.ok else ""

    def weight(entry: tuple[int, tree.Node]) -> tuple[int, bool, bool, int, float]:
        place, child = entry
        ref = child.resource.ref
        order = -place if ref.kind in tree.WALK else -len(node.children)
        held_back = child.verdict.until > 0  # an alarm that is not old enough to be one
        return child.verdict.state.rank, held_back, _repeats(said, child.resource), order, child.resource.created

    return max(troubled, key=weight)[1]


def _settling(node: tree.Node) -> bool:
    """It is ready, and merely has to stay so."""
    return node.resource.ready and node.own.word not in WELL and not node.children


def _repeats(said: str, child: Resource) -> bool:
    ready = find(child.conditions, READY)
    return bool(said and ready and ready.message.strip() and ready.message.strip() in said)


def _replica_set(node: tree.Node, world: World) -> Resource | None:
    """Where a Deployment has no pods to look at, what its newest ReplicaSet says; the tree leaves those out."""
    if node.resource.ref.kind != "Deployment" or node.own.word in WELL:
        return None
    owned = [r for r in world.snapshot.owned(node.resource) if r.ref.kind == "ReplicaSet"]
    wanted = [r for r in owned if facts.workload(r).desired]
    return max(wanted, key=lambda r: r.created, default=None)


def says(node: tree.Node) -> str:
    """The object's own worst condition by name, or its own verdict."""
    resource, own = node.resource, node.own
    worst = mirror([c for c in resource.conditions if c.type != READY]) or mirror(resource.conditions)
    if worst and not worst.ok and resource.ref.group.endswith("openstack.org"):
        severity = f"/{worst.severity}" if worst.severity else ""
        text = clean((worst.message.strip() or worst.reason)[:MOST])
        return f"{clean(worst.type)} {clean(worst.status + severity)}: {text}"
    if own.word in WELL:
        return "says it is ready" if resource.conditions and node.verdict.word != OK else (own.why or own.word)
    return own.why or own.word


def changed(node: tree.Node, world: World) -> str:
    """Of a workload that is not well: what was changed in it last and by whom, as far as we watched."""
    ref = node.resource.ref
    if ref.kind not in tree.WORKLOADS or node.own.word in WELL:
        return ""
    found = next((t for t in reversed(world.snapshot.recent) if t.ref == ref and t.what in CHANGES), None)
    if found is None:
        return ""
    by = f" by {found.actor}" if found.actor else ""
    what = f": {found.message}" if found.message else ""
    return f"; {found.what} changed {age(world.now - found.at)} ago{by}{what}"


def since(node: tree.Node) -> float:
    """When the object became so."""
    worst = mirror(node.resource.conditions)
    return node.own.since or (worst.since if worst else 0.0)
