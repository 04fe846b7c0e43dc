"""Inputs: the Secrets and ConfigMaps that a service is given on a NodeSet, and which of them a run had in another form.

Upstream records the hash of each in the Deployment that used it. The console knows the hash of a live Secret, not its
content.
"""

import re
from collections.abc import Iterator
from typing import Any

from osconsole.model import kinds
from osconsole.model.hashes import object_hash
from osconsole.model.masks import MASK
from osconsole.model.ref import KindKey
from osconsole.model.resource import Resource
from osconsole.model.snapshot import Snapshot
from osconsole.views import facts

SECRET, CONFIGMAP = kinds.key("Secret"), kinds.key("ConfigMap")
SERVICE = kinds.key("OpenStackDataPlaneService")
_RECORDED = {SECRET: "secretHashes", CONFIGMAP: "configMapHashes"}
_SIZE = re.compile(r"<\d+(?: bytes)?>")  # what recordings hold in place of a value
Source = tuple[KindKey, str]


def changed(run: Resource, nodeset: Resource, service: str, snapshot: Snapshot) -> tuple[str, ...]:
    """What a service was given by a Deployment and is different, or gone, now; each in words."""
    out = []
    for kind, name in dict.fromkeys((*_of_nodeset(nodeset), *_of_service(nodeset, service, snapshot))):
        recorded = (facts.value(run, "status", _RECORDED[kind]) or {}).get(name)
        if not recorded or snapshot.line(kind, nodeset.ref.namespace).state != "live":
            continue
        live = snapshot.get(kind.ref(nodeset.ref.namespace, name))
        if live is None:
            out.append(f"{kind.kind} {name} is gone")
        elif (now := _hash(live)) and now != recorded:
            out.append(f"{kind.kind} {name} changed")
    return tuple(out)


def _hash(live: Resource) -> str:
    """As upstream records it; "" where it is not known, as for content that was masked before we got it."""
    if live.kind == SECRET:
        return str(facts.value(live, "osconsole", "hash") or "")
    body = {key: found for key in ("data", "binaryData") if (found := facts.value(live, key))}
    values = [str(value) for content in body.values() for value in content.values()]
    return "" if any(MASK in value or _SIZE.fullmatch(value) for value in values) else object_hash(body)


def _of_nodeset(nodeset: Resource) -> Iterator[Source]:
    """What every service gets: the sources of variables."""
    spec = facts.value(nodeset, "spec") or {}
    template = (spec.get("nodeTemplate") or {}).get("ansible") or {}
    nodes = spec.get("nodes") or {}
    blocks = [template, *((node or {}).get("ansible") or {} for node in nodes.values())]
    for block in blocks:
        yield from _named(block.get("ansibleVarsFrom"))


def _of_service(nodeset: Resource, service: str, snapshot: Snapshot) -> Iterator[Source]:
    """What one service gets: its data sources, its authority, its certificates for this NodeSet."""
    found = snapshot.get(SERVICE.ref(nodeset.ref.namespace, service))
    spec: dict[str, Any] = (facts.value(found, "spec") if found else None) or {}
    yield from _named(spec.get("dataSources"))
    if spec.get("caCerts"):
        yield SECRET, str(spec["caCerts"])
    if spec.get("tlsCerts"):
        for secret in snapshot.all(SECRET, nodeset.ref.namespace):
            if secret.labels.get("osdp-service") == service and secret.labels.get("osdpns") == nodeset.ref.name:
                yield SECRET, secret.ref.name


def _named(entries: Any) -> Iterator[Source]:
    for entry in entries if isinstance(entries, list) else ():
        for word, kind in (("secretRef", SECRET), ("configMapRef", CONFIGMAP)):
            if name := ((entry or {}).get(word) or {}).get("name"):
                yield kind, str(name)
