"""The reflector against servers that know no streaming lists, in every way in which one may not, and that are hasty."""

import asyncio
import json
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
import yaml
from aiohttp import web

from osconsole.kube import backoff, initial
from osconsole.kube.api import Api
from osconsole.model.connection import Options
from tests.kube.weather import Mirrored

Lines = list[tuple[float, dict[str, Any]]]  # seconds before, the event


def one(version: int) -> dict[str, Any]:
    metadata = {"name": "a", "namespace": "default", "uid": "u", "resourceVersion": str(version)}
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata}


def bookmark(version: int) -> dict[str, Any]:
    return {"type": "BOOKMARK", "object": {"kind": "ConfigMap", "metadata": {"resourceVersion": str(version)}}}


ADDED = {"type": "ADDED", "object": one(5)}


class Odd:
    """Lists one ConfigMap at version 10; how it watches is the test's. `asked` counts requests of each sort."""

    def __init__(self) -> None:
        self.asked: Counter[str] = Counter()
        self.streaming: int | Lines = 400
        self.watching: Callable[[int], Lines] = lambda _: []
        self.ends = False
        self.remaining = ""

    async def answer(self, request: web.Request) -> web.StreamResponse:
        query = request.query
        sort = "streaming" if "sendInitialEvents" in query else "watching" if "watch" in query else "listing"
        self.asked[sort] += 1
        if sort == "listing":
            metadata = {"resourceVersion": "10", "continue": self.remaining}
            return web.json_response({"kind": "ConfigMapList", "metadata": metadata, "items": [one(5)]})
        if sort == "streaming" and isinstance(self.streaming, int):
            return web.json_response({"kind": "Status", "message": "no"}, status=self.streaming)
        lines = self.watching(int(query["resourceVersion"])) if sort == "watching" else self.streaming
        return await self._send(request, lines)

    async def _send(self, request: web.Request, lines: Any) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": "application/json"})
        await response.prepare(request)
        for delay_s, line in lines:
            await asyncio.sleep(delay_s)
            await response.write(json.dumps(line).encode() + b"\n")
        await asyncio.sleep(0 if self.ends else 60)
        return response


@asynccontextmanager
async def mirrored(odd: Odd, folder: Path) -> AsyncIterator[Mirrored]:
    app = web.Application()
    app.router.add_get("/{rest:.*}", odd.answer)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    cluster = {"server": f"http://127.0.0.1:{runner.addresses[0][1]}"}
    config = {"clusters": [{"name": "c", "cluster": cluster}], "contexts": [{"name": "c", "context": {"cluster": "c"}}]}
    (folder / "k").write_text(yaml.safe_dump({**config, "current-context": "c"}))
    api = Api(Options(kubeconfig=str(folder / "k")))
    seen = Mirrored(api, namespace="default")
    async with asyncio.TaskGroup() as tasks:
        task = tasks.create_task(seen.run())
        yield seen
        task.cancel()
    await api.close()
    await runner.cleanup()


TRICKLE = [(0.3, {"type": "MODIFIED", "object": one(version)}) for version in range(11, 31)]
WITHOUT: dict[str, tuple[int | Lines, int]] = {  # how, and how often it is tried
    "bad request": (400, 1),
    "not allowed": (405, 1),
    "not acceptable": (406, 1),
    "invalid": (422, 1),
    "not implemented": (501, 1),
    "always broken": (500, 3),
    "an ordinary watch with bookmarks": ([(0, ADDED), (0, bookmark(9))], 1),
    "an ordinary watch that is busy": ([(0, ADDED), *TRICKLE], 1),
    "an ordinary watch that is silent": ([(0, ADDED)], 1),
}


@pytest.mark.parametrize("how", WITHOUT)
async def test_without_streaming_lists_there_are_pages(tmp_path, monkeypatch, how):
    monkeypatch.setattr(initial, "INITIAL_S", 0.7)
    monkeypatch.setattr(backoff, "FIRST_S", 0.05)
    odd = Odd()
    odd.streaming, tries = WITHOUT[how]
    async with mirrored(odd, tmp_path) as seen:
        await seen.until(lambda: seen.line.state == "live")
        await seen.until(lambda: odd.asked["watching"])
        assert seen.versions() == {"a": "5"}
    assert odd.asked == {"streaming": tries, "listing": 1, "watching": 1}


@pytest.mark.parametrize("brings", ["bookmark", "event"])
async def test_a_server_that_ends_each_watch_is_not_hammered_though_it_brings_something(tmp_path, brings):
    odd = Odd()
    odd.ends = True
    made = {
        "bookmark": lambda version: [(0, bookmark(version))],
        "event": lambda version: [(0, {"type": "MODIFIED", "object": one(version + 1)})],
    }
    odd.watching = made[brings]
    async with mirrored(odd, tmp_path) as seen:
        await seen.until(lambda: seen.line.state == "lost")
        assert "at once" in seen.line.why
        await seen.until(lambda: odd.asked["watching"] >= 4)
        assert odd.asked["watching"] <= 5


async def test_a_cache_that_gives_the_same_page_for_ever_is_noticed(tmp_path):
    odd = Odd()
    odd.remaining = "again"
    async with mirrored(odd, tmp_path) as seen:
        await seen.until(lambda: seen.line.state == "lost")
        assert "the same page comes again and again" in seen.line.why
