"""Which field manager owns what: managedFields of every write. An adapter over `managed` and `apply`."""

from typing import Any

from osconsole.embedded.api.clock import now
from osconsole.embedded.api.failures import Failure, cause_dict
from osconsole.embedded.api.kinds.shape import schema_of
from osconsole.embedded.api.ownership import apply as applying
from osconsole.embedded.api.ownership import managed, scaleowners
from osconsole.embedded.api.ownership.fieldsets import FieldSet
from osconsole.embedded.api.protocol.options import WriteOptions
from osconsole.embedded.api.types import ResourceType


def track(
    kind: ResourceType,
    old: dict[str, Any] | None,
    new: dict[str, Any],
    options: WriteOptions,
    subresource: str = "",
) -> None:
    """Record in `new`, in place, what this update changed and for whom."""
    found = managed.track(old, new, _author(kind, options, "Update", subresource), schema_of(kind))
    if found:
        new["metadata"]["managedFields"] = found
    else:
        new["metadata"].pop("managedFields", None)


def begin(kind: ResourceType, new: dict[str, Any], options: WriteOptions, known: FieldSet) -> None:
    """Record in a new object that all is its author's; `known` is what is owned of its spec."""
    found = managed.created(new, _author(kind, options, "Update", ""), schema_of(kind), known)
    if found:
        new["metadata"]["managedFields"] = found


def apply(
    kind: ResourceType,
    live: dict[str, Any] | None,
    applied: dict[str, Any],
    options: WriteOptions,
    subresource: str = "",
) -> dict[str, Any]:
    """What an apply configuration makes of an object (None: there is none yet).

    Raises:
        Failure: 409, others own fields with other values.
    """
    author = _author(kind, options, "Apply", subresource)
    try:
        return applying.apply(live, applied, author, schema_of(kind), force=options.force)
    except applying.ApplyConflict as error:
        raise _conflict(error) from None


def scale(
    kind: ResourceType, obj: dict[str, Any], numbers: tuple[int, int], options: WriteOptions, *, applies: bool
) -> None:
    """Record in `obj`, in place, who sets its number of replicas, from and to `numbers`.

    Raises:
        Failure: 409, others own another number.
    """
    assert kind.scale is not None
    author = _author(kind, options, "Apply" if applies else "Update", "scale")
    if not obj["metadata"].get("managedFields"):
        return
    try:
        found = scaleowners.scaled(obj, author, kind.scale.spec_path, numbers, force=options.force)
    except applying.ApplyConflict as error:
        raise _conflict(error) from None
    obj["metadata"]["managedFields"] = found


def alike(new: dict[str, Any], old: dict[str, Any]) -> bool:
    """Whether managedFields that were written say what was there: all but when counts."""
    written, before = new["metadata"].get("managedFields"), old["metadata"].get("managedFields") or []
    if len(managed.entries(old)) != len(before):
        # Of two entries of one writer (`scaleowners`) the next write keeps one, whatever it writes.
        return False
    return written is None or _timeless(written) == _timeless(before)


def _timeless(entries: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{**entry, "time": "time" in entry} for entry in entries]


def _conflict(error: applying.ApplyConflict) -> Failure:
    return Failure(409, "Conflict", str(error), {"causes": [cause_dict(cause) for cause in error.causes]})


def _author(kind: ResourceType, options: WriteOptions, operation: str, subresource: str) -> managed.Author:
    return managed.Author(
        manager=options.manager[:128],
        api_version=kind.api_version,
        now=now(),
        operation=operation,
        subresource=subresource,
        whole=not kind.has_status,
    )
