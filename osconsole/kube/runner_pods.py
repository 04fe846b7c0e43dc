"""Runner pods: follows the logs of the pods that run Ansible, and applies what a reader of the output makes of them.

What the lines mean is not known here: the caller gives a maker of readers (`ansible.progress.Progress`).
"""

import asyncio
import logging
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import aclosing
from typing import Protocol

from osconsole.errors import OsconsoleError
from osconsole.kube.api import Api
from osconsole.kube.loggers import POD
from osconsole.kube.logs import Choice, ContainerLog
from osconsole.model.changes import Change, Listed, Progressed, Put
from osconsole.model.ref import Ref
from osconsole.model.resource import Resource
from osconsole.model.run import Run
from osconsole.model.snapshot import Snapshot
from osconsole.store import Store

LABEL, VALUE = "app", "openstackansibleee"
ENDED = 40  # how many pods that have ended are read, newest first
_AT_ONCE = 4  # of those
_IDLE_S = 3600.0
_log = logging.getLogger(__name__)


class Reader(Protocol):
    """Takes lines, gives the run so far."""

    def feed(self, lines: Iterable[str], times: Iterable[float] = ()) -> Run:
        """Take more lines, with when each was written."""
        ...


async def follow(api: Api, store: Store, reader: Callable[[Resource, Snapshot], Reader]) -> None:
    """For ever: a stream for each pod that runs, one reading for each of the newest that have ended.

    `reader` makes what reads the log of one pod.
    """
    seen: set[str] = set()
    gate = asyncio.Semaphore(_AT_ONCE)
    async with asyncio.TaskGroup() as tasks, aclosing(store.listen(0.2, _IDLE_S)) as batches:

        def read(pods: Iterable[Resource]) -> None:
            for pod, live in _fresh(pods, seen):
                seen.add(pod.uid)
                tasks.create_task(_read(api, store, pod.ref, (reader(pod, store.snapshot), None if live else gate)))

        read(store.snapshot.all(POD))
        async for heard in batches:
            read(_named(heard.changes))


def _named(changes: Iterable[Change]) -> Iterator[Resource]:
    """The pods that came or are others now: in a large world far fewer than there are."""
    for change in changes:
        if isinstance(change, Put) and change.resource.kind == POD:
            yield change.resource
        elif isinstance(change, Listed) and change.kind == POD:
            yield from change.resources


def _fresh(pods: Iterable[Resource], seen: set[str]) -> list[tuple[Resource, bool]]:
    """Runner pods that are new to us and have something to say, with whether they still run."""
    found = {pod.uid: pod for pod in pods if pod.labels.get(LABEL) == VALUE and pod.uid not in seen}
    phases = [(pod, pod.get("status", "phase", default="")) for pod in found.values()]
    live = [(pod, True) for pod, phase in phases if phase == "Running"]
    ended = sorted((pod for pod, phase in phases if phase in {"Succeeded", "Failed"}), key=lambda pod: -pod.created)
    return live + [(pod, False) for pod in ended[:ENDED]]


async def _read(api: Api, store: Store, pod: Ref, how: tuple[Reader, asyncio.Semaphore | None]) -> None:
    reader, gate = how
    if gate:
        await gate.acquire()
    try:
        log = ContainerLog(api, store, pod, Choice(follow=gate is None, tail=-1))
        async with aclosing(log.batches()) as batches:
            async for batch in batches:
                lines = [line for line in batch if not line.mark]
                if not lines:
                    continue
                run = reader.feed([line.text for line in lines], [line.at for line in lines])
                store.apply([Progressed(pod, run, time.time())])
    except OsconsoleError as error:
        _log.info("the log of %s cannot be read: %s", pod.name, error)
    except Exception:
        _log.exception("reading the log of %s broke", pod.name)
    finally:
        if gate:
            gate.release()
