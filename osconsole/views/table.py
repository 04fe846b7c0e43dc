"""Tables of one kind: rows from a Snapshot, kept per Resource identity, sorted by a column."""

from bisect import bisect_left, insort
from collections.abc import Iterable, Mapping
from itertools import filterfalse
from operator import attrgetter, is_

import msgspec

from osconsole.model import kinds
from osconsole.model.ref import Ref
from osconsole.model.resource import Resource
from osconsole.model.snapshot import Freshness, Snapshot
from osconsole.views import columns, health
from osconsole.views.layout import Pane
from osconsole.views.ondemand import Made, OnDemand, by_name
from osconsole.views.rows import Row, Table


class Memo(msgspec.Struct):
    """What a pane keeps between two calls of `rows`: what was made, and the table if nothing has moved."""

    kept: dict[Ref, Made] = {}
    order: list[Ref] = []
    source: object = None
    until: float = 0.0
    table: Table | None = None
    shape: tuple[object, ...] = ()


def rows(snapshot: Snapshot, pane: Pane, scope: str, now: float, memo: Memo | None = None) -> Table:
    """The table of `pane.kind` in a namespace ("" for all), in the pane's order.

    In the order of names its rows are `OnDemand`; any other order has to make them all.
    """
    memo = memo if memo is not None else Memo()
    kind = pane.subject
    if kind is None:
        return Table((), (), f"unknown kind {pane.kind}")
    names = pane.columns or columns.for_kind(kind.kind, namespaced=kind.namespaced, scope=scope)
    line, source = snapshot.line(kind.key, scope), snapshot.objects.get(kind.key, {})
    shape = (names, scope, pane.sort, line.state)
    if memo.table is not None and memo.shape == shape and memo.source is source and not _due(memo, now):
        return memo.table
    if memo.shape != shape:
        memo.kept, memo.order, memo.source = {}, [], None
    _order(memo, source, scope)
    found = OnDemand(memo.order, source, lambda resource: _made(resource, snapshot, names, now), memo.kept, now)
    by_names = pane.sort in {"", "name"} or pane.sort.lstrip("-") not in names
    sorted_ = found if by_names else ordered(found, names, pane.sort)
    heads = tuple(columns.COLUMNS[name].column for name in names)
    memo.shape, memo.until = shape, found.until
    memo.table = Table(heads, sorted_, "" if memo.order else empty(line, kind))
    return memo.table


def _due(memo: Memo, now: float) -> bool:
    """Whether time alone may have changed a row."""
    on_demand = memo.table.rows if memo.table else ()
    until = on_demand.until if isinstance(on_demand, OnDemand) else memo.until
    return 0 < until <= now


def _order(memo: Memo, source: Mapping[Ref, Resource], scope: str) -> None:
    """Bring the order of the objects to another world: what came is put in, what went is taken out.

    That nothing came or went is most often the case, and seen by walking both side by side.
    """
    before, memo.source = memo.source, source
    if not isinstance(before, Mapping):
        memo.order = _sorted(_inside(source, scope))
        return
    if len(before) == len(source) and all(map(is_, before, source)):
        return
    went = list(_inside(filterfalse(source.__contains__, before), scope))
    came = list(_inside(filterfalse(before.__contains__, source), scope))
    if len(went) + len(came) > len(memo.order) // 8:
        memo.order = _sorted(_inside(source, scope))
    elif went or came:
        memo.order = memo.order.copy()
        for ref in went:
            del memo.order[bisect_left(memo.order, by_name(ref), key=by_name)]
        for ref in came:
            insort(memo.order, ref, key=by_name)
    for ref in went:
        memo.kept.pop(ref, None)


def _sorted(refs: Iterable[Ref]) -> list[Ref]:
    """In the order of `by_name`, in a quarter of the time that its pairs would take."""
    return sorted(sorted(refs, key=attrgetter("namespace")), key=attrgetter("name"))


def _inside(refs: Iterable[Ref], scope: str) -> Iterable[Ref]:
    return (ref for ref in refs if ref.namespace in {"", scope}) if scope else refs


def _made(resource: Resource, snapshot: Snapshot, names: tuple[str, ...], now: float) -> Made:
    verdict = health.judge(resource, snapshot, now)
    cells = columns.cells(names, resource, snapshot, verdict)
    text = " ".join(cell.text for cell in cells if cell.text).lower()
    row = Row(resource.ref, cells, resource.ref, resource.version, verdict.word, text=text, changed=now)
    return Made(resource, row, verdict.until)


def ordered(found: Iterable[Row], names: tuple[str, ...], sort: str) -> tuple[Row, ...]:
    """Rows that are in the order of their names, by a column's sort keys; where these are equal as they were."""
    descending, name = sort.startswith("-"), sort.lstrip("-")
    if name == "name":
        return tuple(reversed(tuple(found))) if descending else tuple(found)
    at = names.index(name)
    return tuple(sorted(found, key=lambda row: _key(row, at), reverse=descending))


def _key(row: Row, at: int) -> tuple[str, object]:
    value = row.cells[at].sort if row.cells[at].sort is not None else row.cells[at].text
    return type(value).__name__, value


def empty(line: Freshness, kind: kinds.Kind) -> str:
    """Why there are no rows."""
    match line.state:
        case "loading" | "idle":
            return "loading"
        case "denied":
            return f"no permission: {line.why}"
        case "absent":
            return f"{kind.resource} is not installed in this cluster"
        case "lost":
            return f"none known: the line is down, {line.why}"
        case "unrecorded":
            return line.why
    return "none"
