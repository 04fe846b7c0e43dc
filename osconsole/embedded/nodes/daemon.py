"""The process that owns the nodes of one cluster: starts them in parallel, obeys the control socket, leaves nothing."""

import asyncio
import fcntl
import os
import shutil
import signal
import sys
from collections.abc import Sequence

import msgspec

from osconsole.embedded.nodes import addresses, control, keys, namespaces
from osconsole.embedded.nodes.node import Node
from osconsole.embedded.nodes.rootdir import login_name, login_shell
from osconsole.embedded.nodes.spec import NAMESPACES, ROOT_DIRECTORY, NodesFile, NodeSpec, Places, read, write
from osconsole.errors import OsconsoleError, Refused, UsageError

SERVERS = ("openssh", "asyncssh")
_SEPARATION = "/run/sshd"
_SSHD = ("/usr/sbin/sshd", "/usr/local/sbin/sshd", "/usr/bin/sshd")


class Wish(msgspec.Struct, frozen=True):
    """What the command line asked for; 0 and "" choose the best that is available."""

    names: tuple[str, ...]
    level: int = 0
    server: str = ""


def sshd_path() -> str:
    """OpenSSH's server, "" where it is not installed."""
    return next((path for path in _SSHD if os.access(path, os.X_OK)), "") or shutil.which("sshd") or ""


def obstacle(server: str, level: int) -> str:
    """Why a server cannot be had at a level; "" when it can."""
    if server != "openssh":
        return ""
    if not sshd_path():
        return "sshd is not installed (package openssh-server)"
    if level == ROOT_DIRECTORY and os.geteuid() == 0 and not os.path.isdir(_SEPARATION):
        return f"as root sshd wants the directory {_SEPARATION}, which the host does not have"
    if level == ROOT_DIRECTORY and login_shell().endswith(("nologin", "false")):
        return f"the login shell of {login_name()} lets nobody in"
    return ""


def lock(where: Places) -> int:
    """Claim DIR/nodes for this process, until it ends.

    Raises:
        Refused: another process owns it.
    """
    where.home.mkdir(parents=True, exist_ok=True, mode=0o700)
    held = os.open(where.home / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(held)
        raise Refused(f"{where.home}: its nodes run already: stop that cluster first") from None
    return held


def plan(where: Places, wish: Wish) -> list[NodeSpec]:
    """The nodes to start: what an earlier start wrote where it still fits, else chosen new."""
    names = wish.names
    if len(set(names)) != len(names) or not all(_good(name) for name in names):
        raise UsageError(f"node names must be distinct DNS labels: {', '.join(names)}")
    level = wish.level or (ROOT_DIRECTORY if namespaces.possible() else NAMESPACES)
    server = wish.server or ("asyncssh" if obstacle("openssh", level) else "openssh")
    if why := obstacle(server, level):
        raise Refused(f"OpenSSH cannot serve the nodes: {why}")
    before = read(where)
    kept = {spec.name: spec for spec in before.nodes} if before else {}
    new = iter(addresses.choose(len(names)) if set(names) - set(kept) else ())
    specs = []
    for name in names:
        old = kept.get(name)
        address, port = (old.address, old.port) if old else (next(new), addresses.PORT)
        specs.append(_spec(where, name, (address, port), (level, server)))
    return specs


def _good(name: str) -> bool:
    return name.replace("-", "a").isalnum() and name.isascii() and name == name.lower() and len(name) <= 63


def _spec(where: Places, name: str, at: tuple[str, int], how: tuple[int, str]) -> NodeSpec:
    level, server = how
    disk = where.node(name) / ("disk" if level == NAMESPACES else "root")
    python = "/usr/bin/python3" if os.access("/usr/bin/python3", os.X_OK) else os.path.realpath(sys.executable)
    user = "root" if level == NAMESPACES else login_name()
    return NodeSpec(
        name=name,
        address=at[0],
        port=at[1],
        user=user,
        level=level,
        server=server,
        root="" if level == NAMESPACES else str(disk),
        disk=str(disk),
        python=python,
        vars=_vars(level, python, f"{disk}/home/{user}"),
    )


def _vars(level: int, python: str, home: str) -> dict[str, str]:
    """At level 2 `~` is the home of the one who runs the nodes, and sshd without rights may be unable to give a tty."""
    found = {"ansible_python_interpreter": python}
    if level == ROOT_DIRECTORY:
        found |= {"ansible_remote_tmp": f"{home}/.ansible/tmp", "ansible_ssh_use_tty": "false"}
    return found


class Daemon:
    """All nodes of a cluster."""

    def __init__(self, where: Places, wish: Wish) -> None:
        self._where = where
        self._wish = wish
        self._nodes: dict[str, Node] = {}

    async def run(self) -> None:
        """Start, obey, and on TERM or INT end every node.

        Raises:
            OsconsoleError: a node does not start.
        """
        stop = asyncio.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(number, stop.set)
        keys.ensure_pair(self._where.key, "osconsole")
        specs = plan(self._where, self._wish)
        problem = await self._live(specs, stop)
        if problem and not self._wish.level and specs[0].level == NAMESPACES:
            sys.stderr.write(f"{problem}\nlevel 1 is not possible here: nodes become root directories\n")
            problem = await self._live(
                plan(self._where, msgspec.structs.replace(self._wish, level=ROOT_DIRECTORY)), stop
            )
        if problem:
            raise OsconsoleError(problem)

    async def _live(self, specs: Sequence[NodeSpec], stop: asyncio.Event) -> str:
        """Run these nodes until stopped; returns a problem when one does not start."""
        self._nodes = {
            spec.name: Node(spec, self._where, sshd_path() if spec.server == "openssh" else "") for spec in specs
        }
        async with asyncio.TaskGroup() as group:
            lives = [group.create_task(node.live()) for node in self._nodes.values()]
            for node in self._nodes.values():
                await node.settled()
            problem = next((node.problem for node in self._nodes.values() if node.problem), "")
            if not problem:
                await self._obey(specs, stop)
            for life in lives:
                life.cancel()
        return problem

    async def _obey(self, specs: Sequence[NodeSpec], stop: asyncio.Event) -> None:
        with control.short_path(self._where.home) as path:
            (self._where.home / control.SOCKET).unlink(missing_ok=True)
            server = await asyncio.start_unix_server(self._answer, path)
        async with server:
            write(self._where, NodesFile(tuple(specs), str(self._where.key)))
            sys.stdout.write(f"{len(specs)} nodes ready\n")
            sys.stdout.flush()
            await stop.wait()
        (self._where.home / control.SOCKET).unlink(missing_ok=True)

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            request = msgspec.json.decode(await reader.readline(), type=control.Request)
            await self._carry_out(request)
            answer = control.Answer(self._status())
        except OsconsoleError as error:
            answer = control.Answer(error=str(error), refused=isinstance(error, Refused))
        except msgspec.MsgspecError as error:
            answer = control.Answer(error=f"not a request: {error}")
        writer.write(msgspec.json.encode(answer) + b"\n")
        writer.close()

    async def _carry_out(self, request: control.Request) -> None:
        if request.do == "list":
            return
        node = self._nodes.get(request.name)
        if node is None:
            raise Refused(f"there is no node '{request.name}': known are {', '.join(self._nodes)}")
        if request.do == "off":
            await node.off()
        elif request.do == "on":
            await node.on()
        elif request.do == "freeze":
            node.freeze()
        else:
            raise UsageError(f"'{request.do}' is not known: list, off, on or freeze")

    def _status(self) -> tuple[control.NodeStatus, ...]:
        return tuple(
            control.NodeStatus(
                name=node.spec.name,
                state=node.state,
                level=node.spec.level,
                server=node.spec.server,
                address=node.spec.address,
                port=node.spec.port,
                user=node.spec.user,
                root=node.spec.root,
                problem=node.problem,
            )
            for node in self._nodes.values()
        )


def run(where: Places, wish: Wish) -> None:
    """Own the nodes of DIR until TERM."""
    held = lock(where)
    try:
        asyncio.run(Daemon(where, wish).run())
    finally:
        os.close(held)
