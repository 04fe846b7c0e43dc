"""Objects on disk: SQLite in WAL mode, one row an object.

A commit survives the end of the process at any moment; it does not wait for the platter (a lab's cluster, not a bank).
"""

import sqlite3
from collections.abc import Iterable, Iterator
from pathlib import Path

_SCHEMA = """
CREATE TABLE IF NOT EXISTS object (
  grp TEXT NOT NULL, plural TEXT NOT NULL, namespace TEXT NOT NULL, name TEXT NOT NULL,
  rv INTEGER NOT NULL, raw BLOB NOT NULL, PRIMARY KEY (grp, plural, namespace, name)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS promise (id INTEGER PRIMARY KEY CHECK (id = 0), rv INTEGER NOT NULL);
INSERT OR IGNORE INTO promise VALUES (0, 1);
"""


class Database:
    """The file behind the store. Rows are (group, plural, namespace, name, rv, raw)."""

    def __init__(self, path: Path) -> None:
        self._db = sqlite3.connect(path, isolation_level=None)
        self._db.execute("PRAGMA journal_mode=WAL")
        self._db.execute("PRAGMA synchronous=NORMAL")
        self._db.executescript(_SCHEMA)

    def rows(self) -> Iterator[tuple[str, str, str, str, int, bytes]]:
        """Everything that is stored."""
        yield from self._db.execute("SELECT grp, plural, namespace, name, rv, raw FROM object")

    def promised(self) -> int:
        """No resourceVersion above this one was ever given out."""
        (rv,) = self._db.execute("SELECT rv FROM promise").fetchone()
        return int(rv)

    def promise(self, rv: int) -> None:
        """Raise that bound."""
        self._db.execute("UPDATE promise SET rv = ?", (rv,))

    def commit(
        self,
        puts: Iterable[tuple[str, str, str, str, int, bytes]],
        removals: Iterable[tuple[str, str, str, str]],
    ) -> None:
        """Write one batch, wholly or not at all.

        Raises:
            sqlite3.Error: nothing was written.
        """
        self._db.execute("BEGIN IMMEDIATE")
        try:
            self._db.executemany("INSERT OR REPLACE INTO object VALUES (?, ?, ?, ?, ?, ?)", puts)
            self._db.executemany(
                "DELETE FROM object WHERE grp = ? AND plural = ? AND namespace = ? AND name = ?", removals
            )
            self._db.execute("COMMIT")
        except sqlite3.Error:
            if self._db.in_transaction:
                self._db.execute("ROLLBACK")
            raise

    def close(self) -> None:
        """Fold the WAL back and close."""
        self._db.close()
