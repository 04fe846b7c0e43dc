"""ControllerRevisions: the pod templates that a StatefulSet or DaemonSet has had, so that a rollout can be undone."""

from osconsole.embedded.client import Object
from osconsole.embedded.controllers.claims import claim
from osconsole.embedded.controllers.pods import owner_reference
from osconsole.embedded.controllers.revisions import REVISION_LABEL, short_hash
from osconsole.embedded.kinds import CONTROLLER_REVISION, Kind
from osconsole.embedded.view import Cluster


async def revisions(cluster: Cluster, kind: Kind, owner: Object) -> tuple[list[Object], Object]:
    """All revisions, oldest first, and the one of the current template, which has the highest number."""
    known = await claim(cluster, kind, owner, CONTROLLER_REVISION)
    known.sort(key=lambda revision: int(revision["revision"]))
    # `kubectl rollout undo` applies the data as a patch: it has to replace the template as a whole.
    data = {"spec": {"template": {**owner["spec"]["template"], "$patch": "replace"}}}
    same = next((revision for revision in known if revision["data"] == data), None)
    if same is not None and same is known[-1]:
        return known, same
    number = int(known[-1]["revision"]) + 1 if known else 1
    if same is not None:
        current = await cluster.patch(CONTROLLER_REVISION, same, {"revision": number})
        return [*(revision for revision in known if revision is not same), current], current
    digest = short_hash([data, (owner.get("status") or {}).get("collisionCount") or 0])
    labels = {**((owner["spec"]["template"].get("metadata") or {}).get("labels") or {}), REVISION_LABEL: digest}
    meta = {
        "name": f"{owner['metadata']['name']}-{digest}",
        "namespace": owner["metadata"]["namespace"],
        "labels": labels,
        "ownerReferences": [owner_reference(kind, owner)],
    }
    current = await cluster.create(CONTROLLER_REVISION, {"metadata": meta, "data": data, "revision": number})
    return [*known, current], current


async def forget_old(cluster: Cluster, owner: Object, known: list[Object], in_use: set[str]) -> None:
    """Delete revisions beyond the history limit that no pod runs; `in_use` are revision names."""
    limit = int(owner["spec"].get("revisionHistoryLimit", 10))
    idle = [revision for revision in known if revision["metadata"]["name"] not in in_use]
    for revision in idle[: max(0, len(idle) - limit)]:
        await cluster.delete(CONTROLLER_REVISION, revision)


def hash_of(revision: Object) -> str:
    """What pods of a StatefulSet carry in their label: the revision's name."""
    return str(revision["metadata"]["name"])


def template_of(revision: Object) -> Object:
    """The pod template of a revision."""
    template = dict(revision["data"]["spec"]["template"])
    template.pop("$patch", None)
    return template
