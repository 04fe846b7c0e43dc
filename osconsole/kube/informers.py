"""Informers: which streams run now. It starts, supervises and ends reflectors; what they bring goes to `apply`.

An unexpected exception of one stream becomes `Lost` with its traceback in the program's log, and a restart with
backoff. Where a kind may not be listed in all namespaces, the home namespace is watched instead. Only discovery decides
that a kind is absent; a 404 alone, which a proxy may have said, is a reason to ask.
"""

import asyncio
import logging
import time
from collections.abc import Callable, Coroutine, Iterable
from contextlib import aclosing, suppress

import msgspec

from osconsole.errors import OsconsoleError
from osconsole.kube import arrivals, discovery
from osconsole.kube.api import Api
from osconsole.kube.backoff import Backoff
from osconsole.kube.mirror import NONE
from osconsole.kube.reflector import changes
from osconsole.model.changes import Change, Denied, Listed, Lost
from osconsole.model.kinds import BY_KEY, KINDS, Kind
from osconsole.model.ref import KindKey

LINGER_S = 300.0  # a stream that nobody shows is kept so long: people come back
_SETTLE_S = (1.0, 3.0, 8.0)  # what is served follows its definition, and not at once
SILENT_S = 60.0  # how often a group that is wanted and whose own API server does not answer is asked for
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
        self._silent: frozenset[str] = frozenset()  # groups whose own API server does not answer
        self._wake = asyncio.Event()
        self._discovered = asyncio.Event()
        self._missing = asyncio.Event()  # something is wanted that is not served
        self._doubted = asyncio.Event()  # something that is served was not found
        self._gate = asyncio.Semaphore(_AT_ONCE)

    def show(self, wanted: Iterable[Stream]) -> None:
        """What must be live from now on, the most urgent first; other streams end after LINGER_S."""
        self._wanted = dict.fromkeys((kind, _scope(kind, namespace)) for kind, namespace in wanted)
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
        """Find out what is served; again when that may have changed and somebody wants to know."""
        await self._ask()
        while True:
            await self._missing.wait()
            if not self._doubted.is_set():
                mark = await arrivals.mark(self._api)
                await self._ask()  # what came before the mark
                if await self._content():
                    continue
                with suppress(TimeoutError):
                    async with asyncio.timeout(SILENT_S if self._unheard() else None):
                        await _either(arrivals.after(self._api, mark), self._doubted.wait())
            for delay_s in _SETTLE_S:
                await asyncio.sleep(delay_s)
                await self._ask()
                if await self._content():
                    break

    def _unheard(self) -> bool:
        """Whether something is wanted of a group of which nothing is known."""
        return any(kind.group in self._silent and kind not in (self._served or {}) for kind, _ in self._wanted)

    async def _content(self) -> bool:
        """Whether everything that is wanted is served, after the last answer."""
        await asyncio.sleep(0)  # the streams look first
        return not self._missing.is_set()

    async def _ask(self) -> None:
        """Ask until there is an answer."""
        backoff = Backoff()
        while True:
            self._missing.clear()
            self._doubted.clear()
            try:
                self._note(await discovery.served(self._api))
                return
            except (OsconsoleError, msgspec.MsgspecError) as error:
                if self._served is None:
                    now = time.time()
                    self._apply([Lost(kind, space, str(error), now) for kind, space in self._wanted])
            if await self._api.line.answers(backoff.delay_s()):
                await asyncio.sleep(0.2)

    def _note(self, found: discovery.Discovered) -> None:
        before = (self._served or {}).items()
        watchable = {key: kind for key, kind in before if key.group in found.silent}
        watchable |= {entry.kind.key: entry.kind for entry in found.kinds if "list" in entry.verbs}
        self._silent = found.silent
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
                    self._apply(_unknown(key, namespace) if key.group in self._silent else _absent(key, namespace))
                await discovered.wait()
                continue
            try:
                await self._stream(kind, namespace if kind.namespaced else "")
                why = f"{kind.resource} was not found: asking the server what it serves"
                self._apply([Lost(key, namespace, why, time.time())])
                self._doubted.set()
                self._missing.set()
                await discovered.wait()
            except Exception as error:
                _log.exception("the stream of %s broke", kind.resource)
                why = f"{type(error).__name__} in our own code: see the program's log"
                self._apply([Lost(key, namespace, why, time.time())])
                await asyncio.sleep(backoff.delay_s())

    async def _stream(self, kind: Kind, namespace: str) -> None:
        """Until the kind is not found any more."""
        await self._gate.acquire()
        waiting = True
        try:
            async with aclosing(changes(self._api, kind, namespace, secrets=self._home.secrets)) as batches:
                async for batch in batches:
                    if waiting:
                        waiting = False
                        self._gate.release()
                    denied = [change for change in batch if isinstance(change, Denied)]
                    if any(not change.installed for change in denied):
                        return
                    self._apply(batch)
                    if denied and not namespace and kind.namespaced and kind.key not in self._fallback:
                        self._fallback.add(kind.key)
                        self._wake.set()
        finally:
            if waiting:
                self._gate.release()


async def _either(one: Coroutine[None, None, object], other: Coroutine[None, None, object]) -> None:
    """Until one of the two is done; the other one is cancelled."""
    async with asyncio.TaskGroup() as tasks:
        running = [tasks.create_task(one), tasks.create_task(other)]
        await asyncio.wait(running, return_when=asyncio.FIRST_COMPLETED)
        for task in running:
            task.cancel()


def _scope(key: KindKey, namespace: str) -> str:
    """Where a kind of our table will be watched, before the server has said anything."""
    kind = BY_KEY.get(key)
    return namespace if kind is None or kind.namespaced else ""


def _unknown(key: KindKey, namespace: str) -> list[Change]:
    why = f"whether there is {key.kind} is not known: the API server of {key.group} does not answer"
    return [Lost(key, namespace, why, time.time())]


def _absent(key: KindKey, namespace: str) -> list[Change]:
    now = time.time()
    missing = f"{key.kind} ({key.group or 'core'}) is not installed here"
    return [Listed(key, namespace, (), now), Denied(key, namespace, missing, now, installed=False)]
