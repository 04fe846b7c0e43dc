"""The control loop: what every controller and the node agent have in common.

A controller says which kinds it watches, which keys a change concerns, and how to reconcile a key. It reads
state, never changes: a key may come for no reason, and comes again after every failure.
"""

import asyncio
import logging
from collections.abc import Iterable
from typing import Protocol

from osconsole.embedded.client import Object
from osconsole.embedded.informer import Key
from osconsole.embedded.kinds import Kind
from osconsole.embedded.view import Cluster
from osconsole.embedded.workqueue import WorkQueue
from osconsole.errors import Conflict, NotFound, OsconsoleError

_log = logging.getLogger(__name__)


class Controller(Protocol):
    """One control loop."""

    @property
    def name(self) -> str:
        """What Events and logs call it."""
        ...

    @property
    def watches(self) -> tuple[Kind, ...]:
        """The kinds whose changes concern it."""
        ...

    @property
    def workers(self) -> int:
        """How many keys it works on at once."""
        ...

    def keys(self, kind: Kind, obj: Object) -> Iterable[Key]:
        """The keys that a change of this object concerns."""
        ...

    async def reconcile(self, key: Key) -> float | None:
        """Make it so; the seconds after which to look again, or None."""
        ...


async def drive(cluster: Cluster, controller: Controller, queue: WorkQueue[Key] | None = None) -> None:
    """Run a controller for ever; whoever passes a queue may add keys of its own."""
    queue = queue or WorkQueue()
    informers = [cluster.informer(kind) for kind in controller.watches]
    for informer in informers:
        await informer.synced.wait()
    for informer in informers:
        _feed(controller, informer.kind, queue, cluster)
    async with asyncio.TaskGroup() as workers:
        for number in range(controller.workers):
            workers.create_task(_work(controller, queue), name=f"{controller.name} {number}")


def _feed(controller: Controller, kind: Kind, queue: WorkQueue[Key], cluster: Cluster) -> None:
    def changed(old: Object | None, new: Object | None) -> None:
        for obj in (old, new):
            if obj is not None:
                for key in controller.keys(kind, obj):
                    queue.add(key)

    cluster.informer(kind).subscribe(changed)


async def _work(controller: Controller, queue: WorkQueue[Key]) -> None:
    while True:
        key = await queue.take()
        failed = True
        try:
            again_s = await controller.reconcile(key)
            failed = False
            if again_s is not None:
                queue.add_after(key, again_s)
        except (Conflict, NotFound) as error:
            _log.debug("%s %s: %s", controller.name, "/".join(key), error)
        except OsconsoleError as error:
            _log.info("%s %s: %s", controller.name, "/".join(key), error)
        except Exception:
            # One object that breaks a controller must not end the others.
            _log.exception("%s %s", controller.name, "/".join(key))
        finally:
            queue.done(key, failed=failed)
