"""A server in a process of its own that sends pods as fast as they are taken: a streaming list, then changes."""

import asyncio
import multiprocessing
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import msgspec
from aiohttp import web

from benchmarks import rollout
from benchmarks.lines import SIZES, TEMPLATES, lines, templates

_CHUNK_BYTES = 64 * 1024
_KUBECONFIG = """apiVersion: v1
kind: Config
current-context: bench
contexts: [{{name: bench, context: {{cluster: bench, user: bench}}}}]
clusters: [{{name: bench, cluster: {{server: "http://127.0.0.1:{port}"}}}}]
users: [{{name: bench, user: {{}}}}]
"""
_BOOKMARK = (
    b'{"type":"BOOKMARK","object":{"kind":"Pod","apiVersion":"v1","metadata":{"resourceVersion":"2","annotations":'
    b'{"k8s.io/initial-events-end":"true"}}}}\n'
)


class Feed(msgspec.Struct, frozen=True):
    """What is sent: so many pods of a size of SIZES, then so many changes of the first so many of them."""

    pods: int
    changes: int = 0
    size_kb: int = 19
    changing: int = 2_000


@contextmanager
def feeding(feed: Feed) -> Iterator[Path]:
    """The kubeconfig of the server, for as long as it is needed."""
    with serving(_routes, feed) as kubeconfig:
        yield kubeconfig


@contextmanager
def serving(routes: Callable[[Any], web.RouteTableDef], given: object) -> Iterator[Path]:
    """The kubeconfig of a server in a process of its own that has these routes, made of what is given."""
    ours, theirs = multiprocessing.Pipe()
    server = multiprocessing.get_context("spawn").Process(target=_serve, args=(theirs, routes, given), daemon=True)
    server.start()
    try:
        with TemporaryDirectory(prefix="osconsole-bench-") as folder:
            kubeconfig = Path(folder) / "cluster" / "kubeconfig"
            kubeconfig.parent.mkdir()
            kubeconfig.write_text(_KUBECONFIG.format(port=ours.recv()))
            yield kubeconfig
    finally:
        server.terminate()
        server.join()


def _serve(told: Connection, routes: Callable[[Any], web.RouteTableDef], given: object) -> None:
    asyncio.run(_server(told, routes(given)))


def _routes(feed: Feed) -> web.RouteTableDef:
    bodies = [SIZES[feed.size_kb](number) for number in range(TEMPLATES)]
    made = templates(bodies.__getitem__)
    # Made before it is asked for: the server must not be what is measured.
    storm = list(rollout.storm(bodies, feed.changing, feed.changes))
    routes = web.RouteTableDef()

    @routes.get("/api/v1/pods")
    async def pods(request: web.Request) -> web.StreamResponse:
        response = await listed(request, made, feed.pods)
        for chunk in storm:
            await response.write(chunk)
        await asyncio.Event().wait()
        return response

    return routes


async def listed(request: web.Request, made: list[bytes], pods: int) -> web.StreamResponse:
    """The beginning of a watch: so many pods, and that these are all."""
    response = web.StreamResponse(headers={"Content-Type": "application/json"})
    await response.prepare(request)
    for at in range(0, pods, 20):
        await response.write(lines(b"ADDED", made, range(at, min(at + 20, pods)), 1))
    await response.write(_BOOKMARK)
    return response


async def _server(told: Connection, routes: web.RouteTableDef) -> None:
    app = web.Application()
    app.add_routes(routes)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    told.send(runner.addresses[0][1])
    await asyncio.Event().wait()
