"""What holds data: ConfigMaps, Secrets, claims of volumes; how much, under which keys, of which shape."""

import base64
import binascii
import json
from typing import Any

from osconsole.embedded.api.causes import Cause
from osconsole.embedded.api.failures import required, wrong_value
from osconsole.embedded.api.rules.words import config_key, unsupported
from osconsole.embedded.api.schema.quantities import amount

Object = dict[str, Any]

# So that lists of them stay small.
_DATA_BYTES = 1024 * 1024
_HIDDEN = "<secret contents redacted>"
_KEYS = {
    "kubernetes.io/tls": ("tls.crt", "tls.key"),
    "kubernetes.io/ssh-auth": ("ssh-privatekey",),
    "kubernetes.io/dockerconfigjson": (".dockerconfigjson",),
    "kubernetes.io/dockercfg": (".dockercfg",),
}
_OF_ANY_VOLUME = {
    "accessModes",
    "capacity",
    "claimRef",
    "mountOptions",
    "nodeAffinity",
    "persistentVolumeReclaimPolicy",
    "storageClassName",
    "volumeAttributesClassName",
    "volumeMode",
}
_EITHER = ("username", "password")


def _plain(text: str) -> bytes:
    try:
        return base64.b64decode(text)
    except (binascii.Error, ValueError):
        return text.encode()


def config_map(obj: Object) -> list[Cause]:
    """A ConfigMap's data and binaryData together."""
    data, binary = obj.get("data") or {}, obj.get("binaryData") or {}
    found = []
    for key in data:
        found += config_key("data", key)
        if key in binary:
            found.append(wrong_value(f"data[{key}]", key, "duplicate of key present in binaryData"))
    for key in binary:
        found += config_key("binaryData", key)
    held = sum(len(text.encode()) for text in data.values())
    held += sum(len(_plain(text)) for text in binary.values())
    return found + (_too_long("[]") if held > _DATA_BYTES else [])


def secret(obj: Object) -> list[Cause]:
    """A Secret's data, decoded, and what its type asks for."""
    data, kind = obj.get("data") or {}, obj.get("type", "")
    found = [cause for key in data for cause in config_key("data", key)]
    if sum(len(_plain(text)) for text in data.values()) > _DATA_BYTES:
        found += _too_long("data")
    found += [required(f"data[{key}]") for key in _KEYS.get(kind, ()) if key not in data]
    if kind == "kubernetes.io/basic-auth" and not any(key in data for key in _EITHER):
        found += [required(f"data[{key}]") for key in _EITHER]
    for key in _KEYS.get(kind, ()) if "dockerc" in kind else ():
        if key in data and (why := _no_json(_plain(data[key]))):
            found.append(wrong_value(f"data[{key}]", _HIDDEN, why))
    return found


def _no_json(text: bytes) -> str:
    try:
        json.loads(text)
    except ValueError:
        shown = text.decode(errors="replace").lstrip()[:1]
        return (
            f"invalid character '{shown}' looking for beginning of value" if shown else "unexpected end of JSON input"
        )
    return ""


def _too_long(field: str) -> list[Cause]:
    return [Cause(field, "FieldValueTooLong", f"Too long: may not be more than {_DATA_BYTES} bytes")]


def claim(obj: Object, path: str = "spec") -> list[Cause]:
    """A PersistentVolumeClaim: how it is used, and how much it asks for."""
    spec = obj.get("spec") or {}
    found = [] if spec.get("accessModes") else [required(f"{path}.accessModes", "at least 1 access mode is required")]
    size = ((spec.get("resources") or {}).get("requests") or {}).get("storage")
    if size is None:
        found.append(required(f"{path}.resources[storage]"))
    elif amount(size) <= 0:
        found.append(wrong_value(f"{path}.resources[storage]", str(size), "must be greater than zero"))
    return found


def volume(obj: Object) -> list[Cause]:
    """A PersistentVolume: how much there is, for whom, and of what it is made."""
    spec = obj.get("spec") or {}
    found = [required("spec.accessModes")] if not spec.get("accessModes") else []
    if not spec.get("capacity"):
        found.append(required("spec.capacity"))
    if list(spec.get("capacity") or ()) != ["storage"]:
        found.append(unsupported("spec.capacity", spec.get("capacity"), ("storage",)))
    if spec.keys() <= _OF_ANY_VOLUME:
        found.append(required("spec", "must specify a volume type"))
    return found


def storage_class(obj: Object) -> list[Cause]:
    """A StorageClass."""
    return [] if obj.get("provisioner") else [required("provisioner")]
