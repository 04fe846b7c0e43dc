"""Server-side apply: merging an applied configuration into the live object by field ownership.

The caller decodes, checks that the request has a field manager and no managedFields, and afterwards defaults, validates
and stores. Sets are not converted between versions.
"""

import copy
import json
from typing import Any

import msgspec

from osconsole.embedded.api.causes import Cause
from osconsole.embedded.api.ownership import fieldsets
from osconsole.embedded.api.ownership.fieldsets import FieldSet
from osconsole.embedded.api.ownership.managed import BEFORE, Author, Entry, entries, named, owned, stored, track
from osconsole.embedded.api.schema.schemas import Schema
from osconsole.errors import OsconsoleError

_LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"


class ApplyConflict(OsconsoleError):
    """Fields that others own with other values (409).

    Attributes:
        causes: one FieldManagerConflict for each manager and field.
    """

    code = 409
    reason = "Conflict"

    def __init__(self, causes: list[Cause]) -> None:
        count = "1 conflict" if len(causes) == 1 else f"{len(causes)} conflicts"
        super().__init__(f"Apply failed with {count}: {_listed(causes)}")
        self.causes = causes


def _listed(causes: list[Cause]) -> str:
    if len(causes) == 1:
        return f"{causes[0].message}: {causes[0].field}"
    by_manager: dict[str, list[str]] = {}
    for cause in causes:
        by_manager.setdefault(cause.message.replace("conflict", "conflicts", 1), []).append(f"- {cause.field}")
    return "\n".join(f"{who}:\n" + "\n".join(lines) for who, lines in sorted(by_manager.items()))


def apply(
    live: dict[str, Any] | None, applied: dict[str, Any], author: Author, schema: Schema, *, force: bool = False
) -> dict[str, Any]:
    """The object after `author` applied its configuration, with managedFields kept up.

    Applying the same configuration again gives an object equal to `live`.

    Raises:
        ApplyConflict: a field is owned by somebody else with another value, and not forced.
    """
    found = entries(live) or _before(live, author, schema)
    given = fieldsets.of(applied, schema)
    config = owned(given, author)
    own = next((entry for entry in found if entry.identity == author.identity), None)
    others: FieldSet = {}
    for entry in found:
        if entry is not own:
            others = fieldsets.union(others, entry.fields)
    merged = _merged(live, applied, schema) if live is not None else applied
    if own is not None and (gone := fieldsets.difference(own.fields, config)):
        merged = copy.deepcopy(merged)
        _remove(merged, schema, gone, fieldsets.union(others, given))
    changed, removed = fieldsets.compare(live or {}, merged, schema)
    contested = owned(changed, author)
    if not force:
        disputed = fieldsets.intersection(contested, config)
        _refuse(found, own, fieldsets.difference(disputed, _upgraded(live, author, schema)))
    _settle(found, own, (contested, removed, config), author)
    if contested or removed or _moved(live, merged, author):
        next(entry for entry in found if entry.identity == author.identity).time = author.now
    meta = {**merged.get("metadata", {}), **_renewed(merged, applied, author), "managedFields": stored(found)}
    return {**merged, "metadata": meta}


def _before(live: dict[str, Any] | None, author: Author, schema: Schema) -> list[Entry]:
    """An object without owners belongs, once something is applied to it, to whoever wrote it before."""
    if live is None:
        return []
    earlier = msgspec.structs.replace(author, manager=BEFORE, operation="Update", subresource="")
    return [
        entry for entry in entries({"metadata": {"managedFields": track(None, live, earlier, schema)}}) if entry.fields
    ]


def _last_applied(obj: dict[str, Any] | None, author: Author) -> Any:
    """What `kubectl apply` noted when it still merged by itself; only kubectl's own manager may take it over."""
    annotations = ((obj or {}).get("metadata") or {}).get("annotations") or {}
    text = annotations.get(_LAST_APPLIED) if author.manager == "kubectl" else None
    try:
        return json.loads(text) if text else None
    except ValueError:
        return None


def _upgraded(live: dict[str, Any] | None, author: Author, schema: Schema) -> FieldSet:
    """The fields that kubectl owned by its annotation: no conflict when it applies them from the server's side."""
    noted = _last_applied(live, author)
    if not isinstance(noted, dict):
        return {}
    found = fieldsets.of(noted, schema)
    for apart in fieldsets.compare(noted, live, schema):
        # What is no longer as it was noted is somebody else's by now.
        found = fieldsets.difference(found, apart)
    return found


def _renewed(merged: dict[str, Any], applied: dict[str, Any], author: Author) -> dict[str, Any]:
    """The annotations with what keeps a kubectl right that merges by itself, where there is one."""
    if not isinstance(_last_applied(merged, author), dict):
        return {}
    text = json.dumps(applied, separators=(",", ":"), sort_keys=True, ensure_ascii=False)
    return {"annotations": {**merged["metadata"]["annotations"], _LAST_APPLIED: text + "\n"}}


def _settle(found: list[Entry], own: Entry | None, sets: tuple[FieldSet, FieldSet, FieldSet], author: Author) -> None:
    contested, removed, config = sets
    for entry in found:
        if entry is not own:
            entry.lose(contested)
            entry.lose(removed)
    if own is None:
        own = Entry(author.identity, "", {})
        found.append(own)
    own.fields = config


def _moved(live: dict[str, Any] | None, merged: dict[str, Any], author: Author) -> bool:
    """Whether what this author may write differs, be it only in the order of a list."""
    apart = {"spec"} if author.subresource else set() if author.whole else {"status"}
    return any((live or {}).get(key) != merged.get(key) for key in merged.keys() - apart)


def _refuse(found: list[Entry], own: Entry | None, contested: FieldSet) -> None:
    causes = [
        Cause(path, "FieldManagerConflict", f"conflict with {named(entry.identity)}")
        for entry in found
        if entry is not own
        for path in fieldsets.paths(fieldsets.intersection(entry.fields, contested))
    ]
    if causes:
        raise ApplyConflict(causes)


def _merged(live: Any, applied: Any, schema: Schema | None) -> Any:
    """`live` with everything that `applied` names; they may share what is the same, so treat them as values."""
    how = fieldsets.shape(applied, schema)
    if how == "leaf" or type(live) is not type(applied):
        return applied
    if how == "map":
        out = dict(live)
        for key, member in applied.items():
            node = schema.child(key) if schema is not None else None
            out[key] = _merged(live[key], member, node) if key in live else member
        return out
    return _merged_list(live, applied, schema, how)


def _merged_list(live: list[Any], applied: list[Any], schema: Schema | None, how: str) -> list[Any]:
    """Items of both in the order applied; what only the live list has stands before what comes next to it."""
    before = fieldsets.members(live, schema, how)
    after = fieldsets.members(applied, schema, how)

    def both(step: str) -> Any:
        item, node = after[step]
        return _merged(before[step][0], item, node) if step in before else item

    return [both(step) if step in after else before[step][0] for step in _order(list(before), list(after))]


def _order(live: list[str], applied: list[str]) -> list[str]:
    """The order of a merged list, as structured-merge-diff finds it."""
    known, named = set(live), set(applied)
    shared = [step for step in applied if step in known]
    out: list[str] = []
    while live or applied:
        if live and live[0] not in named:
            out.append(live.pop(0))
        elif live and (live[0] in out or (shared and shared[0] != live[0])):
            # An item of both that is out, or whose turn has not come: it stands where the applied list has it.
            live.pop(0)
        else:
            step = applied.pop(0)
            out.append(step)
            if live and live[0] == step:
                live.pop(0)
            if shared and shared[0] == step:
                shared.pop(0)
    return out


def _remove(value: Any, schema: Schema | None, gone: FieldSet, kept: FieldSet) -> None:
    """Remove, in place, what is no longer applied, unless it or something inside is applied or owned by others."""
    how = fieldsets.shape(value, schema)
    if how == "leaf" or not gone:
        return
    for step, (member, node) in fieldsets.members(value, schema, how).items():
        if step not in gone:
            continue
        if step not in kept and ("." in gone[step] or fieldsets.declared(step, schema)):
            _delete(value, step, member)
        elif step != "." and how != "set":
            _remove(member, node, gone[step], kept.get(step, {}))


def _delete(value: Any, step: str, member: Any) -> None:
    if isinstance(value, dict):
        del value[step[2:]]
    else:
        value[:] = [item for item in value if item is not member]
