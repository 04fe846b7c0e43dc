"""DELETE: preconditions, grace, finalizers, propagation; of one object and of a collection."""

import datetime
from typing import Any

from osconsole.embedded.api.clock import now
from osconsole.embedded.api.failures import Failure, forbidden
from osconsole.embedded.api.kinds import crds
from osconsole.embedded.api.protocol.options import DeleteOptions
from osconsole.embedded.api.server import Server
from osconsole.embedded.api.storage.entry import Entry
from osconsole.embedded.api.types import ResourceType
from osconsole.embedded.api.verbs import writing

_FINALIZERS = {"Foreground": "foregroundDeletion", "Orphan": "orphan"}
# As they always did: their pods stay unless it is said otherwise.
_ORPHANING = ("Job", "ReplicationController")
_PODS_STAY = (
    "child pods are preserved by default when jobs are deleted; set propagationPolicy=Background to remove them or set "
    "propagationPolicy=Orphan to suppress this warning"
)
_LASTING = ("default", "kube-system", "kube-public")
_SHOWN = ("Pod", "Service", "PersistentVolumeClaim", "ServiceAccount")

Object = dict[str, Any]


def delete(server: Server, kind: ResourceType, entry: Entry, options: DeleteOptions) -> Object:
    """Begin, or carry out, the end of an object; the answer: its state, or a Status when it is gone.

    Raises:
        Failure: 403, 409.
    """
    obj = entry.object()
    meta = obj["metadata"]
    _check(kind, obj, options)
    _finalizers(kind, meta, options)
    grace_s = _grace_s(kind, obj, options)
    namespace = kind.kind == "Namespace" and not kind.group
    waits = bool(meta.get("finalizers")) or grace_s > 0 or (namespace and (obj.get("spec") or {}).get("finalizers"))
    if options.dry_run:
        return obj
    if not waits:
        last = writing.remove(server, kind, entry)
        if kind.custom or kind.kind not in _SHOWN:
            return success(kind, obj)
        return last.object()
    if _mark(kind, obj, grace_s, namespace=namespace) or obj != entry.object():
        server.store.put(kind, obj, entry)
    if kind.kind == crds.KIND and not kind.custom:
        _empty(server, obj)
    obj["apiVersion"] = kind.api_version
    return obj


def advice(kind: ResourceType, options: DeleteOptions) -> list[str]:
    """Warnings of what a deletion leaves behind."""
    return [_PODS_STAY] if kind.kind == "Job" and not kind.custom and not options.propagation else []


def success(kind: ResourceType, obj: Object) -> Object:
    """The Status of an object that is gone."""
    details: Object = {"name": obj["metadata"]["name"]}
    if kind.group:
        details["group"] = kind.group
    details |= {"kind": kind.plural, "uid": obj["metadata"].get("uid", "")}
    return {"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Success", "details": details}


def _check(kind: ResourceType, obj: Object, options: DeleteOptions) -> None:
    meta = obj["metadata"]
    if options.uid and options.uid != meta["uid"]:
        raise _changed(kind, meta["name"], ("UID", options.uid, meta["uid"]), "deleted and then recreated")
    if options.rv and options.rv != meta["resourceVersion"]:
        what = ("ResourceVersion", options.rv, meta["resourceVersion"])
        raise _changed(kind, meta["name"], what, "modified")
    if kind.kind == "Namespace" and not kind.group and meta["name"] in _LASTING:
        raise forbidden(kind, meta["name"], "this namespace may not be deleted")


def _changed(kind: ResourceType, name: str, what: tuple[str, str, str], how: str) -> Failure:
    """409: a precondition of a deletion does not hold; it names the kind, as the real one does."""
    word, wanted, current = what
    found = {"name": name, **({"group": kind.group} if kind.group else {}), "kind": kind.kind}
    called = f"{kind.kind}.{kind.group}" if kind.group else kind.kind
    return Failure(
        409,
        "Conflict",
        f'Operation cannot be fulfilled on {called} "{name}": the {word} in the precondition ({wanted}) does not '
        f"match the {word} in record ({current}). The object might have been {how}",
        found,
    )


def _finalizers(kind: ResourceType, meta: Object, options: DeleteOptions) -> None:
    """Propagation asks the garbage collector for work by a finalizer; Background needs none."""
    held = meta.get("finalizers") or ()
    kept = [f for f in held if f not in _FINALIZERS.values()]
    if not options.propagation and (kind.custom or kind.kind not in _ORPHANING or len(kept) != len(held)):
        return
    wanted = _FINALIZERS.get(options.propagation or "Orphan")
    if wanted:
        kept.append(wanted)
    if kept:
        meta["finalizers"] = kept
    else:
        meta.pop("finalizers", None)


def _grace_s(kind: ResourceType, obj: Object, options: DeleteOptions) -> int:
    """How long a pod may take to end; other kinds take no time."""
    if kind.kind != "Pod" or kind.group:
        return 0
    spec, phase = obj.get("spec") or {}, (obj.get("status") or {}).get("phase")
    if not spec.get("nodeName") or phase in ("Succeeded", "Failed"):
        return 0
    asked = options.grace_s if options.grace_s is not None else spec.get("terminationGracePeriodSeconds", 30)
    before = obj["metadata"].get("deletionGracePeriodSeconds")
    if before is not None and obj["metadata"].get("deletionTimestamp"):
        asked = min(asked, before)
    return int(max(asked, 0))


def _mark(kind: ResourceType, obj: Object, grace_s: int, *, namespace: bool) -> bool:
    """Set, in place, the deletion's marks; whether anything changed."""
    meta = obj["metadata"]
    if meta.get("deletionTimestamp") and (meta.get("deletionGracePeriodSeconds") or 0) <= grace_s:
        return False
    end = datetime.datetime.now(datetime.UTC) + datetime.timedelta(seconds=grace_s)
    meta["deletionTimestamp"] = end.strftime("%Y-%m-%dT%H:%M:%SZ") if grace_s else now()
    if not namespace:
        meta["deletionGracePeriodSeconds"] = grace_s
    if meta.get("generation"):
        meta["generation"] += 1
    if namespace:
        obj.setdefault("status", {})["phase"] = "Terminating"
    return True


def _empty(server: Server, definition: Object) -> None:
    """Delete the objects of a definition; it goes with the last of them."""
    served = crds.types(definition)
    if served:
        for entry in server.collection(served[0]).entries():
            delete(server, served[0], entry, DeleteOptions())
    writing.release(server, definition["spec"]["group"], definition["spec"]["names"]["plural"])
