"""Rights, leases, budgets, events: who may what, for how long, of which object."""

import re
from typing import Any

from osconsole.embedded.api.causes import Cause
from osconsole.embedded.api.failures import required, wrong_value
from osconsole.embedded.api.rules.words import at_least, unsupported

Object = dict[str, Any]

_SUBJECTS = ("ServiceAccount", "User", "Group")
_PERCENT = re.compile(r"[0-9]+%")
_PERCENT_WORDS = (
    "a valid percent string must be a numeric string followed by an ending '%' (e.g. '1%',  or '93%', regex used for "
    "validation is '[0-9]+%')"
)


def role(obj: Object, *, cluster: bool = False) -> list[Cause]:
    """The rules of a Role, or of a ClusterRole."""
    found = []
    for i, rule in enumerate(obj.get("rules") or ()):
        where, paths = f"rules[{i}]", rule.get("nonResourceURLs")
        if not rule.get("verbs"):
            found.append(required(f"{where}.verbs", "verbs must contain at least one value"))
        if paths:
            if not cluster:
                why = "namespaced rules cannot apply to non-resource URLs"
                found.append(wrong_value(f"{where}.nonResourceURLs", paths, why))
            continue
        if not rule.get("apiGroups"):
            found.append(required(f"{where}.apiGroups", "resource rules must supply at least one api group"))
        if not rule.get("resources"):
            found.append(required(f"{where}.resources", "resource rules must supply at least one resource"))
    return found


def cluster_role(obj: Object) -> list[Cause]:
    """The rules of a ClusterRole."""
    return role(obj, cluster=True)


def role_binding(obj: Object) -> list[Cause]:
    """Which role is given, and to whom."""
    given = obj.get("roleRef") or {}
    inside = bool((obj.get("metadata") or {}).get("namespace"))
    kinds = ("Role", "ClusterRole") if inside else ("ClusterRole",)
    found = []
    if given.get("kind") not in kinds:
        found.append(unsupported("roleRef.kind", given.get("kind", ""), kinds))
    if not given.get("name"):
        found.append(required("roleRef.name"))
    for i, one in enumerate(obj.get("subjects") or ()):
        where = f"subjects[{i}]"
        if not one.get("name"):
            found.append(required(f"{where}.name"))
        if one.get("kind") not in _SUBJECTS:
            found.append(unsupported(f"{where}.kind", one.get("kind", ""), _SUBJECTS))
        elif one["kind"] == "ServiceAccount" and not one.get("namespace") and not inside:
            found.append(required(f"{where}.namespace"))
    return found


def lease(obj: Object) -> list[Cause]:
    """How long a lease lasts."""
    seconds = (obj.get("spec") or {}).get("leaseDurationSeconds")
    if seconds is None or seconds > 0:
        return []
    return [wrong_value("spec.leaseDurationSeconds", seconds, "must be greater than 0")]


def budget(obj: Object) -> list[Cause]:
    """How many pods must stay, or may go, but not both."""
    spec = obj.get("spec") or {}
    least, most = spec.get("minAvailable"), spec.get("maxUnavailable")
    if least is not None and most is not None:
        shown = {"MinAvailable": least, "Selector": spec.get("selector"), "MaxUnavailable": most}
        shown["UnhealthyPodEvictionPolicy"] = spec.get("unhealthyPodEvictionPolicy")
        return [wrong_value("spec", shown, "minAvailable and maxUnavailable cannot be both set")]
    found = []
    for key, share in (("minAvailable", least), ("maxUnavailable", most)):
        if isinstance(share, str) and not _PERCENT.fullmatch(share):
            found.append(wrong_value(f"spec.{key}", share, _PERCENT_WORDS))
        found += at_least(f"spec.{key}", share, 0)
    return found


def event(obj: Object) -> list[Cause]:
    """An event lies where the object is that it is about; those of the whole cluster in `default`."""
    about = (obj.get("involvedObject") or {}).get("namespace") or ""
    own = obj["metadata"].get("namespace") or ""
    if about == own or (not about and own in ("default", "kube-system")):
        return []
    return [wrong_value("involvedObject.namespace", about, "does not match event.namespace")]


def revision(obj: Object) -> list[Cause]:
    """A ControllerRevision."""
    found = [] if obj.get("data") is not None else [required("data", "data is mandatory")]
    return found + at_least("revision", obj.get("revision"), 0)
