"""Tables of one kind: rows from a Snapshot, kept per Resource identity, sorted by a column."""

from collections.abc import Iterable, Iterator, Mapping

import msgspec

from osconsole.model import kinds
from osconsole.model.ref import Ref
from osconsole.model.resource import Resource
from osconsole.model.snapshot import Freshness, Snapshot
from osconsole.views import columns, health
from osconsole.views.layout import Pane
from osconsole.views.rows import Row, Table
from osconsole.views.state import Verdict

GROWN = frozenset(64 * 4**power for power in range(8))  # rows after which a growing table is shown


class Memo(msgspec.Struct):
    """What a pane keeps between two calls of `rows`: rows per object, and the table if nothing has moved."""

    kept: dict[Ref, tuple[Resource, Verdict, Row]] = {}
    source: object = None
    until: float = 0.0
    table: Table | None = None
    shape: tuple[object, ...] = ()
    places: dict[Ref, int] | None = None  # of the table's rows, once they were asked for


def rows(snapshot: Snapshot, pane: Pane, scope: str, now: float, memo: Memo | None = None) -> Table:
    """The table of `pane.kind` in a namespace ("" for all), in the pane's order."""
    memo = memo if memo is not None else Memo()
    kind = pane.subject
    if kind is None:
        return Table((), (), f"unknown kind {pane.kind}")
    names = pane.columns or columns.for_kind(kind.kind, namespaced=kind.namespaced, scope=scope)
    line = snapshot.line(kind.key, scope)
    source = snapshot.objects.get(kind.key, {})
    shape = (names, scope, pane.sort, line.state)
    fresh = memo.table is not None and memo.shape == shape and not 0 < memo.until <= now
    if fresh and (memo.source is source or _patched(snapshot, source, names, (pane.sort, now), memo)) and memo.table:
        return memo.table
    if memo.shape != shape:
        memo.kept = {}
    memo.source, memo.shape, memo.places = source, shape, None
    found = _rows(snapshot, source.values(), names, (scope, now), memo)
    heads = tuple(columns.COLUMNS[name].column for name in names)
    memo.table = Table(heads, ordered(found, names, pane.sort), "" if found else empty(line, kind))
    return memo.table


def _patched(
    snapshot: Snapshot, source: Mapping[Ref, Resource], names: tuple[str, ...], look: tuple[str, float], memo: Memo
) -> bool:
    """Put the rows of objects that are others now where the old ones are; False when not all rows stay where they are.

    In a storm this is what a table of fifty thousand rows costs: two mappings are walked side by side, no more.
    """
    table, before = memo.table, memo.source
    if table is None or not isinstance(before, Mapping) or len(before) != len(source):
        return False
    moved = [(old, new) for old, new in zip(before.values(), source.values(), strict=True) if old is not new]
    if memo.places is None:
        memo.places = {row.ref: place for place, row in enumerate(table.rows) if row.ref}
    rows, (sort, now) = list(table.rows), look
    for old, new in moved:
        if old.ref != new.ref:
            return False
        place = memo.places.get(new.ref)
        if place is None:
            continue  # of another namespace
        entry = memo.kept[new.ref] = _entry(new, snapshot, names, now)
        if _sorted_by(entry[2], names, sort) != _sorted_by(rows[place], names, sort):
            return False
        rows[place] = entry[2]
        if entry[1].until and (memo.until == 0 or entry[1].until < memo.until):
            memo.until = entry[1].until
    memo.source, memo.table = source, msgspec.structs.replace(table, rows=tuple(rows))
    return True


def grow(snapshot: Snapshot, pane: Pane, scope: str, now: float, memo: Memo) -> Iterator[Table | None]:
    """Make the rows that `rows` will need, one at each step, so that whoever waits decides how long.

    Now and then a step gives the table as far as it goes: its first rows by name.
    """
    kind = pane.subject
    if kind is None:
        return
    names = pane.columns or columns.for_kind(kind.kind, namespaced=kind.namespaced, scope=scope)
    shape = (names, scope, pane.sort, snapshot.line(kind.key, scope).state)
    if memo.shape != shape:
        memo.kept, memo.shape, memo.table = {}, shape, None
    heads = tuple(columns.COLUMNS[name].column for name in names)
    found: list[Row] = []
    for resource in sorted(snapshot.all(kind.key, scope), key=lambda r: (r.ref.name, r.ref.namespace)):
        entry = memo.kept.get(resource.ref)
        if entry is None or entry[0] is not resource:
            entry = memo.kept[resource.ref] = _entry(resource, snapshot, names, now)
        found.append(entry[2])
        yield Table(heads, tuple(found)) if len(found) in GROWN else None


def missing(snapshot: Snapshot, pane: Pane, scope: str, memo: Memo) -> int:
    """About how many rows of a table have not been made yet."""
    kind = pane.subject
    found = snapshot.objects.get(kind.key, {}) if kind else {}
    return sum(not scope or ref.namespace == scope for ref in found) - len(memo.kept)


def _rows(
    snapshot: Snapshot, found: Iterable[Resource], names: tuple[str, ...], place: tuple[str, float], memo: Memo
) -> list[Row]:
    scope, now = place
    out, kept, memo.until = [], {}, 0.0
    for resource in found:
        if scope and resource.ref.namespace and resource.ref.namespace != scope:
            continue
        before = memo.kept.get(resource.ref)
        if before is not None and before[0] is resource and not 0 < before[1].until <= now:
            entry = before
        else:
            entry = _entry(resource, snapshot, names, now)
        kept[resource.ref] = entry
        out.append(entry[2])
        until = entry[1].until
        if until and (memo.until == 0 or until < memo.until):
            memo.until = until
    memo.kept = kept
    return out


def _entry(resource: Resource, snapshot: Snapshot, names: tuple[str, ...], now: float) -> tuple[Resource, Verdict, Row]:
    verdict = health.judge(resource, snapshot, now)
    cells = columns.cells(names, resource, snapshot, verdict)
    text = " ".join(cell.text for cell in cells if cell.text).lower()
    row = Row(resource.ref, cells, resource.ref, resource.version, verdict.word, text=text, changed=now)
    return resource, verdict, row


def ordered(found: list[Row], names: tuple[str, ...], sort: str) -> tuple[Row, ...]:
    """Rows by a column's sort keys; by name where they are equal."""
    descending, name = sort.startswith("-"), sort.lstrip("-")
    by_name = sorted(found, key=lambda row: (row.ref.name, row.ref.namespace) if row.ref else ("", ""))
    if not name or name not in names or name == "name":
        return tuple(reversed(by_name)) if descending else tuple(by_name)
    at = names.index(name)
    return tuple(sorted(by_name, key=lambda row: _key(row, at), reverse=descending))


def _sorted_by(row: Row, names: tuple[str, ...], sort: str) -> object:
    name = sort.lstrip("-")
    return _key(row, names.index(name)) if name in names and name != "name" else None


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


def edits(old: Table, new: Table) -> Mapping[object, Row | None]:
    """What differs between two tables, by key: the new row, or None for one that is gone."""
    before = {row.key: row for row in old.rows}
    out: dict[object, Row | None] = {row.key: row for row in new.rows if before.get(row.key) is not row}
    here = {row.key for row in new.rows}
    out.update({key: None for key in before if key not in here})
    return out
