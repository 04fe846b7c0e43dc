"""The coverage ledger as rows: NodeSets with what a retry needs, their hosts, each service as a glyph, and why."""

from collections.abc import Iterator

from osconsole.model.ref import KindKey
from osconsole.model.resource import Resource
from osconsole.model.snapshot import Snapshot
from osconsole.views import coverage, judged, matrix
from osconsole.views.coverage import Cover, Ledger, ledger, retry
from osconsole.views.inputs import CONFIGMAP, SECRET, SERVICE
from osconsole.views.progress import DEPLOYMENT, JOB, NODESET, POD
from osconsole.views.reach import IPSET
from osconsole.views.rows import Cell, Column, Row, Table
from osconsole.views.state import DEGRADED, OK, PERSON, WORDS
from osconsole.views.text import clean, count

READS: tuple[KindKey, ...] = (NODESET, DEPLOYMENT, SERVICE, JOB, POD, SECRET, CONFIGMAP, IPSET, coverage.VERSION)
MOST = 3  # reasons that a line names; more are counted


def rows(snapshot: Snapshot, scope: str, _: float) -> Table:
    """Each NodeSet with what a retry would need, then its hosts, those that need most first."""
    return table(sorted(snapshot.all(NODESET, scope), key=lambda r: r.ref), snapshot)


def table(found: list[Resource], snapshot: Snapshot) -> Table:
    """The rows of some NodeSets."""
    ledgers = [(nodeset, ledger(nodeset, snapshot)) for nodeset in found]
    services = list(dict.fromkeys(service for _, one in ledgers for service in one.services))
    heads = matrix.letters(services)
    columns = (
        judged.STATE, Column("NODE", least=16, most=40), *(Column(heads[s], least=2, most=2) for s in services),
        Column("WHY", least=20, most=300),
    )  # fmt: skip
    out = [row for nodeset, one in ledgers for row in _nodeset(nodeset, one, services)]
    return Table(columns, tuple(out), "" if out else "no NodeSet is known here")


def _nodeset(nodeset: Resource, one: Ledger, services: list[str]) -> Iterator[Row]:
    again = retry(one)
    needed = again.command or again.note
    said = f"{one.current} of {count(len(one.hosts), 'host')} as asked for"
    why = "; ".join([said, *one.reasons, *([needed] if needed else [])])
    word = OK if one.current == len(one.hosts) and not one.reasons else DEGRADED
    cells = (Cell(clean(nodeset.ref.name)), *[Cell()] * len(services), Cell(clean(why), WORDS[word].role))
    yield judged.row(nodeset.ref, word, cells, nodeset.ref, nodeset.version)
    hosts = [_host(host, nodeset, one, services) for host in one.hosts]
    yield from sorted(hosts, key=lambda row: -WORDS[row.state].rank)


def _host(host: str, nodeset: Resource, one: Ledger, services: list[str]) -> Row:
    mine = [one.covers[host, service] for service in one.services]
    word = matrix.worst(cover.word for cover in mine)
    by_service = {cover.service: cover for cover in mine}
    cells = (
        Cell("  " + clean(host)), *(_cell(by_service.get(service)) for service in services),
        Cell(clean(reasons(mine)), WORDS[word].role if word != OK else ""),
    )  # fmt: skip
    return judged.row((nodeset.ref, host), word, cells, nodeset.ref)


def _cell(cover: Cover | None) -> Cell:
    if cover is None:
        return Cell()
    state = WORDS[cover.word]
    return Cell("◌" if cover.word == PERSON else state.glyph, state.role)


def reasons(covers: list[Cover]) -> str:
    """`configuration changed: all; never reached: nova, telemetry`, the most frequent first."""
    by: dict[str, list[str]] = {}
    for cover in covers:
        for reason in cover.reasons:
            by.setdefault(reason, []).append(cover.service)
    ranked = sorted(by.items(), key=lambda item: -len(item[1]))
    parts = [f"{reason}: {_services(names, len(covers))}" for reason, names in ranked[:MOST]]
    return "; ".join([*parts, *([f"and {len(ranked) - MOST} more"] if len(ranked) > MOST else [])])


def _services(names: list[str], of: int) -> str:
    return "every service" if len(names) == of else ", ".join(names)
