"""Informers: which streams run now. It starts, supervises and ends reflectors; what they bring goes to `apply`.

An unexpected exception of one stream becomes `Lost` with its traceback in the program's log, and a restart with
backoff. Where a kind may not be listed in all namespaces, the home namespace is watched instead.
"""

import asyncio
import logging
import time
from collections.abc import Callable, Iterable
from contextlib import aclosing

import msgspec

from osconsole.errors import OsconsoleError
from osconsole.kube import discovery
from osconsole.kube.api import Api
from osconsole.kube.backoff import Backoff
from osconsole.kube.mirror import NONE
from osconsole.kube.reflector import changes
from osconsole.model.changes import Change, Denied, Listed, Lost
from osconsole.model.kinds import BY_KEY, KINDS, Kind
from osconsole.model.ref import KindKey

LINGER_S = 300.0  # a stream that nobody shows is kept so long: people come back
REDISCOVER_S = 30.0  # how often a kind that is wanted and absent is asked for again
_AT_ONCE = 8  # initial lists under way together

Stream = tuple[KindKey, str]
_log = logging.getLogger(__name__)


class Home(msgspec.Struct, frozen=True):
    """What a process may keep and where it lives: `namespace` to fall back to, `secrets` as in `mirror.decode`."""

    namespace: str = ""
    secrets: frozenset[str] = NONE


class Informers:
    """The streams of one connection.

    Attributes:
        kinds: those that the server serves, then those of our table that it does not.
    """

    def __init__(self, api: Api, apply: Callable[[Iterable[Change]], None], home: Home | None = None) -> None:
        self.kinds: tuple[Kind, ...] = KINDS
        self._api = api
        self._apply = apply
        self._home = home or Home()
        self._wanted: dict[Stream, None] = {}
        self._fallback: set[KindKey] = set()
        self._running: dict[Stream, tuple[asyncio.Task[None], float]] = {}
        self._served: dict[KindKey, Kind] | None = None
        self._wake = asyncio.Event()
        self._discovered = asyncio.Event()
        self._missing = asyncio.Event()
        self._gate = asyncio.Semaphore(_AT_ONCE)

    def show(self, wanted: Iterable[Stream]) -> None:
        """What must be live from now on, the most urgent first; other streams end after LINGER_S."""
        self._wanted = dict.fromkeys(wanted)
        self._wake.set()

    def find(self, key: KindKey) -> Kind | None:
        """How a kind is addressed: as the server serves it, else as our table says."""
        return (self._served or {}).get(key) or BY_KEY.get(key)

    async def run(self) -> None:
        """For ever; cancellation ends every stream."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._discover())
            while True:
                self._wake.clear()
                self._tend(tasks)
                try:
                    async with asyncio.timeout(LINGER_S / 5):
                        await self._wake.wait()
                except TimeoutError:
                    continue

    def _tend(self, tasks: asyncio.TaskGroup) -> None:
        now = time.monotonic()
        wanted = dict(self._wanted)
        if self._home.namespace:
            wanted |= {(kind, self._home.namespace): None for kind, space in self._wanted if kind in self._fallback}
        for stream in wanted:
            task = self._running[stream][0] if stream in self._running else tasks.create_task(self._supervise(*stream))
            self._running[stream] = (task, now)
        for stream, (task, seen) in list(self._running.items()):
            if now - seen > LINGER_S:
                task.cancel()
                del self._running[stream]
                self._apply([Lost(*stream, "not watched now", time.time(), idle=True)])

    async def _discover(self) -> None:
        """Find out what is served; again while something wanted is absent."""
        backoff = Backoff()
        while True:
            try:
                found = await discovery.served(self._api)
            except OsconsoleError as error:
                if self._served is None:
                    now = time.time()
                    self._apply([Lost(kind, space, str(error), now) for kind, space in self._wanted])
                if not await self._api.line.answers(backoff.delay_s()):
                    continue
                await asyncio.sleep(0.2)
                continue
            self._note(found)
            self._missing.clear()
            await self._missing.wait()
            await asyncio.sleep(REDISCOVER_S)

    def _note(self, found: tuple[discovery.Served, ...]) -> None:
        watchable = {entry.kind.key: entry.kind for entry in found if "list" in entry.verbs}
        self.kinds = (*watchable.values(), *(kind for kind in KINDS if kind.key not in watchable))
        self._served = watchable
        found_again, self._discovered = self._discovered, asyncio.Event()
        found_again.set()

    async def _supervise(self, key: KindKey, namespace: str) -> None:
        backoff = Backoff()
        while True:
            discovered = self._discovered
            kind = (self._served or {}).get(key)
            if kind is None:
                if self._served is not None:
                    self._missing.set()
                    self._apply(_absent(key, namespace))
                await discovered.wait()
                continue
            try:
                await self._stream(kind, namespace if kind.namespaced else "")
            except Exception as error:
                _log.exception("the stream of %s broke", kind.resource)
                why = f"{type(error).__name__} in our own code: see the program's log"
                self._apply([Lost(key, namespace, why, time.time())])
                await asyncio.sleep(backoff.delay_s())

    async def _stream(self, kind: Kind, namespace: str) -> None:
        """Until the kind is no longer served."""
        await self._gate.acquire()
        waiting = True
        try:
            async with aclosing(changes(self._api, kind, namespace, secrets=self._home.secrets)) as batches:
                async for batch in batches:
                    if waiting:
                        waiting = False
                        self._gate.release()
                    self._apply(batch)
                    denied = [change for change in batch if isinstance(change, Denied)]
                    if any(not change.installed for change in denied):
                        (self._served or {}).pop(kind.key, None)
                        return
                    if denied and not namespace and kind.namespaced and kind.key not in self._fallback:
                        self._fallback.add(kind.key)
                        self._wake.set()
        finally:
            if waiting:
                self._gate.release()


def _absent(key: KindKey, namespace: str) -> list[Change]:
    now = time.time()
    missing = f"{key.kind} ({key.group or 'core'}) is not installed here"
    return [Listed(key, namespace, (), now), Denied(key, namespace, missing, now, installed=False)]
