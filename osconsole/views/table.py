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
    if memo.table is not None and memo.source is source and memo.shape == shape and not 0 < memo.until <= now:
        return memo.table
    if memo.shape != shape:
        memo.kept = {}
    memo.source, memo.shape = source, shape
    found = _rows(snapshot, source.values(), names, (scope, now), memo)
    heads = tuple(columns.COLUMNS[name].column for name in names)
    memo.table = Table(heads, ordered(found, names, pane.sort), "" if found else empty(line, kind))
    return memo.table


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
