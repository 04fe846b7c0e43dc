"""History: the door to what is kept of one context."""

import os
from collections.abc import Iterable
from pathlib import Path

from osconsole.history import past
from osconsole.history.durations import Durations, Took
from osconsole.history.entries import Entries
from osconsole.history.file import File
from osconsole.history.recorder import MOST, Recorder
from osconsole.history.versions import Versions
from osconsole.history.watched import Watched
from osconsole.model.changes import Change
from osconsole.model.entry import Entry, Query
from osconsole.model.ref import Ref
from osconsole.model.run import Expected
from osconsole.model.snapshot import Snapshot
from osconsole.model.transitions import Transition


class History:
    """The history of one context. Its methods block, for milliseconds as a rule, and never raise.

    Writing (`record`, `took`) belongs in one thread at a time; reading may happen in any.
    """

    def __init__(self, context: str, path: Path | None = None, *, memory: bool = False, most: int = MOST) -> None:
        """`memory` keeps it for as long as it is open; `most` versions are kept in a batch, the others wait."""
        self._file = File(path, memory=memory)
        self._entries = Entries(self._file, context)
        self._versions = Versions(self._file, context)
        self._watched = Watched(self._file, context, f"{os.getpid()}.{id(self)}")
        self._durations = Durations(self._file, context)
        self._recorder = Recorder(self._versions, self._watched, self._entries, most)

    @property
    def trouble(self) -> str:
        """Why it cannot be used at the moment, "" when it can."""
        return self._file.trouble

    def record(self, changes: Iterable[Change], news: Iterable[Transition], now: float) -> None:
        """Keep what moved the world, and what became different by it."""
        self._recorder.take(changes, news, now)

    @property
    def waiting(self) -> int:
        """Versions that were heard of and are not on disk yet."""
        return self._recorder.waiting

    def took(self, runs: Iterable[Took]) -> None:
        """Keep how long runs took."""
        self._durations.add(runs)

    def expected(self, service: str) -> Expected | None:
        """How long a run of a service may take; None when none was seen yet."""
        return self._durations.expected(service)

    def add(self, entries: Iterable[Entry]) -> None:
        """Keep entries that come from elsewhere."""
        self._entries.add(entries)

    def search(self, query: Query, limit: int = 1000) -> tuple[Entry, ...]:
        """The newest entries that match, newest first."""
        return self._entries.search(query, limit)

    def below(self, ref: Ref) -> frozenset[Ref]:
        """An object and all that it owns or ever owned."""
        return self._entries.below(ref)

    def snapshot(self, at: float) -> Snapshot:
        """The world at a past moment, as far as it was watched."""
        return past.snapshot(self._versions, self._watched, self._entries, at)

    def close(self) -> None:
        """Release the file."""
        self._file.close()
