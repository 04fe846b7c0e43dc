"""The truth: collections in memory, a database behind them, one resourceVersion for all.

A write takes effect in memory at once, so the next request sees it; it is answered and shown to watchers after the
commit that carries it. Writes that arrive together share one commit. Nothing here knows about kinds.
"""

import asyncio
import logging
import sqlite3
import sys
from typing import Any

import msgspec

from osconsole.embedded.api.failures import Failure
from osconsole.embedded.api.storage.collection import Collection
from osconsole.embedded.api.storage.database import Database, Row
from osconsole.embedded.api.storage.entry import Entry
from osconsole.embedded.api.storage.ring import Event
from osconsole.embedded.api.types import ResourceType

_log = logging.getLogger(__name__)
_PROMISE_STEP = 50_000
_FIRST_KEYS = ("apiVersion", "kind", "metadata", "spec")


def encode(obj: dict[str, Any]) -> bytes:
    """JSON with apiVersion, kind, metadata and spec first, whatever order they came in."""
    ordered = {key: obj[key] for key in _FIRST_KEYS if key in obj}
    ordered.update(obj)
    return msgspec.json.encode(ordered)


class Store:
    """All collections and the commit that makes them last."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._promised = database.promised()
        self.rv = self._promised
        self._collections: dict[tuple[str, str], Collection] = {}
        self._batch: list[tuple[Collection, Event]] = []
        self._waiting: list[asyncio.Future[None]] = []
        self._load()

    def collection(self, kind: ResourceType) -> Collection:
        """Where the objects of a type are, in all its versions."""
        return self._at(kind.group, kind.plural, durable=kind.durable)

    def put(self, kind: ResourceType, obj: dict[str, Any], before: Entry | None) -> Entry:
        """Store an object under the next resourceVersion; `await committed()` before answering.

        `obj` is complete; its metadata.resourceVersion and apiVersion are set here.
        """
        collection = self.collection(kind)
        meta = obj["metadata"]
        rv = self._next()
        meta["resourceVersion"] = str(rv)
        obj["apiVersion"] = f"{kind.group}/{kind.storage_version}" if kind.group else kind.storage_version
        entry = Entry(
            namespace=sys.intern(meta.get("namespace", "")),
            name=meta["name"],
            uid=meta.get("uid", ""),
            rv=rv,
            row=before.row if before else rv,
            raw=encode(obj),
            labels=meta.get("labels") or {},
        )
        collection.set(entry.key, entry)
        self._queue(collection, Event("MODIFIED" if before else "ADDED", entry, before))
        return entry

    def remove(self, kind: ResourceType, entry: Entry) -> Entry:
        """Take an object away; the answer is its last state, at the version of its end."""
        collection = self.collection(kind)
        last = entry.at(self._next())
        collection.set(entry.key, None)
        self._queue(collection, Event("DELETED", last, entry))
        return last

    async def committed(self) -> None:
        """Wait until what was written so far lasts.

        Raises:
            Failure: 500, the disk does not take it; memory is as before.
        """
        if self._batch:
            # One for each who waits: whoever leaves takes only their own away.
            done = asyncio.get_running_loop().create_future()
            self._waiting.append(done)
            await done

    @property
    def visible_rv(self) -> int:
        """Up to here everything is committed and was shown to watchers."""
        return self._batch[0][1].entry.rv - 1 if self._batch else self.rv

    def amend(self, kind: ResourceType, entries: list[Entry]) -> None:
        """Replace stored bytes under the versions they have: defaults that came later; nobody is told."""
        self._flush()
        collection = self.collection(kind)
        for entry in entries:
            collection.set(entry.key, entry)
        self._database.commit([_row(collection, entry) for entry in entries] if kind.durable else [], [])

    def drop(self, kind: ResourceType) -> None:
        """Forget an empty collection whose resource is gone; its watches end."""
        found = self._collections.pop((kind.group, kind.plural), None)
        if found is not None:
            found.close()

    def counts(self) -> dict[str, int]:
        """Objects by resource, for `status`."""
        return {f"{c.plural}.{c.group}" if c.group else c.plural: len(c) for c in self._collections.values() if len(c)}

    def close(self) -> None:
        """Flush, end all watches, close the file."""
        self._flush()
        for collection in self._collections.values():
            collection.close()
        self._database.close()

    def _at(self, group: str, plural: str, *, durable: bool = True) -> Collection:
        key = (group, plural)
        found = self._collections.get(key)
        if found is None:
            found = self._collections[key] = Collection(group, plural, self.rv, durable=durable)
        return found

    def _load(self) -> None:
        for row, group, plural, namespace, name, rv, raw in self._database.rows():
            meta = _LOADED.decode(raw).metadata
            entry = Entry(sys.intern(namespace), name, meta.uid, rv, row, raw, meta.labels)
            self._at(group, plural).set(entry.key, entry)

    def _next(self) -> int:
        self.rv += 1
        if self.rv > self._promised:
            self._promised = self.rv + _PROMISE_STEP
            self._database.promise(self._promised)
        return self.rv

    def _queue(self, collection: Collection, event: Event) -> None:
        if not self._batch:
            asyncio.get_running_loop().call_soon(self._flush)
        self._batch.append((collection, event))

    def _flush(self) -> None:
        batch, self._batch = self._batch, []
        if not batch:
            return
        waiting, self._waiting = self._waiting, []
        try:
            self._write(batch)
        except sqlite3.Error as error:
            _log.error("cannot store: %s", error)
            for collection, event in reversed(batch):
                collection.set(event.entry.key, event.before)
            for done in waiting:
                if not done.done():
                    why = f"Internal error occurred: cannot store: {error}"
                    done.set_exception(Failure(500, "InternalError", why))
            return
        together: dict[Collection, list[Event]] = {}
        for collection, event in batch:
            together.setdefault(collection, []).append(event)
        for collection, events in together.items():
            collection.publish(events)
        for done in waiting:
            if not done.done():
                done.set_result(None)

    def _write(self, batch: list[tuple[Collection, Event]]) -> None:
        """The last state of each object: one row written or removed."""
        last = {event.entry.row: (collection, event) for collection, event in batch if collection.durable}
        if last:
            self._database.commit(
                [_row(collection, event.entry) for collection, event in last.values() if event.kind != "DELETED"],
                [row for row, (_, event) in last.items() if event.kind == "DELETED"],
            )


def _row(collection: Collection, entry: Entry) -> Row:
    return (entry.row, collection.group, collection.plural, entry.namespace, entry.name, entry.rv, entry.raw)


class _Meta(msgspec.Struct):
    """The parts of metadata that an entry keeps decoded."""

    uid: str = ""
    labels: dict[str, str] = {}


class _Loaded(msgspec.Struct):
    """An object as far as loading needs it."""

    metadata: _Meta


_LOADED = msgspec.json.Decoder(_Loaded)
