"""Informers: the objects of one kind, kept current by list and watch, with indexes by owner and by namespace.

A cache holds what the server said last, including the answers to our own writes (`wrote`, `removed`): whoever writes
and then reads the cache finds the write. Objects in a cache are never changed in place. The informer outlives 410, lost
connections and restarts of the server; it never gives up.
"""

import asyncio
import logging
import random
from collections.abc import Awaitable, Callable, Iterable, Iterator
from contextlib import aclosing, contextmanager

from osconsole.embedded.client import Client, Object
from osconsole.embedded.kinds import Kind
from osconsole.errors import ApiError, Gone, NotFound, OsconsoleError

Key = tuple[str, str]
Handler = Callable[[Object | None, Object | None], None]

_log = logging.getLogger(__name__)
_FIRST_RETRY_S, _LAST_RETRY_S = 0.1, 5.0


def key_of(obj: Object) -> Key:
    """(namespace, name)."""
    meta = obj["metadata"]
    return meta.get("namespace", ""), meta["name"]


def controller_uid(obj: Object) -> str:
    """The uid of the controlling owner, or ""."""
    for owner in obj["metadata"].get("ownerReferences") or []:
        if owner.get("controller"):
            return str(owner["uid"])
    return ""


def _owner_bucket(obj: Object) -> str:
    """Orphans are kept per namespace; no uid holds a slash."""
    return controller_uid(obj) or "/" + obj["metadata"].get("namespace", "")


def _version(obj: Object) -> int:
    return int(obj["metadata"].get("resourceVersion") or 0)


class Informer:
    """The cache of one kind. `run` keeps it; `synced` is set after the first list."""

    def __init__(
        self, client: Client, kind: Kind, served: Callable[[], Awaitable[None]], *, metadata_only: bool = False
    ) -> None:
        """`served` returns when a kind that the server does not have may have come."""
        self.kind = kind
        self._served = served
        self.synced = asyncio.Event()
        self._client = client
        self._metadata_only = metadata_only
        self._objects: dict[Key, Object] = {}
        self._by_owner: dict[str, dict[Key, Object]] = {}
        self._by_namespace: dict[str, dict[Key, Object]] = {}
        self._gone_uids: dict[str, None] = {}
        self._handlers: list[Handler] = []

    def subscribe(self, handler: Handler) -> None:
        """Call `handler(old, new)` at every change from now on, and once for each object that is there."""
        self._handlers.append(handler)
        for obj in list(self._objects.values()):
            handler(None, obj)

    @contextmanager
    def subscribed(self, handler: Handler) -> Iterator[None]:
        """Call `handler(old, new)` at every change while the context lasts."""
        self._handlers.append(handler)
        try:
            yield
        finally:
            self._handlers.remove(handler)

    def get(self, namespace: str, name: str) -> Object | None:
        """The object, or None."""
        return self._objects.get((namespace, name))

    def all(self) -> Iterable[Object]:
        """Every object."""
        return list(self._objects.values())

    def owned_by(self, uid: str) -> list[Object]:
        """The objects whose controller has this uid."""
        return list(self._by_owner.get(uid, {}).values())

    def orphans(self, namespace: str) -> list[Object]:
        """The objects of a namespace that no controller owns."""
        return list(self._by_owner.get(f"/{namespace}", {}).values())

    def in_namespace(self, namespace: str) -> list[Object]:
        """The objects of one namespace."""
        return list(self._by_namespace.get(namespace, {}).values())

    def wrote(self, obj: Object) -> None:
        """Take in the answer to a write, unless the cache knows better already."""
        current = self._objects.get(key_of(obj))
        if obj["metadata"].get("uid") in self._gone_uids:
            return
        if current is None or _version(obj) > _version(current):
            self._put(obj)

    def assume(self, obj: Object) -> None:
        """Show an object of the same version with what we know will come; the next news replaces it."""
        self._put(obj)

    def removed(self, obj: Object) -> None:
        """The object is known to be gone."""
        current = self._objects.get(key_of(obj))
        if current is not None and current["metadata"].get("uid") == obj["metadata"].get("uid"):
            self._drop(current)
        else:
            self._bury(obj)

    def _bury(self, obj: Object) -> None:
        """Later news of that uid, such as the answer to a write that crossed its deletion, is old news."""
        self._gone_uids[obj["metadata"].get("uid", "")] = None
        # Such news comes within moments; a few thousand graves are plenty.
        while len(self._gone_uids) > 4096:
            del self._gone_uids[next(iter(self._gone_uids))]

    async def run(self) -> None:
        """List, then watch, for ever. Weather is waited out."""
        retry_s, version = _FIRST_RETRY_S, ""
        while True:
            try:
                if not version:
                    version = await self._list()
                    retry_s = _FIRST_RETRY_S
                version = await self._watch(version)
                retry_s = _FIRST_RETRY_S
                continue
            except Gone:
                version = ""
            except NotFound:
                version = ""
                self._replace([], 0)
                await self._served()
            except ApiError as error:
                _log.warning("%s: %s", self.kind.plural, error)
                version = ""
            except OsconsoleError as error:
                _log.info("%s", error)
                # The server may come back with another history: a list settles it.
                version = ""
            await asyncio.sleep(retry_s * random.uniform(0.75, 1.25))  # noqa: S311
            retry_s = min(retry_s * 2, _LAST_RETRY_S)

    async def _list(self) -> str:
        items, version = await self._client.list(self.kind, metadata_only=self._metadata_only)
        self._replace(items, int(version or 0))
        self.synced.set()
        return version

    async def _watch(self, version: str) -> str:
        """Follow until the server ends the stream; the last version seen."""
        async with aclosing(self._client.watch(self.kind, version, metadata_only=self._metadata_only)) as events:
            async for what, obj in events:
                version = str(obj["metadata"]["resourceVersion"])
                if what == "DELETED":
                    self.removed(obj)
                elif what != "BOOKMARK":
                    self.wrote(obj)
        return version

    def _replace(self, items: list[Object], version: int) -> None:
        listed = {key_of(item) for item in items}
        for key, old in list(self._objects.items()):
            # An object that is newer than the list is our own write, which the list could not know.
            if key not in listed and (_version(old) <= version or not version):
                self._drop(old)
        for item in items:
            current = self._objects.get(key_of(item))
            if current is None or current["metadata"].get("resourceVersion") != item["metadata"].get("resourceVersion"):
                self._put(item)

    def _put(self, obj: Object) -> None:
        key = key_of(obj)
        old = self._objects.get(key)
        if old is not None:
            self._unindex(key, old)
        # Half of an object, of which no controller reads anything; whoever writes without them leaves them as they are.
        obj["metadata"].pop("managedFields", None)
        if self._metadata_only:
            obj = {"metadata": obj["metadata"]}
        self._objects[key] = obj
        self._by_namespace.setdefault(key[0], {})[key] = obj
        self._by_owner.setdefault(_owner_bucket(obj), {})[key] = obj
        self._tell(old, obj)

    def _drop(self, obj: Object) -> None:
        key = key_of(obj)
        self._bury(obj)
        self._objects.pop(key, None)
        self._unindex(key, obj)
        self._tell(obj, None)

    def _unindex(self, key: Key, obj: Object) -> None:
        for index, name in ((self._by_owner, _owner_bucket(obj)), (self._by_namespace, key[0])):
            bucket = index.get(name)
            if bucket is not None:
                bucket.pop(key, None)
                if not bucket:
                    del index[name]

    def _tell(self, old: Object | None, new: Object | None) -> None:
        for handler in tuple(self._handlers):
            handler(old, new)
