"""Pod templates as revisions: when two are the same, and the short hash that names one. Pure."""

import hashlib

import msgspec

from osconsole.embedded.client import Object

# No vowels and no look-alikes: names made of it spell nothing.
_ALPHABET = "bcdfghjklmnpqrstvwxz2456789"
HASH_LABEL = "pod-template-hash"
REVISION_LABEL = "controller-revision-hash"


def short_hash(value: object, length: int = 10) -> str:
    """A name-safe hash of a JSON value."""
    digest = hashlib.sha256(msgspec.json.encode(value, order="deterministic")).digest()
    return "".join(_ALPHABET[byte % len(_ALPHABET)] for byte in digest[:length])


def without_hash(template: Object) -> Object:
    """A template without the label that controllers add."""
    meta = dict(template.get("metadata") or {})
    meta["labels"] = {key: value for key, value in (meta.get("labels") or {}).items() if key != HASH_LABEL}
    # Whether the server writes `creationTimestamp: null` there says nothing about the pod.
    meta.pop("creationTimestamp", None)
    return {**template, "metadata": {key: value for key, value in meta.items() if value}}


def same_template(one: Object, other: Object) -> bool:
    """Equal but for the hash label."""
    return without_hash(one) == without_hash(other)
