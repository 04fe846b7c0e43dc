"""A small asyncio client of the Kubernetes API for controllers, node agent and world loader.

Objects are plain dicts as the server sends them. Errors are `osconsole.errors`: an `ApiError` for an answer,
`Unreachable` where none came. Nothing is retried here and nothing is cached: see `informer` for that.
"""

from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Literal

import aiohttp
import msgspec

from osconsole.embedded.kinds import Kind
from osconsole.embedded.kubeconfig import Connection, connection
from osconsole.errors import Unreachable, api_error

Object = dict[str, Any]

_PATCH_TYPES = {
    "merge": "application/merge-patch+json",
    "strategic": "application/strategic-merge-patch+json",
    "json": "application/json-patch+json",
    "apply": "application/apply-patch+yaml",
}
# An answer that takes longer than this is no answer; watches have their own limit.
_ANSWER_S = 30.0
# A watch that shows neither event nor bookmark for this long is dead: servers send a bookmark about every minute.
_SILENCE_S = 150.0
_PAGE = 500
# Where a server cannot cut objects down to their metadata it sends them whole.
_METADATA_ONLY = {
    "Accept": "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1,"
    "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1,application/json"
}


class Client:
    """The verbs of the API over one connection pool. Made by `Client.open`."""

    def __init__(self, session: aiohttp.ClientSession, target: Connection, field_manager: str) -> None:
        self._session = session
        self._server = target.server
        self._tls = target.tls if target.tls is not None else True
        self.authority = target.authority
        self._headers = {"Authorization": f"Bearer {target.token}"} if target.token else {}
        self._field_manager = field_manager

    @classmethod
    @asynccontextmanager
    async def open(cls, kubeconfig: Path, field_manager: str = "osconsole-embedded") -> "AsyncIterator[Client]":
        """A client for the current context of a kubeconfig.

        Raises:
            KubeconfigError, DocumentError: the file is missing or wrong.
        """
        target = connection(kubeconfig)
        connector = aiohttp.TCPConnector(limit=0)
        async with aiohttp.ClientSession(
            connector=connector, timeout=aiohttp.ClientTimeout(total=_ANSWER_S)
        ) as session:
            yield cls(session, target, field_manager)

    async def request(
        self,
        method: str,
        path: str,
        *,
        body: Any = None,
        params: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Any:
        """One request; the decoded JSON of the answer.

        Raises:
            ApiError, Unauthorized: the server said no.
            Unreachable: it did not answer.
        """
        sent = {**self._headers, "Content-Type": "application/json", **(headers or {})}
        data = msgspec.json.encode(body) if body is not None else None
        try:
            async with self._session.request(
                method, self._server + path, data=data, params=params, headers=sent, ssl=self._tls
            ) as answer:
                raw = await answer.read()
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise Unreachable(f"{self._server} does not answer: {error or type(error).__name__}") from None
        if answer.status >= 400:
            raise _error(answer.status, raw)
        try:
            return msgspec.json.decode(raw) if raw else {}
        except msgspec.DecodeError:
            return raw.decode(errors="replace")

    async def get(self, kind: Kind, namespace: str, name: str) -> Object:
        """One object; `NotFound` when it is not there."""
        return dict(await self.request("GET", kind.path(namespace, name)))

    async def list(
        self, kind: Kind, namespace: str = "", *, labels: str = "", fields: str = "", metadata_only: bool = False
    ) -> tuple[list[Object], str]:
        """All objects of a kind (in all namespaces when `namespace` is empty) and the list's resourceVersion."""
        headers = _METADATA_ONLY if metadata_only else {}
        params = {"limit": str(_PAGE), "labelSelector": labels, "fieldSelector": fields}
        params = {key: value for key, value in params.items() if value}
        items: list[Object] = []
        while True:
            page = await self.request("GET", kind.path(namespace), params=params, headers=headers)
            # A list leaves out what is the same for all its items.
            same = {"apiVersion": kind.api_version, "kind": kind.kind}
            items.extend({**same, **item} for item in page.get("items") or [])
            meta = page.get("metadata") or {}
            if not meta.get("continue"):
                return items, str(meta.get("resourceVersion", ""))
            params["continue"] = meta["continue"]

    async def create(self, kind: Kind, obj: Object) -> Object:
        """A new object in the namespace that its metadata names; `Conflict` when it exists."""
        namespace = obj["metadata"].get("namespace", "")
        body = {"apiVersion": kind.api_version, "kind": kind.kind, **obj}
        return dict(await self.request("POST", kind.path(namespace), body=body, params=self._manager()))

    async def replace(self, kind: Kind, obj: Object, subresource: str = "") -> Object:
        """The whole object anew; `Conflict` when its resourceVersion is not the current one."""
        meta = obj["metadata"]
        path = kind.path(meta.get("namespace", ""), meta["name"], subresource)
        return dict(await self.request("PUT", path, body=obj, params=self._manager()))

    async def update_status(self, kind: Kind, obj: Object) -> Object:
        """The status of an object anew; `Conflict` when its resourceVersion is not the current one."""
        return await self.replace(kind, obj, "status")

    async def patch(
        self,
        kind: Kind,
        where: tuple[str, str],
        patch: Any,
        how: Literal["merge", "strategic", "json"] = "merge",
        subresource: str = "",
    ) -> Object:
        """A patch of the object at (namespace, name)."""
        headers = {"Content-Type": _PATCH_TYPES[how]}
        path = kind.path(where[0], where[1], subresource)
        return dict(await self.request("PATCH", path, body=patch, params=self._manager(), headers=headers))

    async def apply(self, kind: Kind, obj: Object, subresource: str = "") -> Object:
        """Server-side apply with force: creates the object where it is missing."""
        meta = obj["metadata"]
        body = {"apiVersion": kind.api_version, "kind": kind.kind, **obj}
        path = kind.path(meta.get("namespace", ""), meta["name"], subresource)
        params = {**self._manager(), "force": "true"}
        headers = {"Content-Type": _PATCH_TYPES["apply"]}
        return dict(await self.request("PATCH", path, body=body, params=params, headers=headers))

    async def delete(
        self,
        kind: Kind,
        where: tuple[str, str],
        *,
        uid: str = "",
        grace_s: int | None = None,
        propagation: str = "Background",
    ) -> Object:
        """Ask for the deletion of (namespace, name); with `uid` only of that very object."""
        options: Object = {"apiVersion": "v1", "kind": "DeleteOptions", "propagationPolicy": propagation}
        if uid:
            options["preconditions"] = {"uid": uid}
        if grace_s is not None:
            options["gracePeriodSeconds"] = grace_s
        return dict(await self.request("DELETE", kind.path(*where), body=options))

    async def evict(self, namespace: str, name: str) -> None:
        """Evict a pod; `TryAgain` (429) when a disruption budget forbids it."""
        body = {"apiVersion": "policy/v1", "kind": "Eviction", "metadata": {"name": name, "namespace": namespace}}
        await self.request("POST", f"/api/v1/namespaces/{namespace}/pods/{name}/eviction", body=body)

    async def watch(
        self, kind: Kind, version: str, *, metadata_only: bool = False
    ) -> AsyncGenerator[tuple[str, Object], None]:
        """(ADDED | MODIFIED | DELETED | BOOKMARK, object) after `version`, until the server ends the stream.

        Raises:
            Gone: `version` is too old: list again.
            ApiError, Unauthorized, Unreachable: as in `request`.
        """
        params = {"watch": "true", "allowWatchBookmarks": "true", "resourceVersion": version}
        headers = {**self._headers, **(_METADATA_ONLY if metadata_only else {})}
        timeout = aiohttp.ClientTimeout(total=None, sock_connect=_ANSWER_S, sock_read=_SILENCE_S)
        url = self._server + kind.path()
        try:
            async with self._session.get(url, params=params, headers=headers, ssl=self._tls, timeout=timeout) as answer:
                if answer.status >= 400:
                    raise _error(answer.status, await answer.read())
                async for line in _lines(answer.content):
                    event = msgspec.json.decode(line)
                    if event["type"] == "ERROR":
                        raise _error(int(event["object"].get("code", 500)), line, event["object"])
                    yield event["type"], event["object"]
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise Unreachable(f"watch of {kind.plural} broke: {error or type(error).__name__}") from None

    def _manager(self) -> dict[str, str]:
        return {"fieldManager": self._field_manager}


async def _lines(content: aiohttp.StreamReader) -> AsyncIterator[bytes]:
    """The lines of a stream, however long."""
    parts: list[bytes] = []
    async for chunk in content.iter_any():
        head, *rest = chunk.split(b"\n")
        parts.append(head)
        for piece in rest:
            line = b"".join(parts)
            parts = [piece]
            if line.strip():
                yield line


def _error(code: int, raw: bytes, status: Object | None = None) -> Exception:
    if status is None:
        try:
            status = msgspec.json.decode(raw, type=dict)
        except (msgspec.DecodeError, msgspec.ValidationError):
            status = {"message": raw.decode(errors="replace")[:500]}
    details = status.get("details") or {}
    causes = tuple((str(c.get("field", "")), str(c.get("message", ""))) for c in details.get("causes") or [])
    return api_error(
        code,
        str(status.get("reason") or ""),
        str(status.get("message") or f"HTTP {code}"),
        causes=causes,
        retry_after_s=float(details.get("retryAfterSeconds") or 0),
    )
