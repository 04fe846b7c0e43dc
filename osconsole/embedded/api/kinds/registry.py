"""Which resources are served now: the built-in ones and those of established CRDs."""

import re
from collections.abc import Iterator

from osconsole.embedded.api.kinds.catalog import BUILTIN
from osconsole.embedded.api.types import ResourceType


class Registry:
    """Types by (group, version, plural); `revision` grows with every change, for caches of discovery."""

    def __init__(self) -> None:
        self._types: dict[tuple[str, str, str], ResourceType] = {(t.group, t.version, t.plural): t for t in BUILTIN}
        self.revision = 0

    def __iter__(self) -> Iterator[ResourceType]:
        return iter(self._types.values())

    def find(self, group: str, version: str, plural: str) -> ResourceType | None:
        """One type."""
        return self._types.get((group, version, plural))

    def by_kind(self, group: str, kind: str) -> ResourceType | None:
        """The type of a kind, in its storage version where there are several."""
        found = [t for t in self._types.values() if t.group == group and t.kind == kind]
        return next((t for t in found if t.version == t.storage_version), found[0] if found else None)

    def storage(self) -> Iterator[ResourceType]:
        """One type for each collection: what namespaces and controllers sweep."""
        seen: set[tuple[str, str]] = set()
        for kind in self._types.values():
            key = (kind.group, kind.plural)
            if key not in seen and "list" in kind.verbs:
                seen.add(key)
                yield kind

    def replace(self, group: str, plural: str, types: list[ResourceType]) -> None:
        """Serve these versions of a resource and no others; [] ends it."""
        for key in [key for key in self._types if key[0] == group and key[2] == plural]:
            del self._types[key]
        for kind in types:
            self._types[group, kind.version, plural] = kind
        self.revision += 1

    def groups(self) -> dict[str, list[str]]:
        """Versions by group, the preferred first; the core group is ""."""
        found: dict[str, list[str]] = {}
        for kind in self._types.values():
            versions = found.setdefault(kind.group, [])
            if kind.version not in versions:
                versions.append(kind.version)
        for versions in found.values():
            versions.sort(key=version_rank)
        return found

    def of(self, group: str, version: str) -> list[ResourceType]:
        """The types of a group version."""
        return sorted(
            (t for t in self._types.values() if t.group == group and t.version == version), key=lambda t: t.plural
        )


def version_rank(version: str) -> tuple[int, int, int, str]:
    """Sorts v2, v1, v1beta2, v1beta1, v1alpha1, then others by name."""
    match = re.fullmatch(r"v(\d+)(?:(alpha|beta)(\d+))?", version)
    if not match:
        return (3, 0, 0, version)
    stage = {"": 0, "beta": 1, "alpha": 2}[match.group(2) or ""]
    return (stage, -int(match.group(1)), -int(match.group(3) or 0), version)
