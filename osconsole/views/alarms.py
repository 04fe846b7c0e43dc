"""Alarms that no tree holds: failed checks, and certificates that nobody owns. For the attention list."""

from collections.abc import Iterator

from osconsole.model import kinds
from osconsole.model.snapshot import Snapshot
from osconsole.views import columns, health
from osconsole.views.checks import table as checks
from osconsole.views.checks.check import Finding
from osconsole.views.judged import row
from osconsole.views.rows import Cell, Row
from osconsole.views.state import DEGRADED, FAILED, WORDS
from osconsole.views.text import clean

CERTIFICATE = kinds.key("Certificate")


def rows(snapshot: Snapshot, scope: str, now: float) -> Iterator[Row]:
    """Rows of the attention list, keyed by the object that they speak of, or by the check."""
    for check, found in checks.alarms(snapshot, scope, now):
        what = found.ref.short if found.ref else f"check {check.name}"
        why = Cell(_about(found), WORDS[found.word].role)
        cells = (Cell(clean(what)), why, columns.since(found.since))
        yield row(found.ref or ("check", check.name), found.word, cells, found.ref)
    yield from _certificates(snapshot, scope, now)


def _about(found: Finding) -> str:
    """Its sentence without the name that stands beside it."""
    for name in (str(found.ref), found.ref.short) if found.ref else ():
        if found.sentence.startswith(f"{name} "):
            return found.sentence.removeprefix(f"{name} ")
    return found.sentence


# Rows by scope, with what they were made from and how long they hold: there may be one for each host and service.
_kept: dict[str, tuple[object, float, tuple[Row, ...]]] = {}
HOLDS_S = 10.0


def _certificates(snapshot: Snapshot, scope: str, now: float) -> tuple[Row, ...]:
    source = snapshot.objects.get(CERTIFICATE)
    kept = _kept.get(scope)
    if kept is not None and kept[0] is source and 0 <= now - kept[1] < HOLDS_S:
        return kept[2]
    out = []
    for certificate in snapshot.all(CERTIFICATE, scope):
        verdict = health.judge(certificate, snapshot, now)
        if verdict.word in {FAILED, DEGRADED}:
            why = Cell(verdict.why, verdict.state.role)
            cells = (Cell(clean(certificate.ref.short)), why, columns.since(verdict.since))
            out.append(row(certificate.ref, verdict.word, cells, certificate.ref, certificate.version))
    _kept[scope] = (source, now, tuple(out))
    return tuple(out)
