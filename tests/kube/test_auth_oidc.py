"""OIDC by kubectl's auth-provider: the token while it is valid, then a verified refresh that loses no rotated token."""

import base64
import json
import stat
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from osconsole.errors import KubeconfigError
from osconsole.kube import oidc
from osconsole.kube.api import Api
from osconsole.kube.kubeconfig import choose
from osconsole.model.connection import Options
from tests.kube.recorder import Authority, Recorder, recording, tls
from tests.kube.test_auth_kubectl import kubectl


def jwt(ends: float, mark: str) -> str:
    """A token whose middle needs urlsafe base64 and padding."""
    middle = base64.urlsafe_b64encode(json.dumps({"exp": int(ends), "mark": mark, "x": "ÿ~?>"}).encode())
    return f"e30.{middle.decode().rstrip('=')}.{mark}"


@dataclass
class Issuer:
    """It rotates: each refresh token counts once. `forms` is what it was asked with, `next` what it gives."""

    folder: Path
    url: str = ""
    valid: str = "refresh-1"
    next: str = "refresh-2"
    forms: list[dict[str, str]] = field(default_factory=list)
    basic: list[str] = field(default_factory=list)

    async def discovery(self, _: web.Request) -> web.Response:
        return web.json_response({"issuer": self.url, "token_endpoint": f"{self.url}/token"})

    async def token(self, request: web.Request) -> web.Response:
        form = {key: str(value) for key, value in (await request.post()).items()}
        self.forms.append(form)
        self.basic.append(request.headers.get("Authorization", ""))
        if form["refresh_token"] != self.valid:
            return web.json_response({"error": "invalid_grant", "error_description": "token was used"}, status=400)
        self.valid = self.next
        answer = {"id_token": jwt(time.time() + 3600, self.valid), "refresh_token": self.valid, "token_type": "Bearer"}
        return web.json_response({**answer, "access_token": "x", "expires_in": 3600})

    def config(self, server: Recorder, name: str = "k", **more: Any) -> Path:
        """A kubeconfig with a comment, its lines as a person would write them."""
        parts = {
            "idp-issuer-url": self.url,
            "client-id": "kube",
            "idp-certificate-authority": str(server.authority.path),
            "id-token": jwt(time.time() - 60, "old"),
            "refresh-token": "refresh-1",
            **more,
        }
        provider = "".join(f"        {key}: {value}\n" for key, value in parts.items() if value)
        text = f"""# mine, keep this line
current-context: c
clusters:
- name: c
  cluster: {{server: "{server.url}", certificate-authority: ca.crt}}
contexts:
- name: c
  context: {{cluster: c, user: me}}
users:
- name: me
  user:
    auth-provider:
      name: oidc
      config:
{provider}"""
        path = self.folder / name
        path.write_text(text)
        path.chmod(0o640)
        return path


@pytest.fixture
async def recorder(tmp_path: Path) -> AsyncIterator[Recorder]:
    async with recording(tmp_path) as found:
        yield found


@pytest.fixture
async def issuer(recorder: Recorder) -> AsyncIterator[Issuer]:
    found = Issuer(recorder.authority.folder)
    app = web.Application()
    app.router.add_get("/.well-known/openid-configuration", found.discovery)
    app.router.add_post("/token", found.token)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0, ssl_context=tls(recorder.authority)).start()
    found.url = f"https://127.0.0.1:{runner.addresses[0][1]}"
    yield found
    await runner.cleanup()


async def ask(path: Path, times: int = 1) -> None:
    api = Api(Options(kubeconfig=str(path)))
    try:
        for _ in range(times):
            await api.request("GET", "/version")
    finally:
        await api.close()


def bearer(recorder: Recorder) -> list[str]:
    return [dict(asked.identity)["authorization"].rpartition(".")[2] for asked in recorder.asked]


async def test_a_valid_token_is_used_as_it_is(recorder, issuer):
    await ask(issuer.config(recorder, **{"id-token": jwt(time.time() + 600, "good")}))
    assert bearer(recorder) == ["good"]
    assert issuer.forms == []


@pytest.mark.parametrize("secret", ["", "s e/cret"])
async def test_an_ended_token_is_refreshed_and_the_rotated_one_kept_as_kubectl_keeps_it(recorder, issuer, secret):
    path = issuer.config(recorder, **{"client-secret": secret})
    before = path.read_text()
    await ask(path, 3)
    assert bearer(recorder) == ["refresh-2"] * 3
    assert [form["refresh_token"] for form in issuer.forms] == ["refresh-1"]
    assert [bool(basic) for basic in issuer.basic] == [bool(secret)]
    now = path.read_text()
    assert (now.count("refresh-1"), now.count("refresh-token: refresh-2")) == (0, 1)
    assert [line for line in now.splitlines() if "-token" not in line] == [
        line for line in before.splitlines() if "-token" not in line
    ]
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    assert sorted(p.name for p in issuer.folder.glob("k*")) == ["k"]
    await ask(path)
    code, _, said = await kubectl(path, "get", "--raw", "/version")
    assert code == 0, said
    assert set(bearer(recorder)) == {"refresh-2"}
    assert len(issuer.forms) == 1


async def test_we_carry_on_with_what_kubectl_refreshed(recorder, issuer):
    path = issuer.config(recorder)
    api = Api(Options(kubeconfig=str(path)))
    code, _, said = await kubectl(path, "get", "--raw", "/version")
    assert code == 0, said
    await api.request("GET", "/version")
    await api.close()
    assert set(bearer(recorder)) == {"refresh-2"}


@pytest.mark.parametrize(
    ("config", "said"),
    [
        ({"refresh-token": ""}, "there is no refresh-token: log in again"),
        ({"refresh-token": "refresh-9"}, "refused .400.: token was used"),
        ({"idp-certificate-authority": "OTHER"}, "does not answer: .*certificate"),
        ({"idp-certificate-authority": ""}, "does not answer: .*certificate"),
        ({"idp-issuer-url": "http://127.0.0.1:1"}, "no https:// address"),
        ({"idp-issuer-url": "https://127.0.0.1:1"}, "does not answer"),
        ({"extra": "refresh-1"}, "must stand once"),
    ],
)
async def test_what_cannot_be_refreshed_is_said(recorder, issuer, config, said):
    other = Authority(issuer.folder, "other")
    config = {key: str(other.path) if value == "OTHER" else value for key, value in config.items()}
    path = issuer.config(recorder, **config)
    before = path.read_text()
    with pytest.raises(KubeconfigError, match=said):
        await ask(path)
    assert recorder.asked == []
    assert path.read_text() == before
    assert issuer.valid == "refresh-1"
    assert sorted(p.name for p in issuer.folder.glob("k*")) == ["k"]


async def test_a_file_that_another_holds_is_left_alone(recorder, issuer, monkeypatch):
    monkeypatch.setattr(oidc, "LOCK_S", 0.3)
    path = issuer.config(recorder)
    (issuer.folder / "k.lock").touch()
    with pytest.raises(KubeconfigError, match=r"k\.lock is held"):
        await ask(path)
    assert issuer.forms == []
    (issuer.folder / "k.lock").unlink()
    await ask(path)
    assert bearer(recorder) == ["refresh-2"]


@pytest.mark.parametrize("quote", ["", "'", '"'])
@pytest.mark.parametrize("token", ["12345", "a: 'b' # c", '*x "y\\', "{a}"])
async def test_a_rotated_token_is_kept_whatever_it_looks_like(recorder, issuer, token, quote):
    """It would be lost if it were a number or a comment to whoever reads the file next."""
    issuer.next = token
    path = issuer.config(recorder)
    path.write_text(path.read_text().replace("refresh-1", f"{quote}refresh-1{quote}"))
    await ask(path)
    user = choose(Options(kubeconfig=str(path))).user
    assert user.auth_provider["config"]["refresh-token"] == token


async def test_an_authority_may_be_given_as_data(recorder, issuer):
    data = base64.b64encode(recorder.authority.path.read_bytes()).decode()
    await ask(issuer.config(recorder, **{"idp-certificate-authority": "", "idp-certificate-authority-data": data}))
    assert bearer(recorder) == ["refresh-2"]
