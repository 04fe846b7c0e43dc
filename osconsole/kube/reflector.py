"""Reflector: the objects of one kind in one scope, first as they are, then as they change, whatever the weather.

It does what client-go's reflector does: a streaming list where the server has it, else pages; then a watch with
bookmarks that is resumed from the last version it saw, and listed anew only when the server has forgotten that (410).
Silence counts as failure. Nothing here raises for weather; what is known stays known, and `Lost` says how old it is.
"""

import asyncio
import random
import re
import time
from collections.abc import AsyncGenerator, AsyncIterator, Iterable
from contextlib import aclosing

import msgspec

from osconsole.errors import ApiError, Forbidden, Gone, NotFound, OsconsoleError, Unreachable
from osconsole.kube import wire
from osconsole.kube.api import Api
from osconsole.kube.mirror import NONE, decode
from osconsole.model import changes as model
from osconsole.model.changes import Change
from osconsole.model.kinds import Kind
from osconsole.model.ref import Ref
from osconsole.model.resource import Resource

FIRST_S, MOST_S, QUIET_S = 0.8, 30.0, 120.0  # backoff: first, most, and after how much quiet it starts anew
DENIED_S = 30.0
WATCH_S = 300  # least life of a watch; the server ends it after one to two times that
SHORT_S = 1.0
INITIAL_S = 15.0  # how long a streaming list may be silent before we believe that the server has none
_VERB = re.compile(r"cannot (\w+) resource")
_BREATH = 64  # objects decoded between two breaths of the event loop


class Scope(msgspec.Struct, frozen=True):
    """What to reflect: `namespace` "" is all; `secrets` names the namespaces whose Secrets keep their data."""

    kind: Kind
    namespace: str = ""
    selector: str = ""
    fields: str = ""
    secrets: frozenset[str] = NONE

    @property
    def path(self) -> str:
        """The URL path of the collection."""
        return self.kind.path(self.namespace)

    def query(self) -> dict[str, str | int]:
        """The selectors."""
        return {"labelSelector": self.selector, "fieldSelector": self.fields}


def changes(api: Api, kind: Kind, namespace: str = "", **rest: object) -> AsyncGenerator[list[Change], None]:
    """Batches of changes for ever, a batch per chunk that came in: folding in batches is what makes storms cheap.

    The first batch holds `Listed`, `Denied` or `Lost`. `rest`: `selector`, `fields`, `secrets` of `Scope`.
    """
    return Reflector(api, Scope(kind, namespace, **rest)).run()  # type: ignore[arg-type]


class Backoff:
    """0.8 s, doubled up to 30 s, with jitter of as much again; after two quiet minutes from the start."""

    def __init__(self) -> None:
        self._next_s = FIRST_S
        self._last = 0.0

    def delay_s(self) -> float:
        """How long to wait this time."""
        now = time.monotonic()
        self._next_s = FIRST_S if now - self._last > QUIET_S else min(MOST_S, self._next_s * 2)
        self._last = now
        return self._next_s * (1 + random.random())  # noqa: S311

    def reset(self) -> None:
        """All is well."""
        self._last = 0.0


class Reflector:
    """The state of one stream: the version up to which it knows, and whether it must list."""

    def __init__(self, api: Api, scope: Scope) -> None:
        self._api = api
        self._scope = scope
        self._version = ""
        self._listed = False
        self._initial: dict[Ref, Resource] | None = None
        self._events = 0
        self._accepted = False
        self._backoff = Backoff()

    async def run(self) -> AsyncGenerator[list[Change], None]:
        """Batches for ever."""
        while True:
            failure: OsconsoleError
            try:
                if not self._listed and not self._api.watchlist:
                    yield [await self._list()]
                started, self._events = time.monotonic(), 0
                async with aclosing(self._follow()) as batches:
                    async for batch in batches:
                        yield batch
                self._short(started)
                continue
            except Gone:
                self._version, self._listed = "", False
                continue
            except OsconsoleError as error:
                if self._doubt(error) or self._cut(error):
                    continue
                failure = error
            except msgspec.MsgspecError as error:
                failure = OsconsoleError(f"{self._scope.kind.resource}: the answer is not Kubernetes': {error}")
            if isinstance(failure, Forbidden) and self._initial is not None:
                yield await self._without_watch()
            yield self._told(failure)
            await self._wait(failure)

    def _told(self, error: OsconsoleError) -> list[Change]:
        kind, namespace, now = self._scope.kind, self._scope.namespace, time.time()
        if isinstance(error, Forbidden):
            verb = _VERB.search(str(error))
            where = f" in namespace {namespace}" if namespace else ""
            self._version, self._listed = "", False
            return [model.Denied(kind.key, namespace, f"{verb[1] if verb else 'list'} {kind.resource}{where}", now)]
        if isinstance(error, NotFound):
            self._version, self._listed = "", False
            missing = f"{kind.resource} is not installed"
            return [
                model.Listed(kind.key, namespace, (), now),
                model.Denied(kind.key, namespace, missing, now, installed=False),
            ]
        return [model.Lost(kind.key, namespace, str(error), now)]

    async def _wait(self, error: OsconsoleError) -> None:
        """Before the next try; a line that is down is up again for all as soon as one gets through."""
        if isinstance(error, Forbidden | NotFound):
            await asyncio.sleep(DENIED_S * (1 + random.random()))  # noqa: S311
        elif isinstance(error, Unreachable):
            if await self._api.line.answers(self._backoff.delay_s()):
                await asyncio.sleep(random.random() / 2)  # noqa: S311
        else:
            asked_s = error.retry_after_s if isinstance(error, ApiError) else 0.0
            await asyncio.sleep(max(asked_s, self._backoff.delay_s()))

    async def _without_watch(self) -> list[Change]:
        """Whoever may list but not watch sees at least the list, as old as the next try lets it become."""
        try:
            return [await self._list()]
        except OsconsoleError:
            return []

    def _doubt(self, error: OsconsoleError) -> bool:
        """Whether a streaming list failed because the server does not know how: then pages from now on."""
        if self._initial is None or not self._api.watchlist:
            return False
        unknown = isinstance(error, ApiError) and error.code in {400, 405, 422}
        if unknown or isinstance(error, _Unfinished):
            self._api.watchlist = False
        return unknown or isinstance(error, _Unfinished)

    def _cut(self, error: OsconsoleError) -> bool:
        """A line that stood and was cut is taken up at once; only when that fails it is lost."""
        stood, self._accepted = self._accepted, False
        return stood and isinstance(error, Unreachable)

    def _short(self, started: float) -> None:
        """A server that ends watches as fast as we open them must not be hammered."""
        if not self._events and time.monotonic() - started < SHORT_S:
            raise ApiError(f"the server ends the watch of {self._scope.kind.resource} at once", 500)

    async def _list(self) -> Change:
        found: list[Resource] = []
        version = ""
        async with aclosing(self._api.pages(self._scope.path, self._scope.query())) as pages:
            async for page in pages:
                for number, item in enumerate(page.items or ()):
                    found.append(decode(item, self._scope.kind, self._scope.secrets))
                    if number % _BREATH == _BREATH - 1:
                        await asyncio.sleep(0)
                version = page.metadata.resource_version
        return self._complete(found, version)

    def _complete(self, found: Iterable[Resource], version: str) -> Change:
        self._version, self._listed, self._initial = version, True, None
        self._backoff.reset()
        return model.Listed(self._scope.kind.key, self._scope.namespace, tuple(found), time.time())

    async def _follow(self) -> AsyncGenerator[list[Change], None]:
        """One watch, until the server ends it; while not listed, a streaming list at its beginning."""
        self._initial = None if self._listed else {}
        lines = wire.Lines()
        async with aclosing(self._api.stream(self._scope.path, self._query())) as chunks:
            while True:
                chunk = await self._next(chunks)
                if chunk is None:
                    break
                self._accepted = True
                batch = self._live() if not chunk and self._listed else []
                for line in lines.feed(chunk):
                    self._fold(wire.event(line), batch)
                if batch:
                    yield batch
                await asyncio.sleep(0)
        if self._initial is not None:
            raise _Unfinished("the streaming list ended early")

    async def _next(self, chunks: AsyncIterator[bytes]) -> bytes | None:
        try:
            async with asyncio.timeout(None if self._initial is None else INITIAL_S):
                return await anext(chunks, None)
        except TimeoutError:
            raise _Unfinished("the streaming list is silent") from None

    def _query(self) -> dict[str, str | int]:
        life_s = int(WATCH_S * (1 + random.random()))  # noqa: S311
        query = {"watch": "true", "allowWatchBookmarks": "true", "resourceVersion": self._version}
        initial = {} if self._listed else {"sendInitialEvents": "true", "resourceVersionMatch": "NotOlderThan"}
        return self._scope.query() | query | initial | {"timeoutSeconds": life_s}

    def _live(self) -> list[Change]:
        return [model.Live(self._scope.kind.key, self._scope.namespace, time.time())]

    def _fold(self, event: wire.Event, batch: list[Change]) -> None:
        """Add what one event means to the batch."""
        if event.type == "ERROR":
            raise wire.failure(bytes(event.object))
        self._events += 1
        if event.type == "BOOKMARK":
            mark = wire.bookmark(event.object)
            version = mark.metadata.resource_version
            if self._initial is None:
                self._version = version
                batch.extend(self._live())
            elif mark.complete:
                batch.append(self._complete(self._initial.values(), version))
            return
        found = decode(event.object, self._scope.kind, self._scope.secrets)
        gone = event.type == "DELETED"
        if self._initial is None:
            self._version = found.version or self._version
            now = time.time()
            batch.append(model.Gone(found.ref, now) if gone else model.Put(found, now))
        elif gone:
            self._initial.pop(found.ref, None)
        else:
            self._initial[found.ref] = found


class _Unfinished(OsconsoleError):
    """A streaming list that did not say that it is complete."""
