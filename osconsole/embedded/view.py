"""The cluster as a controller sees it: one informer per kind, and writes that the informers learn of at once.

A controller that writes through here and reads the caches next never sees a world without its own write.
"""

import asyncio
from typing import Any, Literal

from osconsole.embedded.client import Client, Object
from osconsole.embedded.events import Recorder
from osconsole.embedded.informer import Informer, key_of
from osconsole.embedded.kinds import CRD, POD, Kind
from osconsole.errors import NotFound


class Cluster:
    """Client, informers and Events, with every task owned by `tasks`."""

    def __init__(self, client: Client, tasks: asyncio.TaskGroup) -> None:
        self.client = client
        self.tasks = tasks
        self.events = Recorder(client)
        self._informers: dict[Kind, Informer] = {}
        self._new_kinds = asyncio.Event()
        tasks.create_task(self.events.run(), name="events")
        self.informer(CRD).subscribe(self._crd_changed)

    def informer(self, kind: Kind, *, metadata_only: bool = False) -> Informer:
        """The informer of a kind, started at the first call. Whoever needs whole objects has to ask first."""
        found = self._informers.get(kind)
        if found is None:
            found = Informer(self.client, kind, self._kinds_may_have_come, metadata_only=metadata_only)
            self._informers[kind] = found
            self.tasks.create_task(found.run(), name=f"informer {kind.plural}")
        return found

    async def create(self, kind: Kind, obj: Object) -> Object:
        """Create, and let the cache know."""
        return self._wrote(kind, await self.client.create(kind, obj))

    async def replace(self, kind: Kind, obj: Object, subresource: str = "") -> Object:
        """Replace at the resourceVersion in `obj`, and let the cache know; `Conflict` when that is not current."""
        return self._wrote(kind, await self.client.replace(kind, obj, subresource))

    async def patch(
        self, kind: Kind, obj: Object, patch: Any, how: Literal["merge", "json"] = "merge", subresource: str = ""
    ) -> Object:
        """Patch the object, and let the cache know."""
        return self._wrote(kind, await self.client.patch(kind, key_of(obj), patch, how, subresource))

    async def set_status(self, kind: Kind, obj: Object, status: Object) -> Object:
        """Write a status where it differs; `Conflict` when `obj` is not the current version."""
        if obj.get("status") == status:
            return obj
        return await self.replace(kind, {**obj, "status": status}, "status")

    async def delete(
        self, kind: Kind, obj: Object, *, grace_s: int | None = None, propagation: str = "Background"
    ) -> None:
        """Delete that very object; it is no error when it is gone."""
        uid = obj["metadata"]["uid"]
        try:
            answer = await self.client.delete(kind, key_of(obj), uid=uid, grace_s=grace_s, propagation=propagation)
        except NotFound:
            self._removed(kind, obj)
            return
        meta = answer.get("metadata") or {}
        if meta.get("uid") != uid:
            self._removed(kind, obj)
        elif meta.get("deletionTimestamp"):
            self._wrote(kind, answer)

    def assume_node(self, pod: Object, node: str) -> None:
        """A Binding answers with no pod: keep the node in mind until the watch brings it."""
        current = self.informer(POD).get(*key_of(pod))
        if current is pod:
            self.informer(POD).assume({**pod, "spec": {**pod["spec"], "nodeName": node}})

    def _wrote(self, kind: Kind, obj: Object) -> Object:
        if kind in self._informers:
            self._informers[kind].wrote(obj)
        return obj

    def _removed(self, kind: Kind, obj: Object) -> None:
        if kind in self._informers:
            self._informers[kind].removed(obj)

    def _crd_changed(self, _old: Object | None, _new: Object | None) -> None:
        self._new_kinds.set()
        self._new_kinds = asyncio.Event()

    async def _kinds_may_have_come(self) -> None:
        await self._new_kinds.wait()
