"""Exec: one command in a container over a websocket: its input, output, window size and exit code.

The terminal that it is shown on is the caller's. What is typed and written passes through and is kept nowhere.
"""

import asyncio
import contextlib
from collections.abc import Iterator
from urllib.parse import urlencode

from osconsole.errors import ApiError, Forbidden, Invalid, NotFound, OsconsoleError, Unreachable
from osconsole.kube import channels, loggers
from osconsole.kube.api import Api
from osconsole.kube.websocket import Socket
from osconsole.model.kinds import BY_KEY
from osconsole.model.remote import Exec, Terminal

_OPEN_S = 30.0  # a node may be slow to start a process
_NO_END = (
    b"osconsole: this server is too old to tell the command that its input has ended: "
    b"if it waits for that, interrupt it\r\n"
)


async def run(api: Api, what: Exec, terminal: Terminal) -> int:
    """Run the command to its end; its exit code. Cancelling cuts the connection.

    Raises:
        ApiError: it cannot be run there, in plain words.
        Unreachable: the server does not answer, or left before the command had ended.
    """
    what = await _settled(api, what)
    path = f"{BY_KEY[loggers.POD].path(what.pod.namespace, what.pod.name)}/exec?{urlencode(list(_query(what)))}"
    try:
        socket = await api.line.upgrade(path, (channels.V5, channels.V4), _OPEN_S)
    except ApiError as error:
        raise _told(error, what) from None
    async with socket:
        try:
            return await _Conversation(socket, what, terminal).run()
        except ApiError as error:
            raise _told(error, what) from None


async def _settled(api: Api, what: Exec) -> Exec:
    """With a container, when the pod has a choice; the server would only say that there are several.

    Raises:
        Invalid: the pod does not have that container, or cannot run anything now.
    """
    try:
        pod = await api.get(BY_KEY[loggers.POD], what.pod.namespace, what.pod.name)
    except Forbidden:
        return what  # who may run commands there need not see the pod: the server will say what is the matter
    except NotFound:
        raise NotFound(f"there is no pod {what.pod.name} in {what.pod.namespace}", 404) from None
    return _chosen(pod, what)


def _chosen(pod: dict[str, object], what: Exec) -> Exec:
    status = pod.get("status")
    phase = str(status.get("phase", "")) if isinstance(status, dict) else ""
    if phase in {"Succeeded", "Failed"}:
        raise Invalid(f"pod {what.pod.name} has ended ({phase}): nothing can be run in it any more", 400)
    found = loggers.containers(pod, what.container, every=False)
    if not found:
        names = ", ".join(loggers.containers(pod, "", every=True))
        raise Invalid(f"pod {what.pod.name} has no container '{what.container}': it has {names}", 400)
    return Exec(what.pod, what.argv, found[0], what.stdin, what.tty)


def _query(what: Exec) -> Iterator[tuple[str, str]]:
    """The options, as the server reads them; errors come among the output where there is a terminal."""
    yield from (("command", word) for word in what.argv)
    if what.container:
        yield "container", what.container
    for name, wanted in (("stdin", what.stdin), ("stdout", True), ("stderr", not what.tty), ("tty", what.tty)):
        yield name, str(wanted).lower()


def _told(error: ApiError, what: Exec) -> OsconsoleError:
    """The same with the pod named, and what to do where that is known."""
    said = str(error)
    if isinstance(error, Forbidden):
        right = "" if "pods/exec" in said else " (create pods/exec)"  # of a websocket, servers do not say which
        return Forbidden(f"no permission to run a command in pod {what.pod.name}{right}: {said}", 403, error.reason)
    if f"pod {what.pod.name}" not in said:
        said = f"pod {what.pod.name}" + (f" container {what.container}" if what.container else "") + f": {said}"
    return type(error)(said, error.code, error.reason, causes=error.causes)


class _Conversation:
    """What goes to and fro until the command has ended."""

    def __init__(self, socket: Socket, what: Exec, terminal: Terminal) -> None:
        self._socket = socket
        self._what = what
        self._terminal = terminal

    async def run(self) -> int:
        """The exit code."""
        failure: Exception | None = None
        code = 0
        async with asyncio.TaskGroup() as tasks:
            works = [self._socket.pings()]
            works += [self._input()] if self._what.stdin else []
            works += [self._sizes()] if self._what.tty else []
            beside = [tasks.create_task(work) for work in works]
            try:
                code = await self._output()
            except (OsconsoleError, OSError) as error:
                failure = error
            finally:
                for task in beside:
                    task.cancel()
        if failure and self._terminal.left:
            raise OsconsoleError(
                f"pod {self._what.pod.name}: broken off from here: whether the command still runs there is not known"
            )
        if failure:
            raise failure
        return code

    async def _output(self) -> int:
        """Show what comes, until the server says how it ended."""
        while (message := await self._socket.receive()) is not None:
            channel, data = channels.opened(message)
            if channel == channels.ERROR and data:
                return channels.exit_code(data)
            if data and channel in (channels.STDOUT, channels.STDERR):
                await self._terminal.write(data, error=channel == channels.STDERR)
        raise Unreachable(
            f"pod {self._what.pod.name}: the connection ended before the command did: whether it still runs there is "
            "not known"
        )

    async def _input(self) -> None:
        """Send what is typed; when the line is cut, the output says why."""
        with contextlib.suppress(Unreachable):
            while data := await self._terminal.read():
                for frame in channels.frames(channels.STDIN, data):
                    await self._socket.send(frame)
            if self._terminal.left:
                self._socket.close()
            elif self._socket.protocol == channels.V5:
                await self._socket.send(channels.close(channels.STDIN))
            elif not self._what.tty:
                await self._terminal.write(_NO_END, error=True)

    async def _sizes(self) -> None:
        """Send the size of the window, now and whenever it changes."""
        with contextlib.suppress(Unreachable):
            async with contextlib.aclosing(self._terminal.sizes()) as sizes:
                async for columns, lines in sizes:
                    await self._socket.send(channels.size(columns, lines))
