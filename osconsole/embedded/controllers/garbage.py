"""Garbage collection: what loses its last owner goes, in the background, before its owner, or not at all.

Watches the metadata of every kind that the server has. An owner that is in no cache is asked for before anything is
deleted: a cache that is late must never cost an object.
"""

import asyncio
from collections.abc import Iterable

from osconsole.embedded.client import Object
from osconsole.embedded.controllers.pods import is_deleted
from osconsole.embedded.discovery import served_kinds
from osconsole.embedded.informer import key_of
from osconsole.embedded.kinds import CRD, Kind
from osconsole.embedded.view import Cluster
from osconsole.embedded.workqueue import WorkQueue
from osconsole.errors import NotFound, OsconsoleError

_FOREGROUND, _ORPHAN = "foregroundDeletion", "orphan"
Item = tuple[Kind, str, str]


class Garbage:
    """The graph of owners, and the loop that works on it."""

    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster
        self._queue: WorkQueue[Item] = WorkQueue()
        self._kinds: dict[tuple[str, str], Kind] = {}
        self._by_uid: dict[str, tuple[Kind, Object]] = {}
        self._dependents: dict[str, set[Item]] = {}

    async def run(self) -> None:
        """Watch every kind, learn new ones as they come, collect for ever."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._learn(), name="garbage kinds")
            for number in range(4):
                tasks.create_task(self._work(), name=f"garbage {number}")

    async def _learn(self) -> None:
        changed = asyncio.Event()
        self._cluster.informer(CRD).subscribe(lambda _old, _new: changed.set())
        while True:
            changed.clear()
            try:
                for kind in await served_kinds(self._cluster.client):
                    self._follow(kind)
                await changed.wait()
            except OsconsoleError:
                changed.set()
            # A batch of CRDs is one reason to look again, not fifty; a new one is served a moment after it is seen.
            await asyncio.sleep(0.5)

    def _follow(self, kind: Kind) -> None:
        key = (kind.api_version, kind.kind)
        if key in self._kinds:
            return
        self._kinds[key] = kind

        def changed(old: Object | None, new: Object | None) -> None:
            self._changed(kind, old, new)

        self._cluster.informer(kind, metadata_only=True).subscribe(changed)

    def _changed(self, kind: Kind, old: Object | None, new: Object | None) -> None:
        obj = new or old
        assert obj is not None
        item = (kind, *key_of(obj))
        for owner in _owners(old) if old else ():
            self._dependents.get(owner["uid"], set()).discard(item)
        if new is None:
            uid = obj["metadata"]["uid"]
            self._by_uid.pop(uid, None)
            waiting = [o for o in _owners(obj) if self._is_foreground(o["uid"])]
            for dependent in self._dependents.get(uid, set()):
                self._queue.add(dependent)
            for owner in waiting:
                self._add_uid(owner["uid"])
            return
        self._by_uid[new["metadata"]["uid"]] = (kind, new)
        for owner in _owners(new):
            self._dependents.setdefault(owner["uid"], set()).add(item)
        if _owners(new) or is_deleted(new):
            self._queue.add(item)

    def _add_uid(self, uid: str) -> None:
        kind, obj = self._by_uid[uid]
        self._queue.add((kind, *key_of(obj)))

    def _is_foreground(self, uid: str) -> bool:
        owner = self._by_uid.get(uid)
        return owner is not None and is_deleted(owner[1]) and _FOREGROUND in _finalizers(owner[1])

    async def _work(self) -> None:
        while True:
            item = await self._queue.take()
            failed = True
            try:
                await self._collect(*item)
                failed = False
            except OsconsoleError:
                # It comes again after a pause: conflicts and absences settle themselves.
                continue
            finally:
                self._queue.done(item, failed=failed)

    async def _collect(self, kind: Kind, namespace: str, name: str) -> None:
        obj = self._cluster.informer(kind).get(namespace, name)
        if obj is None:
            return
        if not is_deleted(obj):
            await self._weigh(kind, obj, namespace)
        elif _ORPHAN in _finalizers(obj):
            await self._orphan(kind, obj)
        elif _FOREGROUND in _finalizers(obj):
            await self._foreground(kind, obj)

    async def _weigh(self, kind: Kind, obj: Object, namespace: str) -> None:
        """Keep what has an owner that stays; drop references to others; delete what has none left."""
        absent = [owner["uid"] for owner in _owners(obj) if await self._is_absent(owner, namespace)]
        there = [owner for owner in _owners(obj) if owner["uid"] not in absent]
        solid = [owner for owner in there if not self._is_foreground(owner["uid"])]
        if len(solid) == len(_owners(obj)):
            return
        if solid:
            await self._cluster.patch(kind, obj, _references(obj, solid))
            return
        has_dependents = bool(self._dependents.get(obj["metadata"]["uid"]))
        propagation = "Foreground" if there and has_dependents else "Background"
        await self._cluster.delete(kind, obj, propagation=propagation)

    async def _is_absent(self, owner: Object, namespace: str) -> bool:
        """The very owner is gone: not in a cache, and the server says so too."""
        if owner["uid"] in self._by_uid:
            return False
        kind = self._kinds.get((owner["apiVersion"], owner["kind"]))
        if kind is None:
            # Perhaps another version of a kind that is served; otherwise nobody can say that it is gone.
            group = owner["apiVersion"].rpartition("/")[0]
            kind = next((k for k in self._kinds.values() if (k.group, k.kind) == (group, owner["kind"])), None)
        if kind is None:
            return False
        try:
            found = await self._cluster.client.get(kind, namespace if kind.namespaced else "", owner["name"])
        except NotFound:
            return True
        return bool(found["metadata"]["uid"] != owner["uid"])

    async def _orphan(self, kind: Kind, obj: Object) -> None:
        uid = obj["metadata"]["uid"]
        for item in list(self._dependents.get(uid, set())):
            dependent = self._cluster.informer(item[0]).get(*item[1:])
            if dependent is not None:
                kept = [owner for owner in _owners(dependent) if owner["uid"] != uid]
                await self._cluster.patch(item[0], dependent, _references(dependent, kept))
        await self._unhold(kind, obj, _ORPHAN)

    async def _foreground(self, kind: Kind, obj: Object) -> None:
        uid, blocked = obj["metadata"]["uid"], False
        for item in list(self._dependents.get(uid, set())):
            dependent = self._cluster.informer(item[0]).get(*item[1:])
            if dependent is None:
                continue
            blocked = blocked or any(o["uid"] == uid and o.get("blockOwnerDeletion") for o in _owners(dependent))
            self._queue.add(item)
        if not blocked:
            await self._unhold(kind, obj, _FOREGROUND)

    async def _unhold(self, kind: Kind, obj: Object, finalizer: str) -> None:
        kept = [name for name in _finalizers(obj) if name != finalizer]
        meta = {
            "uid": obj["metadata"]["uid"],
            "resourceVersion": obj["metadata"]["resourceVersion"],
            "finalizers": kept,
        }
        await self._cluster.patch(kind, obj, {"metadata": meta})


def _owners(obj: Object) -> list[Object]:
    return list(obj["metadata"].get("ownerReferences") or [])


def _finalizers(obj: Object) -> list[str]:
    return list(obj["metadata"].get("finalizers") or [])


def _references(obj: Object, kept: Iterable[Object]) -> Object:
    meta = obj["metadata"]
    return {"metadata": {"uid": meta["uid"], "resourceVersion": meta["resourceVersion"], "ownerReferences": list(kept)}}
