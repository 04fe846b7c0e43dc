"""Fan: the logs of several pods as one stream; pods that join while following are taken in.

A task of the caller reads (`run`), the caller takes (`lines`); between them wait a few chunks and no more, so a slow
reader holds the streams and nothing is dropped.
"""

import asyncio
import logging
from collections.abc import AsyncGenerator, Iterable
from contextlib import aclosing

import msgspec

from osconsole.errors import OsconsoleError
from osconsole.kube.api import Api
from osconsole.kube.logs import POD, Choice, ContainerLog
from osconsole.model.conditions import find
from osconsole.model.logs import LogLine
from osconsole.model.ref import Ref
from osconsole.model.snapshot import Snapshot
from osconsole.store import Store

_BATCHES = 64
_log = logging.getLogger(__name__)


class Fan:
    """Logs of `refs`: pods, or objects above pods."""

    def __init__(self, api: Api, store: Store, refs: Iterable[Ref], choice: Choice) -> None:
        self._api = api
        self._store = store
        self._refs = tuple(refs)
        self._choice = choice
        self._queue: asyncio.Queue[list[LogLine] | Exception | None] = asyncio.Queue(_BATCHES)
        self._open = 0
        self._turned = asyncio.Event()

    async def run(self) -> None:
        """Read until all have ended, or until cancelled. Never raises: what goes wrong is told by `lines`."""
        try:
            async with asyncio.TaskGroup() as tasks:
                await self._join(tasks)
        except* Exception as group:
            _log.exception("reading logs broke")
            await self._queue.put(group.exceptions[0])
        await self._queue.put(None)

    async def lines(self) -> AsyncGenerator[LogLine, None]:
        """What `run` reads, until all have ended. Raises our errors where no pod can be read."""
        while (found := await self._queue.get()) is not None:
            if isinstance(found, Exception):
                raise found
            for line in found:
                yield line
            await asyncio.sleep(0)

    async def _join(self, tasks: asyncio.TaskGroup) -> None:
        """Start a reader for every pod, and while following for those that come."""
        seen: set[tuple[Ref, str]] = set()
        first = True
        async with aclosing(self._store.follow(0.2)) as snapshots:
            async for snapshot in snapshots:
                for ref, uid in pods_under(snapshot, self._refs):
                    if (ref, uid) in seen:
                        continue
                    seen.add((ref, uid))
                    choice = self._choice if first else msgspec.structs.replace(self._choice, tail=-1, since_s=0)
                    self._open += 1
                    tasks.create_task(self._read(ref, choice, joined=not first))
                first = False
                if not self._choice.follow or self._choice.previous or self._over(snapshot):
                    return

    async def _read(self, pod: Ref, choice: Choice, *, joined: bool) -> None:
        try:
            if joined:
                await self._queue.put([LogLine(pod, choice.container, "joined", mark=True)])
            async with aclosing(ContainerLog(self._api, self._store, pod, choice).batches()) as batches:
                async for batch in batches:
                    await self._queue.put(batch)
        except OsconsoleError as error:
            if len(self._refs) == 1 and self._refs[0] == pod:
                await self._queue.put(error)
            else:
                await self._queue.put([LogLine(pod, choice.container, f"cannot be read: {error}", mark=True)])
        finally:
            self._open -= 1
            self._store.nudge()

    def _over(self, snapshot: Snapshot) -> bool:
        """Nothing more can come: every reader has ended, and what was asked for makes no more pods."""
        return not self._open and all(_final(snapshot, ref) for ref in self._refs)


def pods_under(snapshot: Snapshot, refs: Iterable[Ref]) -> list[tuple[Ref, str]]:
    """The pods (with their uids) that the objects are or own, over any number of levels, by name."""
    found: dict[tuple[Ref, str], None] = {}
    for ref in refs:
        top = snapshot.get(ref)
        if top is None:
            if ref.kind == POD.kind and not ref.group:
                found[ref, ""] = None
            continue
        waiting, seen = [top], {top.uid}
        while waiting:
            one = waiting.pop()
            if one.kind == POD:
                found[one.ref, one.uid] = None
            below = [child for child in snapshot.owned(one) if child.uid not in seen]
            seen.update(child.uid for child in below)
            waiting.extend(below)
    return sorted(found)


def _final(snapshot: Snapshot, ref: Ref) -> bool:
    if ref.kind == POD.kind and not ref.group:
        return True
    found = snapshot.get(ref)
    if found is None:
        return True
    ends = [find(found.conditions, kind) for kind in ("Complete", "Failed")]
    return ref.kind == "Job" and any(end and end.ok for end in ends)
