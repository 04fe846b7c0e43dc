"""Logs: lines of containers as they are written, of one pod or of all pods under an object.

A stream that drops is taken up again from the last timestamp, without loss and without repetition. A container that
restarts, a pod that joins and the end of each are marks in the stream. Whoever reads slowly slows the streams down: no
line is dropped here.
"""

import asyncio
import time
from calendar import timegm
from collections.abc import AsyncGenerator
from contextlib import aclosing

import msgspec

from osconsole.errors import ApiError, Invalid, NotFound, Unreachable
from osconsole.kube import wire
from osconsole.kube.api import Api
from osconsole.kube.backoff import Backoff
from osconsole.model.kinds import BY_KEY, key
from osconsole.model.logs import LogLine
from osconsole.model.ref import Ref
from osconsole.model.resource import Resource, dig
from osconsole.store import Store

POD = key("Pod")
DEFAULT_CONTAINER = "kubectl.kubernetes.io/default-container"
SILENCE_S = 3600.0  # a container may say nothing for long


class Choice(msgspec.Struct, frozen=True):
    """What to read: the last `tail` lines (-1: all), of the last `since_s` seconds (0: any age).

    `previous` is the container's last life, and ends. `container` "" is the pod's default one.
    """

    follow: bool = True
    tail: int = 500
    previous: bool = False
    container: str = ""
    since_s: int = 0


class Position:
    """How far a stream was read: the newest timestamp, and how many lines of just that moment."""

    def __init__(self) -> None:
        self._second = ("", 0)
        self.last_ns = 0
        self._count = 0
        self._skip = 0

    def resume(self) -> str:
        """`sinceTime` for the next request; the server knows whole seconds only, `take` leaves out what was read."""
        self._skip = self._count
        return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(self.last_ns // 1_000_000_000)) if self.last_ns else ""

    def take(self, line: str) -> tuple[float, str] | None:
        """(Unix seconds, text) of a line; None when it was read before."""
        stamp, blank, text = line.partition(" ")
        at_ns = self._instant(stamp)
        if not at_ns:
            return 0.0, line
        if at_ns < self.last_ns:
            return None
        if at_ns == self.last_ns:
            if self._skip:
                self._skip -= 1
                return None
            self._count += 1
        else:
            self.last_ns, self._count, self._skip = at_ns, 1, 0
        return at_ns / 1e9, text if blank else ""

    def _instant(self, stamp: str) -> int:
        """Nanoseconds of an RFC 3339 time in UTC; 0 when it is none."""
        whole, dot, rest = stamp.partition(".")
        whole, rest = whole.removesuffix("Z"), rest.removesuffix("Z")
        if len(whole) != 19 or (dot and not rest.isdigit()) or not stamp.endswith("Z"):
            return 0
        if whole != self._second[0]:
            try:
                self._second = (whole, timegm(time.strptime(whole, "%Y-%m-%dT%H:%M:%S")))
            except ValueError:
                return 0
        return self._second[1] * 1_000_000_000 + int(rest[:9].ljust(9, "0") or 0)


class ContainerLog:
    """The log of one container of one pod, over its restarts."""

    def __init__(self, api: Api, store: Store, pod: Ref, choice: Choice) -> None:
        self._api = api
        self._store = store
        self._pod = pod
        self._choice = choice
        self._container = choice.container
        self._position = Position()
        self._lives = -1
        self._backoff = Backoff()

    async def batches(self) -> AsyncGenerator[list[LogLine], None]:
        """Lines in batches, until the container has ended for good (or at once, without `follow`).

        Raises:
            ApiError, Unreachable: it cannot be read; while following, a line that drops is waited for instead.
        """
        following = self._choice.follow and not self._choice.previous
        while True:
            self._settle(self._known())
            try:
                async with aclosing(self._stream()) as batches:
                    async for batch in batches:
                        self._backoff.reset()
                        yield batch
            except (NotFound, Invalid, Unreachable) as error:
                if not following or not await self._patient(error):
                    raise
                continue
            if not following:
                return
            ended, restarted = self._ended(), self._restarted()
            if ended or restarted:
                yield [self._mark(ended or restarted)]
            if ended:
                return
            await asyncio.sleep(0 if restarted else self._backoff.delay_s())

    async def _patient(self, error: ApiError | Unreachable) -> bool:
        """Wait for what may mend the failure; False when nothing will."""
        if isinstance(error, Unreachable):
            await self._api.line.answers(self._backoff.delay_s())
        elif isinstance(error, Invalid) and _waiting(error):
            await self._change()
        else:
            return False
        return True

    async def _stream(self) -> AsyncGenerator[list[LogLine], None]:
        lines = wire.Lines()
        path = BY_KEY[POD].path(self._pod.namespace, self._pod.name) + "/log"
        async with aclosing(self._api.stream(path, self._query(), silence_s=SILENCE_S)) as chunks:
            async for chunk in chunks:
                batch = [line for raw in lines.feed(chunk) if (line := self._line(raw))]
                if batch:
                    yield batch
        rest = lines.rest()
        if rest and (line := self._line(rest)):
            yield [line]

    def _query(self) -> dict[str, str | int]:
        choice = self._choice
        query: dict[str, str | int] = {"timestamps": "true", "container": self._container}
        if choice.follow and not choice.previous:
            query["follow"] = "true"
        if choice.previous:
            query["previous"] = "true"
        since = self._position.resume()
        if since:
            return query | {"sinceTime": since}
        if choice.since_s:
            query["sinceSeconds"] = choice.since_s
        return query | ({"tailLines": choice.tail} if choice.tail >= 0 else {})

    def _line(self, raw: bytes) -> LogLine | None:
        found = self._position.take(raw.decode("utf-8", errors="replace").removesuffix("\r"))
        return LogLine(self._pod, self._container, found[1], found[0]) if found else None

    def _mark(self, text: str) -> LogLine:
        return LogLine(self._pod, self._container, text, time.time(), mark=True)

    def _known(self) -> Resource | None:
        return self._store.snapshot.get(self._pod)

    def _settle(self, pod: Resource | None) -> None:
        """Choose the container, once the pod is known."""
        if pod is None:
            return
        body = pod.body()
        if not self._container:
            named = dig(body, "metadata", "annotations", DEFAULT_CONTAINER, default="")
            first: dict[str, str] = next(iter(dig(body, "spec", "containers", default=[])), {})
            self._container = named or first.get("name", "")
        if self._lives < 0:
            self._lives = int(self._state(body).get("restartCount", 0))

    def _state(self, body: dict[str, object]) -> dict[str, int]:
        status = body.get("status")
        for list_name in ("containerStatuses", "initContainerStatuses"):
            for entry in dig(status, list_name, default=None) or ():
                if entry.get("name") == self._container:
                    found: dict[str, int] = entry
                    return found
        return {}

    def _ended(self) -> str:
        """Why nothing more will come; "" when something may."""
        pod = self._known()
        if pod is None:
            watched = self._store.snapshot.line(POD, self._pod.namespace).state == "live"
            return "the pod is gone" if watched else ""
        body = pod.body()
        code = dig(self._state(body), "state", "terminated", "exitCode")
        phase = dig(body, "status", "phase", default="")
        if phase in {"Succeeded", "Failed"}:
            return "ended" if code is None else f"ended with exit code {code}"
        return ""

    def _restarted(self) -> str:
        pod = self._known()
        lives = int(self._state(pod.body()).get("restartCount", 0)) if pod else self._lives
        if lives <= self._lives:
            return ""
        self._lives = lives
        return f"the container was restarted ({lives} times by now)"

    async def _change(self) -> None:
        """Until the pod is different, or some seconds have passed."""
        before = self._known()
        try:
            async with asyncio.timeout(5.0), aclosing(self._store.follow()) as snapshots:
                async for snapshot in snapshots:
                    if snapshot.get(self._pod) is not before:
                        return
        except TimeoutError:
            return


def _waiting(error: ApiError) -> bool:
    """The server's words for a container that has not started yet."""
    return "waiting to start" in str(error) or "is not available" in str(error) or "initializing" in str(error)
