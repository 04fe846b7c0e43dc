"""Port-forward: ports of this machine that lead to ports of a pod, over one websocket for each connection.

It speaks `v4.channel.k8s.io`, which every kubelet has: channel 0 is the data, 1 what went wrong, and each begins with
the port. In it neither end can say that it will send nothing more, so a client that closes its half has still some
seconds to be answered.
"""

import asyncio
import contextlib
import socket
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import asynccontextmanager

from osconsole.errors import ApiError, Forbidden, Invalid, NotFound, OsconsoleError, Unreachable, UsageError
from osconsole.kube import channels, loggers
from osconsole.kube.api import Api
from osconsole.kube.websocket import Socket
from osconsole.model.kinds import BY_KEY
from osconsole.model.ref import Ref
from osconsole.model.remote import Forward
from osconsole.model.resource import dig

HOST = "127.0.0.1"
_OPEN_S = 30.0
_HALF_CLOSED_S = 10.0
_PORT_BYTES = 2  # what each channel begins with
_CHUNK_BYTES = 64 * 1024
_WAITING = 64  # connections that are not accepted yet
_DATA, _ERROR = 0, 1

Told = Callable[[str], None]


@asynccontextmanager
async def forwarding(api: Api, wanted: Sequence[Forward], told: Told) -> AsyncGenerator[tuple[Forward, ...], None]:
    """Forward while the context lasts; gives the forwards with the local ports that they got.

    What goes wrong with one connection is told, and the others go on.

    Raises:
        UsageError: a local port is taken.
        ApiError: the pod is not there or does not run.
    """
    for pod in {forward.pod for forward in wanted}:
        await _check(api, pod)
    with contextlib.ExitStack() as open_ports:
        listeners = [open_ports.enter_context(_listen(forward)) for forward in wanted]
        ports = [listener.getsockname()[1] for listener in listeners]
        found = tuple(Forward(one.pod, port, one.remote) for one, port in zip(wanted, ports, strict=True))
        async with asyncio.TaskGroup() as tasks:
            accepting = [
                tasks.create_task(_accept(listener, _Forwarder(api, forward, told)))
                for listener, forward in zip(listeners, found, strict=True)
            ]
            try:
                yield found
            finally:
                for task in accepting:
                    task.cancel()


async def _check(api: Api, pod: Ref) -> None:
    """See that the pod runs; one that we may not see is left to the server's own judgement."""
    try:
        found = await api.get(BY_KEY[loggers.POD], pod.namespace, pod.name)
    except Forbidden:
        return
    except NotFound:
        raise NotFound(f"there is no pod {pod.name} in {pod.namespace}", 404) from None
    phase = dig(found, "status", "phase", default="Pending")
    if phase != "Running":
        raise Invalid(f"pod {pod.name} is not running ({phase}): no port of it can be reached", 400)


def _listen(forward: Forward) -> socket.socket:
    listener = socket.socket()
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((HOST, forward.local))
        listener.listen(_WAITING)
        listener.settimeout(0)
    except OSError as error:
        listener.close()
        raise UsageError(
            f"port {forward.local} of this machine cannot be used ({error.strerror}): choose another, or 0 for any"
        ) from None
    return listener


async def _accept(listener: socket.socket, forwarder: "_Forwarder") -> None:
    """Take connections until cancelled, and those that stand with it."""
    loop = asyncio.get_running_loop()
    async with asyncio.TaskGroup() as connections:
        while True:
            client, _ = await loop.sock_accept(listener)
            connections.create_task(forwarder.carry(client))


class _Forwarder:
    """Carries connections to one port of one pod."""

    def __init__(self, api: Api, forward: Forward, told: Told) -> None:
        self._api = api
        self._forward = forward
        self._told = told
        kind = BY_KEY[loggers.POD]
        self._path = f"{kind.path(forward.pod.namespace, forward.pod.name)}/portforward?ports={forward.remote}"

    async def carry(self, client: socket.socket) -> None:
        """One connection, to its end."""
        reader, writer = await asyncio.open_connection(sock=client)
        try:
            async with await self._api.line.upgrade(self._path, (channels.V4,), _OPEN_S) as line:
                await _carry(line, reader, writer)
        except OsconsoleError as error:
            self._told(f"{self._where()}: {_words(error)}")
        except ConnectionError:
            pass  # the client has left
        finally:
            writer.close()

    def _where(self) -> str:
        return f"port {self._forward.remote} of pod {self._forward.pod.name}"


async def _carry(line: Socket, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    failure: Exception | None = None
    async with asyncio.TaskGroup() as tasks:
        pings = tasks.create_task(line.pings())
        sending = tasks.create_task(_send(line, reader))
        receiving = tasks.create_task(_receive(line, writer))
        await asyncio.wait({sending, receiving}, return_when=asyncio.FIRST_COMPLETED)
        if not receiving.done():
            await asyncio.wait({receiving}, timeout=_HALF_CLOSED_S)
        for task in (pings, sending, receiving):
            task.cancel()
        await asyncio.wait({receiving})
        failure = None if receiving.cancelled() else receiving.result()
    if failure:
        raise failure


async def _send(line: Socket, reader: asyncio.StreamReader) -> None:
    """From here to the pod, until the client has said all; what breaks, receiving says."""
    with contextlib.suppress(Unreachable, ConnectionError):
        while data := await reader.read(_CHUNK_BYTES):
            for frame in channels.frames(_DATA, data):
                await line.send(frame)


async def _receive(line: Socket, writer: asyncio.StreamWriter) -> Exception | None:
    """From the pod to here, until it has said all, or why it did not."""
    begun = {_DATA: 0, _ERROR: 0}
    said = b""
    try:
        while (message := await line.receive()) is not None:
            channel, data = channels.opened(message)
            if channel not in begun:
                continue
            data, begun[channel] = data[max(0, _PORT_BYTES - begun[channel]) :], begun[channel] + len(data)
            if channel == _ERROR and data:
                said += data
                break
            if data:
                writer.write(data)
                await writer.drain()
    except (OsconsoleError, ConnectionError) as error:
        return error
    return ApiError(said.decode("utf-8", errors="replace"), 502) if said else None


def _words(error: OsconsoleError) -> str:
    """What a person needs of a node's words, which tell all the layers that it went through."""
    said = str(error).strip()
    if "refused" in said.lower():
        return f"nothing listens there ({said})"
    if isinstance(error, Forbidden):
        return f"no permission: {said}"
    return said
