"""Creating and updating one object: the steps between a decoded body and the store.

Everything between reading an object and storing its successor happens without an await, so no two writes interleave.
"""

import uuid
from typing import Any

import msgspec

from osconsole.embedded.api.causes import Cause
from osconsole.embedded.api.clock import now
from osconsole.embedded.api.failures import (
    Failure,
    already_exists,
    conflict,
    forbidden,
    invalid,
    not_found,
)
from osconsole.embedded.api.kinds import crds, naming, podadvice, services, shape, strategy
from osconsole.embedded.api.kinds.catalog import CORE
from osconsole.embedded.api.kinds.generations import bumps, said
from osconsole.embedded.api.ownership import ownership
from osconsole.embedded.api.protocol.options import WriteOptions
from osconsole.embedded.api.rules import table as rules
from osconsole.embedded.api.server import Call, Server
from osconsole.embedded.api.storage.entry import Entry
from osconsole.embedded.api.types import ResourceType
from osconsole.embedded.api.verbs import replicas

_SERVER_SET = ("uid", "creationTimestamp", "deletionTimestamp", "deletionGracePeriodSeconds", "selfLink", "generation")
_NAMESPACE = CORE[0]
_KEPT_BY_STATUS = {"Deployment": "labels", "Pod": "ownerReferences"}

Object = dict[str, Any]


class Written(msgspec.Struct):
    """What a write led to: an entry where it was stored, else (dry run) only the object."""

    obj: Object
    entry: Entry | None = None
    gone: bool = False

    @property
    def answer(self) -> Entry | Object:
        """What the client gets: the stored bytes where there are any."""
        return self.obj if self.entry is None or self.gone else self.entry


def create(call: Call, obj: Object, options: WriteOptions, *, tracked: bool = False) -> Written:
    """Store a new object; `obj` was received (pruned) and named.

    Raises:
        Failure: 403, 404, 409, 422.
    """
    kind, meta = call.kind, obj["metadata"]
    if meta.get("resourceVersion"):
        raise Failure(500, "", "resourceVersion should not be set on objects to be created")
    for key in _SERVER_SET:
        meta.pop(key, None)
    if not meta.get("name") and meta.get("generateName"):
        meta["name"] = naming.generate(meta["generateName"])
    if strategy.drops_status(kind):
        obj.pop("status", None)
    check_namespace(call.server, kind, call.namespace, meta.get("name", ""))
    meta["uid"] = str(uuid.uuid4())
    meta["creationTimestamp"] = now()
    if strategy.has_generation(kind):
        meta["generation"] = 1
    if tracked or not replicas.complete(kind, obj, options):
        _complete(call, obj, None, None if tracked else options)
    call.warn(podadvice.advice(kind, obj))
    if (found := call.collection.get(call.namespace, meta["name"])) is not None:
        raise already_exists(kind, meta["name"], ending=_ends(found))
    if options.dry_run:
        return Written(msgspec.json.decode(msgspec.json.encode(obj)))
    entry = call.server.store.put(kind, obj, None)
    obj["apiVersion"] = kind.api_version
    after_write(call.server, kind, obj)
    return Written(obj, entry)


def _ends(entry: Entry) -> bool:
    """Whether it is being deleted."""
    return b'"deletionTimestamp"' in entry.raw and bool(entry.object()["metadata"].get("deletionTimestamp"))


def check_namespace(server: Server, kind: ResourceType, namespace: str, name: str) -> None:
    """Refuse new objects in a namespace that is missing or ends.

    Raises:
        Failure: 404 or 403.
    """
    if not kind.namespaced:
        return
    found = server.collection(_NAMESPACE).get("", namespace)
    if found is None:
        raise not_found(_NAMESPACE, namespace)
    if _ends(found):
        cause = {
            "reason": "NamespaceTerminating",
            "message": f"namespace {namespace} is being terminated",
            "field": "metadata.namespace",
        }
        why = f"unable to create new content in namespace {namespace} because it is being terminated"
        raise forbidden(kind, name, why, [cause])


def update(
    call: Call, entry: Entry, new: Object, options: WriteOptions, subresource: str = "", *, tracked: bool = False
) -> Written:
    """Store the successor of an object; without a change nothing is written.

    `new` is complete in the requested version; what it may not change is restored or refused. `tracked` says that its
    managedFields are right already (apply).

    Raises:
        Failure: 409, 422.
    """
    kind = call.kind
    old = call.live or call.object(entry)
    new["metadata"] = _apart(new["metadata"], old["metadata"])
    _check_identity(kind, new, old)
    _restore(kind, new, old, subresource)
    _complete(call, new, old)
    if _same(new, old):
        return Written(old, entry)
    if subresource != "status" and strategy.has_generation(kind) and bumps(kind, new, old):
        new["metadata"]["generation"] = old["metadata"].get("generation", 0) + 1
        call.warn(podadvice.advice(kind, new))
    if not tracked:
        ownership.track(kind, old, new, options, subresource)
    if options.dry_run:
        return Written(new)
    return finish(call.server, kind, entry, new)


def finish(server: Server, kind: ResourceType, entry: Entry, new: Object) -> Written:
    """Store an update, or the end of an object that only waited for its finalizers."""
    if _over(kind, new):
        return Written(new, remove(server, kind, entry), gone=True)
    stored = server.store.put(kind, new, entry)
    new["apiVersion"] = kind.api_version
    after_write(server, kind, new)
    return Written(new, stored)


def remove(server: Server, kind: ResourceType, entry: Entry) -> Entry:
    """Take an object away, with what hangs on it being there."""
    last = server.store.remove(kind, entry)
    if kind.kind == crds.KIND and not kind.custom:
        obj = entry.object()
        for served in crds.types(obj)[:1]:
            server.store.drop(served)
        server.registry.replace(obj["spec"]["group"], obj["spec"]["names"]["plural"], [])
    elif kind.custom:
        release(server, kind.group, kind.plural)
    return last


def release(server: Server, group: str, plural: str) -> None:
    """End a definition that is being deleted, once none of its objects is left."""
    definitions = server.registry.by_kind("apiextensions.k8s.io", crds.KIND)
    assert definitions is not None
    entry = server.collection(definitions).get("", f"{plural}.{group}")
    if entry is None or b'"deletionTimestamp"' not in entry.raw:
        return
    obj = entry.object()
    if not obj["metadata"].get("deletionTimestamp") or len(server.collection(crds.types(obj)[0])):
        return
    meta = obj["metadata"]
    meta["finalizers"] = [f for f in meta.get("finalizers") or () if f != crds.CLEANUP]
    finish(server, definitions, entry, obj)


def after_write(server: Server, kind: ResourceType, obj: Object) -> None:
    """Serve what a definition defines; what is stored already gets defaults that are new."""
    if kind.kind != crds.KIND or kind.custom:
        return
    served = crds.types(obj)
    server.registry.replace(obj["spec"]["group"], obj["spec"]["names"]["plural"], served)
    for one in served:
        if one.version == one.storage_version:
            server.store.amend(one, shape.late_defaults(one, server.collection(one).entries()))


def _apart(meta: Object, before: Object) -> Object:
    """The metadata for us to write into; owners that are the same are the very same, and not compared again."""
    owners = before.get("managedFields")
    return {**meta, "managedFields": owners} if owners and meta.get("managedFields") == owners else dict(meta)


def _check_identity(kind: ResourceType, new: Object, old: Object) -> None:
    meta, before = new["metadata"], old["metadata"]
    name = before["name"]
    if meta.get("uid") and meta["uid"] != before["uid"]:
        why = f"Precondition failed: UID in precondition: {meta['uid']}, UID in object meta: {before['uid']}"
        raise conflict(kind, name, why)
    rv = meta.get("resourceVersion")
    if rv and rv != before["resourceVersion"]:
        raise conflict(kind, name)


def _restore(kind: ResourceType, new: Object, old: Object, subresource: str) -> None:
    """Put back, in place, what this endpoint does not write."""
    before = old["metadata"]
    if subresource == "status":
        _restore_all_but_status(kind, new, old)
    meta = new["metadata"]
    for key in (*_SERVER_SET, "resourceVersion"):
        _put(meta, key, before.get(key))
    if kind.has_status and subresource != "status":
        _put(new, "status", old.get("status"))
    if kind is _NAMESPACE:
        # Its finalizers are written elsewhere.
        _put(new, "spec", old.get("spec"))


def _restore_all_but_status(kind: ResourceType, new: Object, old: Object) -> None:
    """Of a custom object its metadata as well; of a built-in one only what its kind does not want written here."""
    status, meta, before = new.get("status"), new["metadata"], old["metadata"]
    new.clear()
    new.update(old)
    if kind.custom:
        new["metadata"] = dict(before)
        _put(new["metadata"], "managedFields", meta.get("managedFields"))
    else:
        new["metadata"] = meta
        if kept := _KEPT_BY_STATUS.get(kind.kind):
            _put(meta, kept, before.get(kept))
    _put(new, "status", status)


def _put(obj: Object, key: str, value: Any) -> None:
    if value is None:
        obj.pop(key, None)
    else:
        obj[key] = value


def _complete(call: Call, obj: Object, old: Object | None, author: WriteOptions | None = None) -> None:
    """Defaults, then every rule. Nobody owns what the server adds: who creates an object owns what it was before.

    Raises:
        Failure: 422 with all causes.
    """
    kind, server = call.kind, call.server
    shape.fill(kind, obj, old)
    definition = kind.kind == crds.KIND and not kind.custom
    if definition:
        crds.complete(obj)
    if author is not None:
        ownership.track(kind, None, obj, author)
    if old is None:
        strategy.on_create(kind, obj)
    causes: list[Cause] = naming.check(kind, obj["metadata"]) + naming.late(obj, old)
    if kind.custom:
        causes += shape.problems(kind, obj)
    elif old is None or said(obj) != said(old):
        causes += rules.broken(kind.kind, obj, shape.schema_of(kind)) + strategy.changes(kind, obj, old)
    if definition:
        causes += crds.problems(obj)
    if kind.kind == "Service" and not kind.custom and not causes:
        services.keep(obj, old)
        own = (obj["metadata"]["namespace"], obj["metadata"]["name"])
        causes += services.allocate(obj["spec"], server.collection(kind), own)
    if causes:
        raise invalid(kind, obj["metadata"].get("name", ""), causes)
    if definition:
        crds.establish(obj, now())


def _same(new: Object, old: Object) -> bool:
    """Equal but for what the server sets; of managedFields that were written, all but when counts."""
    if not ownership.alike(new, old):
        return False
    if {k: v for k, v in new.items() if k != "metadata"} != {k: v for k, v in old.items() if k != "metadata"}:
        return False
    skip = ("managedFields", "resourceVersion")
    before = {k: v for k, v in old["metadata"].items() if k not in skip}
    return {k: v for k, v in new["metadata"].items() if k not in skip} == before


def _over(kind: ResourceType, obj: Object) -> bool:
    """Whether a deleted object has nothing left to wait for."""
    meta = obj["metadata"]
    if not meta.get("deletionTimestamp") or meta.get("finalizers"):
        return False
    if kind.kind == "Namespace" and not kind.group:
        return not (obj.get("spec") or {}).get("finalizers")
    return not meta.get("deletionGracePeriodSeconds")
