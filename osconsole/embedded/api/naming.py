"""Names, labels and what else `metadata` may hold: generation of names and their rules."""

import re
import secrets
from typing import Any

from osconsole.embedded.api.causes import Cause
from osconsole.embedded.api.failures import required, wrong_value
from osconsole.embedded.api.types import ResourceType

# Without vowels and look-alikes, so that no word comes out.
_ALPHABET = "bcdfghjklmnpqrstvwxz2456789"
_LABEL = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?")
_SUBDOMAIN = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*")
_VALUE = re.compile(r"(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?")
_KEY = re.compile(r"([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]")
_SUBDOMAIN_WORDS = (
    "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start "
    "and end with an alphanumeric character (e.g. 'example.com', regex used for validation is "
    r"'[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')"
)
_LABEL_WORDS = (
    "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end "
    "with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is "
    "'[a-z0-9]([-a-z0-9]*[a-z0-9])?')"
)
_VALUE_WORDS = (
    "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and "
    "end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is "
    "'(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')"
)
_KEY_WORDS = (
    "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric "
    "character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is "
    "'([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')"
)
_LABELS_ONLY = ("Namespace", "Service")
_PREFIX_MAX = 58


def generate(prefix: str) -> str:
    """A name from `generateName`."""
    return prefix[:_PREFIX_MAX] + "".join(secrets.choice(_ALPHABET) for _ in range(5))


def check(kind: ResourceType, meta: dict[str, Any]) -> list[Cause]:
    """What is wrong with an object's metadata."""
    name = meta.get("name", "")
    if not name:
        return [required("metadata.name", "name or generateName is required")]
    return [
        *_name(kind, name),
        *_labels(meta.get("labels") or {}),
        *_owners(meta.get("ownerReferences") or []),
    ]


def _name(kind: ResourceType, name: str) -> list[Cause]:
    if kind.group == "rbac.authorization.k8s.io":
        bad = next((c for c in "/%" if c in name), "..." if name in (".", "..") else "")
        return [wrong_value("metadata.name", name, f"may not contain '{bad}'")] if bad else []
    pattern, words, longest = (
        (_LABEL, _LABEL_WORDS, 63)
        if kind.kind in _LABELS_ONLY and not kind.group
        else (_SUBDOMAIN, _SUBDOMAIN_WORDS, 253)
    )
    found = []
    if len(name) > longest:
        found.append(Cause("metadata.name", "FieldValueTooLong", f"Too long: may not be more than {longest} bytes"))
    if not pattern.fullmatch(name):
        found.append(wrong_value("metadata.name", name, words))
    return found


def _labels(labels: dict[str, str]) -> list[Cause]:
    found = []
    for key, value in labels.items():
        prefix, slash, name = key.rpartition("/")
        if slash and not _SUBDOMAIN.fullmatch(prefix):
            found.append(wrong_value("metadata.labels", key, f"prefix part {_SUBDOMAIN_WORDS}"))
        if not _KEY.fullmatch(name):
            found.append(wrong_value("metadata.labels", key, _KEY_WORDS))
        if len(name) > 63:
            found.append(wrong_value("metadata.labels", key, "name part must be no more than 63 bytes"))
        if len(value) > 63:
            found.append(wrong_value("metadata.labels", value, "must be no more than 63 bytes"))
        if not _VALUE.fullmatch(value):
            found.append(wrong_value("metadata.labels", value, _VALUE_WORDS))
    return found


def _owners(owners: list[Any]) -> list[Cause]:
    found: list[Cause] = []
    for i, owner in enumerate(owners):
        keys = ("apiVersion", "kind", "name", "uid")
        where = f"metadata.ownerReferences[{i}]"
        found += [required(f"{where}.{key}", "must not be empty") for key in keys if not owner.get(key)]
    if sum(bool(owner.get("controller")) for owner in owners) > 1:
        found.append(
            wrong_value("metadata.ownerReferences", owners, "Only one reference can have Controller set to true.")
        )
    return found
