"""Discovery: which kinds the server serves, at which version, with which verbs.

Two requests where the server aggregates (Kubernetes 1.26 and later), one per group version where it does not.
"""

import asyncio
from collections.abc import Iterable

import msgspec

from osconsole.errors import ApiError, NotFound
from osconsole.kube.api import Api
from osconsole.model.kinds import Kind

_AGGREGATED = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,application/json"


class Served(msgspec.Struct, frozen=True):
    """One kind as the server offers it."""

    kind: Kind
    verbs: frozenset[str]
    subresources: frozenset[str] = frozenset()


class Discovered(msgspec.Struct, frozen=True):
    """What is served, and the groups whose own API server does not answer now: of these nothing is known."""

    kinds: tuple[Served, ...]
    silent: frozenset[str] = frozenset()


class _Name(msgspec.Struct, frozen=True):
    name: str = ""


class _ResponseKind(msgspec.Struct, frozen=True):
    kind: str = ""


class _Subresource(msgspec.Struct, frozen=True):
    subresource: str = ""


class _Entry(msgspec.Struct, frozen=True, rename="camel"):
    resource: str
    scope: str = "Namespaced"
    response_kind: _ResponseKind | None = None
    verbs: list[str] | None = None
    short_names: list[str] | None = None
    subresources: list[_Subresource] | None = None


class _Version(msgspec.Struct, frozen=True):
    version: str
    resources: list[_Entry] | None = None
    freshness: str = ""


class _Group(msgspec.Struct, frozen=True):
    metadata: _Name = _Name()
    versions: list[_Version] | None = None


class _Groups(msgspec.Struct, frozen=True):
    """APIGroupDiscoveryList; `groups` and `versions` are there when the server answered in the old form."""

    kind: str = ""
    items: list[_Group] | None = None
    groups: list["_OldGroup"] | None = None
    versions: list[str] | None = None


class _OldVersion(msgspec.Struct, frozen=True, rename="camel"):
    version: str = ""


class _OldGroup(msgspec.Struct, frozen=True):
    name: str
    versions: list[_OldVersion] | None = None


class _OldEntry(msgspec.Struct, frozen=True, rename="camel"):
    name: str
    kind: str = ""
    namespaced: bool = True
    verbs: list[str] | None = None
    short_names: list[str] | None = None


class _OldList(msgspec.Struct, frozen=True):
    resources: list[_OldEntry] | None = None


_groups = msgspec.json.Decoder(_Groups).decode
_old_list = msgspec.json.Decoder(_OldList).decode


async def served(api: Api) -> Discovered:
    """Everything that is served, each kind at the version that the server prefers.

    Raises:
        Unreachable, ApiError: there is no discovery at all; a single broken group hides no others.
    """
    found: list[Served] = []
    silent: set[str] = set()
    for root in ("/api", "/apis"):
        answer = _groups(await api.request("GET", root, accept=_AGGREGATED))
        if answer.items is not None:
            found.extend(entry for group in answer.items for entry in _of_group(group))
            silent.update(group.metadata.name for group in answer.items if _silent(group))
        else:
            old, unheard = await _old(api, root, answer)
            found.extend(old)
            silent |= unheard
    return Discovered(tuple(found), frozenset(silent))


def _silent(group: _Group) -> bool:
    return any(version.freshness == "Stale" and not version.resources for version in group.versions or ())


def _of_group(group: _Group) -> Iterable[Served]:
    seen: set[str] = set()
    for version in group.versions or ():  # the preferred one comes first
        for entry in version.resources or ():
            kind = entry.response_kind.kind if entry.response_kind else ""
            if not kind or kind in seen:
                continue
            seen.add(kind)
            yield Served(
                Kind(
                    group.metadata.name,
                    version.version,
                    kind,
                    entry.resource,
                    tuple(entry.short_names or ()),
                    namespaced=entry.scope == "Namespaced",
                ),
                frozenset(entry.verbs or ()),
                frozenset(sub.subresource for sub in entry.subresources or ()),
            )


async def _old(api: Api, root: str, answer: _Groups) -> tuple[list[Served], set[str]]:
    pairs = [("", version) for version in answer.versions or ()]
    pairs += [(group.name, version.version) for group in answer.groups or () for version in group.versions or ()]
    async with asyncio.TaskGroup() as tasks:
        lists = [
            (group, version, tasks.create_task(_old_entries(api, root, group, version))) for group, version in pairs
        ]
    found: dict[tuple[str, str], Served] = {}
    for group, version, task in lists:
        entries = task.result() or []
        for entry in entries:
            if "/" not in entry.name:
                kind = Kind(
                    group, version, entry.kind, entry.name, tuple(entry.short_names or ()), namespaced=entry.namespaced
                )
                subresources = (e.name.partition("/")[2] for e in entries if e.name.startswith(f"{entry.name}/"))
                offer = Served(kind, frozenset(entry.verbs or ()), frozenset(subresources))
                found.setdefault((group, entry.kind), offer)
    return list(found.values()), {group for group, _, task in lists if task.result() is None}


async def _old_entries(api: Api, root: str, group: str, version: str) -> list[_OldEntry] | None:
    """What a group version has; None when whoever serves it does not say."""
    path = f"{root}/{group}/{version}" if group else f"{root}/{version}"
    try:
        return _old_list(await api.request("GET", path)).resources or []
    except NotFound:
        return []
    except ApiError:
        return None
