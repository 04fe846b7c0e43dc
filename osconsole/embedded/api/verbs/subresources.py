"""Subresources: status, finalize, scale, binding, eviction, log, exec, portforward; one small function a verb."""

from typing import Any

from aiohttp import web

from osconsole.embedded.api import answers
from osconsole.embedded.api.bodies import read, received
from osconsole.embedded.api.clock import now
from osconsole.embedded.api.failures import bad_request, conflict, not_allowed
from osconsole.embedded.api.kinds import shape
from osconsole.embedded.api.pods import logs, upgrades
from osconsole.embedded.api.protocol.negotiate import decode
from osconsole.embedded.api.protocol.options import delete_options
from osconsole.embedded.api.protocol.whole import Whole
from osconsole.embedded.api.server import Call
from osconsole.embedded.api.storage.entry import Entry
from osconsole.embedded.api.verbs import deleting, eviction, patching, scaling, writing

Object = dict[str, Any]


async def serve(call: Call, action: str) -> web.StreamResponse:
    """Answer a call for a subresource.

    Raises:
        Failure: among others 405.
    """
    sub = call.target.subresource
    if sub == "scale":
        return await scaling.serve(call, action)
    if sub == "log" and action == "get":
        return await logs.serve(call)
    if sub in upgrades.ACTIONS and action in ("get", "create"):
        return await upgrades.serve(call)
    handler = _HANDLERS.get((sub, action))
    if handler is None:
        raise not_allowed()
    return await handler(call)


async def _get(call: Call) -> Whole:
    entry = call.entry()
    await call.server.store.committed()
    return answers.one(call, entry)


async def _put_status(call: Call) -> Whole:
    options = call.options()
    obj, warnings = await received(call, options)
    written = writing.update(call, call.entry(), obj, options, "status")
    await call.server.store.committed()
    return answers.one(call, written.answer, 200, warnings)


async def _patch_status(call: Call) -> Whole:
    written, warnings, _ = await patching.patch(call, "status")
    await call.server.store.committed()
    return answers.one(call, written.answer, 200, warnings)


async def _finalize(call: Call) -> Whole:
    options = call.options()
    obj, warnings = await received(call, options)
    entry = call.entry()
    new = call.object(entry)
    if obj["metadata"].get("resourceVersion", entry.object()["metadata"]["resourceVersion"]) != str(entry.rv):
        raise conflict(call.kind, call.target.name)
    finalizers = (obj.get("spec") or {}).get("finalizers")
    new.setdefault("spec", {})["finalizers"] = finalizers
    if not finalizers:
        del new["spec"]["finalizers"]
    written = writing.finish(call.server, call.kind, entry, new)
    await call.server.store.committed()
    return answers.one(call, written.answer, 200, warnings)


async def _bind(call: Call) -> Whole:
    body = shape.fitting(await _body(call), "", "v1", "Binding")
    node = (body.get("target") or {}).get("name")
    if not node:
        raise bad_request("Binding: target.name: Required value")
    entry = call.entry()
    pod = call.object(entry)
    if pod["spec"].get("nodeName"):
        why = f'pod {call.target.name} is already assigned to node "{pod["spec"]["nodeName"]}"'
        raise conflict(call.kind, call.target.name, why, "binding")
    pod["spec"]["nodeName"] = node
    _condition(pod, {"type": "PodScheduled", "status": "True", "lastProbeTime": None})
    writing.finish(call.server, call.kind, entry, pod)
    await call.server.store.committed()
    return answers.value({"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Success", "code": 201}, 201)


def _condition(pod: Object, condition: Object) -> None:
    """Set one condition of a pod, from now on."""
    status = pod.setdefault("status", {})
    others = [c for c in status.get("conditions") or () if c.get("type") != condition["type"]]
    status["conditions"] = [*others, {**condition, "lastTransitionTime": now()}]


async def _evict(call: Call) -> Whole:
    body = shape.fitting(await _body(call), "policy", "v1", "Eviction")
    options = delete_options(call.request.query, body.get("deleteOptions"))
    entry: Entry = call.entry()
    eviction.check(call.server, entry, dry_run=options.dry_run)
    if not options.dry_run:  # why it goes stays to be read for as long as the pod does
        pod = call.object(entry)
        _condition(pod, _EVICTED)
        entry = writing.finish(call.server, call.kind, entry, pod).entry or entry
    deleting.delete(call.server, call.kind, entry, options)
    await call.server.store.committed()
    return answers.value({"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Success", "code": 201}, 201)


async def _token(call: Call) -> Whole:
    account = call.object(call.entry())
    asked = shape.fitting(await _body(call), "authentication.k8s.io", "v1", "TokenRequest")
    return answers.value(call.server.accounts.request(account, asked), 201)


async def _body(call: Call) -> Any:
    content = await read(call.request)
    found = decode(content, call.request.headers.get("Content-Type", "")) if content else {}
    if not isinstance(found, dict):
        raise bad_request("the body is not an object")
    return found


_EVICTED: Object = {
    "type": "DisruptionTarget",
    "status": "True",
    "lastProbeTime": None,
    "reason": "EvictionByEvictionAPI",
    "message": "Eviction API: evicting",
}
_HANDLERS = {
    ("status", "get"): _get,
    ("status", "update"): _put_status,
    ("status", "patch"): _patch_status,
    ("finalize", "update"): _finalize,
    ("binding", "create"): _bind,
    ("eviction", "create"): _evict,
    ("token", "create"): _token,
}
