"""Recording: watch events that were written down, read as the Changes that they were.

One JSON object a line, plain or packed by xz or gzip: `ts` (Unix seconds), `type` (LIST for what was there at first,
then ADDED, MODIFIED, DELETED), `resource` (the plural), `object`. A heading of type RECORDING may say `version` and in
`object.kinds` what was watched. Reading forgives what it can and says so; it never shows the data of a Secret.
"""

import gzip
import heapq
import lzma
import math
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, Any, NamedTuple

import msgspec

from osconsole.errors import RecordingError
from osconsole.model.changes import Change, Denied, Gone, Listed, Put
from osconsole.model.kinds import KINDS
from osconsole.model.ref import KindKey, Ref
from osconsole.model.resource import Resource, resource

VERSION = 1
HEADING = "RECORDING"
WINDOW_S = 2.0  # lines that are so late are put in their place
_HELD = 5_000  # lines held back for that, at most
_LINE_BYTES = 64 * 1024 * 1024
_TYPES = frozenset({"LIST", "ADDED", "MODIFIED", "DELETED"})
_QUIET = frozenset({"BOOKMARK"})
_MAGIC = {b"\xfd7zXZ\x00": lzma.open, b"\x1f\x8b": gzip.open}
_CUT = (EOFError, lzma.LZMAError, zlib.error, gzip.BadGzipFile)


class Moment(msgspec.Struct, frozen=True):
    """One change and when it came, in Unix seconds; moments never go back."""

    at: float
    change: Change


class Finding(msgspec.Struct, frozen=True):
    """What was wrong with a recording: the first line of it, how many, and a sentence."""

    line: int
    count: int
    says: str


class _Line(msgspec.Struct, frozen=True, gc=False):
    ts: float
    type: str
    resource: str = ""
    object: dict[str, Any] | None = None
    version: int = VERSION


class _Event(NamedTuple):
    at: float
    number: int
    type: str
    found: Resource


_line = msgspec.json.Decoder(_Line).decode


def read(path: Path, tell: Callable[[Finding], object] = lambda _: None) -> Iterator[Moment]:
    """The moments of a recording in their order; what is wrong with it is told when it has been read.

    Every kind that was watched is `Listed` once at the first moment, with what was there.

    Raises:
        RecordingError: it cannot be read, or is no recording.
    """
    lines = _Lines(path)
    yield from _told(_ordered(lines.events(), lines.find), lines)
    if not lines.good:
        raise RecordingError(
            f"{path} is no recording: not one of its {lines.number} lines is a watch event: "
            "'osconsole record' writes recordings" + (f" ({lines.findings()[0].says})" if lines.findings() else "")
        )
    for finding in lines.findings():
        tell(finding)


class _Lines:
    """The lines of a file as events, and what was found wrong with them."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._wrong: dict[str, tuple[int, int]] = {}
        self.number = 0
        self.good = 0
        self.kinds: frozenset[KindKey] | None = None  # what was watched, where the recording says so

    def find(self, says: str, line: int) -> None:
        """Note what is wrong with a line."""
        first, count = self._wrong.get(says, (line, 0))
        self._wrong[says] = (first, count + 1)

    def findings(self) -> list[Finding]:
        """What is wrong, in the order of the lines."""
        return sorted((Finding(first, n, says) for says, (first, n) in self._wrong.items()), key=lambda f: f.line)

    def events(self) -> Iterator[_Event]:
        """What can be understood."""
        broken = 0  # the number of a line that may only be the cut end
        for line in self._raw():
            self.number += 1
            if broken:
                self.find("is broken, and skipped", broken)
                broken = 0
            if not line.strip():
                continue
            try:
                read = _line(line)
            except msgspec.ValidationError as error:
                self.find(f"is no watch event, and skipped: {error}", self.number)
            except (msgspec.DecodeError, UnicodeDecodeError):
                broken = self.number
            else:
                if found := self._event(read):
                    self.good += 1
                    yield found
        if broken:
            self.find("is cut short: the recording is played up to there", broken)

    def _event(self, read: _Line) -> _Event | None:
        if read.version != VERSION:
            self.find(f"is of version {read.version}, of which this program knows {VERSION}: skipped", self.number)
        elif read.type == HEADING:
            self._head(read.object or {})
        elif read.type not in _TYPES:
            if read.type not in _QUIET:
                self.find(f"has the unknown type {read.type[:40]!r}, and is skipped", self.number)
        elif not math.isfinite(read.ts) or read.ts <= 0:
            self.find("has no time that can be, and is skipped", self.number)
        elif found := _object(read):
            return _Event(read.ts, self.number, read.type, found)
        else:
            self.find("has no object that can be understood, and is skipped", self.number)
        return None

    def _head(self, body: dict[str, Any]) -> None:
        kinds = body.get("kinds")
        if isinstance(kinds, list):
            named = (str(kind).partition(".") for kind in kinds)
            self.kinds = frozenset(KindKey(group, kind) for kind, _, group in named)
            self.good += 1

    def _raw(self) -> Iterator[bytes]:
        try:
            with _opened(self._path) as file:
                try:
                    while line := file.readline(_LINE_BYTES):
                        yield line
                except _CUT as error:
                    self.find(f"is the last that can be read: the packed file is cut or damaged ({error})", self.number)
        except OSError as error:
            raise RecordingError(f"cannot read the recording {self._path}: {error.strerror or error}") from None


def _opened(path: Path) -> IO[bytes]:
    with path.open("rb") as file:
        start = file.read(6)
    for magic, unpack in _MAGIC.items():
        if start.startswith(magic):
            return unpack(path, "rb")
    return path.open("rb")


_BY_PLURAL = {kind.plural: kind for kind in reversed(KINDS)}


def _object(read: _Line) -> Resource | None:
    """The object of a line; items of lists, which do not say what they are, by their plural."""
    body = read.object or {}
    if not body.get("kind") and (kind := _BY_PLURAL.get(read.resource)):
        body = {"apiVersion": kind.api_version, "kind": kind.kind, **body}
    try:
        if body.get("kind") == "Secret" and body.get("apiVersion") == "v1":
            body = _emptied(body)
        found = resource(body)
    except (ValueError, TypeError, AttributeError, KeyError, msgspec.MsgspecError):
        return None
    return found if found.ref.kind and found.ref.name else None


def _emptied(body: dict[str, Any]) -> dict[str, Any]:
    """A Secret without its data, whoever wrote the recording."""
    kept = {key: value for key, value in body.items() if key != "stringData"}
    if isinstance(data := body.get("data"), dict):
        kept["data"] = dict.fromkeys(data, "")
    return kept


def _ordered(events: Iterator[_Event], find: Callable[[str, int], None]) -> Iterator[_Event]:
    """The events by their time; those that come too late for that at the time where they stand."""
    held: list[_Event] = []
    newest = given = 0.0
    for event in events:
        newest = max(newest, event.at)
        if event.at < given:
            find(f"is more than {WINDOW_S:.0f} s older than what stands before it, and is taken where it stands",
                 event.number)  # fmt: skip
            event = event._replace(at=given)
        heapq.heappush(held, event)
        while held and (held[0].at < newest - WINDOW_S or len(held) > _HELD):
            event = heapq.heappop(held)
            given = event.at
            yield event
    while held:
        yield heapq.heappop(held)


def _told(events: Iterator[_Event], lines: _Lines) -> Iterator[Moment]:
    """Events as moments: what was there is listed first, then everything as it came."""
    teller = _Teller(lines)
    waiting: list[_Event] = []
    begun = False
    last = 0.0
    for event in events:
        if not begun:
            last = last or event.at
            if event.at - last <= WINDOW_S:
                last = event.at if event.type == "LIST" else last
                waiting.append(event)
                continue
            begun = True
            yield from teller.begin(waiting)
        yield from teller.tell(event)
    if not begun and waiting:
        yield from teller.begin(waiting)
    yield from teller.end()


class _Teller:
    """What has been listed, and what waits to be: LIST lines of a kind are one change."""

    def __init__(self, lines: _Lines) -> None:
        self._lines = lines
        self._known: set[KindKey] = set()
        self._listing: dict[KindKey, list[_Event]] = {}
        self._versions: dict[Ref, int] = {}

    def begin(self, waiting: list[_Event]) -> Iterator[Moment]:
        """The first moment, and what came close to it."""
        at = waiting[0].at
        there: dict[KindKey, list[Resource]] = {kind.key: [] for kind in KINDS}
        for event in waiting:
            if event.type == "LIST":
                there.setdefault(event.found.kind, []).append(event.found)
        watched = self._lines.kinds
        for kind, objects in there.items():
            if watched is None or kind in watched or objects:
                self._known.add(kind)
                yield Moment(at, Listed(kind, "", tuple(objects), at))
            else:
                yield Moment(at, Denied(kind, "", "this recording does not hold it", at, installed=False))
        for event in waiting:
            if event.type != "LIST":
                yield from self.tell(event)

    def tell(self, event: _Event) -> Iterator[Moment]:
        """One event, after the lists that it shows to be whole."""
        kind, at = event.found.kind, event.at
        if event.type == "LIST":
            self._listing.setdefault(kind, []).append(event)
            return
        if self._listing:
            yield from self._whole(kind, at)
        if kind not in self._known:
            self._known.add(kind)
            yield Moment(at, Listed(kind, "", (), at))
        if self._stale(event):
            self._lines.find("has an older version of its object than a line before it, and is skipped", event.number)
        elif event.type == "DELETED":
            yield Moment(at, Gone(event.found.ref, at))
        else:
            yield Moment(at, Put(event.found, at))

    def end(self) -> Iterator[Moment]:
        """Lists that nothing follows."""
        last = max((events[-1].at for events in self._listing.values()), default=0.0)
        for kind in list(self._listing):
            yield self._list(kind, last)

    def _whole(self, kind: KindKey, at: float) -> Iterator[Moment]:
        for other, events in list(self._listing.items()):
            if other == kind or at - events[-1].at > WINDOW_S:
                yield self._list(other, at)

    def _list(self, kind: KindKey, at: float) -> Moment:
        self._known.add(kind)
        return Moment(at, Listed(kind, "", tuple(event.found for event in self._listing.pop(kind)), at))

    def _stale(self, event: _Event) -> bool:
        """Whether something newer of the object has been told already; versions that are no numbers do not tell."""
        version = event.found.version
        if not version.isdecimal():
            return False
        before = self._versions.get(event.found.ref, 0)
        self._versions[event.found.ref] = max(before, int(version))
        return int(version) < before
