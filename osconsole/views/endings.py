"""What a runner pod said when it ended: the execution summary in its termination message, in words.

The summary is upstream's: `{failedHostList, unreachableHostList, totalHosts, ...}`.
"""

from collections.abc import Mapping
from typing import Any

import msgspec

from osconsole.views.text import clean

MOST = 3  # names; more are counted


def words(message: str) -> str:
    """`edpm-compute-1 unreachable, edpm-compute-2 failed (of 3 hosts)`; "" when it is no summary or all went well."""
    return summarised(_summary(message))


def summarised(found: Mapping[str, Any]) -> str:
    """The same from a summary that is already a value, as the Deployment's status keeps them."""
    unreachable, failed = _names(found, "unreachableHostList"), _names(found, "failedHostList")
    parts = [f"{_listed(names)} {what}" for names, what in ((unreachable, "unreachable"), (failed, "failed")) if names]
    total = found.get("totalHosts")
    of = f" (of {total} hosts)" if parts and isinstance(total, int) and total > 1 else ""
    return ", ".join(parts) + of


def _summary(message: str) -> dict[str, Any]:
    if not message.startswith("{"):
        return {}
    try:
        found = msgspec.json.decode(message)
    except msgspec.DecodeError:
        return {}
    return found if isinstance(found, dict) else {}


def _names(found: Mapping[str, Any], key: str) -> list[str]:
    names = found.get(key)
    return [clean(str(name)) for name in names] if isinstance(names, list) else []


def _listed(names: list[str]) -> str:
    more = f" and {len(names) - MOST} more" if len(names) > MOST else ""
    return ", ".join(names[:MOST]) + more
