"""Durations: how long the runs of each service took, so that the next one has a length."""

import statistics
from collections.abc import Iterable

import msgspec

from osconsole.history.file import File
from osconsole.model.run import Expected

MOST = 5_000
_JUDGED = 10  # runs from which the next one is expected


class Took(msgspec.Struct, frozen=True):
    """One run that went well: of which service, over how many hosts, how long, and how many tasks (0: not known)."""

    uid: str
    service: str
    at: float
    duration_s: float
    hosts: int = 0
    tasks: int = 0


class Durations:
    """The durations of one context."""

    def __init__(self, file: File, context: str) -> None:
        self._file = file
        self._context = context

    def add(self, runs: Iterable[Took]) -> None:
        """Keep how long runs took; a run that is known already is told again without harm."""
        rows = [(r.uid, self._context, r.service, r.hosts, r.at, r.duration_s, r.tasks) for r in runs]
        if rows:
            oldest = "delete from runs where uid in (select uid from runs order by at desc limit -1 offset ?)"
            self._file.change(("insert or replace into runs values(?, ?, ?, ?, ?, ?, ?)", rows), (oldest, [(MOST,)]))

    def expected(self, service: str) -> Expected | None:
        """How long a run of a service may take; None when none was seen yet."""
        query = "select duration_s, tasks from runs where context = ? and service = ? order by at desc limit ?"
        rows = self._file.read(query, (self._context, service, _JUDGED))
        if not rows:
            return None
        counted = [row[1] for row in rows if row[1]]
        return Expected(
            statistics.median(row[0] for row in rows), round(statistics.median(counted)) if counted else 0, len(rows)
        )
