"""metadata.managedFields: who set which field, kept up for every write.

`track` is for ordinary writes (create, update, patches other than apply); server-side apply is in `apply`.
"""

from typing import Any

import msgspec

from osconsole.embedded.api.ownership import fieldsets, initial, storedsets
from osconsole.embedded.api.ownership.fieldsets import FieldSet
from osconsole.embedded.api.schema.schemas import Schema

Identity = tuple[str, str, str, str]
BEFORE = "before-first-apply"
_IDENTITY = ("name", "namespace", "uid", "selfLink", "managedFields")
_SET_BY_SERVER = (
    "creationTimestamp",
    "generation",
    "resourceVersion",
)
_SERVERS = frozenset((*_IDENTITY, *_SET_BY_SERVER))
_UNOWNED = frozenset(f"f:{key}" for key in _SERVERS) | {"."}
_APART = frozenset(("apiVersion", "kind", "metadata"))
_APART_FROM_STATUS = _APART | {"status"}


class Author(msgspec.Struct, frozen=True):
    """Who writes.

    Attributes:
        manager: the field manager, at most 128 printable characters.
        api_version: the version in which the request names fields.
        now: RFC 3339 time of the write.
        operation: Update or Apply.
        subresource: "status", "scale" or "".
        whole: the kind has no status subresource, so an ordinary write owns status too.
    """

    manager: str
    api_version: str
    now: str
    operation: str = "Update"
    subresource: str = ""
    whole: bool = False

    @property
    def identity(self) -> Identity:
        """What makes an entry of managedFields this author's."""
        return (self.manager, self.operation, self.api_version, self.subresource)

    @property
    def applies(self) -> bool:
        """Whether this is server-side apply."""
        return self.operation == "Apply"


class Entry:
    """One entry of managedFields; its set is decoded where it matters, and stays as stored where it is the same."""

    __slots__ = ("_fields", "_stored", "identity", "time")

    def __init__(self, identity: Identity, time: str, stored: FieldSet) -> None:
        self.identity = identity
        self.time = time
        self._stored: FieldSet | None = stored
        self._fields: FieldSet | None = None

    @property
    def fields(self) -> FieldSet:
        """The set in kept form."""
        if self._fields is None:
            self._fields = fieldsets.decode(self._stored or {})
        return self._fields

    @fields.setter
    def fields(self, fields: FieldSet) -> None:
        self._fields, self._stored = fields, None

    @property
    def stored(self) -> FieldSet:
        """The set in stored form."""
        return fieldsets.encode(self.fields) if self._stored is None else self._stored

    def gain(self, fields: FieldSet) -> None:
        """Add members."""
        if self._stored is None:
            self.fields = fieldsets.union(self.fields, fields)
        elif not storedsets.covers(self._stored, fields):
            self._stored, self._fields = storedsets.grown(self._stored, fields), None

    def lose(self, fields: FieldSet) -> None:
        """Remove members."""
        if self._stored is None:
            self.fields = fieldsets.difference(self.fields, fields)
        elif storedsets.touches(self._stored, fields):
            self._stored, self._fields = storedsets.shrunk(self._stored, fields), None


def entries(obj: dict[str, Any] | None) -> list[Entry]:
    """The managedFields of an object; of two entries of the same writer (`scaleowners`) the last one counts."""
    stored = ((obj or {}).get("metadata") or {}).get("managedFields") or ()
    found: dict[Identity, Entry] = {}
    for one in stored:
        who = (one.get("manager", ""), one.get("operation", ""), one.get("apiVersion", ""), one.get("subresource", ""))
        found[who] = Entry(who, one.get("time", ""), one.get("fieldsV1") or {})
    return list(found.values())


def named(writer: Identity) -> str:
    """How a conflict names whom it is with."""
    manager, operation, api_version, subresource = writer
    below = f' with subresource "{subresource}"' if subresource else ""
    return f'"{manager}"{below}' + (f" using {api_version}" if operation == "Update" else "")


def stored(found: list[Entry]) -> list[dict[str, Any]]:
    """What an object carries as managedFields: applies first, then by time; empty entries are dropped."""
    ordered = sorted(found, key=lambda one: (one.identity[1], one.time, one.identity))
    return [_stored(entry.identity, entry.time, fields) for entry in ordered if (fields := entry.stored)]


def _stored(identity: Identity, time: str, fields: FieldSet) -> dict[str, Any]:
    """One entry; `fields` in stored form."""
    manager, operation, api_version, subresource = identity
    one: dict[str, Any] = {"manager": manager, "operation": operation, "apiVersion": api_version}
    if time:
        one["time"] = time
    one |= {"fieldsType": "FieldsV1", "fieldsV1": fields}
    return one | ({"subresource": subresource} if subresource else {})


def owned(fields: FieldSet, author: Author) -> FieldSet:
    """The part of a set that this author can own: no identity, and status only where it writes status."""
    out = dict(fields)
    if author.subresource == "status":
        out = {step: out[step] for step in ("f:status", "f:metadata") if step in out}
    elif not author.whole:
        out.pop("f:status", None)
    out.pop("f:apiVersion", None)
    out.pop("f:kind", None)
    metadata = {step: below for step, below in out.pop("f:metadata", {}).items() if step not in _UNOWNED}
    return out | ({"f:metadata": metadata} if metadata else {})


def track(old: dict[str, Any] | None, new: dict[str, Any], author: Author, schema: Schema) -> list[dict[str, Any]]:
    """The managedFields after an ordinary write that turned `old` (None: created) into `new`.

    The author gains every field that it added or changed, others lose them; fields that are gone nobody keeps. The
    entries are those of `new` (a client may have reset them with `[{}]` or `[]`), else those of `old`.
    """
    if old is None and not new["metadata"].get("managedFields"):
        return created(new, author, schema)
    empty: dict[str, Any] = {"metadata": {}} if schema.properties.get("metadata") else {}
    changed, removed = fieldsets.compare(old if old is not None else empty, new, schema)
    resubmitted = "managedFields" in (new.get("metadata") or {})
    found = entries(new if resubmitted else old)
    if resubmitted and (old is None or new["metadata"]["managedFields"] != old["metadata"].get("managedFields")):
        # Whatever a client wrote there is stored in our form.
        for entry in found:
            entry.fields = fieldsets.decode(entry.stored)
    if old is not None and not found:
        # Nobody owned a thing, so updates go on without; the first apply begins.
        return []
    return stored(taken(found, owned(changed, author), removed, author))


def created(new: dict[str, Any], author: Author, schema: Schema, known: FieldSet | None = None) -> list[dict[str, Any]]:
    """The managedFields of a new object: all is its author's. `known` is what is owned of its spec."""
    skip = _APART if author.whole else _APART_FROM_STATUS
    fields = (
        initial.fields(new, schema, skip) if known is None else initial.struct(new, schema, skip | {"spec"}) | known
    )
    metadata = initial.struct(new["metadata"], schema.child("metadata"), _SERVERS)
    if metadata:
        fields["f:metadata"] = metadata
    return [_stored(author.identity, author.now, dict(sorted(fields.items())))] if fields else []


def taken(found: list[Entry], changed: FieldSet, removed: FieldSet, author: Author) -> list[Entry]:
    """Entries after the author took `changed` from everybody and `removed` ceased to exist."""
    for entry in found:
        if entry.identity != author.identity and changed:
            entry.lose(changed)
        if removed:
            entry.lose(removed)
    if changed:
        own = next((entry for entry in found if entry.identity == author.identity), None)
        if own is None:
            own = Entry(author.identity, author.now, {})
            found.append(own)
        own.gain(changed)
        own.time = author.now
    return found
