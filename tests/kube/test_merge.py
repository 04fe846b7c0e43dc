"""Streams merged by time: the order within a stream never changes, and nobody is waited for in vain."""

import asyncio
import random
import time

from osconsole.kube.merge import LINES, Merge
from osconsole.model.logs import LogLine
from osconsole.model.ref import Ref


def line(stream: str, at: float, text: str = "", *, mark: bool = False) -> LogLine:
    return LogLine(Ref("", "Pod", "n", stream), "c", text or f"{at}", at, mark)


async def feed(merge: Merge, lines: list[LogLine], size: int) -> None:
    one = merge.open()
    for at in range(0, len(lines), size):
        await merge.put(one, lines[at : at + size])
        await asyncio.sleep(0)
    merge.close(one)


async def merged(merge: Merge, *streams: list[LogLine], size: int = 7) -> list[LogLine]:
    async def run() -> None:
        async with asyncio.TaskGroup() as readers:
            for number, lines in enumerate(streams):
                readers.create_task(feed(merge, lines, size + number))
        merge.end()

    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(run())
        return [one async for batch in merge.batches() for one in batch]


async def test_streams_of_any_pace_come_out_in_the_order_of_time():
    chance = random.Random(5)
    streams = [[line(name, at) for at in sorted(chance.sample(range(40_000), 9_000))] for name in "abc"]
    for patient in (True, False):
        found = await merged(Merge(patient=patient), *streams)
        assert len(found) == 27_000
        assert [one.at for one in found] == sorted(one.at for one in found)


async def test_within_a_stream_nothing_changes_place():
    """A clock that was set back, lines without a time, marks: all stand where they came."""
    odd = [line("a", at, f"{n}", mark=n % 5 == 4) for n, at in enumerate([9, 3, 0, 11, 99, 2, 12] * 40)]
    found = await merged(Merge(patient=True), odd, [line("b", at) for at in range(100)])
    assert [one for one in found if one.pod.name == "a"] == odd


async def test_a_stream_that_is_silent_holds_the_others_for_a_moment_only():
    merge = Merge(patient=False)
    silent, busy = merge.open(), merge.open()
    await merge.put(silent, [])
    began = time.monotonic()
    await merge.put(busy, [line("b", time.time())])
    async for batch in merge.batches():
        assert [one.pod.name for one in batch] == ["b"]
        break
    assert 0.2 < time.monotonic() - began < 2


async def test_who_is_ahead_waits_and_loses_nothing():
    merge = Merge(patient=True)
    slow, fast = merge.open(), merge.open()
    lines = [line("f", at) for at in range(3 * LINES)]

    async def write() -> None:
        for at in range(0, len(lines), 100):
            await merge.put(fast, lines[at : at + 100])
        merge.close(fast)

    async with asyncio.TaskGroup() as tasks:
        writer = tasks.create_task(write())
        for _ in range(10):
            await asyncio.sleep(0)
        assert not writer.done()
        assert len(fast.waiting) == LINES + 100 - LINES % 100
        merge.close(slow)
        found: list[LogLine] = []
        async for batch in merge.batches():
            found += batch
            if len(found) == len(lines):
                break
    assert found == lines
