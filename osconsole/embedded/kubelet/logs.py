"""The log of one run of a container, whether simulated or real, as (stamp, text) lines; and the reader's options."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Protocol

from osconsole.embedded.clock import instant, now
from osconsole.embedded.kubelet import chatter
from osconsole.embedded.kubelet.chatter import Line

_POLL_S = 0.1
_LONGEST_WAIT_S = 1.0


@dataclass(frozen=True, slots=True)
class LogOptions:
    """The query of `kubectl logs`."""

    follow: bool = False
    previous: bool = False
    timestamps: bool = False
    tail_lines: int | None = None
    since: datetime | None = None
    limit_bytes: int | None = None


def options_of(query: Mapping[str, str]) -> LogOptions:
    """The options in a query string; `ValueError` for what makes no sense."""
    since = None
    if query.get("sinceTime"):
        since = instant(query["sinceTime"])
    elif query.get("sinceSeconds"):
        since = now() - timedelta(seconds=int(query["sinceSeconds"]))
    return LogOptions(
        follow=query.get("follow") in ("true", "1"),
        previous=query.get("previous") in ("true", "1"),
        timestamps=query.get("timestamps") in ("true", "1"),
        tail_lines=int(query["tailLines"]) if query.get("tailLines") else None,
        since=since,
        limit_bytes=int(query["limitBytes"]) if query.get("limitBytes") else None,
    )


class Source(Protocol):
    """Where lines come from; each call gives what is new."""

    def new(self) -> Iterator[Line]:
        """The lines since the last call."""
        ...

    def pause_s(self) -> float:
        """When to ask again."""
        ...


class Spoken:
    """A simulated container's log."""

    def __init__(self, run: chatter.Run) -> None:
        self.run = run
        self._until: datetime | None = None

    def new(self) -> Iterator[Line]:
        """The lines since the last call."""
        after, self._until = self._until, now()
        yield from chatter.said(self.run, after, self._until)

    def pause_s(self) -> float:
        """The next line's time, but not too far: the container may end before."""
        due = chatter.next_due(self.run, self._until or now()) - now()
        return min(max(0.02, due.total_seconds()), _LONGEST_WAIT_S)


class Written:
    """A process container's log file, and the older one that it was cut from."""

    def __init__(self, path: Path) -> None:
        self._path, self._offset, self._inode, self._rest, self._part = path, 0, 0, b"", b""

    def new(self) -> Iterator[Line]:
        """The lines since the last call."""
        older = self._path.with_suffix(".log.1")
        if not self._inode and older.exists():
            yield from self._lines(older.read_bytes())
        try:
            with self._path.open("rb") as file:
                inode = self._path.stat().st_ino
                if self._inode and inode != self._inode:
                    with older.open("rb") as before:
                        before.seek(self._offset)
                        yield from self._lines(before.read())
                    self._offset = 0
                self._inode = inode
                file.seek(self._offset)
                data = file.read()
        except FileNotFoundError:
            return
        self._offset += len(data)
        yield from self._lines(data)

    def pause_s(self) -> float:
        """A file says nothing by itself."""
        return _POLL_S

    def _lines(self, data: bytes) -> Iterator[Line]:
        *lines, self._rest = (self._rest + data).split(b"\n")
        for line in lines:
            stamp, _, rest = line.partition(b" stdout ")
            tag, _, text = rest.partition(b" ")
            self._part += text
            if tag != b"P":
                yield stamp.decode(), self._part
                self._part = b""


async def read(source: Source, options: LogOptions, is_over: asyncio.Event) -> AsyncIterator[bytes]:
    """The bytes that the reader gets; with `follow` until `is_over` is set and all is read."""
    lines: Iterable[Line] = (line for line in source.new() if _is_wanted(line, options))
    if options.tail_lines is not None:
        lines = deque(lines, maxlen=options.tail_lines)
    left = options.limit_bytes
    ending = False
    while True:
        for stamp, text in lines:
            data = (stamp.encode() + b" " if options.timestamps else b"") + text + b"\n"
            if left is not None:
                data, left = data[:left], left - len(data)
            yield data
            if left is not None and left <= 0:
                return
        if not options.follow or ending:
            return
        # What was written just before the end is read once more after it.
        ending = is_over.is_set()
        if not ending:
            with suppress(TimeoutError):
                await asyncio.wait_for(is_over.wait(), source.pause_s())
        lines = source.new()


def _is_wanted(line: Line, options: LogOptions) -> bool:
    return options.since is None or instant(line[0]) >= options.since
