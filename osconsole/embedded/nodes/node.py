"""One sandbox node and its life: booted, frozen, off, on again. It owns the processes of the node."""

import asyncio
import socket
import sys
from dataclasses import dataclass
from pathlib import Path

import msgspec

from osconsole.embedded.nodes import addresses, keys, namespaces, processes, rootdir
from osconsole.embedded.nodes.server import Start
from osconsole.embedded.nodes.spec import NAMESPACES, NodeSpec, Places
from osconsole.errors import OsconsoleError, Refused

READY_TIMEOUT_S = 20.0


@dataclass
class Node:
    """A node, driven by `live` in one task and by `off`, `on`, `freeze` from others.

    Attributes:
        sshd: path of OpenSSH's server, "" for asyncssh.
        state: off, booting, running or frozen.
        problem: why the last boot failed, "" when it did not.
    """

    spec: NodeSpec
    where: Places
    sshd: str
    state: str = "booting"
    problem: str = ""

    def __post_init__(self) -> None:
        """Nothing runs yet."""
        self._wanted, self._settled, self._ended = asyncio.Event(), asyncio.Event(), asyncio.Event()
        self._wanted.set()
        self._running: list[asyncio.subprocess.Process] = []

    @property
    def home(self) -> Path:
        """Its directory on the host."""
        return self.where.node(self.spec.name)

    async def live(self) -> None:
        """Boot whenever it is wanted, and again when it has ended by itself: that is a reboot."""
        try:
            while True:
                await self._wanted.wait()
                self._ended.clear()
                await self._boot()
                if self.state == "running":
                    self._settled.set()
                    await self._until_one_ends()
                else:
                    self._settled.set()
                    self._wanted.clear()
                await self._end()
                self.state = "booting" if self._wanted.is_set() else "off"
                self._ended.set()
        finally:
            await self._end()

    async def settled(self) -> None:
        """Wait until the boot in progress has come to an end."""
        await self._settled.wait()

    async def off(self) -> None:
        """End it as by loss of power."""
        self._wanted.clear()
        processes.kill(self._pids())
        await self._ended.wait()

    async def on(self) -> None:
        """Boot it, or let a frozen one go on.

        Raises:
            OsconsoleError: it does not boot.
        """
        if self.state == "frozen":
            processes.thaw(self._pids())
            self.state = "running"
            return
        if self.state == "off":
            self._settled.clear()
            self._wanted.set()
        await self.settled()
        if self.problem:
            raise OsconsoleError(self.problem)

    def freeze(self) -> None:
        """Stop every process of it: connections stay open, nobody answers.

        Raises:
            Refused: it does not run.
        """
        if self.state not in {"running", "frozen"}:
            raise Refused(f"node {self.spec.name} is {self.state}: only a running node can be frozen")
        processes.freeze(self._pids())
        self.state = "frozen"

    def _pids(self) -> list[int]:
        return [process.pid for process in self._running if process.returncode is None]

    async def _boot(self) -> None:
        self.state, self.problem = "booting", ""
        try:
            self.home.mkdir(parents=True, exist_ok=True)
            keys.ensure_pair(self.home / "host_key", self.spec.name)
            with (self.home / "log").open("ab", buffering=0) as log:
                await self._start(log.fileno())
        except (OSError, OsconsoleError, TimeoutError) as error:
            self.problem = f"node {self.spec.name} does not start: {error or 'no answer in time'}"
            return
        self.state = "running"

    async def _start(self, log: int) -> None:
        enter: list[str] = []
        if self.spec.level == NAMESPACES:
            outer = await namespaces.start(self.spec, self.home, log)
            self._running.append(outer)
            first = namespaces.first_process(outer.pid)
            await asyncio.to_thread(namespaces.provision, self.spec, first, self.home / "host_key")
            enter = namespaces.entering(first)
        else:
            rootdir.provision(self.spec, self.home / "host_key")
        with addresses.listening(self.spec.address, self.spec.port) as listener:
            await self._serve(enter, listener, log)

    async def _serve(self, enter: list[str], listener: socket.socket, log: int) -> None:
        """Start the SSH server; returns when it answers."""
        fd = listener.fileno()
        server = await asyncio.create_subprocess_exec(
            *(*enter, sys.executable, "-m", "osconsole.embedded.nodes.server"),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=log,
            env=rootdir.environment(self.spec),
            pass_fds=(fd,),
            cwd="/",
            start_new_session=True,
        )
        self._running.append(server)
        if server.stdin is None or server.stdout is None:
            raise OsconsoleError("no pipes")
        level_1 = self.spec.level == NAMESPACES
        start = Start(
            spec=self.spec,
            fd=fd,
            host_key=(self.home / "host_key").read_text(),
            client_key=self.where.key.with_name(f"{self.where.key.name}.pub").read_text(),
            private="/run/osconsole" if level_1 else str(self.home / "sshd"),
            sshd=self.sshd,
        )
        server.stdin.write(msgspec.json.encode(start))
        server.stdin.close()
        if await asyncio.wait_for(server.stdout.readline(), READY_TIMEOUT_S) != b"ready\n":
            raise OsconsoleError(f"its SSH server ended: see {self.home / 'log'}")

    async def _until_one_ends(self) -> None:
        async with asyncio.TaskGroup() as group:
            ends = [group.create_task(process.wait()) for process in self._running]
            await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
            for end in ends:
                end.cancel()

    async def _end(self) -> None:
        """Leave no process of it."""
        processes.kill(self._pids())
        for process in self._running:
            await process.communicate()
        self._running.clear()
