"""The kubelet's `/exec` and `/portForward`, as the API server asks them: by SPDY or by websocket.

Both act as whoever runs the cluster, so only the API server may ask: it shows a certificate of the cluster's CA. A
simulated pod has nothing inside, and says so.
"""

from pathlib import Path

from aiohttp import web

from osconsole.embedded.client import Object
from osconsole.embedded.informer import Informer
from osconsole.embedded.kinds import POD
from osconsole.embedded.kubelet.processes import Processes, is_process
from osconsole.embedded.kubelet.remote import bridge, streams, websocket
from osconsole.embedded.kubelet.remote.command import Command, Order
from osconsole.embedded.kubelet.remote.connection import Connection, asks_for_spdy, over_websocket, serve_spdy
from osconsole.embedded.kubelet.remote.visit import attend
from osconsole.embedded.view import Cluster

_SIMULATED = (
    "pod {pod} is simulated: no process runs in it, so {what}. In this cluster only the pods that run Ansible "
    "(of the image openstack-ansibleee-runner) are real processes"
)


class Refused(Exception):
    """Cannot be done, with an HTTP status and words."""

    def __init__(self, status: int, words: str) -> None:
        super().__init__(words)
        self.status = status

    def answer(self) -> web.Response:
        """A Status: clients would take plain words that hold a colon for YAML."""
        reason = {400: "BadRequest", 401: "Unauthorized", 404: "NotFound"}.get(self.status, "InternalError")
        found = {"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Failure", "message": str(self)}
        return web.json_response({**found, "reason": reason, "code": self.status}, status=self.status)


class Handlers:
    """What the API server may ask to be done inside pods."""

    def __init__(self, cluster: Cluster, processes: Processes) -> None:
        self._pods: Informer = cluster.informer(POD)
        self._processes = processes

    def routes(self) -> list[web.RouteDef]:
        """Where they are."""
        inside, ports = "/exec/{namespace}/{pod}/{container}", "/portForward/{namespace}/{pod}"
        return [
            *(web.route(method, inside, self.exec) for method in ("GET", "POST")),
            *(web.route(method, ports, self.forward) for method in ("GET", "POST")),
        ]

    async def exec(self, request: web.Request) -> web.StreamResponse:
        """Run a command in a container."""
        try:
            _authorized(request)
            order = self._order(request)
        except Refused as error:
            return error.answer()
        if asks_for_spdy(request.headers):
            wanted = _streams(request)
            return await serve_spdy(request, streams.PROTOCOL, lambda line: _by_spdy(line, order, wanted))
        line = web.WebSocketResponse(protocols=websocket.PROTOCOLS, compress=False)
        await line.prepare(request)
        # An empty message tells that the way is open all through.
        await line.send_bytes(bytes((websocket.STDOUT,)))
        async with await Command.start(order) as command:
            await attend(websocket.WebFarEnd(line), command)
        return line

    async def forward(self, request: web.Request) -> web.StreamResponse:
        """Connect to ports of a pod."""
        try:
            _authorized(request)
            root = self._root(request)
            wanted = _ports(request) if "Upgrade" in request.headers and not asks_for_spdy(request.headers) else []
        except Refused as error:
            return error.answer()
        if asks_for_spdy(request.headers):
            return await serve_spdy(request, bridge.PROTOCOL, lambda line: bridge.over_spdy(line, root))
        line = web.WebSocketResponse(protocols=(bridge.TUNNEL, bridge.CHANNELS), compress=False)
        await line.prepare(request)
        if line.ws_protocol == bridge.TUNNEL:
            await bridge.over_spdy(over_websocket(line), root)
        else:
            await bridge.over_channels(line, root, wanted)
        return line

    def _order(self, request: web.Request) -> Order:
        """The command that a request asks for."""
        pod = self._pod(request)
        container = request.match_info["container"]
        if not any(_flag(request, name) for name in ("input", "output", "error")):
            raise Refused(400, "you must specify at least 1 of stdin, stdout, stderr")
        argv = tuple(request.query.getall("command", []))
        if not argv:
            raise Refused(400, "you must specify at least 1 command")
        if not is_process(_spec(pod, container)):
            name = pod["metadata"]["name"]
            raise Refused(400, _SIMULATED.format(pod=name, what="no command can be run there"))
        env = self._environ(pod, container)
        if not env:
            raise Refused(500, f'container not found ("{container}"): it does not run')
        tty = _flag(request, "tty")
        if tty:
            env = {"TERM": "xterm", **env}
        return Order(argv, env, env["OSCONSOLE_POD_ROOT"], _flag(request, "input"), tty)

    def _root(self, request: web.Request) -> Path:
        """The files of the pod whose ports a request asks for."""
        pod = self._pod(request)
        name = pod["metadata"]["name"]
        real = [spec["name"] for spec in pod["spec"]["containers"] if is_process(spec)]
        if not real:
            raise Refused(400, _SIMULATED.format(pod=name, what="nothing listens on its ports"))
        for container in real:
            if env := self._environ(pod, container):
                return Path(env["OSCONSOLE_POD_ROOT"])
        raise Refused(400, f"pod {name} is not running: nothing listens on its ports")

    def _pod(self, request: web.Request) -> Object:
        where = request.match_info
        found = self._pods.get(where["namespace"], where["pod"])
        if found is None:
            raise Refused(404, "pod does not exist")
        return found

    def _environ(self, pod: Object, container: str) -> dict[str, str]:
        """The environment that the container runs in; empty when it does not run."""
        status = pod.get("status") or {}
        entries = [*(status.get("containerStatuses") or []), *(status.get("initContainerStatuses") or [])]
        entry: Object = next((entry for entry in entries if entry["name"] == container), {})
        if "running" not in (entry.get("state") or {}):
            return {}
        return self._processes.environ(pod, container, int(entry.get("restartCount") or 0))


def _spec(pod: Object, container: str) -> Object:
    specs = [*pod["spec"]["containers"], *(pod["spec"].get("initContainers") or [])]
    found = next((spec for spec in specs if spec["name"] == container), None)
    if found is None:
        raise Refused(404, f'container not found ("{container}")')
    return dict(found)


def _authorized(request: web.Request) -> None:
    """See that the API server asks.

    Raises:
        Refused: somebody else.
    """
    if not (request.transport and request.transport.get_extra_info("peercert")):
        raise Refused(
            401,
            "Unauthorized: what runs inside pods is shown to the API server only, by its kubelet client certificate",
        )


def _ports(request: web.Request) -> list[int]:
    """The ports that a websocket is for."""
    found = [port for value in request.query.getall("port", []) for port in value.split(",")]
    if any(name.strip().startswith("SPDY/") for name in request.headers.get("Sec-WebSocket-Protocol", "").split(",")):
        return []
    if not found:
        raise Refused(400, 'query parameter "port" is required')
    for port in found:
        if not port.isdecimal() or not 0 < int(port) < 2**16:
            raise Refused(400, f'unable to parse "{port}" as a port')
    return [int(port) for port in found]


def _streams(request: web.Request) -> frozenset[str]:
    """The streams that a client of SPDY opens for the options that it gave."""
    names = (("input", "stdin"), ("output", "stdout"), ("error", "stderr"), ("tty", "resize"))
    found = {stream for name, stream in names if _flag(request, name)}
    return frozenset({"error"} | (found - {"stderr"} if "resize" in found else found))


def _flag(request: web.Request, name: str) -> bool:
    return request.query.get(name, "") in {"1", "true"}


async def _by_spdy(connection: Connection, order: Order, wanted: frozenset[str]) -> None:
    """A command whose far end speaks SPDY."""
    far = streams.StreamFarEnd(connection, wanted)
    await far.opened()
    async with await Command.start(order) as command:
        await attend(far, command)
