"""Flicker: conditions that went away and came back within their grace are one line of the timeline, not five."""

from collections.abc import Iterable, Iterator, Sequence

import msgspec

from osconsole.model.entry import Entry
from osconsole.model.ref import Ref
from osconsole.model.standing import ALARM_S
from osconsole.views.text import count, span


def calmed(entries: Iterable[Entry]) -> list[Entry]:
    """The entries (newest first) with each flicker as one line, told at its end."""
    open_: dict[tuple[Ref, str], list[Entry]] = {}
    done: list[Entry] = []
    for entry in reversed(list(entries)):
        if entry.source != "condition":
            done.append(entry)
            continue
        stretch = open_.setdefault((entry.ref, entry.what), [])
        if stretch and entry.at - stretch[-1].at > ALARM_S:
            done.extend(_told(stretch))
            stretch.clear()
        stretch.append(entry)
    for stretch in open_.values():
        done.extend(_told(stretch))
    return sorted(done, key=lambda e: e.at)[::-1]


def _told(stretch: Sequence[Entry]) -> Iterator[Entry]:
    """One line where a word was left and came back, else the lines as they are."""
    first, last = stretch[0], stretch[-1]
    words = [_status(first.old), *(_status(entry.new) for entry in stretch)]
    back = len(words) - len(set(words))
    if not back or len(stretch) < 2:
        yield from stretch
        return
    whole = f"flickered {count(back, 'time')} in {span(last.at - first.at)}"
    worst = max(stretch, key=lambda e: e.rank)
    text = f"{whole}: {worst.new} {worst.text}".rstrip() if worst.rank else whole
    severity = last.severity if last.rank else ""
    yield msgspec.structs.replace(last, old=first.old, text=text, severity=severity, count=back, first=first.at)


def _status(word: str) -> str:
    return word.partition("/")[0]
