"""What all handlers share: the store, the registry, who may do what; and one request as they see it."""

import functools
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import msgspec
from aiohttp import web

from osconsole.embedded.api import clock
from osconsole.embedded.api.access.accounts import Accounts
from osconsole.embedded.api.access.identity import Tokens, User
from osconsole.embedded.api.access.rbac import Rbac
from osconsole.embedded.api.failures import not_found
from osconsole.embedded.api.kinds.registry import Registry
from osconsole.embedded.api.protocol.options import WriteOptions, write_options
from osconsole.embedded.api.protocol.paths import Target
from osconsole.embedded.api.storage.collection import Collection
from osconsole.embedded.api.storage.database import Database
from osconsole.embedded.api.storage.entry import Entry
from osconsole.embedded.api.storage.store import Store
from osconsole.embedded.api.types import ResourceType


class Server:
    """One API server over one directory."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.store = Store(Database(directory / "cluster.sqlite"))
        self.registry = Registry()
        self.tokens = Tokens(directory / "tokens.csv")
        self.accounts = Accounts(directory, self.store)
        self.rbac = Rbac(self.store)
        self.stream: Callable[[Mapping[str, str]], web.StreamResponse] = _stream

    def collection(self, kind: ResourceType) -> Collection:
        """Where the objects of a type are."""
        return self.store.collection(kind)


def _stream(headers: Mapping[str, str]) -> web.StreamResponse:
    """The answer of a watch."""
    return web.StreamResponse(headers={**headers, "Date": clock.date()})


class Call(msgspec.Struct, dict=True):
    """One authorized request for a known resource.

    Attributes:
        live: the object that it changes, decoded, where nobody will write into what it holds.
    """

    server: Server
    request: web.BaseRequest
    user: User
    kind: ResourceType
    target: Target
    live: dict[str, Any] | None = None

    @functools.cached_property
    def _head(self) -> bytes:
        return b'{"apiVersion":"%s","kind":"%s",' % (self.kind.api_version.encode(), self.kind.kind.encode())

    @property
    def collection(self) -> Collection:
        """The objects it is about."""
        return self.server.store.collection(self.kind)

    @property
    def namespace(self) -> str:
        """The namespace of the path, "" for none."""
        return self.target.namespace

    def entry(self) -> Entry:
        """The object of the path.

        Raises:
            Failure: 404.
        """
        found = self.collection.get(self.target.namespace, self.target.name)
        if found is None:
            raise not_found(self.kind, self.target.name)
        return found

    def options(self) -> WriteOptions:
        """The options of a write."""
        headers = self.request.headers
        what = {"PUT": "UpdateOptions", "PATCH": "PatchOptions"}.get(self.request.method, "CreateOptions")
        applies = "apply-patch" in headers.get("Content-Type", "")
        return write_options(self.request.query, headers.get("User-Agent", ""), what, applies=applies)

    def warned(self, warnings: list[str]) -> list[str]:
        """Keep warnings of the request, for an answer that is a failure as well."""
        self.request["warnings"] = warnings
        return warnings

    def warn(self, warnings: list[str]) -> None:
        """Say more beside the answer, whichever it becomes."""
        if "warnings" in self.request:
            self.request["warnings"] += warnings

    def raw(self, entry: Entry) -> bytes:
        """An entry's JSON in the version that was asked for."""
        if self.kind.version == self.kind.storage_version:
            return entry.raw
        _, _, rest = entry.raw.partition(b",")
        return b'{"apiVersion":"%s",%s' % (self.kind.api_version.encode(), rest)

    def item(self, entry: Entry) -> bytes:
        """An entry's JSON as an item of a list: built-in kinds name themselves only in the list."""
        if self.kind.custom:
            return self.raw(entry)
        return b"{" + entry.raw.removeprefix(self._head)

    def object(self, entry: Entry) -> dict[str, Any]:
        """An entry's object in the version that was asked for."""
        found = entry.object()
        found["apiVersion"] = self.kind.api_version
        return found
