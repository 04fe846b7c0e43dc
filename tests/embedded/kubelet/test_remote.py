"""Commands in process pods and connections to their ports, by our own client and by kubectl, to their ends."""

import asyncio
import contextlib
import os
import shutil
import signal
import socket
from pathlib import Path

import aiohttp
import pytest

from osconsole.embedded.kinds import POD, Kind
from osconsole.errors import ApiError, Invalid, NotFound, OsconsoleError, Unreachable, UsageError
from osconsole.kube.api import Api
from osconsole.kube.exec import run
from osconsole.kube.portforward import forwarding
from osconsole.model.connection import Options
from osconsole.model.kinds import key
from osconsole.model.remote import Exec, Forward

ENVIRON = {"PATH": os.environ["PATH"], "HOME": "/"}
IMAGE = "quay.io/example/openstack-ansibleee-runner:1"
ECHO = """
import socket, sys
server = socket.create_server(("127.0.0.1", 0))
print(server.getsockname()[1], flush=True)
while True:
    line, _ = server.accept()
    data = b""
    while not data.endswith(b"!") and (piece := line.recv(65536)):
        data += piece
    line.sendall(data[::-1])
    line.close()
"""


class Pipes:
    """A `Terminal` of a test: says what it is given to say, keeps what it hears."""

    left = False

    def __init__(self, *said: bytes, hold: bool = False) -> None:
        self.out, self.err = b"", b""
        self.said: asyncio.Queue[bytes] = asyncio.Queue()
        self.window: asyncio.Queue[tuple[int, int]] = asyncio.Queue()
        self._heard = asyncio.Event()
        for data in (*said, *(() if hold else (b"",))):
            self.said.put_nowait(data)

    async def read(self) -> bytes:
        return await self.said.get()

    async def write(self, data: bytes, *, error: bool = False) -> None:
        if error:
            self.err += data
        else:
            self.out += data
        self._heard.set()

    async def sizes(self):
        while True:
            yield await self.window.get()

    async def until(self, words: bytes) -> None:
        async with asyncio.timeout(30):
            while words not in self.out:
                self._heard.clear()
                await self._heard.wait()


@pytest.fixture
async def api(world):
    found = Api(Options(kubeconfig=str(world.processes.kubeconfig)))
    yield found
    await found.close()


@pytest.fixture
async def pod(world):
    """A process pod that runs until it is deleted."""
    container = {"name": "play", "image": IMAGE, "args": ["sleep:300"], "env": [{"name": "COLOR", "value": "blue"}]}
    spec = {"restartPolicy": "Never", "terminationGracePeriodSeconds": 0, "containers": [container]}
    await world.create(POD, "play", spec)
    await world.status(POD, "play", phase="Running")
    return key("Pod").ref(world.namespace, "play")


def shell(pod, script, **options):
    return Exec(pod, ("sh", "-c", script), **options)


def commands():
    """The command lines of everything that runs on this machine."""
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with contextlib.suppress(OSError):
                yield (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")


async def nothing_left(world, words):
    async def check():
        return not any(words in command for command in commands())

    await world.until(check)


async def outcome(work):
    """What it returns, or the error that it ends with."""
    try:
        return await work
    except OsconsoleError as error:
        return error


async def test_output_errors_environment_and_exit_code(api, pod):
    heard = Pipes()
    code = await run(api, shell(pod, "echo out $COLOR; echo wrong >&2; exit 3"), heard)
    assert (code, heard.out, heard.err) == (3, b"out blue\n", b"wrong\n")
    assert await run(api, shell(pod, "kill -KILL $$"), Pipes()) == 137


async def test_input_comes_whole_and_its_end_is_told(api, pod):
    data = bytes(range(256)) * 4000
    heard = Pipes(*(data[start : start + 70_000] for start in range(0, len(data), 70_000)))
    assert await run(api, Exec(pod, ("cat",), stdin=True), heard) == 0
    assert heard.out == data


async def test_a_terminal_has_a_size_that_follows_and_takes_ctrl_c(api, pod):
    heard = Pipes(hold=True)
    heard.window.put_nowait((101, 31))
    script = "trap 'stty size; exit 7' INT; tty -s && echo ready; while :; do sleep 0.1; done"
    async with asyncio.TaskGroup() as tasks:
        running = tasks.create_task(run(api, shell(pod, script, stdin=True, tty=True), heard))
        await heard.until(b"ready")
        heard.window.put_nowait((133, 44))
        await asyncio.sleep(0)
        heard.said.put_nowait(b"\x03")
        await heard.until(b"44 133")
    assert running.result() == 7
    assert not heard.err


async def test_who_leaves_leaves_nothing_behind(world, api, pod):
    heard = Pipes()
    async with asyncio.TaskGroup() as tasks:
        running = tasks.create_task(run(api, shell(pod, "sleep 4242 & setsid sleep 4242 & echo up; wait"), heard))
        await heard.until(b"up")
        assert sum("sleep 4242" in command for command in commands()) >= 2
        running.cancel()
    await nothing_left(world, "sleep 4242")


async def test_a_reader_that_takes_nothing_stops_the_command(world, api, pod):
    """Buffers on the way are bounded: what nobody takes is not written."""

    class Deaf(Pipes):
        async def write(self, data: bytes, *, error: bool = False) -> None:
            await asyncio.Event().wait()

    written = [-1]

    async def stalled():
        count = Pipes()
        await run(api, shell(pod, "touch progress; wc -l < progress"), count)
        written.append(int(count.out))
        return written[-1] == written[-2] > 0

    script = "while :; do head -c 65536 /dev/zero; echo >&2; done 2>progress"
    async with asyncio.TaskGroup() as tasks:
        running = tasks.create_task(run(api, shell(pod, script), Deaf()))
        await world.until(stalled, 60)
        running.cancel()


async def test_what_cannot_be_run_says_why(world, api, pod):
    await world.create(POD, "sim", {"containers": [{"name": "main", "image": "quay.io/example/app:1"}]})
    await world.status(POD, "sim", phase="Running")
    cases = [
        (Exec(pod, ("nosuch",)), ApiError, "no program 'nosuch'"),
        (Exec(pod, ("id",), "other"), Invalid, "no container 'other': it has play"),
        (Exec(pod._replace(name="none"), ("id",)), NotFound, "there is no pod none"),
        (Exec(pod._replace(name="sim"), ("id",)), ApiError, "is simulated: no process runs in it"),
    ]
    for what, error, words in cases:
        with pytest.raises(error, match=words):
            await run(api, what, Pipes())


@contextlib.asynccontextmanager
async def listening(api, pod):
    """A server in the pod that answers everything backwards; its port."""
    heard = Pipes()
    async with asyncio.TaskGroup() as tasks:
        running = tasks.create_task(run(api, Exec(pod, ("python3", "-c", ECHO)), heard))
        await heard.until(b"\n")
        yield int(heard.out)
        running.cancel()


async def asked(port, data):
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(data)
    answer = await reader.read()
    writer.close()
    return answer


async def test_a_port_leads_into_the_pod_and_nowhere_else(world, api, pod):
    told = []
    with socket.create_server(("127.0.0.1", 0)) as other:
        outside = other.getsockname()[1]
        async with (
            listening(api, pod) as port,
            forwarding(api, [Forward(pod, 0, port), Forward(pod, 0, outside)], told.append) as (
                inside,
                wrong,
            ),
        ):
            for data in (b"abc!", b"x" * 1_000_000 + b"!"):
                assert await asked(inside.local, data) == data[::-1]
            async with asyncio.TaskGroup() as tasks:
                many = [tasks.create_task(asked(inside.local, b"%d!" % n)) for n in range(10)]
            assert [task.result() for task in many] == [b"!%d" % n for n in range(10)]
            assert await asked(wrong.local, b"abc!") == b""
            (words,) = told
            assert f"port {outside} of pod play: nothing listens there" in words
            with pytest.raises(UsageError, match=f"port {inside.local} of this machine"):
                async with forwarding(api, [Forward(pod, inside.local, port)], told.append):
                    pass
    with pytest.raises(ConnectionRefusedError):
        await asked(inside.local, b"")


async def kubectl(world, *argv, data=b"", **env):
    if not shutil.which("kubectl"):
        pytest.skip("kubectl is not installed")
    command = ["kubectl", "--kubeconfig", str(world.processes.kubeconfig), "-n", world.namespace, *argv]
    process = await asyncio.create_subprocess_exec(*command, stdin=-1, stdout=-1, stderr=-1, env={**ENVIRON, **env})
    out, err = await process.communicate(data)
    return process.returncode, out.decode(), err.decode()


async def test_kubectl_runs_commands(world, pod):
    """By websocket as it does now, and by SPDY as it did for ten years."""
    for websockets in ("true", "false"):
        env = {"KUBECTL_REMOTE_COMMAND_WEBSOCKETS": websockets}
        code, out, err = await kubectl(world, "exec", "-i", "play", "--", "sh", "-c", "cat; exit 3", data=b"hi", **env)
        assert (code, out) == (3, "hi")
        assert "exit code 3" in err
        code, out, err = await kubectl(world, "exec", "play", "--", "nosuch", **env)
        assert code == 1
        assert 'exec: "nosuch": executable file not found in $PATH' in err


async def test_kubectl_forwards_ports(world, api, pod):
    if not shutil.which("kubectl"):
        pytest.skip("kubectl is not installed")
    async with listening(api, pod) as port:
        for websockets in ("true", "false"):
            process = await asyncio.create_subprocess_exec(
                *("kubectl", "--kubeconfig", str(world.processes.kubeconfig), "-n", world.namespace),
                *("port-forward", "pod/play", f":{port}", "--address", "127.0.0.1"),
                stdout=-1,
                env={**ENVIRON, "KUBECTL_PORT_FORWARD_WEBSOCKETS": websockets},
            )
            line = (await process.stdout.readline()).decode()
            local = int(line.split("->")[0].rpartition(":")[2])
            assert await asked(local, b"abc!") == b"!cba"
            assert await asked(local, b"y" * 300_000 + b"!") == b"!" + b"y" * 300_000
            process.terminate()
            await process.wait()


async def test_only_the_api_server_may_ask_the_node(world, pod):
    """Whoever else is on this machine gets nothing done in a pod."""
    nodes = await world.client.list(Kind("", "v1", "Node", "nodes", namespaced=False))
    port = nodes[0][0]["status"]["daemonEndpoints"]["kubeletEndpoint"]["Port"]
    where = f"https://127.0.0.1:{port}/exec/{world.namespace}/play/play?command=id&output=1"
    async with aiohttp.ClientSession() as session, session.get(where, ssl=False) as answer:
        assert answer.status == 401
        assert "client certificate" in (await answer.json())["message"]


async def test_a_node_that_dies_is_told_and_nothing_is_left(world, api, pod):
    heard = Pipes(hold=True)
    agent = world.processes.agent
    async with asyncio.TaskGroup() as tasks:
        running = tasks.create_task(outcome(run(api, shell(pod, "echo up; sleep 4343", stdin=True), heard)))
        await heard.until(b"up")
        agent.send_signal(signal.SIGKILL)
        agent.wait(20)
    world.processes.start_agent()
    # A real API server calls what its node never finished a success, and kubectl is told so too.
    if not world.processes.options or running.result() != 0:
        assert isinstance(running.result(), Unreachable), running.result()
        assert "the connection" in str(running.result())
    await nothing_left(world, "sleep 4343")

    async def again():
        return await outcome(run(api, Exec(pod, ("true",)), Pipes())) == 0

    await world.until(again)
