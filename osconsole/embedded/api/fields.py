"""Field selectors: which field labels each kind offers, parsing, and matching.

The table was taken from what a kube-apiserver 1.35 accepts. A custom resource may add `selectableFields` of its own.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from osconsole.embedded.api.selectors import SelectorError

_METADATA = ("metadata.name", "metadata.namespace")
_EVENT_OBJECT = ("name", "kind", "namespace", "uid", "apiVersion", "resourceVersion", "fieldPath")
_OFFERED: Mapping[tuple[str, str], tuple[str, ...]] = {
    ("", "Pod"): (
        "spec.nodeName",
        "spec.restartPolicy",
        "spec.schedulerName",
        "spec.serviceAccountName",
        "spec.hostNetwork",
        "status.phase",
        "status.podIP",
        "status.podIPs",
        "status.nominatedNodeName",
    ),
    ("", "Secret"): ("type",),
    ("", "Namespace"): ("status.phase", "name"),
    ("", "Node"): ("spec.unschedulable",),
    ("", "Service"): ("spec.clusterIP", "spec.type"),
    ("", "Event"): (
        *(f"involvedObject.{field}" for field in _EVENT_OBJECT),
        "reason",
        "source",
        "type",
        "reportingComponent",
    ),
    ("events.k8s.io", "Event"): (
        *(f"regarding.{field}" for field in _EVENT_OBJECT),
        "reason",
        "type",
        "reportingController",
    ),
    ("batch", "Job"): ("status.successful",),
}
# Where a label is not the path of a field: the paths to try, in order.
_PATHS: Mapping[tuple[str, str], tuple[str, ...]] = {
    ("Event", "source"): ("source.component", "reportingComponent"),
    ("Job", "status.successful"): ("status.succeeded",),
    ("Namespace", "name"): ("metadata.name",),
}
_UNSET: Mapping[str, str] = {"spec.unschedulable": "false", "spec.hostNetwork": "false", "status.successful": "0"}


@dataclass(frozen=True, slots=True)
class FieldSelector:
    """All terms of one field selector: (label, paths to read, negated, value)."""

    terms: tuple[tuple[str, tuple[str, ...], bool, str], ...] = ()

    def matches(self, obj: Mapping[str, Any]) -> bool:
        """Whether the object is selected; a field that is not set reads as its zero value."""
        return all((_read(obj, label, paths) == value) != negated for label, paths, negated, value in self.terms)


def field_selector(
    text: str, group: str, kind: str, selectable: Sequence[str] = (), *, custom: bool = False
) -> FieldSelector:
    """Parse the `fieldSelector` parameter for one kind; `selectable` are a custom kind's further paths (`spec.x`).

    Raises:
        SelectorError: not parsable, or a field that the kind does not offer.
    """
    terms = []
    for part in filter(None, text.split(",")):
        label, negated, value = _split(part, text)
        if label not in _METADATA and label not in selectable and label not in _OFFERED.get((group, kind), ()):
            raise SelectorError(_not_offered(group, kind, label, custom=custom))
        terms.append((label, _PATHS.get((kind, label), (label,)), negated, value))
    return FieldSelector(tuple(terms))


def _split(part: str, text: str) -> tuple[str, bool, str]:
    for sign in ("!=", "==", "="):
        label, found, value = part.partition(sign)
        if found:
            return label, sign == "!=", value
    raise SelectorError(f"invalid selector: '{text}'; can't understand '{part}'")


def _not_offered(group: str, kind: str, label: str, *, custom: bool) -> str:
    if (group, kind) == ("batch", "Job"):
        return f'field label "{label}" not supported for Job'
    if (group, kind) in _OFFERED:
        return f"field label not supported: {label}"
    if custom:
        return f"field label not supported: {label}"
    return f'"{label}" is not a known field selector: only "metadata.name", "metadata.namespace"'


def _read(obj: Mapping[str, Any], label: str, paths: tuple[str, ...]) -> str:
    for path in paths:
        value: Any = obj
        for key in path.split("."):
            value = value.get(key) if isinstance(value, Mapping) else None
        if isinstance(value, bool):
            return str(value).lower()
        if value is not None:
            return str(value)
    return _UNSET.get(label, "")
