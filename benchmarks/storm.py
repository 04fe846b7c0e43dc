"""The console in storms: 5,000 changes a second among 50,000 rows, and 50,000 lines of log a second.

It runs on a pseudo terminal against a server that sends as much as it is told to, and counts what it has sent.
"""

import asyncio
import json
import time
import urllib.request
from collections.abc import AsyncGenerator, Callable, Iterator
from contextlib import suppress
from pathlib import Path
from statistics import quantiles

from aiohttp import web
from msgspec import Struct

from benchmarks import cpu, place
from benchmarks.feeder import listed, serving
from benchmarks.figure import Figure
from benchmarks.lines import SIZES, lines, templates
from benchmarks.terminal import Terminal

ROWS, EVENTS, LINES = 50_000, 5_000, 50_000  # the latter two per second
KEYS = 100
_HELP = "clear, then back"
_TICK_S = 0.02
_CALM_S = 0.1  # of CPU in two seconds: the console has done what there was to do
_PODS = {"resource": "pods", "responseKind": {"kind": "Pod"}, "scope": "Namespaced", "verbs": ["list", "watch", "get"]}
_GROUP = {"metadata": {"name": ""}, "versions": [{"version": "v1", "resources": [_PODS]}]}
_TEXT = (
    "INFO nova.compute.manager [None req-2fa1 admin] took 5 ms for instance 331, and all is as well as it was before"
)


class Given(Struct, frozen=True):
    """How many pods the server has, and of what size."""

    pods: int
    size_kb: int = 3


class Sent(Struct):
    """What is being sent per second, and how much was."""

    events: int = 0
    lines: int = 0
    count: int = 0


def routes(given: Given) -> web.RouteTableDef:
    """Discovery of one kind, its watch, its logs; and `/storm`, which says what to send."""
    made, sent, table = templates(SIZES[given.size_kb]), Sent(), web.RouteTableDef()

    @table.get("/api")
    async def core(_: web.Request) -> web.Response:
        return web.json_response({"kind": "APIGroupDiscoveryList", "items": [_GROUP]})

    @table.get("/apis")
    async def groups(_: web.Request) -> web.Response:
        return web.json_response({"kind": "APIGroupDiscoveryList", "items": []})

    @table.get("/api/v1/pods")
    async def pods(request: web.Request) -> web.StreamResponse:
        response, at = await listed(request, made, given.pods), 0
        with suppress(ConnectionResetError):  # the console has been left
            async for count in _paced(lambda: sent.events):
                await response.write(lines(b"MODIFIED", made, range(at, at + count), 3 + at))
                at += count
        return response

    @table.get("/api/v1/namespaces/{namespace}/pods/{name}/log")
    async def log(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": "text/plain"})
        await response.prepare(request)
        async for count in _paced(lambda: sent.lines):
            second, rest = divmod(time.time_ns(), 10**9)
            stamp = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(second)) + f".{rest:09d}Z"
            await response.write("".join(f"{stamp} {sent.count + i} {_TEXT}\n" for i in range(count)).encode())
            sent.count += count
        return response

    @table.post("/storm")
    async def storm(request: web.Request) -> web.Response:
        asked = await request.json()
        sent.events, sent.lines = asked.get("events", 0), asked.get("lines", 0)
        return web.json_response({"count": sent.count})

    return table


async def _paced(rate: Callable[[], int]) -> AsyncGenerator[int, None]:
    """How many to send now, again and again; who was kept waiting catches up for at most a second."""
    due, credit = time.monotonic(), 0.0
    while True:
        await asyncio.sleep(_TICK_S)
        now = time.monotonic()
        credit, due = min(credit + (now - due) * rate(), rate()), now
        if credit >= 1:
            yield int(credit)
            credit -= int(credit)


def figures() -> Iterator[Figure]:
    """Both storms."""
    yield from _events()
    yield from _logs()


def _events() -> Iterator[Figure]:
    with serving(routes, Given(ROWS)) as kubeconfig, _console(kubeconfig) as terminal:
        _pods(terminal)
        _storm(kubeconfig, events=EVENTS)
        yield from _measured(terminal, f"{EVENTS:,} changes/s of {ROWS:,} rows", 30)
        yield Figure(f"console memory with {ROWS:,} rows", [cpu.resident_bytes(terminal.pid) / 2**20], "MiB", 360)


def _logs() -> Iterator[Figure]:
    with serving(routes, Given(50)) as kubeconfig, _console(kubeconfig) as terminal:
        _pods(terminal)
        terminal.send("l")
        terminal.until(lambda text: "logs of" in text)
        began = time.monotonic()
        _storm(kubeconfig, lines=LINES)
        yield from _measured(terminal, f"{LINES:,} lines/s of log", None)
        lasted_s = time.monotonic() - began
        _storm(kubeconfig)
        terminal.settle(2.0)
        sent = _storm(kubeconfig)
        missing = 0 if f"{sent:,} lines" in terminal.text and f" {sent - 1} INFO" in terminal.text else sent
        note = f"of {sent:,}; {sent / lasted_s:,.0f} a second"
        yield Figure("lines that were sent and not shown", [missing], "lines", 0, note=note)


def _pods(terminal: Terminal) -> None:
    terminal.until(lambda text: "?" in text)
    terminal.send(":pods\r")
    terminal.until(lambda text: "service-0-5d4b-" in text, 120)
    deadline, before, used = time.monotonic() + 120, 0.0, cpu.precise_s(terminal.pid)
    while time.monotonic() < deadline and used - before > _CALM_S:  # every row is made once for filters to look through
        _read(terminal, 2.0)
        before, used = used, cpu.precise_s(terminal.pid)


def _measured(terminal: Terminal, what: str, percent: float | None) -> Iterator[Figure]:
    """Help is opened and closed again and again; what else is done meanwhile counts too."""
    _read(terminal, 2.0)
    walls, spent = [], []
    before, size, began = cpu.precise_s(terminal.pid), terminal.count_bytes, time.monotonic()
    for _ in range(KEYS):
        sent, used_s = time.monotonic(), cpu.precise_s(terminal.pid)
        terminal.send("?")
        terminal.until(lambda text: _HELP in text)
        walls.append((terminal.came[0] - sent) * 1000)
        spent.append((terminal.came[1] - used_s) * 1000)
        terminal.send("\x1b")  # which waits a while for the rest of a longer key
        terminal.until(lambda text: _HELP not in text)
        _read(terminal, 0.1)
    lasted_s = time.monotonic() - began
    used = (cpu.precise_s(terminal.pid) - before) / lasted_s * 100
    wall = f"wall {quantiles(walls, n=100)[49]:.0f}, p99 {quantiles(walls, n=100)[98]:.0f} ms"
    yield Figure(f"{what}: key p99", [quantiles(spent, n=100)[98]], "CPU ms", 50, note=wall)
    yield Figure(f"{what}: CPU", [used], "% of a core", percent, note=f"with {KEYS / lasted_s:.1f} keys a second")
    yield Figure(f"{what}: written", [(terminal.count_bytes - size) / lasted_s / 1024], "KiB/s", note="keys included")


def _read(terminal: Terminal, within_s: float) -> None:
    deadline = time.monotonic() + within_s
    while (left_s := deadline - time.monotonic()) > 0:
        terminal.read(left_s)


def _console(kubeconfig: Path) -> Terminal:
    return Terminal((*place.PROGRAM, "console", "-A"), place.environment(kubeconfig))


def _storm(kubeconfig: Path, **rates: int) -> int:
    """Tell the server what to send; how many lines it has sent so far."""
    server = kubeconfig.read_text().split('server: "')[1].split('"')[0]
    request = urllib.request.Request(f"{server}/storm", json.dumps(rates).encode(), method="POST")
    with urllib.request.urlopen(request) as answer:
        return int(json.load(answer)["count"])
