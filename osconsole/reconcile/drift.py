"""Drift: in which fields an object differs from what it should hold. Pure; deciders and `execute` share it.

Comparison is semantic: what a server adds (extra keys, also inside list items) is no difference, and neither is an
empty map or list that the server leaves out.
"""

from collections.abc import Iterable, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from osconsole.model.conditions import Condition, order, read

_POWERS = {"K": 1, "M": 2, "G": 3, "T": 4, "P": 5, "E": 6}
UNITS: dict[str, Decimal] = {
    **{f"{unit}i": Decimal(1024) ** power for unit, power in _POWERS.items()},
    **{unit: Decimal(1000) ** power for unit, power in _POWERS.items()},
    "k": Decimal(1000),
    "m": Decimal("0.001"),
    "": Decimal(1),
}


def patch(current: Mapping[str, Any], desired: Mapping[str, Any]) -> dict[str, Any]:
    """The JSON merge patch after which `current` holds `desired`; {} when it does already.

    None in `desired` means that the key should be absent.
    """
    found: dict[str, Any] = {}
    for key, want in desired.items():
        have = current.get(key)
        if want is None:
            if key in current:
                found[key] = None
        elif _same(key, have, want):
            continue
        elif isinstance(want, Mapping) and isinstance(have, Mapping):
            found[key] = patch(have, want)
        else:
            found[key] = want
    return found


def holds(have: Any, want: Any) -> bool:
    """Whether `have` is `want`, but for what a server adds to it."""
    if have is None:
        return want is None or want in ({}, [])
    if isinstance(want, Mapping):
        return isinstance(have, Mapping) and all(_same(key, have.get(key), value) for key, value in want.items())
    if isinstance(want, list | tuple):
        return isinstance(have, list) and len(have) == len(want) and all(map(holds, have, want))
    return bool(have == want)


def _same(key: str, have: Any, want: Any) -> bool:
    """`holds` for the value of a key; the server rewrites quantities of resources to their canonical form."""
    if key in {"limits", "requests"} and isinstance(have, Mapping) and isinstance(want, Mapping):
        return all(quantity(have.get(name)) == quantity(value) for name, value in want.items())
    return holds(have, want)


def quantity(value: Any) -> Decimal | None:
    """The number that a quantity such as `500m`, `2` or `10Gi` means; None when it is none."""
    text = str(value)
    unit = next((u for u in UNITS if text.endswith(u)), "")
    try:
        return Decimal(text.removesuffix(unit)) * UNITS[unit]
    except InvalidOperation:
        return None


def state(conditions: Iterable[Condition]) -> list[tuple[str, str, str, str, str]]:
    """Conditions without their times, in lib-common's order: what decides whether one has changed."""
    return [(c.type, c.status, c.severity, c.reason, c.message) for c in order(conditions)]


def status_patch(current: Mapping[str, Any], desired: Mapping[str, Any]) -> dict[str, Any]:
    """Like `patch` for a status; `conditions` count by their state, and are given whole or not at all."""
    rest = {key: value for key, value in desired.items() if key != "conditions"}
    found = patch(current, rest)
    if "conditions" in desired and state(read(current.get("conditions"))) != state(read(desired["conditions"])):
        found["conditions"] = desired["conditions"]
    return found
