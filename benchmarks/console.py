"""The console on a pseudo terminal: start, keys with 10,000 rows, bytes for a changed cell, CPU while idle."""

import asyncio
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from statistics import quantiles

from benchmarks import cpu, place
from benchmarks.figure import Figure
from benchmarks.objects import POD, fill, options, pod
from benchmarks.terminal import Terminal
from osconsole.kube.api import Api

ROWS, KEYS, IDLE_S = 10_000, 300, 30.0
ROWS_OF_SCREEN = 45


def figures() -> Iterator[Figure]:
    """Start first, on a cluster that is not full; then the rest."""
    with place.running("empty") as kubeconfig:
        yield from _start(kubeconfig)
        asyncio.run(_fill(kubeconfig))
        with _console(kubeconfig) as terminal:
            terminal.until(lambda text: "?" in text)
            terminal.settle()
            yield Figure("console memory at start", [cpu.resident_bytes(terminal.pid) / 2**20], "MiB", 80)
            terminal.send(":pods\r")
            terminal.until(lambda text: "service-0-7d4b9c6f58-00000" in text, 90)
            terminal.settle(3.0)
            yield from _keys(terminal)
            yield from _cell(terminal, kubeconfig)
            yield from _idle(terminal)
            yield Figure("console memory with 10,000 pods", [cpu.resident_bytes(terminal.pid) / 2**20], "MiB", 150)


def _console(kubeconfig: Path) -> Terminal:
    return Terminal(place.PROGRAM, place.environment(kubeconfig))


def _start(kubeconfig: Path) -> Iterator[Figure]:
    frames, keys, frame_walls, key_walls = [], [], [], []
    for _ in range(6):
        with _console(kubeconfig) as terminal:
            frame_walls.append(terminal.until(lambda text: "keys" in text))
            frames.append(terminal.came[1] * 1000)
            terminal.send("?")
            key_walls.append(terminal.until(lambda text: "clear, then back" in text))
            keys.append(terminal.came[1] * 1000)
    # The first start reads the program from disk.
    yield Figure("first frame after start", frames[1:], "CPU ms", 300, note=f"{_wall(frame_walls)}; {_textual()}")
    yield Figure("first key answered after start", keys[1:], "CPU ms", 400, note=_wall(key_walls))


def _textual() -> str:
    """What no program on this machine that uses Textual can do without."""
    before = os.times().children_user + os.times().children_system
    for _ in range(3):
        subprocess.run([sys.executable, "-c", "import textual.app"], check=True)
    spent_s = os.times().children_user + os.times().children_system - before
    return f"importing Textual alone is {spent_s / 3 * 1000:.0f} CPU ms of it"


def _wall(walls: list[float]) -> str:
    return f"wall {min(walls) * 1000:.0f} ms at best"


async def _fill(kubeconfig: Path) -> None:
    api = Api(options(kubeconfig))
    try:
        await fill(api, ROWS)
    finally:
        await api.close()


def _keys(terminal: Terminal) -> Iterator[Figure]:
    """Down, up, pages: each key alone, as a person types."""
    spent, walls = [], []
    sizes: dict[str, list[float]] = {key: [] for key in "jk\x06\x02"}
    for number in range(KEYS):
        key = "jjjjkjjj\x06\x02"[number % 10]
        before, size, began = cpu.precise_s(terminal.pid), terminal.count_bytes, time.monotonic()
        terminal.send(key)
        if not terminal.read(2.0):
            continue  # the end of the table: nothing to draw
        walls.append((time.monotonic() - began) * 1000)
        terminal.settle(0.03)
        spent.append((cpu.precise_s(terminal.pid) - before) * 1000)
        sizes[key].append(terminal.count_bytes - size)
    wall, used = quantiles(walls, n=100), quantiles(spent, n=100)
    yield Figure("key to screen, 10,000 rows: p50", [used[49]], "CPU ms", 5, note=f"wall {wall[49]:.1f} ms")
    yield Figure("key to screen, 10,000 rows: p99", [used[98]], "CPU ms", 16, note=f"wall {wall[98]:.1f} ms")
    yield Figure("cursor down or up", sizes["j"] + sizes["k"], "bytes", 550)
    yield Figure("page down or up", sizes["\x06"] + sizes["\x02"], "bytes", 5_000)
    yield Figure("scroll by one", _scrolled(terminal), "bytes", 1_000)


def _scrolled(terminal: Terminal) -> list[float]:
    """The bytes of each step down from the screen's last row."""
    terminal.send("j" * ROWS_OF_SCREEN)
    terminal.settle()
    sizes = []
    for _ in range(20):
        before = terminal.count_bytes
        terminal.send("j")
        terminal.settle(0.05)
        sizes.append(float(terminal.count_bytes - before))
    return sizes


def _cell(terminal: Terminal, kubeconfig: Path) -> Iterator[Figure]:
    terminal.send("g")
    terminal.settle(1.0)
    sizes, waits = [], []
    for count in range(1, 9):
        before, began = terminal.count_bytes, time.monotonic()
        asyncio.run(_restarted(kubeconfig, count))
        terminal.read(3.0)
        waits.append((time.monotonic() - began) * 1000)
        terminal.settle(0.7)
        sizes.append(terminal.count_bytes - before)
    # The first change fills empty cells; the others change one.
    yield Figure("one changed cell", sizes[1:], "bytes", 400, note=f"wall {min(waits):.0f} ms with the write, at best")


async def _restarted(kubeconfig: Path, count: int) -> None:
    """One more restart of the pod on the first row."""
    api = Api(options(kubeconfig))
    state = {"running": {"startedAt": "2026-01-01T00:00:00Z"}}
    container = {"name": "service", "restartCount": count, "ready": True, "state": state, "image": "", "imageID": ""}
    path = f"{POD.path('default', pod(0)['metadata']['name'])}/status"
    try:
        await api.patch(path, {"status": {"phase": "Running", "containerStatuses": [container]}})
    finally:
        await api.close()


def _idle(terminal: Terminal) -> Iterator[Figure]:
    terminal.settle(2.0)
    before, size, began = cpu.precise_s(terminal.pid), terminal.count_bytes, time.monotonic()
    while time.monotonic() - began < IDLE_S:
        terminal.read(1.0)
    percent = (cpu.precise_s(terminal.pid) - before) / (time.monotonic() - began) * 100
    yield Figure("idle", [percent], "% of a core", 0.5, note=f"{terminal.count_bytes - size} bytes in {IDLE_S:.0f} s")
