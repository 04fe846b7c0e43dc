"""The inventory of a NodeSet as people may see it: secrets hidden; and how two of them differ.

Pure: content in, values out. Whatever looks like a secret is hidden before anything else is made of it.
"""

import difflib
import re
from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from osconsole.ansible.inventory import render
from osconsole.model.masks import MASK, hidden

_TELLING = re.compile(r"pass|secret|token|cred|auth|private|psk|community|(?<![a-z])key|crypt", re.IGNORECASE)
_NAMING = re.compile(r"(_file|_files|_path|_dir|_name|_algorithms?)$", re.IGNORECASE)  # where one lies, not what it is
_BLOCK = re.compile(r"-----BEGIN [A-Z ]+-----|\$ANSIBLE_VAULT|\$[0-9a-z]{1,2}\$")  # keys, vaults, hashed passwords


def masked(value: Any) -> Any:
    """The value without secrets: everything under telling names, and texts that are keys or hold passwords."""
    if isinstance(value, Mapping):
        return {name: _under(str(name), found) for name, found in value.items()}
    if isinstance(value, list | tuple):
        return [masked(found) for found in value]
    if isinstance(value, str):
        return MASK if _BLOCK.search(value) else hidden(value)
    return value


def _under(name: str, value: Any) -> Any:
    plain = value is None or isinstance(value, bool) or value == ""
    if _TELLING.search(name) and not _NAMING.search(name) and not plain:
        return MASK
    return masked(value)


def differences(before: Mapping[str, Any], now: Mapping[str, Any], names: tuple[str, str]) -> Iterator[str]:
    """The lines of a unified diff of two contents, as YAML; what is hidden on both sides cannot be compared."""
    old, new = render(before).splitlines(), render(now).splitlines()
    yield from difflib.unified_diff(old, new, *names, lineterm="")


def plain(content: Any) -> dict[str, Any]:
    """A parsed inventory as groups; {} when it is none."""
    found = msgspec.to_builtins(content)
    return found if isinstance(found, dict) else {}
