"""Fan: the logs of several containers as one stream in the order of time; those that come while following are taken in.

A task of the caller reads (`run`), the caller takes (`lines`); between them wait a few lines of each stream and no
more, so a slow reader holds the streams and nothing is dropped.
"""

import asyncio
import logging
from collections.abc import AsyncGenerator, Iterable
from contextlib import aclosing

import msgspec

from osconsole.errors import OsconsoleError
from osconsole.kube.api import Api
from osconsole.kube.loggers import POD, containers, pods_under
from osconsole.kube.logs import Choice, ContainerLog
from osconsole.kube.merge import Feed, Merge
from osconsole.model.conditions import find
from osconsole.model.logs import LogLine
from osconsole.model.ref import Ref
from osconsole.model.snapshot import Snapshot
from osconsole.store import Store

_log = logging.getLogger(__name__)


class Fan:
    """Logs of `refs`: pods, Services, or objects above pods."""

    def __init__(self, api: Api, store: Store, refs: Iterable[Ref], choice: Choice) -> None:
        self._api = api
        self._store = store
        self._refs = tuple(refs)
        self._choice = choice
        self._following = choice.follow and not choice.previous
        self._merge = Merge(patient=not self._following)
        self._open = 0

    async def run(self) -> None:
        """Read until all have ended, or until cancelled. Never raises: what goes wrong is told by `lines`."""
        try:
            async with asyncio.TaskGroup() as tasks:
                await self._join(tasks)
        except* Exception as group:
            _log.exception("reading logs broke")
            self._merge.fail(group.exceptions[0])
        self._merge.end()

    async def lines(self) -> AsyncGenerator[LogLine, None]:
        """What `run` reads, until all have ended. Raises our errors where nothing can be read."""
        async with aclosing(self._merge.batches()) as batches:
            async for batch in batches:
                for line in batch:
                    yield line
                await asyncio.sleep(0)

    async def _join(self, tasks: asyncio.TaskGroup) -> None:
        """Start a reader for every container, and while following for those that come."""
        seen: set[tuple[Ref, str, str]] = set()
        first = True
        async with aclosing(self._store.follow(0.2)) as snapshots:
            async for snapshot in snapshots:
                choice = self._choice if first else msgspec.structs.replace(self._choice, tail=-1, since_s=0)
                for key in self._wanted(snapshot):
                    # What was asked for before it was known, by no more than its name, is being read already.
                    if key in seen or (key[0], "", self._choice.container) in seen:
                        continue
                    seen.add(key)
                    self._open += 1
                    one = msgspec.structs.replace(choice, container=key[2], every=False)
                    tasks.create_task(self._read(key[0], one, self._merge.open(), joined=not first))
                first = first and not seen
                if not self._following or self._over(snapshot):
                    return

    def _wanted(self, snapshot: Snapshot) -> list[tuple[Ref, str, str]]:
        """Pods with their uids and the names of their containers."""
        pods = pods_under(snapshot, self._refs)
        return [(ref, uid, name) for ref, uid in pods for name in self._containers(snapshot, ref)]

    def _containers(self, snapshot: Snapshot, pod: Ref) -> list[str]:
        """Those to read; a pod that is not known is asked for as it was named."""
        found = snapshot.get(pod)
        if found is None:
            soon = snapshot.line(POD, pod.namespace).state == "loading" and self._following and self._choice.every
            return [] if soon else [self._choice.container]
        names = containers(found.body(), self._choice.container, every=self._choice.every)
        # The server says best that a pod has no such container; of many pods, those that have it are read.
        return names or ([self._choice.container] if pod in self._refs else [])

    async def _read(self, pod: Ref, choice: Choice, feed: Feed, *, joined: bool) -> None:
        try:
            if joined:
                await self._tell(feed, pod, choice, "joined")
            async with aclosing(ContainerLog(self._api, self._store, pod, choice).batches()) as batches:
                async for batch in batches:
                    await self._merge.put(feed, batch)
        except OsconsoleError as error:
            if self._refs == (pod,) and not self._choice.every:
                self._merge.fail(error)
            else:
                await self._tell(feed, pod, choice, f"cannot be read: {error}")
        finally:
            self._merge.close(feed)
            self._open -= 1
            self._store.nudge()

    async def _tell(self, feed: Feed, pod: Ref, choice: Choice, text: str) -> None:
        await self._merge.put(feed, [LogLine(pod, choice.container, text, mark=True)])

    def _over(self, snapshot: Snapshot) -> bool:
        """Nothing more can come: every reader has ended, and what was asked for makes no more pods."""
        return not self._open and all(_final(snapshot, ref) for ref in self._refs)


def _final(snapshot: Snapshot, ref: Ref) -> bool:
    if ref.kind == POD.kind and not ref.group:
        return True
    found = snapshot.get(ref)
    if found is None:
        return True
    ends = [find(found.conditions, kind) for kind in ("Complete", "Failed")]
    return ref.kind == "Job" and any(end and end.ok for end in ends)
