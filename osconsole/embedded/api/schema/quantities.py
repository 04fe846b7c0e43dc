"""Quantities: what `500m` and `1Gi` amount to, and the one way in which each is stored."""

import functools
import re
from decimal import Decimal
from fractions import Fraction
from typing import Any

_FORM = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)[eEinumkKMGTP]*[-+]?[0-9]*")
_FORM_WORDS = "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'"
_BINARY = {"Ki": 1, "Mi": 2, "Gi": 3, "Ti": 4, "Pi": 5, "Ei": 6}
_DECIMAL = {"n": -9, "u": -6, "m": -3, "": 0, "k": 3, "M": 6, "G": 9, "T": 12, "P": 15, "E": 18}
_SHAPE = re.compile(r"([+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+))(Ki|Mi|Gi|Ti|Pi|Ei|[numkMGTPE]?|[eE][+-]?[0-9]+)")


@functools.lru_cache(maxsize=1024, typed=True)
def amount(text: Any) -> Fraction:
    """What a quantity amounts to; 0 for what is none."""
    found = _SHAPE.fullmatch(str(text))
    if not found:
        return Fraction(0)
    number, suffix = Fraction(Decimal(found[1])), found[2]
    if suffix in _BINARY:
        return number * Fraction(1024 ** _BINARY[suffix])
    power = _DECIMAL[suffix] if suffix in _DECIMAL else int(suffix[1:])
    return number * _ten(power)


def unreadable(text: Any) -> str:
    """Why a text is no quantity, "" when it is one."""
    if _SHAPE.fullmatch(str(text)):
        return ""
    if not _FORM.fullmatch(str(text)):
        return _FORM_WORDS
    return "unable to parse quantity's suffix"


def _ten(power: int) -> Fraction:
    return Fraction(10**power) if power >= 0 else Fraction(1, 10**-power)


@functools.lru_cache(maxsize=1024, typed=True)
def canonical(text: Any) -> Any:
    """A quantity as it is stored: no fraction, and the largest suffix that allows it. What is none stays."""
    found = _SHAPE.fullmatch(str(text))
    if not found:
        return text
    value, suffix = amount(text), found[2]
    if suffix in _BINARY and value.denominator == 1 and abs(value) >= 1024:
        return _shown(value, [(name, Fraction(1024**power)) for name, power in reversed(_BINARY.items())])
    if suffix[:1] in ("e", "E") and suffix != "E":
        powers = [(f"e{power}" if power else "", _ten(power)) for power in range(18, -10, -3)]
        return _shown(value, powers)
    return _shown(value, [(name, _ten(power)) for name, power in reversed(_DECIMAL.items())])


def _shown(value: Fraction, units: list[tuple[str, Fraction]]) -> str:
    if not value:
        return "0"
    for name, unit in units:
        if (value / unit).denominator == 1:
            return f"{value / unit}{name}"
    # Finer than there are names for: rounded up.
    name, unit = units[-1]
    return f"{-(-value // unit)}{name}" if value > 0 else f"{value // unit}{name}"
