"""Logs: a million lines in memory, searched and filtered; lines of many streams merged by time."""

import asyncio
import os
import time
from collections.abc import Callable, Iterator

from benchmarks import cpu
from benchmarks.figure import Figure
from osconsole.kube.merge import Merge
from osconsole.model.logs import LogLine
from osconsole.model.ref import Ref
from osconsole.ui.lines.logsource import LogSource
from osconsole.ui.widgets.text import TextWidget

LINES = 1_000_000
STREAMS, MERGED = 20, 200_000


def figures() -> Iterator[Figure]:
    """Memory first: what is measured later would count in it."""
    before = cpu.resident_bytes(os.getpid())
    log = LogSource(2 * LINES)
    began = time.process_time()
    for number in range(LINES):
        log.append(_line(number))
    per_second = LINES / (time.process_time() - began)
    yield Figure("a million lines of log", [(cpu.resident_bytes(os.getpid()) - before) / 2**20], "MiB", 120)
    yield Figure("lines taken in by the screen", [per_second], "per CPU s", 50_000, floor=True)
    text = TextWidget(log)
    text.resize(120, 40)
    yield Figure("search in a million lines", [_until_done(text, text.find) for _ in range(3)], "CPU ms", 1000)
    yield Figure("filter a million lines", [_until_done(text, text.filter) for _ in range(3)], "CPU ms", 1000)
    rates = [asyncio.run(_merged()) for _ in range(3)]
    yield Figure(f"lines of {STREAMS} streams merged", rates, "per CPU s", 50_000, floor=True)


def _line(number: int) -> LogLine:
    request = f"req-{number * 2654435761 % 2**32:08x}-2fa1-11d2-883f-0016d3cca427"
    text = (
        f"2026-01-01 10:00:00.{number % 1000:03} 7 INFO nova.compute.manager [None {request} admin] "
        f"took {number % 977} ms for instance {number % 331}"
    )
    return LogLine(Ref("", "Pod", "openstack", f"nova-{number % 9}"), "main", text, 1.7e9 + number / 1000)


def _until_done(text: TextWidget, act: Callable[[str], None]) -> float:
    """CPU milliseconds from the key until every line was looked at."""
    began = time.process_time()
    act("no-such-thing")
    while text.work():
        pass
    return (time.process_time() - began) * 1000


async def _merged() -> float:
    """Lines per CPU second from the streams' readers to whoever shows them."""
    merge = Merge(patient=False)
    lines = [_line(number) for number in range(MERGED)]

    async def feed(number: int) -> None:
        one, own = merge.open(), lines[number::STREAMS]
        for at in range(0, len(own), 200):
            await merge.put(one, own[at : at + 200])
        merge.close(one)

    async def run() -> None:
        async with asyncio.TaskGroup() as tasks:
            for number in range(STREAMS):
                tasks.create_task(feed(number))
        merge.end()

    began, count = time.process_time(), 0
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(run())
        async for batch in merge.batches():
            count += len(batch)
    assert count == MERGED
    return MERGED / (time.process_time() - began)
