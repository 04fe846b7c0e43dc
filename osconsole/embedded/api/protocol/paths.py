"""What a URL path asks for: pure parsing, no lookup."""

from urllib.parse import unquote

import msgspec

_ON_NAMESPACE = ("status", "finalize")


class Target(msgspec.Struct, frozen=True):
    """`/apis/GROUP/VERSION[/namespaces/NS]/PLURAL[/NAME[/SUBRESOURCE]]`, or the same under `/api` for the core group.

    `plural` is "" for the group version itself.
    """

    group: str
    version: str
    namespace: str = ""
    plural: str = ""
    name: str = ""
    subresource: str = ""


def parse(path: str) -> Target | None:
    """The target of a path under /api/V or /apis/G/V; None for every other path."""
    if path.startswith("//"):
        return None
    parts = path.strip("/").split("/")
    if "%" in path:
        parts = [unquote(part) for part in parts]
    if parts[0] == "api" and len(parts) >= 2:
        group, version, rest = "", parts[1], parts[2:]
    elif parts[0] == "apis" and len(parts) >= 3:
        group, version, rest = parts[1], parts[2], parts[3:]
    else:
        return None
    namespace = ""
    if len(rest) >= 3 and rest[0] == "namespaces" and rest[2] not in _ON_NAMESPACE:
        namespace, rest = rest[1], rest[2:]
    if len(rest) > 3 or "" in rest:
        return None
    return Target(group, version, namespace, *rest)
