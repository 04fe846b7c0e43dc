"""The objects of one resource in memory, the ring of their last changes, and who watches them.

Entries are immutable: a list or a watcher may keep one for as long as it likes.
"""

import asyncio
from bisect import bisect_left, insort
from collections import deque
from typing import Any

import msgspec

RING_LENGTH = 8192
PENDING_LIMIT = 20_000

Key = tuple[str, str]


class Entry(msgspec.Struct, frozen=True, eq=False):
    """One object at one version; `raw` is its JSON, apiVersion first."""

    namespace: str
    name: str
    uid: str
    rv: int
    raw: bytes
    labels: dict[str, str]

    @property
    def key(self) -> Key:
        """Where it stands in its collection."""
        return (self.namespace, self.name)

    def object(self) -> dict[str, Any]:
        """A fresh copy that the caller may change."""
        found: dict[str, Any] = msgspec.json.decode(self.raw)
        return found

    def at(self, rv: int) -> "Entry":
        """The same state under another version."""
        obj = self.object()
        obj["metadata"]["resourceVersion"] = str(rv)
        return Entry(self.namespace, self.name, self.uid, rv, msgspec.json.encode(obj), self.labels)


class Event:
    """One change: `before` is what the object was, None when it is new."""

    __slots__ = ("_left", "_lines", "before", "entry", "kind")

    def __init__(self, kind: str, entry: Entry, before: Entry | None) -> None:
        self.kind = kind
        self.entry = entry
        self.before = before
        self._lines: dict[str, bytes] = {}
        self._left: Entry | None = None

    def line(self, kind: str) -> bytes:
        """The event as one line of a watch, encoded once for all who read it."""
        found = self._lines.get(kind)
        if found is None:
            found = self._lines[kind] = b'{"type":"%s","object":%s}\n' % (kind.encode(), self.entry.raw)
        return found

    def left(self) -> Entry:
        """For whoever no longer selects the object: its state before, at the version of the change."""
        if self._left is None:
            assert self.before is not None
            self._left = self.before.at(self.entry.rv)
        return self._left


class Subscription:
    """What one watcher has not read yet."""

    def __init__(self, namespace: str, after_rv: int) -> None:
        self.namespace = namespace
        self.after_rv = after_rv
        self.pending: deque[Event] = deque()
        self.wake = asyncio.Event()
        self.closed = False

    def offer(self, event: Event) -> None:
        """Queue an event; a reader that is far behind is closed and must list again."""
        if event.entry.rv <= self.after_rv or (self.namespace and event.entry.namespace != self.namespace):
            return
        if len(self.pending) >= PENDING_LIMIT:
            self.close()
            return
        self.pending.append(event)
        self.wake.set()

    def close(self) -> None:
        """End the stream after what is pending."""
        self.closed = True
        self.wake.set()


class Collection:
    """All objects of one (group, plural)."""

    def __init__(self, group: str, plural: str, floor: int, *, durable: bool) -> None:
        self.group = group
        self.plural = plural
        self.durable = durable
        self.floor = floor
        self.changed = floor
        self._entries: dict[Key, Entry] = {}
        self._keys: list[Key] = []
        self._ring: deque[Event] = deque()
        self._subscriptions: set[Subscription] = set()

    def __len__(self) -> int:
        return len(self._keys)

    def get(self, namespace: str, name: str) -> Entry | None:
        """One entry."""
        return self._entries.get((namespace, name))

    def entries(self, namespace: str = "") -> list[Entry]:
        """All entries, or those of a namespace, by namespace and name."""
        if not namespace:
            return [self._entries[key] for key in self._keys]
        first = bisect_left(self._keys, (namespace, ""))
        after = bisect_left(self._keys, (namespace + "\0", ""))
        return [self._entries[key] for key in self._keys[first:after]]

    def past(self, rv: int, namespace: str = "") -> list[Entry]:
        """Entries as they were at a version; not before `floor`."""
        found = {entry.key: entry for entry in self.entries(namespace)}
        for event in reversed(self._ring):
            if event.entry.rv <= rv:
                break
            key = event.entry.key
            if namespace and key[0] != namespace:
                continue
            if event.before is None:
                found.pop(key, None)
            else:
                found[key] = event.before
        return [found[key] for key in sorted(found)]

    def set(self, key: Key, entry: Entry | None) -> None:
        """Replace, add or (None) remove an entry; watchers hear of it by `publish`."""
        known = key in self._entries
        if entry is None:
            if known:
                del self._entries[key]
                self._keys.pop(bisect_left(self._keys, key))
        else:
            if not known:
                insort(self._keys, key)
            self._entries[key] = entry

    def publish(self, event: Event) -> None:
        """Remember a committed change and hand it to every watcher."""
        self.changed = event.entry.rv
        self._ring.append(event)
        while len(self._ring) > RING_LENGTH:
            self.floor = self._ring.popleft().entry.rv
        for subscription in self._subscriptions:
            subscription.offer(event)

    def subscribe(self, namespace: str, after_rv: int) -> Subscription | None:
        """Follow changes after a version; None when that is too long ago."""
        if after_rv < self.floor:
            return None
        subscription = Subscription(namespace, after_rv)
        for event in self._ring:
            subscription.offer(event)
        self._subscriptions.add(subscription)
        return subscription

    def unsubscribe(self, subscription: Subscription) -> None:
        """Stop following."""
        self._subscriptions.discard(subscription)

    def close(self) -> None:
        """End every watch: the resource is gone, or the server stops."""
        for subscription in self._subscriptions:
            subscription.close()
