"""History: what happened, kept on the bastion: transitions, and how long the runs of each service took.

SQLite in the state folder, bounded. It is a memory, not a record: when the disk is full or another process holds the
file, that is said once in the log and the console goes on without. The record of actions is `journal`.
"""

import logging
import sqlite3
import statistics
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import msgspec

from osconsole.model.ref import Ref
from osconsole.model.transitions import Transition
from osconsole.settings import state_dir

MOST_TRANSITIONS = 100_000
MOST_RUNS = 5_000
_JUDGED = 10  # runs from which the next one is expected
_WAIT_S = 0.5  # for another process to release the file
_TABLES = """
create table if not exists transitions(
  id integer primary key, context text, at real, "group" text, kind text, namespace text, name text,
  what text, old text, new text, severity text, message text);
create index if not exists transitions_by_context on transitions(context, at);
create table if not exists runs(
  uid text primary key, context text, service text, hosts integer, at real, duration_s real, tasks integer);
create index if not exists runs_by_service on runs(context, service, at);
"""
_log = logging.getLogger(__name__)


class Took(msgspec.Struct, frozen=True):
    """One run that went well: of which service, over how many hosts, how long, and how many tasks (0: not known)."""

    uid: str
    service: str
    at: float
    duration_s: float
    hosts: int = 0
    tasks: int = 0


class Expected(msgspec.Struct, frozen=True):
    """What earlier runs let us expect: medians; `tasks` is 0 when no run was counted."""

    duration_s: float
    tasks: int
    runs: int


class History:
    """The history of one context. Its methods block for milliseconds and never raise; call them in one thread."""

    def __init__(self, context: str, path: Path | None = None) -> None:
        self._context = context
        self._path = path or state_dir() / "history.sqlite"
        self._base: sqlite3.Connection | None = None
        self.trouble = ""

    def add(self, transitions: Iterable[Transition]) -> None:
        """Keep transitions; the oldest go when there are too many."""
        rows = [(self._context, t.at, *t.ref, t.what, t.old, t.new, t.severity, t.message) for t in transitions]
        self._write("insert into transitions values(null, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", rows)
        self._write("delete from transitions where id <= (select max(id) from transitions) - ?", [(MOST_TRANSITIONS,)])

    def took(self, runs: Iterable[Took]) -> None:
        """Keep how long runs took; a run that is known already is told again without harm."""
        rows = [(r.uid, self._context, r.service, r.hosts, r.at, r.duration_s, r.tasks) for r in runs]
        self._write("insert or replace into runs values(?, ?, ?, ?, ?, ?, ?)", rows)
        self._write(
            "delete from runs where uid in (select uid from runs order by at desc limit -1 offset ?)", [(MOST_RUNS,)]
        )

    def recent(self, limit: int = 500, ref: Ref | None = None) -> tuple[Transition, ...]:
        """The newest transitions, of one object or of all, newest last."""
        where, values = "context = ?", [self._context]
        if ref:
            where += ' and "group" = ? and kind = ? and namespace = ? and name = ?'
            values += list(ref)
        columns = 'at, "group", kind, namespace, name, what, old, new, severity, message'
        query = f"select {columns} from transitions where {where} order by id desc limit ?"  # noqa: S608
        found = [Transition(row[0], Ref(*row[1:5]), *row[5:]) for row in self._read(query, (*values, limit))]
        return tuple(reversed(found))

    def expected(self, service: str) -> Expected | None:
        """How long a run of a service may take; None when none was seen yet."""
        query = "select duration_s, tasks from runs where context = ? and service = ? order by at desc limit ?"
        rows = self._read(query, (self._context, service, _JUDGED))
        if not rows:
            return None
        counted = [row[1] for row in rows if row[1]]
        return Expected(
            statistics.median(row[0] for row in rows), round(statistics.median(counted)) if counted else 0, len(rows)
        )

    def close(self) -> None:
        """Release the file."""
        if self._base:
            self._base.close()
            self._base = None

    def _write(self, statement: str, rows: Sequence[tuple[object, ...]]) -> None:
        if not rows:
            return
        try:
            base = self._open()
            with base:
                base.executemany(statement, rows)
            self.trouble = ""
        except (sqlite3.Error, OSError) as error:
            self._complain(error)

    def _read(self, query: str, values: tuple[object, ...]) -> list[Any]:
        try:
            return self._open().execute(query, values).fetchall()
        except (sqlite3.Error, OSError) as error:
            self._complain(error)
            return []

    def _open(self) -> sqlite3.Connection:
        if self._base is None:
            self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            base = sqlite3.connect(self._path, timeout=_WAIT_S, check_same_thread=False)
            base.execute("pragma journal_mode = wal")
            base.execute("pragma synchronous = normal")
            base.executescript(_TABLES)
            self._path.chmod(0o600)
            self._base = base
        return self._base

    def _complain(self, error: Exception) -> None:
        if not self.trouble:
            _log.warning("history %s: cannot be used for now: %s", self._path, error)
        self.trouble = f"history {self._path}: {error}"
