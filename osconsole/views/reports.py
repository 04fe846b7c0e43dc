"""Reports: panes whose rows are made from several kinds at once, by name. A layout shows one by `show: <name>`.

A report names what it reads, so that it is watched while it is on screen, and made anew only when some of that moved.
"""

from collections.abc import Callable, Iterable

import msgspec

from osconsole.model.ref import KindKey
from osconsole.model.snapshot import Snapshot
from osconsole.views import backups, certificates, coverage_table, images, quorum_table, update, update_table
from osconsole.views.checks import table as checks
from osconsole.views.rows import Table


class Report(msgspec.Struct, frozen=True):
    """One report: the function that makes its rows, and the kinds that this reads."""

    rows: Callable[[Snapshot, str, float], Table]
    reads: tuple[KindKey, ...]


REPORTS: dict[str, Report] = {
    "quorum": Report(quorum_table.rows, quorum_table.READS),
    "update": Report(update_table.rows, update.READS),
    "images": Report(images.rows, images.READS),
    "certificates": Report(certificates.rows, certificates.READS),
    "backups": Report(backups.rows, backups.READS),
    "coverage": Report(coverage_table.rows, coverage_table.READS),
}


def find(show: str, names: tuple[str, ...]) -> Report | None:
    """The report of a pane: of `show`, with the checks that it names; None when `show` is no report."""
    if show != "checks":
        return REPORTS.get(show)
    chosen = checks.chosen(names)
    read = tuple(dict.fromkeys(key for check in chosen for key in check.reads))
    return Report(lambda snapshot, scope, now: checks.rows(snapshot, scope, now, chosen), read)


def reads(show: str, names: tuple[str, ...]) -> Iterable[KindKey]:
    """What a pane needs besides the kinds that it names itself."""
    if show == "attention":
        return checks.LOUD_READS
    report = find(show, names)
    return report.reads if report else ()
