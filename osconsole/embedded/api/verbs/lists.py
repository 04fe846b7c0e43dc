"""GET of a collection: selectors, pages from one consistent snapshot, resourceVersion semantics."""

import base64
import time
from collections import OrderedDict
from collections.abc import Callable
from typing import Any

import msgspec

from osconsole.embedded.api import answers
from osconsole.embedded.api.failures import GONE, bad_request, expired, too_large
from osconsole.embedded.api.fields import field_selector
from osconsole.embedded.api.protocol import forms
from osconsole.embedded.api.protocol.negotiate import JSON, form
from osconsole.embedded.api.protocol.options import ListOptions
from osconsole.embedded.api.protocol.whole import Whole
from osconsole.embedded.api.selectors import SelectorError, label_selector
from osconsole.embedded.api.server import Call
from osconsole.embedded.api.storage.entry import Entry

_KEEP_S = 300.0
_KEEP = 64
_UNKNOWN = "invalid continue token: continue key is not valid"

Selects = Callable[[Entry], bool]


class _Page(msgspec.Struct):
    """A continue token: which snapshot, and how far it was read."""

    rv: int
    offset: int
    key: tuple[str, str]
    snapshot: str


class Snapshots:
    """Entry lists of unfinished paged lists, kept for five minutes; entries are immutable, so they cost pointers."""

    def __init__(self) -> None:
        self._kept: OrderedDict[str, tuple[float, list[Entry]]] = OrderedDict()

    def keep(self, name: str, entries: list[Entry]) -> None:
        """Remember a snapshot under its name."""
        self._kept[name] = (time.monotonic(), entries)
        self._kept.move_to_end(name)
        while self._kept:
            oldest, (since, _) = next(iter(self._kept.items()))
            if len(self._kept) <= _KEEP and time.monotonic() - since < _KEEP_S:
                break
            del self._kept[oldest]

    def get(self, name: str) -> list[Entry] | None:
        """A snapshot that is still there."""
        found = self._kept.get(name)
        return found[1] if found else None


def selector(call: Call, options: ListOptions) -> Selects | None:
    """What selects entries; None when everything is selected.

    Raises:
        Failure: 400.
    """
    try:
        labels = label_selector(options.labels) if options.labels else None
        fields = (
            field_selector(
                options.fields, call.kind.group, call.kind.kind, call.kind.selectable, custom=call.kind.custom
            )
            if options.fields
            else None
        )
    except SelectorError as error:
        raise bad_request(str(error)) from None
    if call.target.name and labels is None and fields is None:
        return lambda entry: entry.name == call.target.name
    if labels is None and fields is None:
        return None

    def selects(entry: Entry) -> bool:
        return (labels is None or labels.matches(entry.labels)) and (fields is None or fields.matches(entry.object()))

    return selects


def chosen(call: Call, options: ListOptions, at_rv: int = 0) -> list[Entry]:
    """All entries of the path's namespace that the selectors take; at a past version, 0 for now."""
    selects = selector(call, options)
    entries = call.collection.past(at_rv, call.namespace) if at_rv else call.collection.entries(call.namespace)
    return entries if selects is None else [entry for entry in entries if selects(entry)]


def check_version(call: Call, options: ListOptions) -> None:
    """Refuse versions that have not come yet or can no longer be shown.

    Raises:
        Failure: 504, 410.
    """
    rv, current = options.rv or 0, call.server.store.rv
    if rv > current:
        raise too_large(rv, current)
    if options.match == "Exact" and call.collection.floor > rv:
        raise expired(f"The resourceVersion for the provided list is too old: {rv}")


def _exact(call: Call, options: ListOptions) -> int:
    """The version whose state was asked for, 0 for the latest."""
    asked = options.rv if options.match == "Exact" and options.rv else 0
    return asked if asked < call.collection.changed else 0


async def listing(call: Call, options: ListOptions, snapshots: Snapshots) -> Whole:
    """The list, or one page of it."""
    if options.token:
        page, entries = _resume(call, options, snapshots)
    else:
        check_version(call, options)
        past = _exact(call, options)
        page = _Page(options.rv if past and options.rv else call.server.store.rv, 0, ("", ""), "")
        entries = chosen(call, options, past)
    await call.server.store.committed()
    meta: dict[str, Any] = {"resourceVersion": str(page.rv)}
    shown = entries[page.offset :]
    if 0 < options.limit < len(shown):
        shown = shown[: options.limit]
        after = page.offset + options.limit
        name = page.snapshot or f"{call.request.path}?{options.labels}&{options.fields}@{page.rv}"
        snapshots.keep(name, entries)
        meta["continue"] = _token(_Page(page.rv, after, shown[-1].key, name))
        if not options.labels and not options.fields:
            meta["remainingItemCount"] = len(entries) - after
    return _answer(call, shown, meta)


def _answer(call: Call, entries: list[Entry], meta: dict[str, Any]) -> Whole:
    wanted = form(call.request.headers.get("Accept", ""))
    if wanted.shape == "Table":
        objects = [call.object(entry) for entry in entries]
        return Whole(
            msgspec.json.encode(forms.rows(call.kind, objects, wanted, answers.include(call), meta)),
            media=wanted.content_type,
        )
    if wanted.shape:
        head = {**forms.partial({"metadata": meta}, wanted.version), "kind": "PartialObjectMetadataList"}
        return _joined(head, [forms.partial_json(entry.raw, wanted.version) for entry in entries], wanted.content_type)
    head = {"kind": call.kind.list_name, "apiVersion": call.kind.api_version, "metadata": meta}
    return _joined(head, [call.item(entry) for entry in entries], JSON)


def _joined(head: dict[str, Any], items: list[bytes], content_type: str) -> Whole:
    """A list of items that are JSON already."""
    body = b'%s,"items":[%s]}' % (msgspec.json.encode(head)[:-1], b",".join(items))
    return Whole(body, media=content_type)


def _token(page: _Page) -> str:
    return base64.urlsafe_b64encode(msgspec.json.encode(page)).decode().rstrip("=")


def _resume(call: Call, options: ListOptions, snapshots: Snapshots) -> tuple[_Page, list[Entry]]:
    """Where a continue token left off.

    Raises:
        Failure: 400, not a token; 410, its snapshot is gone (with a token for the inconsistent rest).
    """
    if options.rv:
        raise bad_request("specifying resource version is not allowed when using continue")
    try:
        text = options.token + "=" * (-len(options.token) % 4)
        page = msgspec.json.decode(base64.urlsafe_b64decode(text), type=_Page)
    except (ValueError, msgspec.MsgspecError):
        raise bad_request(f"{_UNKNOWN}: it was not given out by this server") from None
    if page.snapshot:
        if not page.snapshot.startswith(f"{call.request.path}?"):
            raise bad_request(f"{_UNKNOWN}: it is one of another list")
        entries = snapshots.get(page.snapshot)
        if entries is None:
            raise expired(GONE, _token(_Page(0, 0, page.key, "")))
        return page, entries
    rest = [entry for entry in chosen(call, options) if entry.key > page.key]
    return _Page(call.server.store.rv, 0, page.key, ""), rest
