"""Objects on disk: SQLite in WAL mode, one row an object.

A commit survives the end of the process at any moment; it does not wait for the platter (a lab's cluster, not a bank).
Rows are known by number alone: which object stands where is known in memory, so the file has no index to keep up and
new rows only ever go to its end.
"""

import sqlite3
from collections.abc import Iterable, Iterator
from pathlib import Path

_SCHEMA = """
CREATE TABLE IF NOT EXISTS stored (
  number INTEGER PRIMARY KEY, grp TEXT NOT NULL, plural TEXT NOT NULL, namespace TEXT NOT NULL, name TEXT NOT NULL,
  rv INTEGER NOT NULL, raw BLOB NOT NULL
);
CREATE TABLE IF NOT EXISTS promise (id INTEGER PRIMARY KEY CHECK (id = 0), rv INTEGER NOT NULL);
INSERT OR IGNORE INTO promise VALUES (0, 1);
"""
# Rows had no numbers once. Those that have one take the resourceVersion of their creation; any that is free will do.
_OLDER = """
BEGIN IMMEDIATE;
INSERT INTO stored (grp, plural, namespace, name, rv, raw) SELECT grp, plural, namespace, name, rv, raw FROM object;
DROP TABLE object;
COMMIT;
"""
# An object is written with the pages that it is on, and one of a usual size is on one of these.
_PAGE_BYTES = 8192
# Pages that are written again and again reach the file once.
_CHECKPOINT_PAGES = 2000

Row = tuple[int, str, str, str, str, int, bytes]


class Database:
    """The file behind the store. Rows are (number, group, plural, namespace, name, rv, raw)."""

    def __init__(self, path: Path) -> None:
        self._db = sqlite3.connect(path, isolation_level=None)
        # A file that is there keeps the pages that it has.
        self._db.execute(f"PRAGMA page_size={_PAGE_BYTES}")
        self._db.execute("PRAGMA journal_mode=WAL")
        self._db.execute("PRAGMA synchronous=NORMAL")
        self._db.execute(f"PRAGMA wal_autocheckpoint={_CHECKPOINT_PAGES}")
        self._db.executescript(_SCHEMA)
        if self._db.execute("SELECT 1 FROM sqlite_master WHERE name = 'object'").fetchone():
            self._db.executescript(_OLDER)

    def rows(self) -> Iterator[Row]:
        """Everything that is stored."""
        yield from self._db.execute("SELECT number, grp, plural, namespace, name, rv, raw FROM stored")

    def promised(self) -> int:
        """No resourceVersion above this one was ever given out."""
        (rv,) = self._db.execute("SELECT rv FROM promise").fetchone()
        return int(rv)

    def promise(self, rv: int) -> None:
        """Raise that bound."""
        self._db.execute("UPDATE promise SET rv = ?", (rv,))

    def commit(self, puts: Iterable[Row], removals: Iterable[int]) -> None:
        """Write one batch, rows and the numbers of those that go, wholly or not at all.

        Raises:
            sqlite3.Error: nothing was written.
        """
        self._db.execute("BEGIN IMMEDIATE")
        try:
            self._db.executemany("INSERT OR REPLACE INTO stored VALUES (?, ?, ?, ?, ?, ?, ?)", puts)
            self._db.executemany("DELETE FROM stored WHERE number = ?", ((number,) for number in removals))
            self._db.execute("COMMIT")
        except sqlite3.Error:
            if self._db.in_transaction:
                self._db.execute("ROLLBACK")
            raise

    def close(self) -> None:
        """Fold the WAL back and close."""
        self._db.close()
