"""A websocket is dialled as every request is sent; what is answered instead of one is told."""

import asyncio
import re
import shutil
import subprocess

import pytest
from aiohttp import web

from osconsole.errors import ApiError, NotFound, Unauthorized, Unreachable
from osconsole.kube import channels
from osconsole.kube.api import Api
from osconsole.kube.exec import run
from osconsole.model.kinds import key
from osconsole.model.remote import Exec
from tests.kube.recorder import SERVER_NAME
from tests.kube.test_auth_rotation import config, opened, recorder

__all__ = ["opened", "recorder"]  # fixtures

PROTOCOLS = (channels.V5, channels.V4)
PATH = "/api/v1/namespaces/n/pods/p/exec?command=id&stdout=true"
POD = key("Pod").ref("n", "p")
WHO = {"token": "good", "as": "anna", "as-uid": "7", "as-groups": ["ops", "dev"], "as-user-extra": {"why": ["because"]}}
CERTIFICATE = {"client-certificate": "client.crt", "client-key": "client.key"}


@pytest.mark.parametrize("through_proxy", [False, True])
async def test_who_asks_is_the_same_as_for_every_request(recorder, opened, through_proxy):
    cluster = {"server": recorder.url, "certificate-authority": "ca.crt", "tls-server-name": SERVER_NAME}
    if through_proxy:
        cluster["proxy-url"] = f"http://127.0.0.1:{recorder.proxy_port}"
    api: Api = opened(config(recorder, WHO | CERTIFICATE, **cluster))
    await api.request("GET", "/version")
    with pytest.raises(ApiError, match="does not speak websocket here"):
        await api.line.upgrade(PATH, PROTOCOLS, 10)
    plain, upgrade = recorder.asked
    assert upgrade.path == PATH.partition("?")[0]
    assert (upgrade.identity, upgrade.certificate, upgrade.sni) == (plain.identity, plain.certificate, plain.sni)
    assert dict(plain.identity)["impersonate-user"] == "anna"
    assert upgrade.sni == SERVER_NAME
    assert len(recorder.proxied) == 2 * through_proxy


async def test_a_refusal_reads_the_kubeconfig_anew_once(recorder, opened):
    recorder.accepts = {"new"}
    api: Api = opened(config(recorder, {"token": "old"}))
    config(recorder, {"token": "new"})  # a login in another terminal
    with pytest.raises(ApiError, match="does not speak websocket here"):
        await api.line.upgrade(PATH, PROTOCOLS, 10)
    assert len(recorder.asked) == 2
    config(recorder, {"token": "old"})
    api.line.auth.renew()
    with pytest.raises(Unauthorized, match="log in again"):
        await api.line.upgrade(PATH, PROTOCOLS, 10)


async def test_nobody_listens(recorder, opened):
    api: Api = opened(config(recorder, {}, server="https://127.0.0.1:1", **{"insecure-skip-tls-verify": True}))
    with pytest.raises(Unreachable, match="refused"):
        await api.line.upgrade(PATH, PROTOCOLS, 10)


class Quiet:
    """A `Terminal` that says nothing and keeps what it hears."""

    left = False

    def __init__(self) -> None:
        self.out = b""
        self.warned = asyncio.Event()

    async def read(self) -> bytes:
        return b""

    async def write(self, data: bytes, *, error: bool = False) -> None:
        self.out += data
        if error:
            self.warned.set()

    async def sizes(self):
        return
        yield


@pytest.fixture
async def scripted(recorder, opened):
    """An API whose server does over a websocket what a test says."""
    runners = []

    async def start(script, protocols=PROTOCOLS):
        async def answer(request: web.Request) -> web.StreamResponse:
            if "Upgrade" not in request.headers:
                raise web.HTTPForbidden
            line = web.WebSocketResponse(protocols=protocols)
            await line.prepare(request)
            await script(line)
            return line

        app = web.Application()
        app.router.add_get("/{rest:.*}", answer)
        runner = web.AppRunner(app, shutdown_timeout=0.1)
        await runner.setup()
        runners.append(runner)
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        port = runner.addresses[0][1]
        return opened(config(recorder, {}, server=f"http://127.0.0.1:{port}"))

    yield start
    for runner in runners:
        await runner.cleanup()


async def test_an_old_server_speaks_the_older_protocol_and_the_person_is_told_what_it_lacks(scripted):
    heard = Quiet()

    async def script(line):
        assert line.ws_protocol == channels.V4
        await line.send_bytes(b"\x01out")
        await heard.warned.wait()
        await line.send_bytes(b'\x03{"status":"Success"}')

    api = await scripted(script, (channels.V4,))
    assert await run(api, Exec(POD, ("cat",), stdin=True), heard) == 0
    assert b"out" in heard.out
    assert b"too old to tell the command that its input has ended" in heard.out


@pytest.mark.parametrize(
    ("messages", "words"),
    [
        ([b"\x01half"], "the connection ended before the command did"),
        ([b""], "without a channel"),
        ([b"\x03container not found (main)"], "pod p: container not found"),
        ([b'\x03{"status":"Failure","message":"no","code":500}'], "pod p: no"),
        ([b"\x01" + b"x" * 5_000_000], "127.0.0.1"),
    ],
)
async def test_whatever_a_server_sends_ends_in_words(scripted, messages, words):
    async def script(line):
        for message in messages:
            await line.send_bytes(message)
        await line.close()

    api = await scripted(script)
    with pytest.raises((ApiError, Unreachable), match=words.replace("(", r"\(")):
        await run(api, Exec(POD, ("id",)), Quiet())


async def test_a_server_that_vanishes_is_told(scripted):
    async def script(line):
        await line.send_bytes(b"\x01half")
        line._req.transport.abort()

    api = await scripted(script)
    with pytest.raises(Unreachable, match="the connection was cut"):
        await run(api, Exec(POD, ("id",)), Quiet())


async def test_a_pod_that_is_not_there(server, api, namespace):
    with pytest.raises(NotFound, match=f"there is no pod none in {namespace}"):
        await run(api, Exec(key("Pod").ref(namespace, "none"), ("id",)), Quiet())


async def test_a_pod_whose_node_does_not_answer(server, api, namespace):
    """A real server says so after it went over to a websocket, ours before: the words are the same."""
    node = (await api.create("/api/v1/nodes", {"metadata": {"name": namespace}})).object()["metadata"]["name"]
    status = {"daemonEndpoints": {"kubeletEndpoint": {"Port": 1}}}
    status["addresses"] = [{"type": "InternalIP", "address": "127.0.0.1"}]
    await api.patch(f"/api/v1/nodes/{node}/status", {"status": status})
    spec = {"nodeName": node, "containers": [{"name": "main", "image": "x"}]}
    body = {"metadata": {"name": "p"}, "spec": spec}
    await api.create(f"/api/v1/namespaces/{namespace}/pods", body)
    words = "dial tcp 127.0.0.1:1: connect: connection refused"
    with pytest.raises(ApiError, match=f"pod p container main: .*{re.escape(words)}"):
        await run(api, Exec(key("Pod").ref(namespace, "p"), ("id",)), Quiet())
    if shutil.which("kubectl"):
        argv = ["kubectl", "--kubeconfig", server.kubeconfig, "-n", namespace, "exec", "p", "--", "id"]
        found = await asyncio.to_thread(subprocess.run, argv, capture_output=True, text=True, check=False)
        assert words in found.stderr
    await api.delete(f"/api/v1/nodes/{node}")
