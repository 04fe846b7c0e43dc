"""Link: one connection of a session, and everything that works over it for as long as it lives."""

import asyncio
import logging
import time
from base64 import b64decode
from collections.abc import Callable, Coroutine, Iterator
from contextlib import aclosing
from typing import Any

import msgspec

from osconsole.ansible import effective
from osconsole.ansible.progress import Progress
from osconsole.documents import parse
from osconsole.errors import DocumentError, NotFound, OsconsoleError, Unreachable
from osconsole.history.durations import Took
from osconsole.history.history import History
from osconsole.history.watched import BEAT_S
from osconsole.journal import Journal
from osconsole.kube import pulse, runner_pods
from osconsole.kube.api import Api
from osconsole.kube.backoff import Backoff
from osconsole.kube.informers import Home, Informers
from osconsole.kube.mirror import decode
from osconsole.model import authors
from osconsole.model.changes import Learned
from osconsole.model.conditions import find, instant
from osconsole.model.connection import Options, Status
from osconsole.model.kinds import BY_KEY, Kind, key
from osconsole.model.ref import KindKey, Ref
from osconsole.model.resource import Resource
from osconsole.model.run import Expected
from osconsole.model.snapshot import Snapshot
from osconsole.reconcile import carriers
from osconsole.reconcile.desk import Desk, Rules
from osconsole.reconcile.driver import Driver
from osconsole.reconcile.remote import Remote
from osconsole.reconcile.states import ACTIVE
from osconsole.store import Store
from osconsole.views import facts, reach

_JOB, _NODESET = key("Job"), key("OpenStackDataPlaneNodeSet")
_SERVICE = "openstackdataplaneservice"
_REMEMBER_S = 2.0
_log = logging.getLogger(__name__)
Work = Callable[[], Coroutine[Any, Any, None]]


class Link:
    """One connection.

    Attributes:
        api, informers, desk, remote, history, driver: its parts.
    """

    def __init__(self, api: Api, store: Store, rules: Rules, need: Callable[[], None]) -> None:
        self.api = api
        self.informers = Informers(api, store.apply, Home(api.line.target.namespace))
        self.desk = Desk(api, Journal(rules.context), rules, self.find)
        self.remote = Remote(api, Journal(rules.context), rules)
        self.history = History(rules.context)
        self.driver = Driver(api, store, need)
        self._store = store

    async def run(self, heard: Callable[[Unreachable | None], None], *, adopts: bool) -> None:
        """Watch, and tell by `heard` whether the server answers; until cancelled."""
        async with asyncio.TaskGroup() as tasks:
            works: dict[str, Work] = {
                "pulse": lambda: pulse.watch(self.api, heard),
                "informers": self.informers.run,
                "history": lambda: _remember(self._store, self.history),
                "ansible": lambda: runner_pods.follow(self.api, self._store, _reader),
                "expected": lambda: _expect(self._store, self.history),
            }
            if adopts:
                works["runs"] = self.driver.run
            for name, work in works.items():
                tasks.create_task(_kept_up(name, work), name=name)

    def find(self, kind: KindKey) -> Kind | None:
        """How a kind is addressed here."""
        return self.informers.find(kind)

    async def inventory(self, nodeset: Resource) -> dict[str, Any]:
        """The inventory that the operator has made of a NodeSet; it is masked here, and only so leaves.

        Raises:
            NotFound: there is none yet. Another of our errors when it cannot be read.
        """
        name = str(facts.value(nodeset, "status", "inventorySecretName") or f"dataplanenodeset-{nodeset.ref.name}")
        found = await self.api.get(BY_KEY[key("Secret")], nodeset.ref.namespace, name)
        written = b64decode(str((found.get("data") or {}).get("inventory") or "")).decode("utf-8", "replace")
        try:
            return effective.plain(effective.masked(parse(written, "inventory")))
        except DocumentError:  # what it says may be what it must not show
            raise OsconsoleError(f"the inventory in Secret {name} is no YAML that we understand") from None

    async def steer(self, run: Ref, state: str, now: float) -> bool:
        """Have a run stop, halt or go on between two steps; whether it is then ours to drive. Raises our errors."""
        found = await self.read(run)
        if found is None:
            raise NotFound(f"there is no run {run.name} in {run.namespace} any more", 404)
        await self.desk.steer(found, state, now)
        return state == ACTIVE and not (await carriers.operator(self.api, run.namespace))[0]

    async def read(self, ref: Ref) -> Resource | None:
        """A fresh GET, which also tells who owns what; None when there is no such object. Raises our errors."""
        kind = self.find(KindKey(ref.group, ref.kind))
        if kind is None:
            return None
        try:
            raw = await self.api.request("GET", kind.path(ref.namespace, ref.name))
        except NotFound:
            return None
        return msgspec.structs.replace(decode(raw, kind), writers=authors.read(raw))


def rules_of(options: Options, status: Status) -> Rules:
    """What writing is held to in a session as it was started, on the context that it is connected to."""
    reason = ""
    if options.read_only:
        reason = "this session is read-only: it was started with --read-only"
    elif status.read_only:
        reason = f"context '{status.context}' is marked read_only in settings.yaml"
    return Rules(status.context, status.user, reason, status.protected)


async def _remember(store: Store, history: History) -> None:
    """Keep what happens; a thread waits for the disk."""
    told: set[tuple[str, bool]] = set()
    try:
        async with aclosing(store.listen(_REMEMBER_S, BEAT_S)) as batches:
            async for heard in batches:
                await asyncio.to_thread(history.record, heard.changes, heard.news, time.time())
                if heard.changes and (runs := tuple(_finished(store.snapshot, told))):
                    await asyncio.to_thread(history.took, runs)
    finally:
        history.close()


def _reader(pod: Resource, snapshot: Snapshot) -> Progress:
    """What reads a runner pod's log; it knows for whom it may have to wait."""
    return Progress(hosts=reach.of_pod(pod, snapshot))


async def _expect(store: Store, history: History) -> None:
    """Tell the world how long services took before, anew when there are more of them or more have ended."""
    asked: tuple[frozenset[str], int] = (frozenset(), 0)
    async with aclosing(store.follow(_REMEMBER_S)) as snapshots:
        async for snapshot in snapshots:
            wants = _services(snapshot)
            if wants != asked:
                asked = wants
                found = await asyncio.to_thread(_lengths, history, wants[0])
                store.apply([Learned(found, time.time())] if found else [])


def _lengths(history: History, services: frozenset[str]) -> dict[str, Expected]:
    return {service: length for service in services if (length := history.expected(service))}


def _services(snapshot: Snapshot) -> tuple[frozenset[str], int]:
    """The services of all NodeSets and Jobs, and how many of these Jobs have ended."""
    jobs = [job for job in snapshot.all(_JOB) if _SERVICE in job.labels]
    listed = (facts.value(nodeset, "spec", "services") or () for nodeset in snapshot.all(_NODESET))
    names = {job.labels[_SERVICE] for job in jobs}.union(*(map(str, services) for services in listed))
    return frozenset(names), sum(any(c.ok for c in job.conditions) for job in jobs)


def _finished(snapshot: Snapshot, told: set[tuple[str, bool]]) -> Iterator[Took]:
    """Jobs of services that went well and were not told yet, with what is known of the Ansible run in their pods."""
    for job in snapshot.all(_JOB):
        service, end = job.labels.get(_SERVICE), find(job.conditions, "Complete")
        if not service or not end or not end.ok:
            continue
        counted = [run for pod in snapshot.owned(job) if (run := snapshot.runs.get(pod.ref)) and run.ended]
        if (job.uid, bool(counted)) in told:
            continue
        told.add((job.uid, bool(counted)))
        started = instant(job.get("status", "startTime"))
        ended = instant(job.get("status", "completionTime")) or end.since
        hosts, tasks = (len(counted[-1].recap), counted[-1].tasks) if counted else (0, 0)
        yield Took(job.uid, service, ended, max(0.0, ended - started), hosts, tasks)


async def _kept_up(name: str, work: Work) -> None:
    """Run it for ever: a bug in one part is a traceback in our log and a restart, not the end of the console."""
    backoff = Backoff()
    while True:
        try:
            await work()
        except Exception:
            _log.exception("%s broke", name)
        await asyncio.sleep(backoff.delay_s())
