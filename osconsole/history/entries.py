"""Entries: the timeline on disk. Searched by subtree, severity, text and time without leaving the database."""

from collections.abc import Iterable
from typing import Any

from osconsole.history.file import File
from osconsole.model.entry import Entry, Query, haystack
from osconsole.model.ref import Ref
from osconsole.model.resource import Resource

MOST = 100_000  # of all contexts
MOST_AGE_S = 30 * 86400.0
_INSERT = """
insert into entries(context, at, namespace, ref, source, what, old, new, severity, said, text, actor, count, first, key,
  hay)
values(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
on conflict(context, key) do update set at = excluded.at, text = excluded.text, count = excluded.count
where excluded.count > count
"""
_COLUMNS = "at, ref, source, what, old, new, said, text, actor, count, first, key"
_BELOW = """
with recursive below(ref) as (
  select ? union select o.ref from owners o join below b on o.owner = b.ref where o.context = ?)
"""


def packed(ref: Ref) -> str:
    """A Ref as the database keeps it."""
    return "/".join(ref)


def unpacked(text: str) -> Ref:
    """The Ref again."""
    group, kind, namespace, name = text.split("/", 3)
    return Ref(group, kind, namespace, name)


class Entries:
    """The entries of one context."""

    def __init__(self, file: File, context: str) -> None:
        self._file = file
        self._context = context

    def add(self, entries: Iterable[Entry], objects: Iterable[Resource] = ()) -> None:
        """Keep entries, and of objects who owns them; what is known already is not doubled."""
        rows = [self._row(entry) for entry in entries]
        owners = [(self._context, packed(owner.ref), packed(found.ref)) for found in objects for owner in found.owners]
        if rows or owners:
            self._file.change((_INSERT, rows), ("insert or ignore into owners values(?, ?, ?)", owners))

    def prune(self, now: float) -> None:
        """Let go of what is too old, and of the oldest when there are too many."""
        old = "delete from entries where at < ?"
        many = "delete from entries where id in (select id from entries order by at desc limit -1 offset ?)"
        owners = (
            "delete from owners where ref not in (select ref from entries) and ref not in (select ref from versions)"
        )
        self._file.change((old, [(now - MOST_AGE_S,)]), (many, [(MOST,)]), (owners, [()]))

    def search(self, query: Query, limit: int = 1000) -> tuple[Entry, ...]:
        """The newest entries that match, newest first."""
        where, values = self._where(query)
        head = _BELOW if query.under else ""
        before = [packed(query.under), self._context] if query.under else []
        sql = f"{head} select {_COLUMNS} from entries where {where} order by at desc, id desc limit ?"  # noqa: S608
        return tuple(_entry(row) for row in self._file.read(sql, (*before, *values, limit)))

    def below(self, ref: Ref) -> frozenset[Ref]:
        """An object and all that it owns or ever owned."""
        rows = self._file.read(f"{_BELOW} select ref from below", (packed(ref), self._context))  # noqa: S608
        return frozenset({ref, *(unpacked(row[0]) for row in rows)})

    def _where(self, query: Query) -> tuple[str, list[object]]:
        terms: list[tuple[str, tuple[object, ...]]] = [("context = ?", (self._context,))]
        if query.since:
            terms.append(("at >= ?", (query.since,)))
        if query.until:
            terms.append(("at <= ?", (query.until,)))
        if query.rank:
            terms.append(("severity > 0 and severity >= ?", (query.rank,)))
        if query.namespace:
            terms.append(("namespace in (?, '')", (query.namespace,)))
        if query.under:
            terms.append(("ref in below", ()))
        if query.grep:
            terms.append(("instr(hay, ?)", (query.grep.lower(),)))
        return " and ".join(term for term, _ in terms), [value for _, values in terms for value in values]

    def _row(self, entry: Entry) -> tuple[object, ...]:
        place = entry.ref.namespace, packed(entry.ref)
        words = entry.source, entry.what, entry.old, entry.new
        told = entry.rank, entry.severity, entry.text, entry.actor
        hay = haystack(entry)
        return (self._context, entry.at, *place, *words, *told, entry.count, entry.first, entry.key, hay)


def _entry(row: Any) -> Entry:
    at, ref, *rest = row
    return Entry(at, unpacked(ref), *rest)
