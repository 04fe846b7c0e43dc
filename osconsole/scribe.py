"""Scribe: Changes as the lines of a recording, without secrets. Where the lines go is somebody else's business.

A kind's first list is told as what was there (LIST); a later one, after a lost line, as what became different since.
"""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import Any

import msgspec

from osconsole.eventlines import ADDED, DELETED, HEADING, LIST, MODIFIED, VERSION
from osconsole.model import masks
from osconsole.model.changes import Change, Gone, Listed, Put
from osconsole.model.kinds import Kind
from osconsole.model.ref import KindKey, Ref
from osconsole.model.resource import Resource, Writer

_BARE = frozenset({KindKey("", "Secret"), KindKey("", "ConfigMap")})  # of which only keys and sizes are told
_LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"
_SUMMARY = "osconsole"  # what the mirror says of a Secret


class Scribe:
    """Knows what it has told, so that every line is true after those before it.

    Attributes:
        told: lines of objects so far.
    """

    def __init__(self) -> None:
        self.told = 0
        self._known: dict[Ref, Resource] = {}
        self._listed: set[tuple[KindKey, str]] = set()
        self._plurals: dict[KindKey, str] = {}

    def heading(self, kinds: Iterable[Kind], namespace: str, at: float) -> bytes:
        """The first line: what is watched; again as the last one: until then."""
        kinds = tuple(kinds)
        self._plurals = {kind.key: kind.plural for kind in kinds}
        named = sorted(f"{kind.kind}.{kind.group}" for kind in kinds)
        body = {"kinds": named, "namespace": namespace}
        line = {"ts": at, "type": HEADING, "version": VERSION, "resource": "", "object": body}
        return msgspec.json.encode(line) + b"\n"

    def lines(self, change: Change) -> Iterator[bytes]:
        """The lines of a change; how well a line is known is not told."""
        match change:
            case Put(resource=found, at=at):
                yield from self._put(found, at)
            case Gone(ref=ref, at=at):
                yield from self._gone(ref, at)
            case Listed():
                yield from self._list(change)

    def _put(self, found: Resource, at: float) -> Iterator[bytes]:
        before = self._known.get(found.ref)
        if before is not None and (before.uid, before.version) == (found.uid, found.version):
            return
        self._known[found.ref] = found
        yield self._line(ADDED if before is None else MODIFIED, found, at)

    def _gone(self, ref: Ref, at: float) -> Iterator[bytes]:
        before = self._known.pop(ref, None)
        if before is not None:
            yield self._line(DELETED, before, at)

    def _list(self, listed: Listed) -> Iterator[bytes]:
        line = (listed.kind, listed.namespace)
        if line not in self._listed and (listed.kind, "") not in self._listed:
            self._listed.add(line)
            for found in listed.resources:
                self._known[found.ref] = found
                yield self._line(LIST, found, listed.at)
            return
        there = {found.ref for found in listed.resources}
        for ref in [ref for ref in self._known if KindKey(ref.group, ref.kind) == listed.kind and ref not in there]:
            if not listed.namespace or ref.namespace == listed.namespace:
                yield from self._gone(ref, listed.at)
        for found in listed.resources:
            yield from self._put(found, listed.at)

    def _line(self, word: str, found: Resource, at: float) -> bytes:
        self.told += 1
        plural = self._plurals.get(found.kind, found.ref.kind.lower())
        line = {"ts": round(at, 3), "type": word, "resource": plural, "object": masked(found)}
        return msgspec.json.encode(line) + b"\n"


def masked(found: Resource) -> dict[str, Any]:
    """An object as it may be handed on; who wrote it is told, what each owns is not."""
    body = found.body()
    meta = dict(body.get("metadata") or {})
    if found.kind in _BARE:
        sizes = (body.pop(_SUMMARY, None) or {}).get("sizes") or {}
        body.pop("stringData", None)
        for part in ("data", "binaryData"):
            if isinstance(values := body.get(part), dict):
                body[part] = {key: f"<{sizes.get(key, len(str(value)))} bytes>" for key, value in values.items()}
        noted = {key: value for key, value in (meta.get("annotations") or {}).items() if key != _LAST_APPLIED}
        if "annotations" in meta:
            meta["annotations"] = noted
    elif masks.suspect(found.raw):
        meta = masks.hidden(meta)
        body = masks.hidden(body)
    if found.writers:
        meta["managedFields"] = [_managed(writer) for writer in found.writers]
    return {**body, "metadata": meta}


def _managed(writer: Writer) -> dict[str, str]:
    told = {"manager": writer.manager, "operation": writer.operation, "subresource": writer.subresource}
    when = datetime.fromtimestamp(writer.at, UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    return {key: value for key, value in told.items() if value} | ({"time": when} if writer.at else {})
