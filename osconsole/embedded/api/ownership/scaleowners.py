"""Who owns the number of replicas after `/scale`: entries become those of a Scale, and come back.

A real server loses a few things on the way there and back, and they are lost here too: nobody gains what nobody owned,
a zero is no field, and entries lose their time, in which one may hide another of the same writer.
"""

from typing import Any

from osconsole.embedded.api.causes import Cause
from osconsole.embedded.api.ownership import fieldsets
from osconsole.embedded.api.ownership.apply import ApplyConflict
from osconsole.embedded.api.ownership.fieldsets import FieldSet
from osconsole.embedded.api.ownership.managed import BEFORE, Author, Entry, Identity, entries, named, stored

_LEAF: FieldSet = {".": {}}
_IN_SCALE = "autoscaling/v1"


def scaled(
    live: dict[str, Any], author: Author, path: str, numbers: tuple[int, int], *, force: bool = False
) -> list[dict[str, Any]]:
    """The managedFields after `author` set the number at `path` (`.spec.replicas`); `numbers` are before and after.

    Raises:
        ApplyConflict: somebody else owns another number, and `author` applies without force.
    """
    found = entries(live)
    place = _place(path)
    owners = [entry for entry in found if fieldsets.intersection(entry.fields, place)]
    before = [entry.identity for entry in owners]
    writers = _applied(before, author, numbers, force=force) if author.applies else _updated(before, author, numbers)
    kept = [entry for entry in found if entry not in owners]
    for entry in owners:
        if entry.identity[1] == "Apply" and entry.identity in writers:
            writers.remove(entry.identity)
        else:
            entry.fields = fieldsets.difference(entry.fields, place)
        kept.append(entry)
    for writer in writers:
        entry = Entry(writer, "", {})
        entry.fields = place
        kept.append(entry)
    return stored(kept)


def _updated(owners: list[Identity], author: Author, numbers: tuple[int, int]) -> set[Identity]:
    """Who owns the number after it was set."""
    before, after = numbers
    if not owners or before == after:
        return set(owners)
    return {author.identity} if after else set()


def _applied(owners: list[Identity], author: Author, numbers: tuple[int, int], *, force: bool) -> set[Identity]:
    """Who owns the number after it was applied.

    Raises:
        ApplyConflict
    """
    before, after = numbers
    earlier = {*owners} or {(BEFORE, "Update", author.api_version, "")}
    others = earlier - {author.identity}
    if before != after and not force and (owners or before):
        causes = [Cause(".spec.replicas", "FieldManagerConflict", f"conflict with {_named(one)}") for one in others]
        if causes:
            raise ApplyConflict(sorted(causes, key=lambda cause: cause.message))
    if before == after or not owners:
        return earlier | {author.identity}
    return {author.identity}


def _named(writer: Identity) -> str:
    manager, operation, _, subresource = writer
    return named((manager, operation, _IN_SCALE, subresource))


def _place(path: str) -> FieldSet:
    """The set of this one field."""
    found = _LEAF
    for key in reversed(path.strip(".").split(".")):
        found = {f"f:{key}": found}
    return found
