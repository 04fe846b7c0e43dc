"""How one watch sees events: what it selects, in which version and form, as lines."""

from collections.abc import Iterable
from typing import Any

import msgspec

from osconsole.embedded.api import answers
from osconsole.embedded.api.protocol import forms
from osconsole.embedded.api.protocol.negotiate import Form
from osconsole.embedded.api.protocol.options import ListOptions
from osconsole.embedded.api.server import Call
from osconsole.embedded.api.storage.entry import Entry
from osconsole.embedded.api.storage.ring import Event
from osconsole.embedded.api.verbs.lists import Selects, selector

_INITIAL_END = "k8s.io/initial-events-end"


class View:
    """The selector, the version and the form of one watch.

    Attributes:
        plain: it sees events as they are, as all do who ask for nothing in particular.
    """

    def __init__(self, call: Call, options: ListOptions, wanted: Form) -> None:
        self._call = call
        self._selects: Selects | None = selector(call, options)
        self._wanted = wanted
        self._stored = not wanted.shape and call.kind.version == call.kind.storage_version
        self.plain = self._stored and self._selects is None
        self._columns_sent = False

    def line(self, event: Event) -> bytes | None:
        """An event as this watch sees it: an object that comes into a selector is ADDED, one that leaves is DELETED."""
        kind = event.kind
        if self._selects is not None:
            was = event.before is not None and self._selects(event.before)
            holds = kind != "DELETED" and self._selects(event.entry)
            if not was and not holds:
                return None
            if was and not holds and kind != "DELETED":
                return self._shaped("DELETED", event.left())
            kind = "MODIFIED" if was and holds else "ADDED" if holds else "DELETED"
        return event.line(kind) if self._stored else self._shaped(kind, event.entry)

    def lines(self, events: Iterable[Event]) -> bytes:
        """Events one after the other."""
        return b"".join([line for line in map(self.line, events) if line])

    def added(self, entry: Entry) -> bytes:
        """An object of the initial state."""
        return Event("ADDED", entry, None).line("ADDED") if self._stored else self._shaped("ADDED", entry)

    def bookmark(self, rv: int, *, end: bool = False) -> bytes:
        """A mark that everything up to a version was sent."""
        meta: dict[str, Any] = {"resourceVersion": str(rv), "creationTimestamp": None}
        if end:
            meta["annotations"] = {_INITIAL_END: "true"}
        kind = self._call.kind
        obj: dict[str, Any] = {"kind": kind.kind, "apiVersion": kind.api_version, "metadata": meta}
        if self._wanted.shape == "Table":
            obj = {
                "kind": "Table",
                "apiVersion": "meta.k8s.io/v1",
                "metadata": meta,
                "columnDefinitions": None,
                "rows": [],
            }
        elif self._wanted.shape:
            obj = forms.partial(obj, self._wanted.version)
        return msgspec.json.encode({"type": "BOOKMARK", "object": obj}) + b"\n"

    def _shaped(self, kind: str, entry: Entry) -> bytes:
        call = self._call
        if not self._wanted.shape:
            return b'{"type":"%s","object":%s}\n' % (kind.encode(), call.raw(entry))
        if self._wanted.shape != "Table":
            return b'{"type":"%s","object":%s}\n' % (kind.encode(), forms.partial_json(entry.raw, self._wanted.version))
        obj = forms.one(call.kind, call.object(entry), self._wanted, answers.include(call))
        if self._columns_sent:
            obj["columnDefinitions"] = None
        self._columns_sent = True
        return msgspec.json.encode({"type": kind, "object": obj}) + b"\n"
