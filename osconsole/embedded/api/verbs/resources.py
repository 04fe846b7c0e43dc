"""The verbs on resources: one function a verb, from a call to an answer."""

from typing import Any

from aiohttp import web

from osconsole.embedded.api import answers
from osconsole.embedded.api.bodies import read, received
from osconsole.embedded.api.failures import bad_request, invalid, not_allowed, not_found, wrong_value
from osconsole.embedded.api.kinds import shape
from osconsole.embedded.api.kinds.catalog import REVIEWS
from osconsole.embedded.api.protocol.negotiate import decode
from osconsole.embedded.api.protocol.options import DeleteOptions, delete_options, flag, list_options
from osconsole.embedded.api.protocol.whole import Whole
from osconsole.embedded.api.server import Call
from osconsole.embedded.api.verbs import deleting, patching, subresources, watches, writing
from osconsole.embedded.api.verbs.lists import Snapshots, chosen, listing
from osconsole.embedded.api.verbs.reviews import review

_CREATES_ON_UPDATE = (
    "Lease",
    "Endpoints",
    "Event",
    "Role",
    "RoleBinding",
    "ClusterRole",
    "ClusterRoleBinding",
    "EndpointSlice",
    "Service",
    "LimitRange",
)
_REVIEW_KINDS = {kind.kind for kind in REVIEWS}


def verb(method: str, target_name: str, query: Any) -> str:
    """The verb of a request, as rules name it."""
    if method in ("GET", "HEAD"):
        if target_name:
            return "get"
        return "watch" if flag(query, "watch") else "list"
    if method == "DELETE":
        return "delete" if target_name else "deletecollection"
    return {"POST": "create", "PUT": "update", "PATCH": "patch"}.get(method, method.lower())


async def serve(call: Call, action: str, snapshots: Snapshots) -> web.StreamResponse:
    """Answer a call for a resource.

    Raises:
        Failure: whatever goes wrong, as a Status.
    """
    if call.request.method == "HEAD":
        raise not_allowed()
    if call.target.subresource:
        return await subresources.serve(call, action)
    if action not in call.kind.verbs or (action in ("update", "patch") and not call.target.name):
        raise not_allowed()
    if action in ("list", "watch"):
        options = list_options(call.request.query)
        return await (watches.watching(call, options) if action == "watch" else listing(call, options, snapshots))
    return await _VERBS[action](call)


async def _get(call: Call) -> Whole:
    entry = call.entry()
    await call.server.store.committed()
    return answers.one(call, entry)


async def _create(call: Call) -> Whole:
    if call.target.name:
        raise not_allowed()
    options = call.options()
    if call.kind.kind in _REVIEW_KINDS and not call.kind.custom:
        body = await read(call.request)
        asked = decode(body, call.request.headers.get("Content-Type", ""))
        return answers.value(review(call, asked), 201)
    obj, warnings = await received(call, options)
    warnings += patching.advised(call, obj, None)
    written = writing.create(call, obj, options)
    await call.server.store.committed()
    return answers.one(call, written.answer, 201, warnings)


async def _update(call: Call) -> Whole:
    options = call.options()
    obj, warnings = await received(call, options)
    entry = call.collection.get(call.namespace, call.target.name)
    if entry is None:
        if call.kind.kind not in _CREATES_ON_UPDATE or call.kind.custom or obj["metadata"].get("uid"):
            raise not_found(call.kind, call.target.name)
        obj["metadata"].pop("resourceVersion", None)
        written = writing.create(call, obj, options)
        await call.server.store.committed()
        return answers.one(call, written.answer, 201, warnings)
    if call.kind.custom and not obj["metadata"].get("resourceVersion"):
        why = wrong_value("metadata.resourceVersion", 0, "must be specified for an update")
        raise invalid(call.kind, call.target.name, [why], by_resource=True)
    if obj["metadata"].get("finalizers") or obj["metadata"].get("deletionTimestamp"):
        warnings += patching.advised(call, {**obj, "metadata": {**obj["metadata"], "uid": ""}}, call.object(entry))
    written = writing.update(call, entry, obj, options)
    await call.server.store.committed()
    return answers.one(call, written.answer, 200, warnings)


async def _patch(call: Call) -> Whole:
    written, warnings, created = await patching.patch(call)
    await call.server.store.committed()
    return answers.one(call, written.answer, 201 if created else 200, warnings)


async def _delete_options(call: Call) -> DeleteOptions:
    body = await read(call.request)
    given = decode(body, call.request.headers.get("Content-Type", "")) if body else None
    if given is not None and not isinstance(given, dict):
        raise bad_request("the DeleteOptions are not an object")
    if given is not None and (given.get("kind") or "DeleteOptions") == "DeleteOptions":
        given = shape.fitting(given, "", "v1", "DeleteOptions")
    return delete_options(call.request.query, given)


async def _delete(call: Call) -> Whole:
    options = await _delete_options(call)
    found = deleting.delete(call.server, call.kind, call.entry(), options)
    await call.server.store.committed()
    warnings = deleting.advice(call.kind, options)
    return answers.value(found, warnings=warnings) if _is_status(found) else answers.one(call, found, 200, warnings)


def _is_status(found: dict[str, Any]) -> bool:
    return bool(found.get("kind") == "Status")


async def _delete_all(call: Call) -> Whole:
    options = await _delete_options(call)
    entries = chosen(call, list_options(call.request.query))
    for entry in entries:
        deleting.delete(call.server, call.kind, entry, options)
    rv = call.server.store.rv
    await call.server.store.committed()
    items = [call.object(entry) for entry in entries]
    return answers.value(
        {
            "kind": call.kind.list_name,
            "apiVersion": call.kind.api_version,
            "metadata": {"resourceVersion": str(rv)},
            "items": items,
        }
    )


_VERBS = {
    "get": _get,
    "create": _create,
    "update": _update,
    "patch": _patch,
    "delete": _delete,
    "deletecollection": _delete_all,
}
