"""Which objects belong to a controller: those it owns, and orphans that its selector matches, which it adopts."""

from osconsole.embedded.client import Object
from osconsole.embedded.controllers.pods import is_deleted, owner_reference
from osconsole.embedded.controllers.selectors import matches
from osconsole.embedded.informer import Key
from osconsole.embedded.kinds import Kind
from osconsole.embedded.view import Cluster


def owner_keys(kind: Kind, obj: Object) -> list[Key]:
    """The key of the controlling owner, where it is of this kind."""
    return [
        (obj["metadata"].get("namespace", ""), owner["name"])
        for owner in obj["metadata"].get("ownerReferences") or []
        if owner.get("controller") and owner["kind"] == kind.kind and owner["apiVersion"] == kind.api_version
    ]


async def claim(cluster: Cluster, kind: Kind, owner: Object, dependents: Kind) -> list[Object]:
    """The dependents of `owner`, after adopting the orphans that its selector matches."""
    cache = cluster.informer(dependents)
    uid, namespace = owner["metadata"]["uid"], owner["metadata"]["namespace"]
    owned = cache.owned_by(uid)
    if is_deleted(owner):
        return owned
    selector = owner["spec"].get("selector")
    for obj in cache.orphans(namespace):
        if is_deleted(obj) or not matches(selector, obj["metadata"].get("labels")):
            continue
        references = [*(obj["metadata"].get("ownerReferences") or []), owner_reference(kind, owner)]
        patch = {"metadata": {"uid": obj["metadata"]["uid"], "ownerReferences": references}}
        owned.append(await cluster.patch(dependents, obj, patch))
    return owned
