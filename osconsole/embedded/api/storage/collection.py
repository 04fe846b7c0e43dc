"""The objects of one resource in memory, their last changes, and who watches them."""

from bisect import bisect_left, insort

from osconsole.embedded.api.storage.entry import Entry, Key
from osconsole.embedded.api.storage.fanout import Batch, Subscription
from osconsole.embedded.api.storage.ring import Event, Ring


class Collection:
    """All objects of one (group, plural)."""

    def __init__(self, group: str, plural: str, floor: int, *, durable: bool) -> None:
        self.group = group
        self.plural = plural
        self.durable = durable
        self.changed = floor
        self._entries: dict[Key, Entry] = {}
        self._keys: list[Key] = []
        self._ring = Ring(floor)
        self._subscriptions: set[Subscription] = set()

    def __len__(self) -> int:
        return len(self._keys)

    @property
    def floor(self) -> int:
        """What happened after this version is known."""
        return self._ring.floor

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

    def publish(self, events: list[Event]) -> None:
        """Remember changes that were committed together and hand them to every watcher."""
        self.changed = events[-1].entry.rv
        for event in events:
            self._ring.add(event)
        batch = Batch(events)
        for subscription in self._subscriptions:
            subscription.offer(batch)

    def subscribe(self, namespace: str, after_rv: int) -> Subscription | None:
        """Follow changes after a version; None when that is too long ago."""
        if after_rv < self.floor:
            return None
        subscription = Subscription(namespace, after_rv)
        subscription.offer(Batch(list(self._ring)))
        self._subscriptions.add(subscription)
        return subscription

    def unsubscribe(self, subscription: Subscription) -> None:
        """Stop following."""
        self._subscriptions.discard(subscription)

    def close(self) -> None:
        """End every watch: the resource is gone, or the server stops."""
        for subscription in self._subscriptions:
            subscription.close()
