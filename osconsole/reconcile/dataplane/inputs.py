"""Secrets and ConfigMaps that Ansible gets: their keys, values and hashes.

Source of the hashes: lib-common, packages secret and configmap.
"""

import base64
import binascii
from typing import Any

from osconsole.model.hashes import object_hash
from osconsole.model.kinds import key
from osconsole.model.resource import Resource
from osconsole.reconcile.decide import World

SECRET = key("Secret")
CONFIGMAP = key("ConfigMap")


def find(world: World, kind: str, namespace: str, name: str) -> Resource | None:
    """A Secret or ConfigMap by the name of its kind."""
    return world.find(SECRET if kind == "Secret" else CONFIGMAP, namespace, name)


def input_hash(found: Resource) -> str:
    """The hash that tells whether the content has changed."""
    body = found.body()
    names = ("data", "stringData", "type") if found.ref.kind == "Secret" else ("data", "binaryData")
    return object_hash({name: body[name] for name in names if body.get(name)})


def keys(found: Resource) -> list[str]:
    """The keys, sorted."""
    return sorted(found.get("data", default=None) or {})


def values(found: Resource) -> dict[str, str]:
    """The content as text; bytes that are no text are left out."""
    data: dict[str, Any] = found.get("data", default=None) or {}
    if found.ref.kind != "Secret":
        return {name: str(value) for name, value in data.items()}
    out = {}
    for name, value in data.items():
        try:
            out[name] = base64.b64decode(str(value)).decode()
        except (binascii.Error, UnicodeDecodeError):
            continue
    return out
