"""All checks by name, and the rows of `show: checks`."""

import difflib
from collections.abc import Iterator

from osconsole.errors import UsageError
from osconsole.model.snapshot import Snapshot
from osconsole.views.checks import capacity, certificates, installation, networks
from osconsole.views.checks.check import Check, Finding, ask
from osconsole.views.judged import STATE, remedy, row, said
from osconsole.views.rows import Cell, Column, Row, Table
from osconsole.views.state import DEGRADED, FAILED, PERSON

CHECKS: dict[str, Check] = {
    check.name: check for check in (*installation.CHECKS, *certificates.CHECKS, *networks.CHECKS, *capacity.CHECKS)
}
LOUD = frozenset({FAILED, DEGRADED, PERSON})
LOUD_READS = tuple(dict.fromkeys(key for check in CHECKS.values() if check.loud for key in check.reads))

COLUMNS = (
    STATE,
    Column("CHECK", least=12, most=20),
    Column("FOUND", least=30, most=200),
    Column("WHAT TO DO", least=10, most=160, yields=3),
)


def chosen(names: tuple[str, ...]) -> tuple[Check, ...]:
    """The checks of these names, in their order; all when there are no names.

    Raises:
        UsageError: there is no such check.
    """
    for name in names:
        if name not in CHECKS:
            near = difflib.get_close_matches(name, CHECKS, 1)
            hint = f"did you mean {near[0]}?" if near else f"there are {', '.join(CHECKS)}"
            raise UsageError(f"no check '{name}': {hint}")
    return tuple(CHECKS[name] for name in names) if names else tuple(CHECKS.values())


def rows(snapshot: Snapshot, scope: str, now: float, checks: tuple[Check, ...]) -> Table:
    """A row a check, in the order given."""
    return Table(COLUMNS, tuple(_row(check, ask(check, snapshot, scope, now)) for check in checks))


def _row(check: Check, found: Finding) -> Row:
    cells = (Cell(check.name), said(found.sentence, found.word), remedy(found.remedy))
    return row(("check", check.name), found.word, cells, found.ref)


def alarms(snapshot: Snapshot, scope: str, now: float) -> Iterator[tuple[Check, Finding]]:
    """Of the loud checks, those with a bad answer. Where what they read is not watched they say nothing."""
    for check in CHECKS.values():
        if check.loud and (found := ask(check, snapshot, scope, now)).word in LOUD:
            yield check, found
