"""The reading loop: events through reflector and store per CPU second, beside a server that sends them."""

import asyncio
import multiprocessing
from collections.abc import Iterator
from contextlib import aclosing
from multiprocessing.connection import Connection
from pathlib import Path
from tempfile import TemporaryDirectory

import msgspec
from aiohttp import web

from benchmarks import cpu
from benchmarks.figure import Figure
from benchmarks.objects import POD, options, pod
from osconsole.kube.api import Api
from osconsole.kube.reflector import changes
from osconsole.store import Store

OBJECTS, EVENTS = 2_000, 40_000
KUBECONFIG = """apiVersion: v1
kind: Config
current-context: bench
contexts: [{{name: bench, context: {{cluster: bench, user: bench}}}}]
clusters: [{{name: bench, cluster: {{server: "http://127.0.0.1:{port}"}}}}]
users: [{{name: bench, user: {{}}}}]
"""


def figures() -> Iterator[Figure]:
    """Events per CPU second."""
    rates = [_rate() for _ in range(3)]
    yield Figure("events through reflector and store", rates, "per CPU s", 10_000, floor=True, note="pods of 3 KB")


def _rate() -> float:
    ours, theirs = multiprocessing.Pipe()
    server = multiprocessing.get_context("spawn").Process(target=_serve, args=(theirs,), daemon=True)
    server.start()
    try:
        with TemporaryDirectory(prefix="osconsole-bench-") as folder:
            kubeconfig = Path(folder) / "kubeconfig"
            kubeconfig.write_text(KUBECONFIG.format(port=ours.recv()))
            return asyncio.run(_read(kubeconfig))
    finally:
        server.terminate()
        server.join()


async def _read(kubeconfig: Path) -> float:
    api, store = Api(options(kubeconfig)), Store()
    api.watchlist = False
    seen, began = 0, 0.0
    try:
        async with aclosing(changes(api, POD)) as batches:
            async for batch in batches:
                if not began:
                    began = cpu.own_s()
                    continue
                store.apply(batch)
                # Whoever draws looks at most twenty times a second; here a look per 4,000 events.
                if seen // 4_000 != (seen + len(batch)) // 4_000:
                    _ = store.snapshot
                seen += len(batch)
                if seen >= EVENTS:
                    break
    finally:
        await api.close()
    return seen / (cpu.own_s() - began)


def _serve(told: Connection) -> None:
    """A server that lists pods and then sends changes of them as fast as they are taken."""
    asyncio.run(_server(told))


async def _server(told: Connection) -> None:
    objects = [msgspec.json.encode(_versioned(number, 1)) for number in range(OBJECTS)]
    listed = b'{"kind":"PodList","apiVersion":"v1","metadata":{"resourceVersion":"1"},"items":[' + b",".join(objects)
    events = [
        b'{"type":"MODIFIED","object":' + msgspec.json.encode(_versioned(n % OBJECTS, n + 2)) + b"}\n"
        for n in range(EVENTS)
    ]
    storm = [b"".join(events[at : at + 100]) for at in range(0, EVENTS, 100)]

    async def pods(request: web.Request) -> web.StreamResponse:
        if "watch" not in request.query:
            return web.Response(body=listed + b"]}", content_type="application/json")
        response = web.StreamResponse(headers={"Content-Type": "application/json"})
        await response.prepare(request)
        for chunk in storm:
            await response.write(chunk)
        await asyncio.Event().wait()
        return response

    app = web.Application()
    app.router.add_get("/api/v1/pods", pods)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    told.send(runner.addresses[0][1])
    await asyncio.Event().wait()


def _versioned(number: int, version: int) -> dict[str, object]:
    found = pod(number)
    found["metadata"] |= {"uid": f"uid-{number}", "resourceVersion": str(version)}
    return found
