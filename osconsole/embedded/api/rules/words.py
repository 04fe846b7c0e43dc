"""The small rules that many fields share, and the words of what breaks them."""

import re
from collections.abc import Iterable
from typing import Any

from osconsole.embedded.api.causes import Cause
from osconsole.embedded.api.failures import shown, wrong_value
from osconsole.embedded.api.kinds.naming import LABEL_WORDS

_LABEL = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?")
_PORT_NAME = re.compile(r"[-a-z0-9]+")
_KEY = re.compile(r"[-._a-zA-Z0-9]+")
_KEY_WORDS = (
    "a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or 'KEY_NAME',  "
    "or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')"
)
_PORT_MAX = 65_535


def label(field: str, name: str) -> list[Cause]:
    """A name of at most 63 small letters, digits and dashes."""
    if "." in name:
        return [wrong_value(field, name, "must not contain dots")]
    found = []
    if len(name) > 63:
        found.append(wrong_value(field, name, "must be no more than 63 characters"))
    if not _LABEL.fullmatch(name):
        found.append(wrong_value(field, name, LABEL_WORDS))
    return found


def port_number(field: str, value: Any) -> list[Cause]:
    """1 to 65535."""
    fits = isinstance(value, int) and 1 <= value <= _PORT_MAX
    return [] if fits else [wrong_value(field, value, f"must be between 1 and {_PORT_MAX}, inclusive")]


def port_name(field: str, name: str) -> list[Cause]:
    """A name by which a port is known: at most 15 characters, with a letter among them."""
    whys = []
    if len(name) > 15:
        whys.append("must be no more than 15 characters")
    if not _PORT_NAME.fullmatch(name):
        whys.append("must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)")
    if not re.search(r"[a-z]", name):
        whys.append("must contain at least one letter (a-z)")
    if "--" in name:
        whys.append("must not contain consecutive hyphens")
    if name.startswith("-") or name.endswith("-"):
        whys.append("must not begin or end with a hyphen")
    return [wrong_value(field, name, why) for why in whys]


def config_key(field: str, key: str) -> list[Cause]:
    """A key of a ConfigMap or a Secret, which is a file's name as well."""
    where = f"{field}[{key}]"
    whys = []
    if len(key) > 253:
        whys.append("must be no more than 253 characters")
    if not _KEY.fullmatch(key):
        whys.append(_KEY_WORDS)
    if key == ".":
        whys.append("must not be '.'")
    elif key == "..":
        whys.append("must not be '..'")
    elif key.startswith(".."):
        whys.append("must not start with '..'")
    return [wrong_value(where, key, why) for why in whys]


def unsupported(field: str, value: Any, allowed: Iterable[str]) -> Cause:
    """A value that is none of those there are."""
    words = ", ".join(f'"{one}"' for one in allowed)
    return Cause(field, "FieldValueNotSupported", f"Unsupported value: {shown(value)}: supported values: {words}")


def duplicate(field: str, value: Any) -> Cause:
    """A value that stands there already."""
    return Cause(field, "FieldValueDuplicate", f"Duplicate value: {shown(value)}")


def unknown(field: str, value: Any) -> Cause:
    """A value that names nothing."""
    return Cause(field, "FieldValueNotFound", f"Not found: {shown(value)}")


def at_least(field: str, value: Any, least: int) -> list[Cause]:
    """A number that is not too small, where there is one."""
    if not isinstance(value, int) or value >= least:
        return []
    return [wrong_value(field, value, f"must be greater than or equal to {least}")]
