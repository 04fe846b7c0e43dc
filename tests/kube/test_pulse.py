"""A server that hangs is not called live only because nobody asks it anything."""

import asyncio

from osconsole.kube import pulse
from osconsole.kube.api import Api
from osconsole.model.connection import Options
from tests.kube.conftest import Embedded


async def test_silence_is_asked_about(tmp_path, monkeypatch):
    monkeypatch.setattr(pulse, "QUIET_S", 0.5)
    monkeypatch.setattr(pulse, "PROBE_S", 1.0)
    server = Embedded(tmp_path)
    server.start()
    api = Api(Options(kubeconfig=str(server.kubeconfig)))
    said: asyncio.Queue[str] = asyncio.Queue()
    async with asyncio.timeout(60), asyncio.TaskGroup() as tasks:
        watching = tasks.create_task(pulse.watch(api, lambda failure: said.put_nowait(str(failure or ""))))
        assert await said.get() == ""
        server.freeze()
        while not (words := await said.get()):
            continue
        assert "the server hangs" in words
        server.thaw()
        while await said.get():
            continue
        watching.cancel()
    await api.close()
    server.kill()
