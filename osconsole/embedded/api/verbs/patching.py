"""PATCH: merge, JSON, strategic merge, and server-side apply, on an object or its status."""

import functools
from typing import Any

import msgspec

from osconsole.embedded.api.bodies import named, read
from osconsole.embedded.api.failures import (
    Failure,
    bad_request,
    cause_dict,
    conflict,
    invalid,
    not_found,
    required,
    wrong_value,
)
from osconsole.embedded.api.kinds import crds, naming, shape
from osconsole.embedded.api.ownership import ownership, typed
from osconsole.embedded.api.patch import patches, restoring, strategic
from osconsole.embedded.api.protocol.negotiate import PATCHES, decode, duplicate_keys, media_type
from osconsole.embedded.api.protocol.options import WriteOptions, invalid_options
from osconsole.embedded.api.server import Call
from osconsole.embedded.api.verbs import writing
from osconsole.embedded.api.verbs.writing import Written

Object = dict[str, Any]


async def patch(call: Call, subresource: str = "") -> tuple[Written, list[str], bool]:
    """Apply a patch; the third value says whether the object was created.

    Raises:
        Failure: 400, 404, 409, 413, 415, 422.
    """
    options = call.options()
    how = PATCHES.get(media_type(call.request.headers.get("Content-Type", "")), "")
    if not how or (how == "strategic" and call.kind.custom):
        raise unsupported(call)
    body = await read(call.request)
    content = decode(body, call.request.headers.get("Content-Type", ""))
    if how == "apply":
        return _apply(call, content, options, subresource)
    entry = call.entry()
    live = call.object(entry)
    new = changed(call, live, content, how)
    _share(call, new, live)
    named(call, new)
    duplicates = duplicate_keys(body, content) if options.validation != "Ignore" else []
    unfit = functools.partial(_unfit, call, new, content if how == "strategic" else None)
    warnings = call.warned(shape.receive(call.kind, new, options.validation, duplicates, unfit))
    warnings += advised(call, new, live)
    return writing.update(call, entry, new, options, subresource), warnings, False


def _share(call: Call, new: Object, live: Object | None) -> None:
    """Let both stand for the object where a patch left its spec: into parts of that, the server might write."""
    if live is not None and new.get("spec") is live.get("spec") and call.kind.kind != crds.KIND:
        call.live = live


def advised(call: Call, new: Object, live: Object | None) -> list[str]:
    """Warnings of what a write does to an object's metadata.

    Raises:
        Failure: 422, it changes what never changes.
    """
    before = live["metadata"] if live is not None else None
    wrong = naming.fixed(new["metadata"], before) if before is not None else []
    if wrong:
        raise invalid(call.kind, call.target.name, wrong)
    return naming.advice(call.kind, new["metadata"], before)


def changed(call: Call, obj: Object, content: Any, how: str) -> Object:
    """The object after a patch.

    Raises:
        Failure: 400 or 422.
    """
    try:
        if how == "merge":
            return patches.merge(obj, content)
        if how == "strategic" and content is None:
            return obj
        if how == "json":
            return patches.json_patch(obj, content)
        return strategic.merge(obj, content, shape.schema_of(call.kind))
    except patches.PatchError as error:
        raise Failure(error.code, error.reason, str(error), {}) from None


def _unfit(call: Call, patched: Object, strategic_patch: Object | None, problem: str) -> Failure:
    """422: what the patch makes is no object of the kind; of a strategic merge patch that is said in other words."""
    if strategic_patch is None:
        why = wrong_value("patch", msgspec.json.encode(patched).decode(), problem)
    else:
        found = restoring.problem(patched, shape.schema_of(call.kind))
        why = wrong_value("patch", strategic.plain(strategic_patch), found or problem)
    return Failure(422, "Invalid", f' "" is invalid: {why.field}: {why.message}', {"causes": [cause_dict(why)]})


def unsupported(call: Call) -> Failure:
    """415: which patches there are."""
    types = [name for name, how in PATCHES.items() if how and not (how == "strategic" and call.kind.custom)]
    return Failure(
        415,
        "UnsupportedMediaType",
        "the body of the request was in an unknown format - accepted media types include: " + ", ".join(types),
    )


def _identity(call: Call, applied: Object) -> str:
    """How structured-merge-diff names what is applied: by what the configuration itself says."""
    meta = applied.get("metadata")
    namespace = meta.get("namespace") or "" if isinstance(meta, dict) else ""
    kind = call.kind
    return f"{namespace}/{call.target.name}; {kind.group}/{kind.version}, Kind={kind.kind}"


def _unapplied(where: str, problem: str) -> Failure:
    """500: what is applied is no object of the kind; bytes are read in a way of their own there."""
    sort = where.partition("; ")[2]
    why = f"error decoding from json: {problem}" if "base64" in problem else problem
    words = f"to proper version: unable to convert unstructured object to {sort}: {why}"
    return Failure(500, "", f"failed to convert new object ({where}) {words}")


def _nameless(applied: Object) -> bool:
    meta = applied.get("metadata")
    return not (isinstance(meta, dict) and meta.get("name"))


def _check_new(call: Call, applied: Object, *, nameless: bool) -> None:
    """What is made by applying says its name, and no uid.

    Raises:
        Failure: 400, 409.
    """
    if nameless:
        why = "was undeterminable: name must be provided"
        raise bad_request(f"the name of the object ({call.target.name} based on URL) {why}")
    if uid := applied["metadata"].get("uid"):
        why = f"uid mismatch: the provided object specified uid {uid}, and no existing object was found"
        raise conflict(call.kind, call.target.name, why)


def _apply(call: Call, applied: Any, options: WriteOptions, subresource: str) -> tuple[Written, list[str], bool]:
    if not isinstance(applied, dict):
        raise bad_request("error decoding YAML: the apply configuration is not an object")
    if not options.named_manager:
        raise invalid_options("PatchOptions", [required("fieldManager", "is required for apply patch")])
    for key in ("apiVersion", "kind"):
        if not applied.get(key):
            raise bad_request(f"{key} must be specified in apply patch")
    wrong = typed.problems(applied, shape.schema_of(call.kind))
    where, nameless = _identity(call, applied), _nameless(applied)
    named(call, applied)
    if applied["metadata"].get("managedFields"):
        raise bad_request("metadata.managedFields must be nil")
    if wrong:
        words = wrong[0] if len(wrong) == 1 else "errors:" + "".join(f"\n  {one}" for one in wrong)
        raise Failure(500, "", f"failed to create typed patch object ({where}): {words}")
    unfit = functools.partial(_unapplied, where)
    warnings = call.warned(shape.receive(call.kind, applied, options.validation, [], unfit))
    entry = call.collection.get(call.namespace, call.target.name)
    live = call.object(entry) if entry is not None else None
    if live is None:
        _check_new(call, applied, nameless=nameless)
    new = ownership.apply(call.kind, live, applied, options, subresource)
    _share(call, new, live)
    warnings += advised(call, new, live)
    if entry is None:
        if subresource:
            raise not_found(call.kind, call.target.name)
        return writing.create(call, new, options, tracked=True), warnings, True
    return writing.update(call, entry, new, options, subresource, tracked=True), warnings, False
