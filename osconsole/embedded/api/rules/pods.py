"""Pods and what is made of their template: volumes, names, deadlines, who may restart."""

from typing import Any

from osconsole.embedded.api.causes import Cause
from osconsole.embedded.api.failures import forbidden_field, required, wrong_value
from osconsole.embedded.api.rules.containers import containers
from osconsole.embedded.api.rules.words import duplicate, label

Object = dict[str, Any]

_INT32 = 2**31 - 1


def pod(obj: Object) -> list[Cause]:
    """A pod."""
    spec = obj.get("spec") or {}
    found = spec_of_pod(spec, "spec")
    for group in ("containers", "initContainers"):
        for i, one in enumerate(spec.get(group) or ()):
            image = one.get("image") or ""
            if image != image.strip():
                why = "must not have leading or trailing whitespace"
                found.append(wrong_value(f"spec.{group}[{i}].image", image, why))
    return found


def spec_of_pod(spec: Object, path: str) -> list[Cause]:
    """A pod's spec, its own or that of a template."""
    found = _volumes(spec.get("volumes") or (), f"{path}.volumes") + containers(spec, path)
    for key in ("hostname", "subdomain"):
        if spec.get(key):
            found += label(f"{path}.{key}", spec[key])
    seconds = spec.get("activeDeadlineSeconds")
    if seconds is not None and not 1 <= seconds <= _INT32:
        why = f"must be between 1 and {_INT32}, inclusive"
        found.append(wrong_value(f"{path}.activeDeadlineSeconds", seconds, why))
    if spec.get("dnsPolicy") == "None" and not (spec.get("dnsConfig") or {}).get("nameservers"):
        what = "dnsConfig.nameservers" if spec.get("dnsConfig") else "dnsConfig"
        why = "must provide at least one DNS nameserver when `dnsPolicy` is None"
        found.append(required(f"{path}.{what}", why if spec.get("dnsConfig") else _NO_DNS))
    return found


_NO_DNS = "must provide `dnsConfig` when `dnsPolicy` is None"


def _volumes(volumes: Any, path: str) -> list[Cause]:
    found: list[Cause] = []
    names: set[str] = set()
    for i, volume in enumerate(volumes):
        where, name = f"{path}[{i}]", volume.get("name")
        sources = [key for key in volume if key != "name" and volume[key] is not None]
        sources.sort(key=lambda key: _SOURCES.index(key) if key in _SOURCES else len(_SOURCES))
        if not sources:
            found.append(required(where, "must specify a volume type"))
        found += [forbidden_field(f"{where}.{one}", "may not specify more than 1 volume type") for one in sources[1:]]
        found += _source(volume, where)
        found += label(f"{where}.name", name) if name else [required(f"{where}.name")]
        if name in names:
            found.append(duplicate(f"{where}.name", name))
        names.add(name or "")
    return found


# The first of several is the one that is meant.
_SOURCES = ("emptyDir", "hostPath", "secret", "nfs", "persistentVolumeClaim", "downwardAPI", "configMap", "projected")
# What a source must name.
_NAMED = {"secret": "secretName", "configMap": "name", "persistentVolumeClaim": "claimName", "hostPath": "path"}


def _source(volume: Object, path: str) -> list[Cause]:
    return [
        required(f"{path}.{source}.{key}")
        for source, key in _NAMED.items()
        if volume.get(source) is not None and not volume[source].get(key)
    ]
