"""Label selectors and numbers that may be percentages. Pure."""

import math
from typing import Any

from osconsole.embedded.client import Object


def matches(selector: Object | None, labels: dict[str, str] | None) -> bool:
    """A `LabelSelector` against labels; an empty selector matches everything, None nothing."""
    if selector is None:
        return False
    have = labels or {}
    wanted = selector.get("matchLabels") or {}
    if any(have.get(key) != value for key, value in wanted.items()):
        return False
    return all(requirement_holds(r, have) for r in selector.get("matchExpressions") or [])


def requirement_holds(requirement: Object, have: dict[str, str]) -> bool:
    """One `{key, operator, values}` against labels."""
    value = have.get(requirement["key"])
    values = requirement.get("values") or []
    operator = requirement["operator"]
    if operator == "In":
        return value in values
    if operator == "NotIn":
        return value not in values
    if operator == "Exists":
        return value is not None
    return value is None


def scaled(value: Any, total: int, *, up: bool) -> int:
    """An int-or-percent of `total`; percentages round up or down."""
    if isinstance(value, str) and value.endswith("%"):
        share = total * int(value[:-1]) / 100
        return math.ceil(share) if up else math.floor(share)
    return int(value)
