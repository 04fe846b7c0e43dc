"""Versions: objects as they were, so that the console's own views can be shown at a past moment.

Every version of an object refers to a whole one before it (its base) and is kept as the difference to that: most are a
few hundred bytes. What is older than it may be is let go of object by object, but never the one version that says how
an object was at the oldest moment that is kept.
"""

import time
import zlib
from collections.abc import Iterable
from typing import Any, NamedTuple

import msgspec

from osconsole.history import masking
from osconsole.history.entries import packed, unpacked
from osconsole.history.file import File
from osconsole.model.ref import Ref
from osconsole.model.resource import Resource, Writer, resource

MOST_AGE_S = 14 * 86400.0
MOST_BYTES = 256 * 1024 * 1024  # of all contexts
GONE = "gone"  # the version of an object that is not there any more
_DELTAS = 40  # versions that refer to one base
_TICK_S = 1e-5  # between two versions of an object that came at one moment
_WINDOW = 32 * 1024  # how far deflate looks back


class Kept(msgspec.Struct, frozen=True, gc=False):
    """One version: `found` is None from the moment at which the object was gone."""

    at: float
    ref: Ref
    found: Resource | None


class _Base(NamedTuple):
    row: int
    data: bytes
    used: int


class Versions:
    """The versions of the objects of one context. Adding happens in one thread."""

    def __init__(self, file: File, context: str) -> None:
        self._file = file
        self._context = context
        self._bases: dict[str, _Base] = {}
        self._last: dict[str, float] = {}

    def add(self, versions: Iterable[tuple[float, Ref, Resource | None]]) -> None:
        """Keep versions; those that another console has kept already are not doubled. None: the object is gone."""
        rows: list[tuple[object, ...]] = []
        row = self._next()
        for at, ref, found in versions:
            if ref.kind in masking.NEVER:
                continue
            name = packed(ref)
            at = self._last[name] = max(at, self._last.get(name, 0.0) + _TICK_S)  # so that the later one is the later
            if found is None:
                self._bases.pop(name, None)
                rows.append((row, self._context, name, at, "", f"{GONE}:{at:.0f}", None, None))
            else:
                base, data = self._encode(name, row, found)
                rows.append((row, self._context, name, at, found.uid, found.version, base, data))
            row += 1
        if rows and not self._file.change(("insert or ignore into versions values(?, ?, ?, ?, ?, ?, ?, ?)", rows)):
            self._bases.clear()

    def heads(self) -> dict[Ref, tuple[str, str]]:
        """The newest version of every object that is there: its uid and version."""
        query = """select ref, uid, version from versions where id in (
            select id from (select id, max(at) from versions where context = ? group by ref)) and data is not null"""
        return {unpacked(ref): (uid, version) for ref, uid, version in self._file.read(query, (self._context,))}

    def at(self, moment: float, refs: Iterable[Ref] = ()) -> list[Kept]:
        """Every object as it was at a moment; only some where `refs` are named."""
        query = """select id, ref, max(at), base, data from versions where context = ? and at <= ? {} group by ref"""
        names = [packed(ref) for ref in refs]
        some = f"and ref in ({','.join('?' * len(names))})" if names else ""
        return [k for k in self._decoded(query.format(some), (self._context, moment, *names)) if k.found]

    def between(self, since: float, until: float) -> list[Kept]:
        """Every version after `since` and not after `until`, in their order."""
        query = "select id, ref, at, base, data from versions where context = ? and at > ? and at <= ? order by at, id"
        return self._decoded(query, (self._context, since, until))

    def prune(self, now: float) -> None:
        """Let go of what is too old, or too much."""
        cutoff = now - MOST_AGE_S
        for size, oldest in self._file.read("select sum(length(data)), min(at) from versions"):
            if size and size > MOST_BYTES:
                cutoff = max(cutoff, oldest + (now - oldest) / 4)
        same = "from versions n where n.context = v.context and n.ref = v.ref"
        superseded = f"exists(select 1 {same} and n.at > v.at and n.at <= ?)"
        forgotten = f"v.data is null and not exists(select 1 {same} and n.at < v.at)"
        unused = "v.id not in (select base from versions where base is not null)"
        outdated = f"""delete from versions where id in (select v.id from versions v
            where v.at < ? and ({superseded} or ({forgotten})) and {unused})"""  # noqa: S608
        self._file.change((outdated, [(cutoff, cutoff)]))

    def _next(self) -> int:
        """An id that no other console uses: they count from their own microsecond."""
        return time.time_ns() // 1000 * 1000

    def _encode(self, name: str, row: int, found: Resource) -> tuple[int | None, bytes]:
        """The base and the difference to it, or None and the whole."""
        whole = msgspec.json.encode({"w": found.writers}) + b"\n" + masking.kept(found)
        base = self._bases.get(name)
        if base is not None and base.used < _DELTAS:
            data = _squeeze(whole, base.data)
            if len(data) * 3 < len(whole):
                self._bases[name] = base._replace(used=base.used + 1)
                return base.row, data
        self._bases[name] = _Base(row, whole[-_WINDOW:], 0)
        return None, _squeeze(whole, b"")

    def _decoded(self, query: str, values: tuple[object, ...]) -> list[Kept]:
        rows = self._file.read(query, values)
        wanted = sorted({row[3] for row in rows if row[3] is not None})
        bases: dict[int, bytes] = {}
        for start in range(0, len(wanted), 500):
            part = wanted[start : start + 500]
            sql = f"select id, data from versions where id in ({','.join('?' * len(part))})"  # noqa: S608
            bases.update((row, zlib.decompress(data)) for row, data in self._file.read(sql, part))
        return [kept for row in rows if (kept := _read(row, bases)) is not None]


def _read(row: Any, bases: dict[int, bytes]) -> Kept | None:
    _, name, at, base, data = row
    ref = unpacked(name)
    if data is None:
        return Kept(at, ref, None)
    if base is not None and base not in bases:
        return None
    whole = zlib.decompress(data) if base is None else _stretch(data, bases[base])
    head, _, raw = whole.partition(b"\n")
    writers = msgspec.json.decode(head, type=dict[str, tuple[Writer, ...]])["w"]
    return Kept(at, ref, msgspec.structs.replace(resource(msgspec.json.decode(raw)), writers=writers))


def _squeeze(whole: bytes, base: bytes) -> bytes:
    press = zlib.compressobj(1, zdict=base[-_WINDOW:]) if base else zlib.compressobj(6)
    return press.compress(whole) + press.flush()


def _stretch(data: bytes, base: bytes) -> bytes:
    press = zlib.decompressobj(zdict=base[-_WINDOW:])
    return press.decompress(data) + press.flush()
