"""Recorder: watches a cluster by the usual informers and writes what they tell into a recording. It changes nothing.

Lines are written whole, and a packed file is finished when the recorder ends, however it is asked to. If it is killed,
no more is lost than the last STREAM_S seconds.
"""

import asyncio
import gzip
import lzma
import os
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, NamedTuple

from osconsole.errors import RecordingError, Unreachable
from osconsole.kube.api import Api
from osconsole.kube.informers import Home, Informers
from osconsole.model.changes import Change, Denied, Listed, Lost
from osconsole.model.connection import Options
from osconsole.model.kinds import APART, KINDS, Kind
from osconsole.model.ref import KindKey
from osconsole.scribe import Scribe

SETTLE_S = 20.0  # how long the kinds may take to be listed
BEAT_S = 0.5  # between two writes
STREAM_S = 20.0  # of a packed file so much may hang in the packer
_QUIET = frozenset({"Lease", "Endpoints"})  # they move all the time and tell nothing
_OURS = ("openstack.org", "route.openshift.io")  # kinds of these groups are recorded though our table lacks them
_LZMA_PRESET = 2
Sink = Callable[[bytes], object]


class Recorded(NamedTuple):
    """What a recording holds, and what it lacks: kind -> why."""

    lines: int
    kinds: int
    missing: dict[str, str]


async def record(options: Options, file: Path, kinds: tuple[Kind, ...], stop: asyncio.Event) -> Recorded:
    """Record until `stop` is set; without kinds all that we know and the server has.

    Raises:
        RecordingError: the file is there already, or cannot be written.
        Unreachable: the cluster does not answer; nothing is left behind.
    """
    _free(file)
    api = Api(options)
    try:
        namespace = api.line.target.namespace if options.namespace is None else options.namespace
        watch = _Watch(api, namespace, kinds)
        async with asyncio.TaskGroup() as tasks:
            informers = tasks.create_task(watch.informers.run(), name="informers")
            halt = tasks.create_task(stop.wait(), name="stop")
            try:
                await watch.settle(halt)
                with _opened(file) as sink:
                    return await watch.write(sink, halt)
            finally:
                informers.cancel()
                halt.cancel()
    finally:
        await api.close()


class _Watch:
    """The streams of one recording, and what they have brought that is not written yet."""

    def __init__(self, api: Api, namespace: str, kinds: tuple[Kind, ...]) -> None:
        self.informers = Informers(api, self._take, Home(namespace))
        self._namespace = namespace
        self._all = not kinds
        self._kinds = {kind.key: kind for kind in kinds or KINDS if kinds or kind.kind not in _QUIET}
        self._changes: list[Change] = []
        self._state: dict[KindKey, str] = {}  # "" once listed, else why it is not
        self._show()

    def _show(self) -> None:
        self.informers.show((key, "" if key in APART else self._namespace) for key in self._kinds)

    def _take(self, changes: Iterable[Change]) -> None:
        for change in changes:
            self._changes.append(change)
            match change:
                case Listed(kind=kind):
                    self._state[kind] = ""
                case Denied(kind=kind, missing=why):
                    self._state[kind] = why
                case Lost(kind=kind, why=why):
                    self._state.setdefault(kind, why)

    async def settle(self, halt: asyncio.Task[bool]) -> None:
        """Wait until every kind was listed or cannot be.

        Raises:
            Unreachable: none could be, in all that time.
        """
        end = time.monotonic() + SETTLE_S
        more = self._all
        while time.monotonic() < end and not halt.done():
            await asyncio.wait([halt], timeout=0.05)
            if self._state.keys() >= self._kinds.keys():
                if not more:
                    break
                more = False  # now it is known what is served
                self._kinds |= {kind.key: kind for kind in self.informers.kinds if kind.group.endswith(_OURS)}
                self._show()
        if not any(why == "" for why in self._state.values()):
            why = next(iter(self._state.values()), "the cluster does not answer")
            raise Unreachable(f"nothing can be recorded: {why}")

    async def write(self, sink: Sink, halt: asyncio.Task[bool]) -> Recorded:
        """Write what comes until it is halted."""
        scribe = Scribe()
        there = [kind for key, kind in self._kinds.items() if self._state.get(key) == ""]
        sink(scribe.heading(there, self._namespace, round(time.time(), 3)))
        while True:
            changes, self._changes = self._changes, []
            sink(b"".join(line for change in changes for line in scribe.lines(change)))
            if halt.done():
                break
            await asyncio.wait([halt], timeout=BEAT_S)
        sink(scribe.heading(there, self._namespace, round(time.time(), 3)))
        missing = {key.kind: why for key, why in self._state.items() if why}
        return Recorded(scribe.told, len(there), missing)


@contextmanager
def _opened(file: Path) -> Iterator[Sink]:
    """A way to write whole lines into a new file, packed as its name says.

    Raises:
        RecordingError: it is there already, or cannot be written.
    """
    try:
        with open(file, "xb", opener=_private) as raw:
            if file.suffix == ".xz":
                streams = _Streams(raw)
                try:
                    yield streams.write
                finally:
                    streams.end()
            elif file.suffix == ".gz":
                with gzip.open(raw, "wb", compresslevel=6) as zipped:
                    yield lambda lines: _flushed(zipped, lines)
            else:
                yield lambda lines: _flushed(raw, lines)
    except FileExistsError:
        raise _taken(file) from None
    except OSError as error:
        raise RecordingError(f"cannot write the recording {file}: {error.strerror or error}") from None


class _Streams:
    """A file of xz streams one after the other, which is read as one: only the last may be unfinished."""

    def __init__(self, raw: IO[bytes]) -> None:
        self._raw = raw
        self._packer: lzma.LZMACompressor | None = None
        self._begun = 0.0

    def write(self, lines: bytes) -> None:
        """Pack lines; without any, see whether a stream is to end."""
        if lines:
            if self._packer is None:
                self._packer, self._begun = lzma.LZMACompressor(preset=_LZMA_PRESET), time.monotonic()
            self._raw.write(self._packer.compress(lines))
        if self._packer and time.monotonic() - self._begun >= STREAM_S:
            self.end()

    def end(self) -> None:
        """Finish the stream that is open."""
        if self._packer:
            _flushed(self._raw, self._packer.flush())
            self._packer = None


def _free(file: Path) -> None:
    if file.exists():
        raise _taken(file)


def _taken(file: Path) -> RecordingError:
    return RecordingError(f"{file} is there already: name another file, or move that one away")


def _flushed(file: IO[bytes] | gzip.GzipFile, lines: bytes) -> None:
    if lines:
        file.write(lines)
        file.flush()


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)
