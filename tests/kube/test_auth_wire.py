"""Who we are does not change on the way: blanks that the wire would lose, redirects, names, keys that have ended."""

import datetime
import ipaddress
import ssl
from collections.abc import AsyncIterator
from contextlib import aclosing
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from cryptography import x509

from osconsole.errors import ApiError, KubeconfigError, Unauthorized, Unreachable
from osconsole.kube.api import Api
from osconsole.kube.auth import Auth
from osconsole.kube.lines import lines
from osconsole.model.connection import Options
from tests.kube.recorder import SERVER_NAME, Authority, Recorder, recording, tls
from tests.kube.test_auth_kubectl import FILES, b64, plugin, runs, written


@pytest.fixture
async def recorder(tmp_path: Path) -> AsyncIterator[Recorder]:
    async with recording(tmp_path) as found:
        yield found


async def said(options: Options, method: str = "GET") -> str:
    api = Api(options)
    try:
        return (await api.request(method, "/x", body=None if method == "GET" else {"data": "secret"})).decode()
    finally:
        await api.close()


BLANKS: list[dict[str, Any]] = [
    {"as": " "},
    {"as": "eve\t"},
    {"as": "eve", "as-uid": " 7"},
    {"as": "eve", "as-groups": ["g", " "]},
    {"as": "eve", "as-user-extra": {"k": ["v "]}},
]


@pytest.mark.parametrize("user", BLANKS, ids=str)
async def test_who_would_be_somebody_else_on_the_wire_is_refused(recorder, user):
    """HTTP/1.1 drops blanks around a value, and a server that is asked to impersonate "" lets us be ourselves."""
    config = written(recorder, {"token": "abc", **user}, {})
    with pytest.raises(KubeconfigError, match=r"Impersonate-\S+ (begins or ends with a blank|holds a line break)"):
        await said(Options(kubeconfig=str(config)))
    assert recorder.asked == []


async def serve(folder: Path, handler: Any, context: ssl.SSLContext) -> tuple[web.AppRunner, str]:
    app = web.Application()
    app.router.add_route("*", "/{rest:.*}", handler)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0, ssl_context=context).start()
    return runner, f"https://127.0.0.1:{runner.addresses[0][1]}"


@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
@pytest.mark.parametrize("code", [302, 307])
async def test_a_redirect_is_not_followed(recorder, tmp_path, method, code):
    """It would show a certificate and an impersonation to whom it leads, and make a write look done."""

    async def elsewhere(_: web.Request) -> web.Response:
        return web.Response(status=code, headers={"Location": f"http://127.0.0.1:{recorder.plain_port}/login"})

    runner, url = await serve(tmp_path, elsewhere, tls(recorder.authority))
    config = written(recorder, {**FILES, "as": "eve"}, {"server": url})
    try:
        with pytest.raises(ApiError, match=r"sends us on to 'http://127.0.0.1:\d+/login'"):
            await said(Options(kubeconfig=str(config)), method)
        api = Api(Options(kubeconfig=str(config)))
        with pytest.raises(ApiError, match="sends us on"):
            await api.line.upgrade("/x", ("v4.channel.k8s.io",), 5)
        assert api.line.failure is None, "it is an answer"
        await api.close()
    finally:
        await runner.cleanup()
    assert recorder.asked == []


async def answer(_: web.Request) -> web.Response:
    return web.Response(text="{}")


async def test_a_server_is_known_by_its_names_and_not_by_its_subject(recorder, tmp_path):
    recorder.authority.issue("server")
    runner, url = await serve(tmp_path, answer, tls(recorder.authority))
    config = written(recorder, {"token": "abc"}, {"server": url, "tls-server-name": "server"})
    try:
        with pytest.raises(Unreachable, match="for another name"):
            await said(Options(kubeconfig=str(config)))
    finally:
        await runner.cleanup()


class Past(Authority):
    """Issues what has ended."""

    def _builder(self, *args: Any) -> x509.CertificateBuilder:
        made, now = super()._builder(*args), datetime.datetime.now(datetime.UTC)
        made._not_valid_before = made._not_valid_after = None
        return made.not_valid_before(now - datetime.timedelta(3)).not_valid_after(now - datetime.timedelta(2))


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
async def test_a_server_that_cuts_the_line_for_an_ended_certificate_is_not_said_to_be_down(tmp_path, version):
    """And a login elsewhere that renews it in the kubeconfig counts after the next failure."""
    authority = Authority(tmp_path)
    authority.__class__ = Past
    authority.issue("past")
    authority.__class__ = Authority
    authority.issue("client")
    authority.issue("server", hosts=(x509.IPAddress(ipaddress.ip_address("127.0.0.1")),))
    context = tls(authority)
    context.verify_mode, context.maximum_version = ssl.CERT_REQUIRED, version
    context.load_verify_locations(authority.path)
    runner, url = await serve(tmp_path, answer, context)

    def config(name: str) -> Options:
        parts = {f"client-{part}-data": b64((tmp_path / f"{name}.{end}").read_bytes()) for part, end in PARTS}
        return Options(kubeconfig=str(written(Recorder(authority), parts, {"server": url})))

    api = Api(config("past"))
    try:
        for name in ("past", "client"):
            config(name)
            with pytest.raises(Unauthorized, match=r"certificate of user 'me' expired on .*: log in again"):
                await api.request("GET", "/x")
        assert await api.request("GET", "/x") == b"{}"
    finally:
        await api.close()
        await runner.cleanup()


PARTS = (("certificate", "crt"), ("key", "key"))


async def test_a_plugin_that_takes_longer_than_a_watch_may_is_waited_for_and_run_once(recorder, tmp_path, monkeypatch):
    monkeypatch.setattr("osconsole.kube.api.HEADERS_S", 0.7)
    script = f"echo x >>{tmp_path}/asked; sleep 1.5; echo '{plugin(token='t')}'"
    api = Api(Options(kubeconfig=str(written(recorder, {"exec": runs("sh", "-c", script)}, {}))))
    async with aclosing(lines(api, "/x", {}, lambda: (0.7, 0.7))) as batches:
        await anext(batches)
    await api.close()
    assert (tmp_path / "asked").read_text() == "x\n"


async def test_a_plugin_whose_fresh_token_is_refused_is_not_run_again_and_again(recorder, tmp_path):
    script = f"echo x >>{tmp_path}/asked; echo '{plugin(token='bad')}'"
    recorder.accepts = {"good"}
    config = written(recorder, {"exec": runs("sh", "-c", script)}, {})
    api = Api(Options(kubeconfig=str(config)))
    for _ in range(10):
        with pytest.raises(Unauthorized):
            await api.request("GET", "/x")
    assert (tmp_path / "asked").read_text() == "x\nx\n"
    written(recorder, {"exec": runs("sh", "-c", script.replace("bad", "good"))}, {})
    await api.request("GET", "/x")
    await api.close()
    assert (tmp_path / "asked").read_text() == "x\nx\nx\n"


async def test_a_token_file_that_is_gone_for_a_moment_does_no_harm(recorder, tmp_path, monkeypatch):
    monkeypatch.setattr("osconsole.kube.auth._TOKEN_FILE_S", 0.0)
    (tmp_path / "token").write_text("one")
    auth = Auth(Options(kubeconfig=str(written(recorder, {"tokenFile": "token"}, {}))))
    assert auth.headers(None) == [("Authorization", "Bearer one")]
    (tmp_path / "token").unlink()
    assert auth.headers(None) == [("Authorization", "Bearer one")]
    (tmp_path / "token").write_text("two")
    assert auth.headers(None) == [("Authorization", "Bearer two")]


async def test_a_cookie_of_whatever_is_in_between_is_not_kept(recorder, tmp_path):
    """It would be whoever we were when it was given."""
    brought: list[str] = []

    async def sets(request: web.Request) -> web.Response:
        brought.append(request.headers.get("Cookie", ""))
        response = web.Response(text="{}")
        response.set_cookie("session", "somebody")
        return response

    runner, url = await serve(tmp_path, sets, tls(recorder.authority))
    cluster = {"server": url.replace("127.0.0.1", "localhost"), "tls-server-name": SERVER_NAME}
    api = Api(Options(kubeconfig=str(written(recorder, {"token": "abc"}, cluster))))
    try:
        for _ in range(2):
            await api.request("GET", "/x")
    finally:
        await api.close()
        await runner.cleanup()
    assert brought == ["", ""]
