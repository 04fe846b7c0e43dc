"""How much a ConfigMap or a Secret may hold: 1 MiB, so that lists of them stay small."""

import base64
import binascii
from typing import Any

from osconsole.embedded.api.causes import Cause

_DATA_BYTES = 1024 * 1024


def _plain(text: str) -> int:
    try:
        return len(base64.b64decode(text))
    except (binascii.Error, ValueError):
        return len(text)


def config_map(obj: dict[str, Any]) -> list[Cause]:
    """A ConfigMap's data and binaryData together."""
    held = sum(len(text.encode()) for text in (obj.get("data") or {}).values())
    held += sum(_plain(text) for text in (obj.get("binaryData") or {}).values())
    return _too_long("[]") if held > _DATA_BYTES else []


def secret(obj: dict[str, Any]) -> list[Cause]:
    """A Secret's data, decoded."""
    held = sum(_plain(text) for text in (obj.get("data") or {}).values())
    return _too_long("data") if held > _DATA_BYTES else []


def _too_long(field: str) -> list[Cause]:
    return [Cause(field, "FieldValueTooLong", f"Too long: may not be more than {_DATA_BYTES} bytes")]
