"""Alarms that no tree holds: failed checks, and certificates that nobody owns. For the attention list."""

from collections.abc import Iterator

from osconsole.model import kinds
from osconsole.model.snapshot import Snapshot
from osconsole.views import columns, health
from osconsole.views.checks import table as checks
from osconsole.views.judged import row
from osconsole.views.rows import Cell, Row
from osconsole.views.state import DEGRADED, FAILED, WORDS
from osconsole.views.text import clean

CERTIFICATE = kinds.key("Certificate")


def rows(snapshot: Snapshot, scope: str, now: float) -> Iterator[Row]:
    """Rows of the attention list, keyed by the object that they speak of, or by the check."""
    for check, found in checks.alarms(snapshot, scope, now):
        what = found.ref.short if found.ref else f"check {check.name}"
        why = Cell(found.sentence, WORDS[found.word].role)
        cells = (Cell(clean(what)), why, columns.since(found.since))
        yield row(found.ref or ("check", check.name), found.word, cells, found.ref)
    for certificate in snapshot.all(CERTIFICATE, scope):
        verdict = health.judge(certificate, snapshot, now)
        if verdict.word in {FAILED, DEGRADED}:
            why = Cell(verdict.why, verdict.state.role)
            cells = (Cell(clean(certificate.ref.short)), why, columns.since(verdict.since))
            yield row(certificate.ref, verdict.word, cells, certificate.ref, certificate.version)
