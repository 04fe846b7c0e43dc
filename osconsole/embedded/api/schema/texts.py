"""Texts that stand for something else, base64 and quantities: what a decoder says of those that cannot be read."""

import base64
import string
from typing import Any

from osconsole.embedded.api.schema.builtin.defaults import spec_of_pod
from osconsole.embedded.api.schema.quantities import unreadable

_BYTES = {"Secret": "data", "ConfigMap": "binaryData"}
_BASE64 = frozenset(string.ascii_letters + string.digits + "+/")


def problem(kind: str, obj: dict[str, Any]) -> str:
    """The words for the first text of a built-in object that cannot be read, "" when all can."""
    return _bytes_problem(obj, _BYTES.get(kind, "")) or _quantity_problem(kind, obj)


def _quantity_problem(kind: str, obj: dict[str, Any]) -> str:
    """Of what a pod or a claim asks for."""
    pod = spec_of_pod(obj, kind) or (obj.get("spec") if kind == "PersistentVolumeClaim" else None) or {}
    for asker in (pod, *(pod.get("containers") or ()), *(pod.get("initContainers") or ())):
        resources = asker.get("resources") or {}
        for group in ("limits", "requests"):
            for text in (resources.get(group) or {}).values():
                if why := unreadable(text):
                    return why
    return ""


def _bytes_problem(obj: dict[str, Any], field: str) -> str:
    """Go's words for the first value that is no base64, "" when all are."""
    for text in (obj.get(field) or {}).values() if field else ():
        at = _broken(text or "")
        if at >= 0:
            return f"illegal base64 data at input byte {at}"
    return ""


def _broken(text: str) -> int:
    """Where base64 breaks off, -1 when it is whole; lines may end anywhere."""
    try:
        base64.b64decode(text.replace("\r", "").replace("\n", ""), validate=True)
    except ValueError:
        kept = [(at, char) for at, char in enumerate(text) if char not in "\r\n"]
        wrong = next((i for i, (_, char) in enumerate(kept) if char not in _BASE64), len(kept))
        # What pads is right only at the end of four, and two of it where two are missing.
        if wrong < len(kept) and kept[wrong][1] == "=" and wrong % 4 >= 2:
            pads = "".join(char for _, char in kept[wrong : wrong + 2])
            wrong += 1 if wrong % 4 == 3 else {"=": len(kept), "==": 2}.get(pads, 0)
        return kept[wrong][0] if wrong < len(kept) else len(text) - len(kept) % 4
    return -1
