"""Logs: the lines of one container as they are written, over cuts of the line and restarts of the container.

A stream that is cut is taken up where it was, the end of an earlier life is read before the next one. A restart, the
end, and lines that the server no longer has are marks among the lines. Several containers at once are `fan`'s business.
"""

import asyncio
import time
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Any

import msgspec

from osconsole.errors import ApiError, Invalid, NotFound, OsconsoleError, TryAgain, Unreachable
from osconsole.kube import loggers, wire
from osconsole.kube.api import Api
from osconsole.kube.backoff import Backoff
from osconsole.kube.loggers import POD
from osconsole.kube.position import Position
from osconsole.model.kinds import BY_KEY
from osconsole.model.logs import LogLine
from osconsole.model.ref import Ref
from osconsole.model.resource import Resource, dig
from osconsole.store import Store

SILENCE_S = 3600.0  # a container may say nothing for long
UNKNOWN = -1


class Choice(msgspec.Struct, frozen=True):
    """What to read: the last `tail` lines (-1: all), of the last `since_s` seconds (0: any age).

    `previous` is the container's last life, and ends. `container` "" is the pod's default one; `every` is all of them,
    those that start and debug the pod too.
    """

    follow: bool = True
    tail: int = 500
    previous: bool = False
    container: str = ""
    since_s: int = 0
    every: bool = False


class ContainerLog:
    """The log of one container of one pod, over its restarts."""

    def __init__(self, api: Api, store: Store, pod: Ref, choice: Choice) -> None:
        self._api = api
        self._store = store
        self._pod = pod
        self._choice = choice
        self._container = choice.container
        self._following = choice.follow and not choice.previous
        self._position = Position()
        self._lives = UNKNOWN
        self._new_life = self._over = self._brought = False
        self._tail = b""  # what came after the last line break: a line's beginning, or all that will ever be
        self._backoff = Backoff()

    async def batches(self) -> AsyncGenerator[list[LogLine], None]:
        """Lines in batches, until the container has ended for good (or at once, without `follow`).

        An empty batch says that the server has accepted.

        Raises:
            ApiError, Unreachable: it cannot be read; while following, a line that drops is waited for instead.
        """
        same, ended = True, False
        while not ended:
            if (pod := self._known()) is not None:
                self._settle(pod.body())
            whole = False
            try:
                async with aclosing(self._stream(self._query(previous=self._choice.previous, same=same))) as batches:
                    async for batch in batches:
                        yield batch
                whole = True
            except (ApiError, Unreachable) as error:
                if not self._following or not await self._patient(error):
                    raise
            async with aclosing(self._afterwards(whole=whole)) as batches:
                async for batch in batches:
                    yield batch
            same, ended = not self._new_life, self._over

    async def _afterwards(self, *, whole: bool) -> AsyncGenerator[list[LogLine], None]:
        """What a stream's end means: the pod has ended, the container lives anew, or just the line was cut."""
        self._new_life, self._over = False, not self._following
        if self._over:
            yield self._half()
            return
        body = await self._present()
        born = self._born(body)
        ended = self._ended(body) if whole and not born else ""
        # The server ends a stream that its node has cut as though it were whole: the end is when nothing more comes.
        self._new_life, self._over = bool(born), bool(ended) and not self._brought
        if born:
            yield self._half()
            async with aclosing(self._rest_of_life()) as batches:
                async for batch in batches:
                    yield batch
            yield [self._mark(born)]
        elif self._over:
            # Only now is a line without a line break known to be all of it.
            yield [*self._half(), self._mark(ended)]
        elif whole and not ended:
            await self._change(self._backoff.delay_s())

    async def _patient(self, error: ApiError | Unreachable) -> bool:
        """Wait for what may mend the failure; False when nothing will."""
        if isinstance(error, Unreachable):
            await self._api.line.answers(self._backoff.delay_s())
        elif isinstance(error, Invalid) and _waiting(error):
            await self._change(5.0)
        elif isinstance(error, TryAgain) or error.code == 429:  # its node, or the server, is not well
            await self._change(error.retry_after_s or self._backoff.delay_s())
        else:
            return False
        return True

    async def _rest_of_life(self) -> AsyncGenerator[list[LogLine], None]:
        """What the life before wrote after what was read of it, as far as the server still has it."""
        try:
            async with aclosing(self._stream(self._query(previous=True))) as batches:
                async for batch in batches:
                    yield batch
            yield self._half()
        except OsconsoleError as error:
            if not isinstance(error, (NotFound, Invalid)):
                yield [self._mark(f"the end of its life before cannot be read: {error}")]

    async def _stream(self, query: dict[str, str | int]) -> AsyncGenerator[list[LogLine], None]:
        self._tail, self._brought = b"", False
        lines = wire.Lines()
        path = BY_KEY[POD].path(self._pod.namespace, self._pod.name) + "/log"
        async with aclosing(self._api.stream(path, query, silence_s=SILENCE_S, accept_s=SILENCE_S)) as chunks:
            async for chunk in chunks:
                batch: list[LogLine] = []
                for raw in lines.feed(chunk):
                    self._line(raw, batch)
                if batch:
                    self._brought = True
                    self._backoff.reset()
                if batch or not chunk:
                    yield batch
        self._tail = lines.rest()

    def _query(self, *, previous: bool, same: bool = True) -> dict[str, str | int]:
        choice = self._choice
        query: dict[str, str | int] = {"timestamps": "true", "container": self._container}
        if previous:
            query["previous"] = "true"
        elif choice.follow:
            query["follow"] = "true"
        since = self._position.resume(same=same)
        if since:
            return query | {"sinceTime": since}
        if choice.since_s:
            query["sinceSeconds"] = choice.since_s
        return query | ({"tailLines": choice.tail} if choice.tail >= 0 else {})

    def _line(self, raw: bytes, batch: list[LogLine]) -> None:
        found = self._position.take(raw.decode("utf-8", errors="replace").removesuffix("\r"))
        if found is None:
            return
        if self._position.gap:
            when = time.strftime("%H:%M:%S", time.localtime(self._position.gap))
            batch.append(self._mark(f"lines dropped by the server after {when}, how many is not known"))
            self._position.gap = 0.0
        batch.append(LogLine(self._pod, self._container, found[1], found[0]))

    def _half(self) -> list[LogLine]:
        """The last line of a log that ends without a line break."""
        batch: list[LogLine] = []
        if self._tail:
            self._line(self._tail, batch)
        self._tail = b""
        return batch

    def _mark(self, text: str) -> LogLine:
        return LogLine(self._pod, self._container, text, time.time(), mark=True)

    def _known(self) -> Resource | None:
        return self._store.snapshot.get(self._pod)

    async def _present(self) -> dict[str, Any] | None:
        """The pod as it is now: a watch may tell of a restart later than the new life has begun to write."""
        known = self._known()
        try:
            found = await self._api.get(BY_KEY[POD], self._pod.namespace, self._pod.name)
        except OsconsoleError:
            return known.body() if known else None
        same = known is None or found["metadata"]["uid"] == known.uid
        return found if same else known.body() if known else None

    def _settle(self, pod: dict[str, Any]) -> None:
        """Choose the container, once the pod is known."""
        if not self._container:
            self._container = next(iter(loggers.containers(pod, "", every=False)), "")
        if self._lives == UNKNOWN:
            self._lives = int(loggers.state(pod, self._container).get("restartCount", 0))

    def _ended(self, pod: dict[str, Any] | None) -> str:
        """Why nothing more will come; "" when something may."""
        if pod is None:
            watched = self._store.snapshot.line(POD, self._pod.namespace).state == "live"
            return "the pod is gone" if watched else ""
        code = dig(loggers.state(pod, self._container), "state", "terminated", "exitCode")
        if dig(pod, "status", "phase", default="") in {"Succeeded", "Failed"}:
            return "ended" if code is None else f"ended with exit code {code}"
        once = loggers.starts_once(pod, self._container) and code == 0
        return "ended with exit code 0" if once else ""

    def _born(self, pod: dict[str, Any] | None) -> str:
        """What to say of a new life of the container; "" when it is still the same."""
        lives = int(loggers.state(pod or {}, self._container).get("restartCount", 0))
        if lives <= self._lives:
            return ""
        self._lives = lives
        return f"the container was restarted ({lives} times by now)"

    async def _change(self, within_s: float) -> None:
        """Until the pod is different, or some seconds have passed."""
        before = self._known()
        try:
            async with asyncio.timeout(within_s), aclosing(self._store.follow()) as snapshots:
                async for snapshot in snapshots:
                    if snapshot.get(self._pod) is not before:
                        return
        except TimeoutError:
            return


def _waiting(error: ApiError) -> bool:
    """The server's words for a container that has not started yet."""
    return "waiting to start" in str(error) or "is not available" in str(error) or "initializing" in str(error)
