"""Nodes: the tree of the data plane: NodeSet, its hosts, and of each host its addresses, its metal and what it got.

Hosts are no objects of Kubernetes: their rows have a key of their own and stand for the IPSet, the BareMetalHost or the
NodeSet behind them.
"""

from collections.abc import Iterator, Mapping

from osconsole.model import kinds
from osconsole.model.ref import Ref
from osconsole.model.resource import Resource
from osconsole.model.snapshot import Snapshot
from osconsole.views import columns, facts, health, reach, tree
from osconsole.views.results import Result, results
from osconsole.views.rows import Cell, Column, Row, Table
from osconsole.views.state import FAILED, OK, PERSON, UNKNOWN, WORDS, Verdict
from osconsole.views.table import empty
from osconsole.views.text import clean, count, image

NODESET, IPSET, METAL = kinds.key("OpenStackDataPlaneNodeSet"), kinds.key("IPSet"), kinds.key("BareMetalHost")

HEADS = (
    Column("NODE", least=24, most=48),
    Column("S", least=1, most=1),
    Column("ADDRESS", least=10, most=18, yields=3),
    Column("WHAT", least=20, most=200),
    Column("SINCE", ">", least=5, most=5, yields=2),
)


def rows(snapshot: Snapshot, scope: str, now: float, folds: Mapping[Ref, bool]) -> Table:
    """NodeSets unfolded into hosts; a host unfolds into what is known of it."""
    out: list[Row] = []
    for nodeset in sorted(snapshot.all(NODESET, scope), key=lambda r: r.ref):
        out.extend(_nodeset(nodeset, snapshot, now, folds))
    kind = kinds.BY_KEY[NODESET]
    return Table(HEADS, tuple(out), "" if out else empty(snapshot.line(NODESET, scope), kind))


def host_key(nodeset: Resource, host: str) -> Ref:
    """The key of a host's row; no object has this kind."""
    return Ref("", "Host", nodeset.ref.namespace, f"{nodeset.ref.name}/{host}")


def _nodeset(nodeset: Resource, snapshot: Snapshot, now: float, folds: Mapping[Ref, bool]) -> Iterator[Row]:
    own = tree.grow(nodeset, snapshot, now).own
    opened = folds.get(nodeset.ref, True)
    hosts = reach.hosts(nodeset)
    said = own.why or count(len(hosts), "host")
    yield _row(nodeset.ref, nodeset.ref, nodeset.ref.name, own, (0, "open" if opened else "shut", "", said))
    if not opened:
        return
    given = results(nodeset, snapshot)
    for host in hosts:
        yield from _host(host, nodeset, given[host], (snapshot, now, folds))
    yield from _images(nodeset, folds)


_Context = tuple[Snapshot, float, Mapping[Ref, bool]]


def _host(host: str, nodeset: Resource, given: dict[str, Result], context: _Context) -> Iterator[Row]:
    snapshot, now, folds = context
    key = host_key(nodeset, host)
    addresses, machine = address_of(host, nodeset, snapshot), metal_of(host, nodeset, snapshot)
    parts = [health.judge(r, snapshot, now) for r in (addresses, machine) if r]
    bad = [r for r in given.values() if r.word != OK]
    parts += [Verdict(r.word, f"{clean(r.service)}: {clean(r.says) or r.word}", r.at) for r in bad]
    none = Verdict(OK) if given else Verdict(UNKNOWN, "no address is reserved for it")
    own = max(parts, key=lambda v: (v.state.rank, v.since), default=none)
    if own.word == OK:
        done = f"{count(len(given), 'service')} ran" if given else "set up, nothing has run on it"
        own = Verdict(OK if given else PERSON, done, max((r.at for r in given.values()), default=0.0))
    opened = folds.get(key, own.word == FAILED)
    stands_for = (machine or addresses or nodeset).ref
    yield _row(key, stands_for, host, own, (1, "open" if opened else "shut", _ctlplane(addresses), own.why))
    if not opened:
        return
    for found in (addresses, machine):
        if found is not None:
            verdict = health.judge(found, snapshot, now)
            said = verdict.why or (_all_addresses(found) if found.kind == IPSET else "provisioned")
            yield _row((key, found.ref), found.ref, found.ref.short, verdict, (2, "", "", said))
    for result in given.values():
        verdict = Verdict(result.word, clean(result.says), result.at)
        said = f"{result.deployment.name}" + (f": {verdict.why}" if verdict.why else "")
        yield _row((key, result.service), result.job, result.service, verdict, (2, "", "", said))


def address_of(host: str, nodeset: Resource, snapshot: Snapshot) -> Resource | None:
    """The IPSet of a host: the NodeSet owns it, and it has the host's full name."""
    found = snapshot.get(IPSET.ref(nodeset.ref.namespace, host))
    owned = (snapshot.get(ref) for ref in snapshot.children.get(nodeset.uid, ()) if ref.kind == "IPSet")
    return found or next((r for r in owned if r and r.ref.name.partition(".")[0] == host), None)


def metal_of(host: str, nodeset: Resource, snapshot: Snapshot) -> Resource | None:
    """The BareMetalHost that the NodeSet's set has taken for a host: upstream marks it with the host's name."""
    mark = f"{nodeset.ref.name}-osbms-hostname"
    return next((m for m in snapshot.all(METAL) if m.labels.get(mark, "").partition(".")[0] == host), None)


def _ctlplane(addresses: Resource | None) -> str:
    found = (facts.value(addresses, "status", "reservations") if addresses else None) or []
    named = [r for r in found if isinstance(r, dict)]
    at = next((r for r in named if r.get("network") == "ctlplane"), named[0] if named else {})
    return clean(str(at.get("address") or ""))


def _all_addresses(addresses: Resource) -> str:
    found = facts.value(addresses, "status", "reservations") or []
    words = (f"{r.get('network')} {r.get('address')}" for r in found if isinstance(r, dict))
    return clean(", ".join(words))


def _images(nodeset: Resource, folds: Mapping[Ref, bool]) -> Iterator[Row]:
    """The container images that the last Deployment has brought."""
    found = facts.value(nodeset, "status", "containerImages")
    if not isinstance(found, dict) or not found:
        return
    key = Ref("", "Images", nodeset.ref.namespace, nodeset.ref.name)
    opened = folds.get(key, False)
    calm = Verdict(OK)
    said = count(len(found), "container image")
    yield _row(key, nodeset.ref, "images", calm, (1, "open" if opened else "shut", "", said))
    for name, value in sorted(found.items()) if opened else ():
        yield _row((key, name), nodeset.ref, str(name), calm, (2, "", "", image(str(value))))


def _row(key: object, ref: Ref, name: str, verdict: Verdict, shape: tuple[int, str, str, str]) -> Row:
    depth, fold, address, said = shape
    state = WORDS[verdict.word]
    role = state.role if verdict.word not in {OK, UNKNOWN} else "quiet"
    cells = (
        Cell(clean(name)), Cell(state.glyph, state.role), Cell(address), Cell(clean(said), role),
        columns.since(verdict.since),
    )  # fmt: skip
    return Row(key, cells, ref, "", verdict.word, depth, fold, f"{name} {said}".lower())
