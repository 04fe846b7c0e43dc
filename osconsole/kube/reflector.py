"""Reflector: the objects of one kind in one scope, first as they are, then as they change, whatever the weather.

It does what client-go's reflector does: a streaming list where the server has it, else pages; then a watch with
bookmarks that is resumed from the last version it saw, and listed anew only when the server has forgotten that (410) or
never had it (it came back with an older store). Silence counts as failure, and so does disorder: versions of one kind
only grow. Nothing here raises for weather; what is known stays known, and `Lost` says how old it is.

Lists are consistent reads (no resourceVersion "0"): a replica that lags must not show yesterday's world as today's.
"""

import asyncio
import random
import time
from collections.abc import AsyncGenerator, Iterable
from contextlib import aclosing

import msgspec

from osconsole.errors import ApiError, Gone, NotFound, OsconsoleError, Unreachable
from osconsole.kube import initial, weather, wire
from osconsole.kube.api import PAGE, SILENCE_S, Api
from osconsole.kube.backoff import Backoff
from osconsole.kube.initial import Initial, Unfinished
from osconsole.kube.lines import Silent, lines
from osconsole.kube.mirror import NONE, decode
from osconsole.model import changes as model
from osconsole.model.changes import Change
from osconsole.model.kinds import Kind
from osconsole.model.packing import Packing
from osconsole.model.resource import Resource

DENIED_S, DENIED_MOST_S = 30.0, 600.0  # between two tries without any right, at first and later
ASKED_MOST_S = 300.0  # what Retry-After may ask of us
WATCH_S = 300  # least life of a watch; the server ends it after one to two times that
SHORT_S = 1.0
SHORTS = 3  # so many short watches in a row are too many, even if each brings something
PROVEN_S = 10.0  # a watch that has stood so long may be listed anew at once
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

    def watch(self, version: str, *, listed: bool) -> dict[str, str | int]:
        """What to ask for a watch from a version; before there was a list, one that begins with it."""
        life_s = int(WATCH_S * (1 + random.random()))  # noqa: S311
        query = {"watch": "true", "allowWatchBookmarks": "true", "resourceVersion": version}
        initial = {} if listed else {"sendInitialEvents": "true", "resourceVersionMatch": "NotOlderThan"}
        return self.query() | query | initial | {"timeoutSeconds": life_s}


def changes(api: Api, kind: Kind, namespace: str = "", **rest: object) -> AsyncGenerator[list[Change], None]:
    """Batches of changes for ever, a batch per chunk that came in: folding in batches is what makes storms cheap.

    The first batch holds `Listed`, `Denied` or `Lost`. `rest`: `selector`, `fields`, `secrets` of `Scope`.
    """
    return Reflector(api, Scope(kind, namespace, **rest)).run()  # type: ignore[arg-type]


class Reflector:
    """The state of one stream: the version up to which it knows, and whether it must list."""

    def __init__(self, api: Api, scope: Scope) -> None:
        self._api = api
        self._scope = scope
        self._packing = Packing()
        self._version = ""
        self._listed = False
        self._initial: Initial | None = None
        self._streams = True  # whether a streaming list of this kind is worth trying
        self._failed = 0  # how often in a row one did
        self._events = 0
        self._shorts = 0  # how many watches in a row the server has ended at once
        self._suspect = False  # the line dropped: the server may have come back as it was yesterday
        self._accepted = 0.0  # when the present watch was; 0 until then
        self._refused = 0  # how often in a row nothing could even be listed
        self._credit = True  # a proven watch is worth one list without waiting
        self._backoff = Backoff()

    async def run(self) -> AsyncGenerator[list[Change], None]:
        """Batches for ever."""
        while True:
            failure: OsconsoleError
            self._accepted, self._events = 0.0, 0
            try:
                if self._listed and self._suspect:
                    await self._compare()
                self._suspect = False
                if not self._listed and not (self._streams and self._api.watchlist):
                    yield [await self._list()]
                async with aclosing(self._follow()) as batches:
                    async for batch in batches:
                        yield batch
                self._short()
                continue
            except OsconsoleError as error:
                failure = error
            except msgspec.MsgspecError as error:
                failure = OsconsoleError(f"{self._scope.kind.resource}: the answer is not Kubernetes': {error}")
            self._suspect = self._suspect or isinstance(failure, Unreachable)
            if self._excused(failure):
                continue
            if weather.unwatchable(failure) and (self._listed or self._initial is not None):
                yield await self._without_watch()
            if isinstance(failure, NotFound) or weather.unwatchable(failure):
                self._version, self._listed = "", False
            yield weather.told(self._scope.kind, self._scope.namespace, failure, time.time())
            await self._wait(failure)

    def _excused(self, error: OsconsoleError) -> bool:
        """Whether to go on at once and say nothing, because trying again is all that it takes."""
        lived_s = self._lived_s()
        self._credit = self._credit or lived_s >= PROVEN_S
        if isinstance(error, Gone):
            self._version, self._listed = "", False
            credit, self._credit = self._credit, False
            return credit
        if self._doubt(error):
            return True
        # A line that stood and was cut is taken up at once; only when that fails it is lost. Silence is no cut: it has
        # lasted, and what came meanwhile is not known.
        return isinstance(error, Unreachable) and not isinstance(error, Silent) and lived_s >= SHORT_S

    def _lived_s(self) -> float:
        return time.monotonic() - self._accepted if self._accepted else 0.0

    async def _wait(self, error: OsconsoleError) -> None:
        """Before the next try; a line that is down is up again for all as soon as one gets through."""
        if isinstance(error, NotFound) or weather.unwatchable(error):
            await asyncio.sleep(min(DENIED_MOST_S, DENIED_S * 2**self._refused) * (1 + random.random()))  # noqa: S311
            self._refused += 1
        elif isinstance(error, Unreachable) and not self._accepted:
            if await self._api.line.answers(self._backoff.delay_s()):
                await asyncio.sleep(random.random() / 2)  # noqa: S311
        else:
            asked_s = min(error.retry_after_s, ASKED_MOST_S) if isinstance(error, ApiError) else 0.0
            await asyncio.sleep(max(asked_s, self._backoff.delay_s()))

    async def _compare(self) -> None:
        """Whether the server is as far as we are: to a version that is still to come it would listen in silence.

        Raises:
            Gone: it is not.
        """
        async with aclosing(self._api.pages(self._scope.path, self._scope.query(), 1)) as pages:
            version = (await anext(pages)).metadata.resource_version
        if _before(version, self._version):
            raise Gone(f"the server has gone back from version {self._version} to {version}: listing anew", 410)

    async def _without_watch(self) -> list[Change]:
        """Whoever may list but not watch sees at least the list, as old as the next try lets it become."""
        try:
            return [await self._list()]
        except OsconsoleError:
            return []

    def _doubt(self, error: OsconsoleError) -> bool:
        """Whether a streaming list failed because the server does not know how: then pages from now on."""
        if self._initial is None or not self._streams:
            return False
        self._failed += 1
        if initial.unknown(error):
            self._api.watchlist = False
        self._streams = self._api.watchlist and not initial.doubtful(error, self._failed)
        return not self._streams

    def _short(self) -> None:
        """A server that ends watches as fast as we open them must not be hammered."""
        self._shorts = self._shorts + 1 if self._lived_s() < SHORT_S else 0
        if self._shorts and (not self._events or self._shorts >= SHORTS):
            raise ApiError(f"the server ends the watch of {self._scope.kind.resource} at once", 500)

    async def _list(self) -> Change:
        """Everything; in one piece when the server forgets pages faster than we read them."""
        try:
            return await self._pages(PAGE)
        except Gone:
            return await self._pages(0)

    async def _pages(self, limit: int) -> Change:
        found: list[Resource] = []
        version = ""
        async with aclosing(self._api.pages(self._scope.path, self._scope.query(), limit)) as pages:
            async for page in pages:
                for number, item in enumerate(page.items or ()):
                    found.append(self._settled(item))
                    if number % _BREATH == _BREATH - 1:
                        await asyncio.sleep(0)
                version = page.metadata.resource_version
        return self._complete(found, version)

    def _decode(self, item: msgspec.Raw | bytes) -> Resource:
        return decode(item, self._scope.kind, self._scope.secrets, self._packing)

    def _settled(self, item: msgspec.Raw) -> Resource:
        """Of a list, which is long: what is in it will not all change at once."""
        found = self._decode(item)
        found.kept.pack()
        return found

    def _complete(self, found: Iterable[Resource], version: str) -> Change:
        self._version, self._listed, self._initial, self._refused, self._failed = version, True, None, 0, 0
        return model.Listed(self._scope.kind.key, self._scope.namespace, tuple(found), time.time())

    async def _follow(self) -> AsyncGenerator[list[Change], None]:
        """One watch, until the server ends it; while not listed, a streaming list at its beginning."""
        self._initial = None if self._listed else Initial()
        async with aclosing(
            lines(self._api, self._scope.path, self._scope.watch(self._version, listed=self._listed), self._patience_s)
        ) as batches:
            async for found in batches:
                batch: list[Change] = []
                if not self._accepted:
                    self._accepted = time.monotonic()
                    batch = self._live() if self._listed else []
                while (line := next(found, None)) is not None:  # in the end none is held: it may be of a Secret
                    self._fold(line, batch)
                if batch:
                    yield batch
                await asyncio.sleep(0)
        if self._initial is not None:
            raise Unfinished("the streaming list ended early")

    def _patience_s(self) -> tuple[float, float]:
        return (SILENCE_S if self._initial is None else initial.INITIAL_S), SILENCE_S

    def _live(self) -> list[Change]:
        return [model.Live(self._scope.kind.key, self._scope.namespace, time.time())]

    def _fold(self, line: bytes, batch: list[Change]) -> None:
        """Add what one line means to the batch."""
        said, body = wire.split(line)
        if said == "ERROR":
            raise wire.failure(body)
        if said == "BOOKMARK":
            self._mark(wire.bookmark(body), batch)
            return
        self._events += 1
        found = self._decode(body)
        if not found.uid:  # the slow way finds an object in any form, and raises when there is none that is whole
            found = self._decode(wire.event(line).object)
        gone = said == "DELETED"
        if self._initial is None:
            self._advance(found.version)
            now = time.time()
            if not gone:
                self._api.nursery.add(found.kept)
            batch.append(model.Gone(found.ref, now) if gone else model.Put(found, now))
        elif gone:
            self._initial.drop(found.ref)
        else:
            found.kept.pack()
            self._initial.put(found)

    def _mark(self, mark: wire.Bookmark, batch: list[Change]) -> None:
        version = mark.metadata.resource_version
        if self._initial is None:
            self._advance(version)
            batch.extend(self._live())
        elif mark.complete:
            batch.append(self._complete(self._initial.objects, version))
        else:
            raise Unfinished("a bookmark came before the end of the streaming list")

    def _advance(self, version: str) -> None:
        """Versions of a kind only grow; what arrives out of order may have hidden something newer: list anew.

        Raises:
            Gone: it is older than what came before.
        """
        if _before(version, self._version):
            raise Gone(f"the events of {self._scope.kind.resource} arrive out of order: listing anew", 410)
        self._version = version or self._version


def _before(one: str, other: str) -> bool:
    """Whether a version is older; what is no number cannot be compared."""
    return one.isdigit() and other.isdigit() and int(one) < int(other)
