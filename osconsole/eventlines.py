"""Event lines: the lines of a recording as events, and what is wrong with them. In what order they come is not judged.

One JSON object a line, plain or packed by xz or gzip: `ts` (Unix seconds), `type` (LIST for what was there at first,
then ADDED, MODIFIED, DELETED), `resource` (the plural), `object`. A heading of type RECORDING may say `version` and in
`object.kinds` what was watched (`Kind.group`); the same line again says that it was watched until then. The data of a
Secret never gets in.
"""

import gzip
import lzma
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any, NamedTuple

import msgspec

from osconsole.errors import RecordingError
from osconsole.model.kinds import KINDS
from osconsole.model.ref import KindKey
from osconsole.model.resource import Resource, resource

VERSION = 1
HEADING = "RECORDING"
LIST, ADDED, MODIFIED, DELETED = "LIST", "ADDED", "MODIFIED", "DELETED"
_TYPES = frozenset({LIST, ADDED, MODIFIED, DELETED})
_QUIET = frozenset({"BOOKMARK"})
_LINE_BYTES = 64 * 1024 * 1024
_LATEST = 1e11  # Unix seconds; milliseconds are beyond it
_CUT = (EOFError, lzma.LZMAError, zlib.error, gzip.BadGzipFile)


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


class Event(NamedTuple):
    """What one line says, and which line it is."""

    at: float
    number: int
    type: str
    found: Resource


_line = msgspec.json.Decoder(_Line).decode


class Lines:
    """The lines of a file as events, and what was found wrong with them."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._wrong: dict[str, tuple[int, int]] = {}
        self.number = 0
        self.good = 0
        self.until = 0.0  # it was watched until then, where the recording says so
        self.kinds: frozenset[KindKey] | None = None  # what was watched, where the recording says so

    def find(self, says: str, line: int) -> None:
        """Note what is wrong with a line."""
        first, count = self._wrong.get(says, (line, 0))
        self._wrong[says] = (first, count + 1)

    def findings(self) -> list[Finding]:
        """What is wrong, in the order of the lines."""
        return sorted((Finding(first, n, says) for says, (first, n) in self._wrong.items()), key=lambda f: f.line)

    def events(self) -> Iterator[Event]:
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

    def _event(self, read: _Line) -> Event | None:
        if read.version != VERSION:
            self.find(f"is of version {read.version}, of which this program knows {VERSION}: skipped", self.number)
        elif read.type == HEADING:
            self._head(read.object or {}, read.ts)
        elif read.type not in _TYPES:
            if read.type not in _QUIET:
                self.find(f"has the unknown type {read.type[:40]!r}, and is skipped", self.number)
        elif not 0 < read.ts < _LATEST:
            self.find("has no time that can be (Unix seconds are expected), and is skipped", self.number)
        elif found := _object(read):
            return Event(read.ts, self.number, read.type, found)
        else:
            self.find("has no object that can be understood, and is skipped", self.number)
        return None

    def _head(self, body: dict[str, Any], at: float) -> None:
        kinds = body.get("kinds")
        if isinstance(kinds, list):
            named = (str(kind).partition(".") for kind in kinds)
            self.kinds = frozenset(KindKey(group, kind) for kind, _, group in named)
            self.until = max(self.until, at if at < _LATEST else 0.0)
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
    if start.startswith(b"\xfd7zXZ\x00"):
        return lzma.open(path)
    if start.startswith(b"\x1f\x8b"):
        return gzip.open(path)  # type: ignore[return-value]  # reads as any file does
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
