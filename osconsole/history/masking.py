"""Masking: what of an object may be kept on disk.

Secrets and ConfigMaps are kept as names, labels and owners alone: that they were there is worth knowing, what was in
them is nobody's business. Everything else is kept without values that look like secrets.
"""

import msgspec

from osconsole.model import masks
from osconsole.model.resource import Resource

NAMES_ONLY = frozenset({"Secret", "ConfigMap"})
# Kinds that change all the time and tell nothing when looked back at.
NEVER = frozenset({"Event", "Lease", "Endpoints", "EndpointSlice", "ControllerRevision"})


def kept(resource: Resource) -> bytes:
    """The object's JSON as it may be kept."""
    if resource.ref.kind in NAMES_ONLY:
        body = resource.body()
        meta = {**(body.get("metadata") or {}), "annotations": {}}
        return msgspec.json.encode({"apiVersion": body.get("apiVersion"), "kind": body.get("kind"), "metadata": meta})
    raw = resource.raw
    if not masks.suspect(raw):
        return raw
    return msgspec.json.encode(masks.hidden(msgspec.json.decode(raw)))
