"""A storm of random writes under forced cuts, and the judge of what a mirror showed meanwhile.

Every object has one writer, so the answers to its writes are the object's whole history: an object of a snapshot must
be one of the states that the server had it in, and may never go back to an older one.
"""

import asyncio
import random
from contextlib import aclosing

from osconsole.errors import OsconsoleError
from osconsole.kube.api import Api
from osconsole.model.snapshot import Snapshot
from tests.kube.weather import CONFIGMAPS, Mirrored, fault

OBJECTS = 60
WRITERS = 4  # each of its own objects
RING = 64
State = tuple[str, str]  # uid and data
CUTS = ("cut-now", "cut", "truncate", "garble", "error", "duplicate", "reorder")


class History:
    """Which states each object was in, by version; a deletion is the state None."""

    def __init__(self) -> None:
        self.states: dict[str, dict[int, State | None]] = {}

    def wrote(self, body: dict[str, object]) -> None:
        meta = body["metadata"]
        version, state = int(meta["resourceVersion"]), (meta["uid"], body["data"]["v"])  # type: ignore[index]
        self.states.setdefault(meta["name"], {})[version] = state  # type: ignore[index]

    def expected(self) -> dict[str, State]:
        """What is at the end."""
        last = {name: states[max(states)] for name, states in self.states.items()}
        return {name: state for name, state in last.items() if state is not None}


class Judge:
    """Looks at every snapshot."""

    def __init__(self, history: History, mirrored: Mirrored) -> None:
        self._history, self._mirrored = history, mirrored
        self._seen: dict[str, int] = {}
        self._last: dict[object, object] = {}
        self.snapshots = 0
        self.wrong: list[str] = []
        self._unknown: list[tuple[str, int, State]] = []

    def look(self, snapshot: Snapshot) -> None:
        """Note what is wrong; what has been shown before the writer has its answer is judged later."""
        now = dict(snapshot.objects.get(CONFIGMAPS.key, {}))
        self.snapshots += 1
        for ref, found in now.items():
            if self._last.get(ref) is found:
                continue
            version = int(found.version)
            if version < self._seen.get(ref.name, 0):
                self.wrong.append(f"{ref.name} went back from {self._seen[ref.name]} to {version}")
            self._seen[ref.name] = version
            self._unknown.append((ref.name, version, (found.uid, found.get("data", "v"))))
        self._last = dict(now)

    def verdict(self) -> list[str]:
        """Everything that was wrong."""
        for name, version, state in self._unknown:
            was = self._history.states.get(name, {}).get(version)
            if was != state:
                self.wrong.append(f"{name} at {version} was {was}, shown as {state}")
        return self.wrong

    async def again(self) -> None:
        """Until it has looked once more."""
        before = self.snapshots
        await self._mirrored.until(lambda: self.snapshots > before)

    async def run(self) -> None:
        async with aclosing(self._mirrored.store.follow(0)) as snapshots:
            async for snapshot in snapshots:
                self.look(snapshot)


async def storm(hands: Api, history: History, judge: Judge, writes: int, cuts: int, seed: int) -> None:
    """Random creations, changes and deletions; a fault every so many, each once the last was seen."""
    steps = iter(range(writes))

    async def writer(own: int) -> None:
        dice = random.Random(1000 * seed + own)
        for step in steps:
            if step % max(1, writes // cuts) == 0:
                await judge.again()
                await fault(hands, dice.choice(CUTS), verb="WATCH", path="configmaps", code=410)
            name = f"f{dice.randrange(own, OBJECTS, WRITERS)}"
            await write(hands, history, name, f"{step}-{'x' * dice.randrange(600)}", keep=dice.random() > 0.2)

    async with asyncio.TaskGroup() as tasks:
        for own in range(WRITERS):
            tasks.create_task(writer(own))


async def write(hands: Api, history: History, name: str, value: str, *, keep: bool) -> None:
    """Create the object when it is not there, else give it a value or (not `keep`) delete it."""
    namespace = "default"
    path, there = CONFIGMAPS.path(namespace, name), history.states.get(name)
    if not there or there[max(there)] is None:
        body = {"metadata": {"name": name}, "data": {"v": value}}
        history.wrote((await hands.create(CONFIGMAPS.path(namespace), body)).object())
    elif keep:
        history.wrote((await hands.patch(path, {"data": {"v": value}})).object())
    else:
        await hands.delete(path)
        there[max(there) + 1] = None  # some version later; the next one is greater


async def play(hands: Api, eyes: Api, writes: int, cuts: int, seed: int) -> tuple[Judge, dict[str, State]]:
    """The whole: what the judge saw, and what the server has at the end."""
    history, mirrored = History(), Mirrored(eyes, namespace="default")
    judge = Judge(history, mirrored)
    await clean(hands)
    await fault(hands, "ring", code=RING)
    async with asyncio.TaskGroup() as tasks:
        running = [tasks.create_task(mirrored.run()), tasks.create_task(judge.run())]
        await mirrored.until(lambda: mirrored.line.state == "live")
        await storm(hands, history, judge, writes, cuts, seed)
        await hands.request("DELETE", "/debug/osconsole/faults")
        await mirrored.agrees(60)
        for task in running:
            task.cancel()
    found = {r.ref.name: (r.uid, r.get("data", "v")) for r in mirrored.store.snapshot.all(CONFIGMAPS.key, "default")}
    assert {name: state for name, state in found.items() if name.startswith("f")} == history.expected()
    return judge, history.expected()


async def clean(hands: Api) -> None:
    """Take away what an earlier storm left."""
    try:
        await hands.request("DELETE", CONFIGMAPS.path("default"))
    except OsconsoleError as error:
        raise AssertionError(f"cannot clean: {error}") from error
