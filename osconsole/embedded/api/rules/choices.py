"""Fields that take one of a few words, as the schemas list them."""

from collections.abc import Sequence
from typing import Any

from osconsole.embedded.api.causes import Cause
from osconsole.embedded.api.rules.words import unsupported
from osconsole.embedded.api.schema.schemas import Schema

# Those that are told in the order of the alphabet need no mention.
_ORDERS = {
    ("PodSpec", "restartPolicy"): ("Always", "OnFailure", "Never"),
    ("Container", "terminationMessagePolicy"): ("File", "FallbackToLogsOnError"),
    ("Toleration", "operator"): ("Equal", "Exists"),
    ("NetworkPolicySpec", "policyTypes"): ("Ingress", "Egress"),
}
# Kinds of pods and clocks have a say of their own: their rules look at it.
_APART = {
    ("NodeSelectorRequirement", "operator"),
    ("DeploymentStrategy", "type"),
    ("StatefulSetSpec", "podManagementPolicy"),
}


def choices(obj: dict[str, Any], schema: Schema) -> list[Cause]:
    """Every word of an object that is none of those there are; its metadata and status are not looked at."""
    found: list[Cause] = []
    for key, value in obj.items():
        if key not in ("metadata", "status", "apiVersion", "kind"):
            _member(value, key, schema, key, found)
    return found


def _member(value: Any, key: str, owner: Schema, path: str, found: list[Cause]) -> None:
    node = owner.child(key)
    if node is None or (owner.name, key) in _APART:
        return
    kind = type(value)
    if kind is dict:
        for inner, member in value.items():
            _member(member, inner, node, f"{path}.{inner}", found)
    elif kind is list and node.items is not None:
        _items(value, node.items, path, (_ORDERS.get((owner.name, key)) or node.items.raw.get("enum"), found))
    elif kind is str and value and value not in (enum := node.raw.get("enum") or (value,)):
        found.append(unsupported(path, value, _ORDERS.get((owner.name, key), enum)))


def _items(values: list[Any], node: Schema, path: str, told: tuple[Sequence[str] | None, list[Cause]]) -> None:
    enum, found = told
    for i, value in enumerate(values):
        if type(value) is dict:
            for key, member in value.items():
                _member(member, key, node, f"{path}[{i}].{key}", found)
        elif enum and value not in enum:
            # A set is refused as a whole.
            found.append(unsupported(path if path.endswith("accessModes") else f"{path}[{i}]", value, enum))
