"""What all handlers share: the store, the registry, who may do what; and one request as they see it."""

import datetime
from pathlib import Path
from typing import Any

import msgspec
from aiohttp import web

from osconsole.embedded.api.collection import Collection, Entry
from osconsole.embedded.api.database import Database
from osconsole.embedded.api.failures import not_found
from osconsole.embedded.api.identity import Tokens, User
from osconsole.embedded.api.options import WriteOptions, write_options
from osconsole.embedded.api.paths import Target
from osconsole.embedded.api.rbac import Rbac
from osconsole.embedded.api.registry import Registry
from osconsole.embedded.api.store import Store
from osconsole.embedded.api.types import ResourceType


def now() -> str:
    """The time as objects carry it."""
    return datetime.datetime.now(datetime.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


class Server:
    """One API server over one directory."""

    def __init__(self, directory: Path) -> None:
        self.store = Store(Database(directory / "cluster.sqlite"))
        self.registry = Registry()
        self.tokens = Tokens(directory / "tokens.csv")
        self.rbac = Rbac(self.store)

    def collection(self, kind: ResourceType) -> Collection:
        """Where the objects of a type are."""
        return self.store.collection(kind)


class Call(msgspec.Struct):
    """One authorized request for a known resource."""

    server: Server
    request: web.Request
    user: User
    kind: ResourceType
    target: Target

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
        return write_options(self.request.query, self.request.headers.get("User-Agent", ""))

    def raw(self, entry: Entry) -> bytes:
        """An entry's JSON in the version that was asked for."""
        if self.kind.version == self.kind.storage_version:
            return entry.raw
        _, _, rest = entry.raw.partition(b",")
        return b'{"apiVersion":"%s",%s' % (self.kind.api_version.encode(), rest)

    def object(self, entry: Entry) -> dict[str, Any]:
        """An entry's object in the version that was asked for."""
        found = entry.object()
        found["apiVersion"] = self.kind.api_version
        return found
