"""Who we are: tokens, plugins, certificates, impersonation; and that a login elsewhere renews us."""

import asyncio
import base64
import datetime
import json
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest
import yaml
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from osconsole.documents import parse
from osconsole.errors import Forbidden, KubeconfigError, Unauthorized
from osconsole.kube import access, credentials
from osconsole.kube.api import Api
from osconsole.kube.auth import Auth, impersonation
from osconsole.kube.target import User
from osconsole.model.connection import Options
from osconsole.model.kinds import BY_KEY, key
from tests.kube.test_auth_kubectl import kubectl

V1 = "client.authentication.k8s.io/v1"


def write(path: Path, server, user: dict, **cluster) -> Path:
    """A kubeconfig for a running server (None: for one that is never asked) with another user."""
    ours = parse(server.kubeconfig.read_text(), "k")["clusters"][0]["cluster"] if server else {"server": "https://x:1"}
    config = {
        "current-context": "c",
        "clusters": [{"name": "c", "cluster": {**ours, **cluster}}],
        "users": [{"name": "me", "user": user}],
        "contexts": [{"name": "c", "context": {"cluster": "c", "user": "me"}}],
    }
    path.write_text(yaml.safe_dump(config))
    return path


def good_token(server) -> str:
    return parse(server.kubeconfig.read_text(), "k")["users"][0]["user"]["token"]


def plugin(folder: Path, body: str) -> dict:
    path = folder / "login"
    path.write_text(f"#!/bin/sh\n{body}\n")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return {"exec": {"apiVersion": V1, "command": str(path), "env": None, "interactiveMode": "IfAvailable"}}


def pair(ends: datetime.datetime) -> tuple[bytes, bytes]:
    """A self-signed certificate and its key."""
    secret = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "me")])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(secret.public_key())
        .serial_number(7)
        .not_valid_before(datetime.datetime(2020, 1, 1, tzinfo=datetime.UTC))
        .not_valid_after(ends)
        .sign(secret, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    plain = serialization.NoEncryption()
    return made.public_bytes(pem), secret.private_bytes(pem, serialization.PrivateFormat.PKCS8, plain)


async def version(config: Path) -> bytes:
    api = Api(Options(kubeconfig=str(config)))
    try:
        return await api.request("GET", "/version")
    finally:
        await api.close()


async def test_a_plugin_gives_a_token_and_is_asked_once(server, tmp_path):
    answer = {"apiVersion": V1, "kind": "ExecCredential", "status": {"token": good_token(server)}}
    user = plugin(tmp_path, f"echo x >>{tmp_path}/asked; test ! -t 0 && echo '{json.dumps(answer)}'")
    api = Api(Options(kubeconfig=str(write(tmp_path / "k", server, user))))
    for _ in range(3):
        assert b"gitVersion" in await api.request("GET", "/version")
    assert (tmp_path / "asked").read_text() == "x\n"
    await api.close()


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("echo 'token has expired: run oc login' >&2; exit 3", "exit code 3: token has expired: run oc login"),
        ("echo nonsense", "not an ExecCredential"),
        ("echo '{}'", "gave None of None, not ExecCredential"),
        ("sleep 60 & sleep 60", "gave no answer in 1 s"),
    ],
)
async def test_a_plugin_that_fails_is_loud(tmp_path, monkeypatch, body, said):
    monkeypatch.setattr(credentials, "LIMIT_S", 1.0)
    with pytest.raises(KubeconfigError, match=said):
        await version(write(tmp_path / "k", None, plugin(tmp_path, body)))


async def test_a_plugin_that_is_not_installed_is_named(tmp_path):
    hint = {"installHint": "dnf install no-such-login", "interactiveMode": "Never"}
    user = {"exec": {"apiVersion": V1, "command": "no-such-login", **hint}}
    with pytest.raises(KubeconfigError, match="dnf install no-such-login"):
        await version(write(tmp_path / "k", None, user))


async def test_a_login_elsewhere_renews_us(server, tmp_path):
    config = write(tmp_path / "k", server, {"token": "stale"})
    api = Api(Options(kubeconfig=str(config)))
    with pytest.raises(Unauthorized, match=r"'me' was not accepted: log in again"):
        await api.request("GET", "/api/v1/namespaces")
    write(config, server, {"token": good_token(server)})
    assert b"items" in await api.request("GET", "/api/v1/namespaces")
    await api.close()


async def test_a_token_file_is_read_and_an_empty_one_named(server, tmp_path):
    (tmp_path / "token").write_text(good_token(server) + "\n")
    config = write(tmp_path / "k", server, {"tokenFile": "token"})
    assert b"gitVersion" in await version(config)
    (tmp_path / "token").write_text("")
    with pytest.raises(KubeconfigError, match="is empty"):
        await version(config)


async def test_impersonation_reaches_the_server(server):
    theirs = Api(Options(kubeconfig=str(server.kubeconfig), as_user="eve", as_groups=("a", "b")))
    assert await access.whoami(theirs) == "eve"
    assert await access.missing(theirs, "list", BY_KEY[key("Secret")], "x") == "list secrets in namespace x"
    with pytest.raises(Forbidden, match="eve"):
        await theirs.request("GET", "/api/v1/secrets")
    await theirs.close()


def test_every_group_and_extra_is_a_header():
    user = User(as_="u", as_groups=["a", "b"], as_uid="7", as_user_extra={"scopes/x": ["1", "2"]})
    assert impersonation(user) == [
        ("Impersonate-User", "u"),
        ("Impersonate-Uid", "7"),
        ("Impersonate-Group", "a"),
        ("Impersonate-Group", "b"),
        ("Impersonate-Extra-scopes%2fx", "1"),
        ("Impersonate-Extra-scopes%2fx", "2"),
    ]


async def test_an_expired_client_certificate_is_said_to_be_that(tmp_path):
    certificate, secret = pair(datetime.datetime(2021, 2, 3, tzinfo=datetime.UTC))
    user = {
        "client-certificate-data": base64.b64encode(certificate).decode(),
        "client-key-data": base64.b64encode(secret).decode(),
    }
    auth = Auth(Options(kubeconfig=str(write(tmp_path / "k", None, user))))
    assert "client certificate of user 'me' expired on 2021-02-03" in auth.refused()


async def test_certificate_and_key_must_belong_together(tmp_path):
    ends = datetime.datetime.fromtimestamp(time.time() + 1e6, datetime.UTC)
    certificate, other = pair(ends)[0], pair(ends)[1]
    user = {
        "client-certificate-data": base64.b64encode(certificate).decode(),
        "client-key-data": base64.b64encode(other).decode(),
    }
    with pytest.raises(KubeconfigError, match="cannot be used"):
        await version(write(tmp_path / "k", None, user))
    user.pop("client-key-data")
    with pytest.raises(KubeconfigError, match="no key"):
        await version(write(tmp_path / "k", None, user))


async def test_all_that_is_impersonated_reaches_the_server_as_by_kubectl(server, tmp_path):
    user = {"token": good_token(server), "as": "eve", "as-uid": "7", "as-groups": ["a", "b"]}
    config = write(tmp_path / "k", server, {**user, "as-user-extra": {"example.org/Key": ["1", "2"]}})
    api = Api(Options(kubeconfig=str(config)))
    body = {"apiVersion": "authentication.k8s.io/v1", "kind": "SelfSubjectReview"}
    answer = (await api.send("POST", "/apis/authentication.k8s.io/v1/selfsubjectreviews", body=body)).object()
    await api.close()
    ours = answer["status"]["userInfo"]
    assert (ours["username"], ours["uid"], ours["extra"]) == ("eve", "7", {"example.org/key": ["1", "2"]})
    assert ours["groups"] == ["a", "b", "system:authenticated"]
    code, out, said = await kubectl(config, "auth", "whoami", "-o", "json")
    assert code == 0, said
    assert json.loads(out)["status"]["userInfo"] == ours


async def test_forty_streams_whose_token_is_refused_ask_a_plugin_once_more(server, tmp_path):
    good = json.dumps({"apiVersion": V1, "kind": "ExecCredential", "status": {"token": good_token(server)}})
    stale, asked = good.replace(good_token(server), "stale"), tmp_path / "asked"
    script = f"echo x >>{asked}; test $(wc -l <{asked}) = 1 && echo '{stale}' || echo '{good}'"
    api = Api(Options(kubeconfig=str(write(tmp_path / "k", server, plugin(tmp_path, script)))))
    async with asyncio.TaskGroup() as tasks:
        for _ in range(40):
            tasks.create_task(api.request("GET", "/api/v1/namespaces"))
    await api.close()
    assert asked.read_text() == "x\nx\n"


def osconsole(*argv: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "osconsole", *argv]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


def test_commands_say_that_a_server_is_unverified(server, tmp_path):
    config = write(tmp_path / "k", server, {"token": good_token(server)})
    text = parse(config.read_text(), "k")
    url = text["clusters"][0]["cluster"]["server"]
    text["clusters"][0]["cluster"] = {"server": url, "insecure-skip-tls-verify": True}
    config.write_text(yaml.safe_dump(text))
    said = osconsole("status", "--kubeconfig", str(config)).stderr
    assert f"{url}: TLS is not verified (insecure-skip-tls-verify)" in said


def test_what_a_plugin_says_does_not_reach_the_terminal_as_it_is(tmp_path):
    user = plugin(tmp_path, "printf 'log in\\n\\033]0;evil\\007' >&2; exit 1")
    done = osconsole("status", "--kubeconfig", str(write(tmp_path / "k", None, user)))
    assert done.returncode == 3
    assert "exit code 1: log in\n" in done.stderr
    assert "\x1b" not in done.stderr
    assert "evil" in done.stderr
