"""A line that stands and passes nothing any more, as after a firewall forgot it: noticed, and taken up on another."""

import asyncio
import contextlib

import yaml

from osconsole.documents import parse
from osconsole.kube import reflector
from osconsole.kube.api import Api
from osconsole.model.connection import Options
from tests.kube.weather import CONFIGMAPS, Mirrored


class Relay:
    """Passes bytes to a server and back; `forget` lets the lines that are open stand and be silent for ever."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._generation = 0
        self.lines = self._open = 0
        self.quiet = asyncio.Event()  # no line is open

    def forget(self) -> None:
        self._generation += 1

    async def accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.lines += 1
        self._open += 1
        self.quiet.clear()
        there, back = await asyncio.open_connection("127.0.0.1", self._port)
        with contextlib.suppress(BaseExceptionGroup):
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(self._pass(reader, back, self._generation))
                tasks.create_task(self._pass(there, writer, self._generation))
        self._open -= 1
        if not self._open:
            self.quiet.set()

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, generation: int) -> None:
        with contextlib.closing(writer):
            while chunk := await reader.read(1 << 16):
                if generation == self._generation:
                    writer.write(chunk)
                    await writer.drain()


async def test_a_line_that_passes_nothing_is_noticed_and_resumed(faulty, tmp_path, monkeypatch):
    monkeypatch.setattr(reflector, "SILENCE_S", 1.5)
    monkeypatch.setattr("osconsole.kube.backoff.FIRST_S", 0.1)
    config = parse(faulty.kubeconfig.read_text(), "kubeconfig")
    cluster = config["clusters"][0]["cluster"]
    relay = Relay(int(cluster["server"].rpartition(":")[2]))
    async with await asyncio.start_server(relay.accept, "127.0.0.1", 0) as gate:
        cluster["server"] = f"https://127.0.0.1:{gate.sockets[0].getsockname()[1]}"
        (tmp_path / "kubeconfig").write_text(yaml.dump(config))
        hands, eyes = (
            Api(Options(kubeconfig=str(faulty.kubeconfig))),
            Api(Options(kubeconfig=str(tmp_path / "kubeconfig"))),
        )
        seen = Mirrored(eyes, namespace="default")
        async with asyncio.TaskGroup() as tasks:
            task = tasks.create_task(seen.run())
            await seen.until(lambda: seen.line.state == "live")
            lines = relay.lines
            relay.forget()
            await hands.create(CONFIGMAPS.path("default"), {"metadata": {"name": "hidden"}})
            await seen.until(lambda: any("no answer in time" in line.why for line in seen.said))
            await seen.until(lambda: "hidden" in seen.versions())
            assert relay.lines > lines
            task.cancel()
        await hands.delete(CONFIGMAPS.path("default", "hidden"))
        await hands.close()
        await eyes.close()
        await relay.quiet.wait()
