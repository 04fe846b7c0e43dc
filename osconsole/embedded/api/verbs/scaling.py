"""The scale subresource: replicas of a workload, or of a custom resource that declares where they are."""

from typing import Any

import msgspec

from osconsole.embedded.api import answers
from osconsole.embedded.api.bodies import read
from osconsole.embedded.api.failures import Failure, conflict, invalid, not_allowed, not_found, wrong_value
from osconsole.embedded.api.kinds import shape
from osconsole.embedded.api.ownership import ownership
from osconsole.embedded.api.patch import patches
from osconsole.embedded.api.protocol import forms
from osconsole.embedded.api.protocol.negotiate import PATCHES, decode, form, media_type
from osconsole.embedded.api.protocol.whole import Whole
from osconsole.embedded.api.server import Call
from osconsole.embedded.api.types import ResourceType, Scale
from osconsole.embedded.api.verbs import writing

Object = dict[str, Any]

_SCALE = ResourceType(group="autoscaling", version="v1", kind="Scale", plural="scales", singular="", namespaced=True)


async def serve(call: Call, action: str) -> Whole:
    """GET, PUT and PATCH of `/scale`.

    Raises:
        Failure: 404, 405, 409, 422.
    """
    scale = call.kind.scale
    if scale is None:
        raise not_found(call.kind, call.target.name)
    if action == "get":
        return _answer(call, _read(call, scale, call.object(call.entry())))
    if action not in ("update", "patch"):
        raise not_allowed()
    call.warned([])
    body = await read(call.request)
    content_type = call.request.headers.get("Content-Type", "")
    given = decode(body, content_type)
    entry = call.entry()
    obj = call.object(entry)
    wanted = _patched(_read(call, scale, obj), given, content_type) if action == "patch" else given
    replicas = _replicas(call, wanted)
    rv = (wanted.get("metadata") or {}).get("resourceVersion")
    if rv and rv != str(entry.rv):
        raise conflict(call.kind, call.target.name)
    options = call.options()
    applies = action == "patch" and PATCHES.get(media_type(content_type)) == "apply"
    ownership.scale(call.kind, obj, (_get(obj, scale.spec_path) or 0, replicas), options, applies=applies)
    _set(obj, scale.spec_path, replicas)
    written = writing.update(call, entry, obj, options, "scale", tracked=True)
    await call.server.store.committed()
    return _answer(call, _read(call, scale, written.obj))


def _answer(call: Call, scale: Object) -> Whole:
    wanted = form(call.request.headers.get("Accept", ""))
    if not wanted.shape:
        return answers.value(scale, warnings=call.request.get("warnings", ()))
    shaped = forms.one(_SCALE, scale, wanted, answers.include(call))
    return Whole(msgspec.json.encode(shaped), media=wanted.content_type)


def _patched(scale: Object, given: Any, content_type: str) -> Object:
    how = PATCHES.get(media_type(content_type))
    try:
        return patches.json_patch(scale, given) if how == "json" else patches.merge(scale, given)
    except patches.PatchError as error:
        raise Failure(error.code, error.reason, str(error), {}) from None


def _replicas(call: Call, wanted: Any) -> int:
    wanted = shape.fitting(wanted, "autoscaling", "v1", "Scale")
    replicas = (wanted.get("spec") or {}).get("replicas", 0)
    if not isinstance(replicas, int) or (replicas < 0 and not call.kind.custom):
        why = wrong_value("spec.replicas", replicas, "must be greater than or equal to 0")
        raise invalid(_SCALE, call.target.name, [why])
    return replicas


def _read(call: Call, scale: Scale, obj: Object) -> Object:
    meta = obj["metadata"]
    keys = ("name", "namespace", "uid", "resourceVersion", "creationTimestamp")
    found: Object = {
        "kind": "Scale",
        "apiVersion": "autoscaling/v1",
        "metadata": {key: meta[key] for key in keys if key in meta},
        # Zero is left out here, but not in the status.
        "spec": {"replicas": wanted} if (wanted := _get(obj, scale.spec_path)) else {},
        "status": {"replicas": _get(obj, scale.status_path) or 0},
    }
    selector = (
        _get(obj, scale.selector_path) if call.kind.custom else _selector((obj.get("spec") or {}).get("selector"))
    )
    if selector:
        found["status"]["selector"] = selector
    return found


def _selector(selector: Object | None) -> str:
    """A LabelSelector as text."""
    parts = [f"{key}={value}" for key, value in sorted(((selector or {}).get("matchLabels") or {}).items())]
    for term in (selector or {}).get("matchExpressions") or ():
        values = ",".join(sorted(term.get("values") or ()))
        words = {
            "In": f"{term['key']} in ({values})",
            "NotIn": f"{term['key']} notin ({values})",
            "Exists": term["key"],
            "DoesNotExist": f"!{term['key']}",
        }
        parts.append(words[term["operator"]])
    return ",".join(parts)


def _get(obj: Any, path: str) -> Any:
    for key in path.strip(".").split(".") if path else ():
        obj = obj.get(key) if isinstance(obj, dict) else None
    return obj if path else None


def _set(obj: Object, path: str, value: Any) -> None:
    *parents, last = path.strip(".").split(".")
    for key in parents:
        obj = obj.setdefault(key, {})
    obj[last] = value
