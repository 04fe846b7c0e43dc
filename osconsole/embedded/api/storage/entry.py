"""One object at one version, as it is kept: its JSON, and what is asked of it without decoding."""

from typing import Any

import msgspec

Key = tuple[str, str]


class Entry(msgspec.Struct, frozen=True, eq=False, gc=False):
    """Never changes: a list or a watcher may keep one for as long as it likes.

    Attributes:
        row: its number on disk: the version at which the object was created.
        raw: its JSON, apiVersion first.
    """

    namespace: str
    name: str
    uid: str
    rv: int
    row: int
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
        return msgspec.structs.replace(self, rv=rv, raw=msgspec.json.encode(obj))
