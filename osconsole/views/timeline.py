"""Timeline: what happened, from everyone who tells it, newest first: objects, Events, Ansible, people.

Merges what is known live with what history kept; says each thing once, in one line.
"""

from collections.abc import Iterable
from datetime import tzinfo
from functools import lru_cache
from typing import Any

import msgspec

from osconsole.model import kinds
from osconsole.model.entry import Entry, Query, of_event, of_transition
from osconsole.model.ref import Ref
from osconsole.model.snapshot import Snapshot
from osconsole.model.transitions import Transition
from osconsole.views import moments
from osconsole.views.flicker import calmed
from osconsole.views.rows import Cell, Column, Row, Table
from osconsole.views.state import DEGRADED, FAILED, WORDS
from osconsole.views.text import clean, image

EVENT = kinds.key("Event")
COLUMNS = (
    Column("S", least=1, most=1),
    Column("TIME", least=8, most=14),
    Column("OBJECT", least=16, most=40),
    Column("WHO", least=5, most=9, yields=2),
    Column("WHAT", least=24, most=240),
)
MOST = 1000  # lines that are shown
_OBJECT = {"added": "added", "gone": "gone", "deleting": "its deletion was asked for"}

_entry = lru_cache(4096)(of_transition)
_event = lru_cache(8192)(of_event)


def live(snapshot: Snapshot, query: Query, below: frozenset[Ref] = frozenset()) -> list[Entry]:
    """What a snapshot tells by itself, newest first: the last transitions, and the Events that there are."""
    under = below | subtree(query.under, snapshot) if query.under else None
    told = [_entry(one) for one in snapshot.recent]
    told += [entry for event in snapshot.all(EVENT, query.namespace) if (entry := _event(event))]
    return [entry for entry in reversed(told) if query.matches(entry, under)]


def subtree(ref: Ref, snapshot: Snapshot) -> frozenset[Ref]:
    """An object and all that it owns now."""
    found: set[Ref] = {ref}
    wanted = [ref]
    while wanted:
        parent = snapshot.get(wanted.pop())
        fresh = snapshot.children.get(parent.uid, frozenset()) - found if parent else frozenset()
        found |= fresh
        wanted.extend(fresh)
    return frozenset(found)


def merged(*sources: Iterable[Entry]) -> list[Entry]:
    """Each entry once, newest first, from sources that are so; of an Event that came again, the newest."""
    found: dict[object, Entry] = {}
    for source in sources:
        for entry in source:
            key = entry.key or (entry.at, entry.ref, entry.what, entry.new)
            if key not in found or found[key].count < entry.count:
                found[key] = entry
    return sorted(found.values(), key=lambda e: e.at, reverse=True)


def table(entries: Iterable[Entry], now: float, zone: tzinfo | None = None, most: int = MOST) -> Table:
    """Entries (newest first) as lines, flicker calmed; `zone` None is this machine's time zone."""
    rows = [_row(entry, moments.written(entry.at, now, zone)) for entry in calmed(entries)[:most]]
    return Table(COLUMNS, tuple(rows), "" if rows else "nothing has happened that is known")


@lru_cache(8192)
def _row(entry: Entry, when: str) -> Row:
    word = (FAILED if entry.rank == 2 else DEGRADED) if entry.rank else ""
    said = clean(sentence(entry))
    role = WORDS[word].role if word else ("good" if entry.new == "True" else "")
    glyph = Cell(WORDS[word].glyph, WORDS[word].role, sort=entry.rank) if word else Cell(sort=0)
    cells = (glyph, Cell(when, "quiet", sort=entry.at), Cell(clean(entry.ref.short)), Cell(entry.source, "quiet"))
    key = ("entry", entry.key, entry.at, entry.ref, entry.what, entry.new)
    text = f"{entry.ref.short} {entry.source} {said}".lower()
    return Row(key, (*cells, Cell(said, role)), entry.ref, "", word, text=text)


def told(one: Transition) -> str:
    """A transition, in one line."""
    return clean(sentence(_entry(one)))


def sentence(entry: Entry) -> str:
    """What happened, in one line."""
    change = _change(entry.old, entry.new)
    match entry.source:
        case "condition":
            quiet = entry.new == "True" and not entry.first
            return _joined(f"{entry.what} {change or 'is not told any more'}", "" if quiet else entry.text)
        case "spec":
            by = f" by {entry.actor}" if entry.actor else ""
            return _joined(f"spec changed{by}", entry.text or f"generation {change}")
        case "object":
            return _joined(_OBJECT.get(entry.what, entry.what), entry.text if entry.what != "deleting" else "")
        case "workload":
            change = _change(image(entry.old), image(entry.new)) if entry.what == "image" else change
            return _joined(f"{entry.what} {change}", entry.text)
        case "pod" | "job":
            return _joined(_phase(entry, change), entry.text)
        case "ansible":
            return _joined(entry.new, entry.text)
        case "event":
            often = f" ({entry.count} times)" if entry.count > 1 else ""
            return _joined(f"{entry.what}{often}", entry.text)
        case _:
            who = f"{entry.actor}: " if entry.actor else ""
            return f"{who}{_joined(entry.text, entry.new)}"


def _phase(entry: Entry, change: str) -> str:
    if entry.what == "scheduled":
        return f"scheduled on {entry.new}"
    return change if entry.what == "phase" else entry.new if entry.what == "waiting" else f"{entry.what} {change}"


def _change(old: str, new: str) -> str:
    return f"{old} → {new or 'gone'}" if old else new


def _joined(head: str, text: str) -> str:
    return f"{head}: {text}" if text else head


def as_json(entries: Iterable[Entry]) -> list[dict[str, Any]]:
    """Entries for other programs: every field, times in RFC 3339."""
    out = []
    for entry in entries:
        ref = {"kind": entry.ref.kind, "namespace": entry.ref.namespace, "name": entry.ref.name}
        plain: dict[str, Any] = {k: v for k, v in msgspec.structs.asdict(entry).items() if k not in {"key", "ref"}}
        first = moments.exact(entry.first) if entry.first else ""
        out.append({"time": moments.exact(entry.at), "object": ref, **plain, "first": first})
    return out


def as_text(entry: Entry, now: float, zone: tzinfo | None = None) -> str:
    """An entry as a line of plain text."""
    sign = WORDS[FAILED if entry.rank == 2 else DEGRADED].ascii if entry.rank else " "
    where = f"{entry.ref.namespace}/" if entry.ref.namespace else ""
    when = moments.written(entry.at, now, zone)
    return clean(f"{sign} {when}  {entry.ref.kind} {where}{entry.ref.name}  {entry.source}  {sentence(entry)}")


# The last table by scope and length, with what it was made of.
_shown: dict[tuple[str, int, tzinfo | None], tuple[object, object, int, Table]] = {}


def recent(snapshot: Snapshot, scope: str, now: float, zone: tzinfo | None = None, most: int = 200) -> Table:
    """What happened lately, as far as the snapshot itself tells; the same table while that is the same."""
    told, events = snapshot.recent, snapshot.objects.get(EVENT)
    quarter = int(now // 900)  # how a time is written depends on the day
    old = _shown.get((scope, most, zone))
    if old is not None and old[0] is told and old[1] is events and old[2] == quarter:
        return old[3]
    found = table(merged(live(snapshot, Query(namespace=scope))), now, zone, most)
    if not found.rows:
        found = Table(COLUMNS, (), "nothing has changed since the console was opened")
    _shown[scope, most, zone] = (told, events, quarter, found)
    return found
