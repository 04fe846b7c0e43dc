"""The kubelet's HTTPS server: container logs, and what is done inside pods (`remote`), for the API server.

Loopback only, with a certificate of its own. As a kubelet's, it answers in plain text, errors too.
"""

import asyncio
import socket
import ssl
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from aiohttp import web

from osconsole.embedded.client import Object
from osconsole.embedded.clock import instant, now
from osconsole.embedded.controllers.signing import issue
from osconsole.embedded.informer import Informer
from osconsole.embedded.kinds import POD
from osconsole.embedded.kubelet.chatter import Run
from osconsole.embedded.kubelet.logs import LogOptions, Source, Spoken, Written, options_of, read
from osconsole.embedded.kubelet.podstatus import HOST_IP
from osconsole.embedded.kubelet.processes import Processes, is_process
from osconsole.embedded.kubelet.remote.handlers import Handlers
from osconsole.embedded.view import Cluster


@asynccontextmanager
async def serving(cluster: Cluster, processes: Processes, kept_port: Path, authority: str = "") -> AsyncIterator[int]:
    """Serve while the context lasts; the port, which is that of the last time where it is free (`kept_port`).

    `authority` (PEM) signs the certificate by which the API server shows who it is; without it `remote` does nothing.
    """
    logs = ContainerLogs(cluster.informer(POD), processes)
    app = web.Application()
    app.router.add_get("/containerLogs/{namespace}/{pod}/{container}", logs.answer)
    app.router.add_routes(Handlers(cluster, processes).routes())
    runner = web.AppRunner(app, handler_cancellation=True, access_log=None, shutdown_timeout=0.5)
    await runner.setup()
    try:
        await web.SockSite(runner, _listen(kept_port), ssl_context=_tls(authority)).start()
        yield int(runner.addresses[0][1])
    finally:
        await runner.cleanup()


class ContainerLogs:
    """`GET /containerLogs/{namespace}/{pod}/{container}`."""

    def __init__(self, pods: Informer, processes: Processes) -> None:
        self._pods, self._processes = pods, processes

    async def answer(self, request: web.Request) -> web.StreamResponse:
        """Stream the log as the query asks."""
        where = request.match_info
        pod = self._pods.get(where["namespace"], where["pod"])
        if pod is None:
            return web.Response(status=404, text=f'pod "{where["namespace"]}/{where["pod"]}" not found\n')
        try:
            options = options_of(request.query)
            source, restart = self._source(pod, where["container"], options)
        except ValueError as error:
            return web.Response(status=400, text=f"{error}\n")
        over = asyncio.Event()
        answer = web.StreamResponse(headers={"Content-Type": "text/plain"})
        await answer.prepare(request)

        def changed(_old: Object | None, new: Object | None) -> None:
            self._note_end(pod, where["container"], restart, source, over)

        with self._pods.subscribed(changed):
            changed(None, None)
            async for data in read(source, options, over):
                await answer.write(data)
        await answer.write_eof()
        return answer

    def _source(self, pod: Object, container: str, options: LogOptions) -> tuple[Source, int]:
        """The log of the run that is asked for, and the run's number; `ValueError` with words when there is none."""
        spec = _spec(pod, container)
        entry = _entry(pod, container)
        state, last = entry.get("state") or {}, (entry.get("lastState") or {}).get("terminated")
        restart = int(entry.get("restartCount") or 0)
        record = state.get("running") or state.get("terminated")
        name = pod["metadata"]["name"]
        if options.previous:
            if not last:
                raise ValueError(f'previous terminated container "{container}" in pod "{name}" not found')
            # While it waits for its restart, the last run still has the current number.
            record, restart = last, restart - ("waiting" not in state)
        elif record is None and last:
            record = last
        if record is None:
            reason = (state.get("waiting") or {}).get("reason", "ContainerCreating")
            raise ValueError(f'container "{container}" in pod "{name}" is waiting to start: {reason}')
        if is_process(spec):
            return Written(self._processes.log_path(pod, container, restart)), restart
        return Spoken(_run(pod, spec, record, restart)), restart

    def _note_end(self, pod: Object, container: str, restart: int, source: Source, over: asyncio.Event) -> None:
        current = self._pods.get(pod["metadata"]["namespace"], pod["metadata"]["name"])
        if current is None or current["metadata"]["uid"] != pod["metadata"]["uid"]:
            over.set()
            return
        entry = _entry(current, container)
        state = entry.get("state") or {}
        if "running" in state and int(entry.get("restartCount") or 0) == restart:
            return
        record = state.get("terminated") or (entry.get("lastState") or {}).get("terminated")
        if isinstance(source, Spoken) and record:
            source.run = _run(current, _spec(current, container), record, restart)
        over.set()


def _spec(pod: Object, container: str) -> Object:
    specs = [*pod["spec"]["containers"], *(pod["spec"].get("initContainers") or [])]
    found = next((spec for spec in specs if spec["name"] == container), None)
    if found is None:
        raise ValueError(f"container {container} is not valid for pod {pod['metadata']['name']}")
    return dict(found)


def _entry(pod: Object, container: str) -> Object:
    status = pod.get("status") or {}
    entries = [*(status.get("containerStatuses") or []), *(status.get("initContainerStatuses") or [])]
    return dict(next((entry for entry in entries if entry["name"] == container), {}))


def _run(pod: Object, spec: Object, record: Object, restart: int) -> Run:
    labels, meta = pod["metadata"].get("labels") or {}, pod["metadata"]
    service = f"{spec['name']} {labels.get('service', '')} {meta['name']}"
    finished = instant(record["finishedAt"]) if record.get("finishedAt") else None
    seed = f"{meta['uid']} {spec['name']} {restart}"
    return Run(meta["name"], service, seed, instant(record["startedAt"]), finished, int(record.get("exitCode") or 0))


def _listen(kept_port: Path) -> socket.socket:
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((HOST_IP, int(kept_port.read_text())))
    except (OSError, ValueError):
        listener.bind((HOST_IP, 0))
    listener.listen(128)
    kept_port.write_text(str(listener.getsockname()[1]))
    return listener


def _tls(authority: str) -> ssl.SSLContext:
    spec = {
        "commonName": "kubelet",
        "ipAddresses": [HOST_IP],
        "privateKey": {"algorithm": "ECDSA"},
        "duration": "87600h",
    }
    issued = issue(spec, None, now())
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    with tempfile.NamedTemporaryFile(suffix=".pem") as pem:
        pem.write(issued.certificate + issued.key)
        pem.flush()
        context.load_cert_chain(pem.name)
    if authority:
        context.load_verify_locations(cadata=authority)
        context.verify_mode = ssl.CERT_OPTIONAL
    return context
