"""The table of `show: quorum`: of every service that may be restarted, whether that is safe now, and why not."""

from osconsole.model import kinds
from osconsole.model.resource import Resource
from osconsole.model.snapshot import Snapshot
from osconsole.views import quorum
from osconsole.views.columns import ratio
from osconsole.views.judged import STATE, row, said
from osconsole.views.quorum import SAFE, UNSAFE, Safety
from osconsole.views.rows import Cell, Column, Row, Table
from osconsole.views.state import DEGRADED, OFF, OK, UNKNOWN, WORDS
from osconsole.views.text import clean

READS = (*(kinds.key(kind) for kind in quorum.RULES), *quorum.READS)

COLUMNS = (
    STATE,
    Column("SERVICE", least=20, most=44),
    Column("RESTART", least=11, most=11),
    Column("READY", ">", least=5, most=7),
    Column("WHY", least=30, most=300),
)


def rows(snapshot: Snapshot, scope: str, now: float) -> Table:
    """Those that keep a quorum first, as the control plane starts them."""
    found = [r for kind in quorum.RULES for r in sorted(snapshot.all(kinds.key(kind), scope), key=lambda r: r.ref)]
    made = tuple(_row(resource, quorum.safety(resource, snapshot, now), scope) for resource in found)
    return Table(COLUMNS, made, "" if made else "no service of a control plane is known in this namespace")


def _row(resource: Resource, safety: Safety, scope: str) -> Row:
    shown = word(safety)
    why = safety.reasons if safety.word != SAFE else (*safety.notes, safety.unseen)
    ready = ratio(safety.ready, safety.wanted) if safety.evidence else Cell()
    name = resource.ref.short if scope else f"{resource.ref.short} in {resource.ref.namespace}"
    cells = (
        Cell(clean(name)), said(safety.word, shown), ready,
        Cell("; ".join(filter(None, why)), "" if safety.word == SAFE else WORDS[shown].role),
    )  # fmt: skip
    return row(resource.ref, shown, cells, resource.ref, resource.version)


def word(safety: Safety) -> str:
    """The word of state that stands for an answer; not safe is no alarm, only a reason to wait."""
    if safety.word == SAFE:
        return OK if safety.wanted else OFF
    return DEGRADED if safety.word == UNSAFE else UNKNOWN
