"""Hashes in the form that lib-common writes: SHA-256 of canonical JSON, spelled in a safe alphabet.

Source: openstack-k8s-operators/lib-common, package util (ObjectHash) and package secret (Hash).
"""

import hashlib
import json
from typing import Any

ALPHABET = "bcdfghjklmnpqrstvwxz2456789"


def object_hash(value: Any) -> str:
    """The hash of a JSON value; equal values give equal text, which starts with `n` and ends with `q`."""
    return _spelled(json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False))


def secret_hash(body: dict[str, Any]) -> str:
    """What upstream records of a Secret: data, stringData and type, in this order, those that are not empty."""
    kept = {key: body[key] for key in ("data", "stringData", "type") if body.get(key)}
    parts = (
        f"{json.dumps(key)}:{json.dumps(value, sort_keys=True, separators=(',', ':'), ensure_ascii=False)}"
        for key, value in kept.items()
    )
    return _spelled("{" + ",".join(parts) + "}")


def _spelled(text: str) -> str:
    for mark, escape in (("&", "\\u0026"), ("<", "\\u003c"), (">", "\\u003e")):
        text = text.replace(mark, escape)
    digest = hashlib.sha256(text.encode()).digest()
    spelled = "[" + " ".join(map(str, digest)) + "]"
    return "".join(ALPHABET[ord(letter) % len(ALPHABET)] for letter in spelled)
