"""Which changes of an object its controllers must observe: those that begin a new generation."""

from typing import Any

from osconsole.embedded.api.types import ResourceType

Object = dict[str, Any]


def said(obj: Object) -> Object:
    """What an object says beside its metadata and its status."""
    return {key: value for key, value in obj.items() if key not in ("metadata", "status", "apiVersion", "kind")}


def bumps(kind: ResourceType, new: Object, old: Object) -> bool:
    """Whether a change begins a new generation: all but metadata and (where it is apart) status."""
    if kind.custom:
        skip = {"metadata", "apiVersion"} | ({"status"} if kind.has_status else set())
        return {k: v for k, v in new.items() if k not in skip} != {k: v for k, v in old.items() if k not in skip}
    if kind.kind == "EndpointSlice":
        return said(new) != said(old) or _noted("labels", new, old)
    # A Deployment's controller carries annotations over, so it must see them change.
    return (kind.kind == "Deployment" and _noted("annotations", new, old)) or new.get("spec") != old.get("spec")


def _noted(what: str, new: Object, old: Object) -> bool:
    return (new["metadata"].get(what) or {}) != (old["metadata"].get(what) or {})
