"""Names, labels and what else `metadata` may hold: generation of names and their rules."""

import functools
import re
import secrets
from typing import Any

from osconsole.embedded.api.causes import Cause
from osconsole.embedded.api.failures import bad_request, forbidden_field, required, wrong_value
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
LABEL_WORDS = (
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
_QUALIFIED_WORDS = (
    "a valid label key must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an "
    "alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is "
    "'([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]') with an optional DNS subdomain prefix and '/' "
    "(e.g. 'example.com/MyName')"
)
_NAMELESS = required("metadata.name", "name or generateName is required")
_ANNOTATIONS_BYTES = 256 * 1024
_EXTENSIONS = "apiextensions.k8s.io"
_FINALIZERS = ("kubernetes", "orphan", "foregroundDeletion")
_IMMUTABLE = "field is immutable"
_NAMES_HOSTS = {
    "Pod": "the Pod's hostname",
    **dict.fromkeys(("Deployment", "Job", "CronJob"), "Pod names and hostnames"),
}
_OTHER_WRITERS = "to avoid accidental conflicts with other finalizer writers"
SERVICE_WORDS = (
    "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, "
    "and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for validation is "
    "'[a-z]([-a-z0-9]*[a-z0-9])?')"
)
_RULES = {
    ("", "Namespace"): (_LABEL, LABEL_WORDS, 63),
    # Eleven letters are for the time.
    ("batch", "CronJob"): (_SUBDOMAIN, _SUBDOMAIN_WORDS, 52),
    ("apps", "StatefulSet"): (_LABEL, LABEL_WORDS, 63),
    ("", "Service"): (re.compile(r"[a-z]([-a-z0-9]*[a-z0-9])?"), SERVICE_WORDS, 63),
}
_PREFIX_MAX = 58


def generate(prefix: str) -> str:
    """A name from `generateName`."""
    return prefix[:_PREFIX_MAX] + "".join(secrets.choice(_ALPHABET) for _ in range(5))


def check(kind: ResourceType, meta: dict[str, Any]) -> list[Cause]:
    """What is wrong with an object's metadata."""
    name, prefix = meta.get("name", ""), meta.get("generateName", "")
    found = []
    if prefix:
        # A dash at the end is no fault: five letters follow.
        masked = f"{prefix[:-2]}a" if len(prefix) > 1 and prefix.endswith("-") else prefix
        found += _name(kind, masked, "metadata.generateName", prefix)
    found += _name(kind, name, "metadata.name", name) if name else [_NAMELESS]
    return [
        *found,
        *_labels(meta.get("labels") or {}),
        *_annotations(meta.get("annotations") or {}),
        *_owners(meta.get("ownerReferences") or []),
        *_finalizers(kind, meta.get("finalizers") or []),
    ]


def fixed(meta: dict[str, Any], before: dict[str, Any]) -> list[Cause]:
    """What a write tries to change of what never changes: the uid, and the marks of a deletion."""
    found = []
    if meta.get("uid") and meta["uid"] != before["uid"]:
        found.append(wrong_value("metadata.uid", meta["uid"], _IMMUTABLE))
    if not before.get("deletionTimestamp"):
        marks = ("deletionTimestamp", "deletionGracePeriodSeconds")
        found += [wrong_value(f"metadata.{key}", meta[key], _IMMUTABLE) for key in marks if meta.get(key) is not None]
    return found


def advice(kind: ResourceType, meta: dict[str, Any], before: dict[str, Any] | None) -> list[str]:
    """Warnings of finalizers that were added to a custom object and do not say whose they are."""
    added = set(meta.get("finalizers") or ()) - set((before or {}).get("finalizers") or ())
    if not kind.custom:
        return _hosts(kind, meta) if before is None else []
    found = []
    for name in sorted(added):
        shown = f'metadata.finalizers: "{name}": '
        found += [shown + why for why in _key(name)]
        if "/" not in name and name not in _FINALIZERS:
            path = " including a path (/)" if "." in name else ""
            found.append(f"{shown}prefer a domain-qualified finalizer name{path} {_OTHER_WRITERS}")
    return found


def _hosts(kind: ResourceType, meta: dict[str, Any]) -> list[str]:
    """A warning of names that make odd names of hosts."""
    whose, name = _NAMES_HOSTS.get(kind.kind, ""), meta.get("name") or ""
    whys = ["must not contain dots"] if "." in name else []
    if len(name) > 63:
        whys.append("must be no more than 63 characters")
    if not whose or not whys:
        return []
    what = f"this is used in {whose}, which can result in surprising behavior; a DNS label is recommended"
    return [f"metadata.name: {what}: [{', '.join(whys)}]"]


def _name(kind: ResourceType, name: str, field: str, shown: str) -> list[Cause]:
    if kind.group == "rbac.authorization.k8s.io":
        return [wrong_value(field, shown, why) for why in _in_path(name)]
    pattern, words, longest = _RULES.get((kind.group, kind.kind), (_SUBDOMAIN, _SUBDOMAIN_WORDS, 253))
    if pattern is _LABEL and "." in name:
        return [wrong_value(field, shown, "must not contain dots")]
    found = []
    if len(name) > longest:
        found.append(wrong_value(field, shown, f"must be no more than {longest} characters"))
    if not pattern.fullmatch(name):
        found.append(wrong_value(field, shown, words))
    return found


def _in_path(name: str) -> list[str]:
    """Why a name cannot stand in a path."""
    whys = [f"may not contain '{c}'" for c in "/%" if c in name]
    return [f"may not be '{name}'", *whys] if name in (".", "..") else whys


def check_path_name(name: str) -> None:
    """Refuse what no object can be called, before anybody looks for it.

    Raises:
        Failure: 400.
    """
    whys = _in_path(name)
    if whys:
        raise bad_request(f'Name parameter invalid: "{name}": {", ".join(whys)}')


@functools.lru_cache(maxsize=1024)
def _key(key: str) -> tuple[str, ...]:
    """Why a key of labels, annotations or finalizers is refused. The same few come back in every object."""
    prefix, slash, name = key.rpartition("/")
    if "/" in prefix:
        return (_QUALIFIED_WORDS,)
    found = []
    if slash and not prefix:
        found.append("prefix part must be non-empty")
    elif slash and not _SUBDOMAIN.fullmatch(prefix):
        found.append(f"prefix part {_SUBDOMAIN_WORDS}")
    if not name:
        found.append("name part must be non-empty")
    elif len(name) > 63:
        found.append("name part must be no more than 63 bytes")
    if not _KEY.fullmatch(name):
        found.append(_KEY_WORDS)
    return tuple(found)


def _labels(labels: dict[str, str]) -> list[Cause]:
    found = []
    for key, value in labels.items():
        found += [wrong_value("metadata.labels", key, why) for why in _key(key)]
        if len(value) > 63:
            found.append(wrong_value("metadata.labels", value, "must be no more than 63 bytes"))
        if not _VALUE.fullmatch(value):
            found.append(wrong_value("metadata.labels", value, _VALUE_WORDS))
    return found


def _annotations(annotations: dict[str, str]) -> list[Cause]:
    field = "metadata.annotations"
    found = [wrong_value(field, key, why) for key in annotations for why in _key(key.lower())]
    if sum(len(key.encode()) + len(value.encode()) for key, value in annotations.items()) > _ANNOTATIONS_BYTES:
        words = f"Too long: may not be more than {_ANNOTATIONS_BYTES} bytes"
        found.append(Cause(field, "FieldValueTooLong", words))
    return found


def _owners(owners: list[Any]) -> list[Cause]:
    found: list[Cause] = []
    where = "metadata.ownerReferences"
    for owner in owners:
        if not owner.get("apiVersion"):
            found.append(wrong_value(f"{where}.apiVersion", "", "version must not be empty"))
        empty = [key for key in ("kind", "name", "uid") if not owner.get(key)]
        found += [wrong_value(f"{where}.{key}", "", "must not be empty") for key in empty]
        if (owner.get("apiVersion"), owner.get("kind")) == ("v1", "Event"):
            found.append(wrong_value(where, owner, "/v1, Kind=Event is disallowed from being an owner"))
    leading = [f"{owner.get('kind')}/{owner.get('name')}" for owner in owners if owner.get("controller")]
    if len(leading) > 1:
        why = f'Only one reference can have Controller set to true. Found "true" in references for {leading[0]}'
        found.append(wrong_value(where, owners, f"{why} and {leading[1]}"))
    return found


def late(obj: dict[str, Any], old: dict[str, Any] | None) -> list[Cause]:
    """What is being deleted takes no new finalizers."""
    before = old["metadata"] if old is not None else {}
    added = set(obj["metadata"].get("finalizers") or ()) - set(before.get("finalizers") or ())
    if not added or not before.get("deletionTimestamp"):
        return []
    words = ", ".join(f'"{one}"' for one in sorted(added))
    why = "no new finalizers can be added if the object is being deleted, found new finalizers "
    return [forbidden_field("metadata.finalizers", f"{why}[]string{{{words}}}")]


def _finalizers(kind: ResourceType, finalizers: list[str]) -> list[Cause]:
    field = "metadata.finalizers"
    found = []
    for i, name in enumerate(finalizers):
        found += [wrong_value(field, name, why) for why in _key(name)]
        if kind.group != _EXTENSIONS and not kind.custom and "/" not in name and name not in _FINALIZERS:
            why = "name is neither a standard finalizer name nor is it fully qualified"
            found.append(wrong_value(f"{field}[{i}]", name, why))
    if {"orphan", "foregroundDeletion"} <= set(finalizers):
        why = "finalizer orphan and foregroundDeletion cannot be both set"
        found.append(wrong_value(field, finalizers, why))
    return found
