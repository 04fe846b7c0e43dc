"""Past: the Snapshot of a moment that is over, made from kept versions, so that every view works on it unchanged.

The minutes before the moment are folded again, version by version: what objects have earned by lasting, and since when,
comes out as it was judged then. A kind that nobody watched at that moment is a lost line: its objects are shown as last
known, and say so.
"""

import msgspec

from osconsole.history import runs, told
from osconsole.history.entries import Entries
from osconsole.history.versions import Kept, Versions
from osconsole.history.watched import BEAT_S, Watched
from osconsole.model.changes import Change, Gone, Listed, Put
from osconsole.model.entry import Query, to_transition
from osconsole.model.ref import KindKey
from osconsole.model.resource import Resource
from osconsole.model.snapshot import RECENT, Freshness, Snapshot

FOLDED_S = 180.0  # longer than any grace
_MOST_EVENTS = 5_000
NOBODY = "no console watched it then"


def snapshot(versions: Versions, watched: Watched, entries: Entries, at: float) -> Snapshot:
    """The world at a moment; empty where nothing is kept of it."""
    lists: dict[KindKey, list[Resource]] = {}
    begin = at - FOLDED_S
    for kept in versions.at(begin):
        if kept.found:
            lists.setdefault(kept.found.kind, []).append(kept.found)
    had = lists.pop(runs.KIND, [])
    changes: list[Change] = [Listed(kind, "", tuple(found), begin) for kind, found in lists.items()]
    changes += [run for found in had if (run := runs.progressed(found, begin))]
    changes += [change for kept in versions.between(begin, at) if (change := _change(kept))]
    lately = entries.search(Query(since=at - told.LIFE_S, until=at), _MOST_EVENTS)
    changes.append(Listed(told.EVENT, "", tuple(told.event(e) for e in lately if e.source == "event"), at))
    found = Snapshot().apply(changes)
    before = (to_transition(entry) for entry in reversed(entries.search(Query(until=at), 2 * RECENT)))
    recent = tuple(one for one in before if one)[-RECENT:]
    return msgspec.structs.replace(found, recent=recent, lines=_lines(watched, at))


def _change(kept: Kept) -> Change | None:
    if kept.found is None:
        return Gone(kept.ref, kept.at)
    return runs.progressed(kept.found, kept.at) if kept.found.kind == runs.KIND else Put(kept.found, kept.at)


def _lines(watched: Watched, at: float) -> dict[tuple[KindKey, str], Freshness]:
    lines = {}
    for span in watched.at(at):
        live = span.until + 2 * BEAT_S >= at
        state = Freshness("live", span.since, "", at) if live else Freshness("lost", span.until, NOBODY, span.until)
        lines[span.kind, span.namespace] = state
    return lines
