"""The file under the history: one SQLite database for all contexts and consoles of a person.

Nothing here raises for what a disk may do: a full disk, a lock that is held, a file that is broken are said once in the
log, and what should have been kept is not. A broken file is moved aside and a new one begun.
"""

import logging
import os
import sqlite3
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any, TypeVar

from osconsole.settings import state_dir

MEMORY = ":memory:"
_WAIT_S = 5.0  # for another process to release the file; whoever waits does so in a thread
_TABLES = """
drop table if exists transitions;
create table if not exists runs(
  uid text primary key, context text, service text, hosts integer, at real, duration_s real, tasks integer);
create index if not exists runs_by_service on runs(context, service, at);
create table if not exists entries(
  id integer primary key, context text, at real, namespace text, ref text, source text, what text, old text, new text,
  severity integer, said text, text text, actor text, count integer, first real, key text, hay text);
create unique index if not exists entries_by_key on entries(context, key);
create index if not exists entries_by_time on entries(context, at);
create index if not exists entries_by_ref on entries(context, ref, at);
create index if not exists entries_that_warn on entries(context, at) where severity > 0;
create table if not exists owners(context text, owner text, ref text, primary key(context, owner, ref)) without rowid;
create table if not exists versions(
  id integer primary key, context text, ref text, at real, uid text, version text, base integer, data blob);
create unique index if not exists versions_by_version on versions(context, ref, uid, version) where base is not null;
create index if not exists versions_by_time on versions(context, ref, at);
create index if not exists versions_by_base on versions(base) where base is not null;
create table if not exists watched(
  console text, context text, kind text, namespace text, since real, until real,
  primary key(context, kind, namespace, console, since)) without rowid;
"""
_log = logging.getLogger(__name__)
T = TypeVar("T")


class File:
    """One connection to the database; its methods block for milliseconds, may be called in any thread, never raise.

    Attributes:
        trouble: why it cannot be used at the moment, "" when it can.
    """

    def __init__(self, path: Path | None = None, *, memory: bool = False) -> None:
        self.path = MEMORY if memory else str(path or state_dir() / "history.sqlite")
        self.trouble = ""
        self._base: sqlite3.Connection | None = None
        self._inode = 0
        self._lock = threading.Lock()

    def change(self, *statements: tuple[str, Iterable[Sequence[object]]]) -> bool:
        """Carry out statements, each for all its rows, together or not at all; whether that was done."""

        def work(base: sqlite3.Connection) -> bool:
            with base:
                for statement, rows in statements:
                    base.executemany(statement, rows)
            return True

        return self._use(work) or False

    def read(self, query: str, values: Sequence[object] = ()) -> list[Any]:
        """The rows of a query; none while the file cannot be used."""
        return self._use(lambda base: base.execute(query, values).fetchall()) or []

    def close(self) -> None:
        """Release the file."""
        with self._lock:
            self._close()

    def _use(self, work: Callable[[sqlite3.Connection], T]) -> T | None:
        with self._lock:
            try:
                found = work(self._open())
            except (sqlite3.Error, OSError) as error:
                self._complain(error)
                return None
            self.trouble = ""
            return found

    def _open(self) -> sqlite3.Connection:
        if self._base is None:
            if self.path != MEMORY:
                Path(self.path).parent.mkdir(mode=0o700, parents=True, exist_ok=True)
                os.close(os.open(self.path, os.O_RDWR | os.O_CREAT, 0o600))  # nobody else's from its first byte on
            base = sqlite3.connect(self.path, timeout=_WAIT_S, check_same_thread=False)
            try:
                base.execute("pragma journal_mode = wal")
                base.execute("pragma synchronous = normal")
                base.executescript(_TABLES)
                if self.path != MEMORY:
                    Path(self.path).chmod(0o600)
            except (sqlite3.Error, OSError):
                base.close()
                raise
            self._base, self._inode = base, _inode(self.path)
        return self._base

    def _complain(self, error: Exception) -> None:
        broken = type(error) is sqlite3.DatabaseError and self.path != MEMORY
        if not self.trouble or broken:
            _log.warning("history %s: cannot be used for now: %s", self.path, error)
        self.trouble = f"history {self.path}: {error}"
        if broken:
            mine = self._base is None or self._inode == _inode(self.path)
            self._close()
            if mine:  # else another console has moved the broken one aside, and what is there now is well
                self._set_aside()

    def _set_aside(self) -> None:
        """Give the broken file another name, so that the next use begins a new one."""
        path = Path(self.path)
        aside = path.with_name(f"{path.name}.broken-{time.strftime('%Y%m%d-%H%M%S')}")
        try:
            path.rename(aside)
            for extra in ("-wal", "-shm"):
                Path(self.path + extra).unlink(missing_ok=True)
        except OSError as error:
            _log.warning("history %s: cannot be moved aside: %s", self.path, error)
        else:
            _log.warning("history %s: is not readable: kept as %s, a new one is begun", self.path, aside)

    def _close(self) -> None:
        if self._base:
            try:
                self._base.close()
            except sqlite3.Error as error:
                _log.info("history %s: closing: %s", self.path, error)
            self._base = None


def _inode(path: str) -> int:
    try:
        return Path(path).stat().st_ino
    except OSError:
        return 0
