"""Credentials that change while a console runs: files replaced on disk, tokens that end, plugins asked again."""

import json
import time
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml

from osconsole.errors import KubeconfigError, Unauthorized
from osconsole.kube import auth, transport
from osconsole.kube.api import Api
from osconsole.kube.kubeconfig import choose, in_cluster
from osconsole.model.connection import Options, Status
from osconsole.session import Session
from osconsole.ui.widgets.header import HeaderWidget
from tests.kube.recorder import Recorder, recording

V1 = "client.authentication.k8s.io/v1"


@pytest.fixture
async def recorder(tmp_path: Path) -> AsyncIterator[Recorder]:
    async with recording(tmp_path) as found:
        yield found


def config(recorder: Recorder, user: dict[str, Any], **cluster: Any) -> Options:
    whole = cluster or {"server": recorder.url, "certificate-authority": "ca.crt"}
    path = recorder.authority.folder / "k"
    written = {
        "current-context": "c",
        "clusters": [{"name": "c", "cluster": whole}],
        "users": [{"name": "me", "user": user}],
        "contexts": [{"name": "c", "context": {"cluster": "c", "user": "me"}}],
    }
    path.write_text(yaml.safe_dump(written))
    return Options(kubeconfig=str(path))


@pytest.fixture
async def opened() -> AsyncIterator[Any]:
    apis: list[Api] = []

    def connect(options: Options) -> Api:
        apis.append(Api(options))
        return apis[-1]

    yield connect
    for api in apis:
        await api.close()


async def seen(api: Api, recorder: Recorder) -> tuple[tuple[str, ...], str]:
    """Subject and Authorization that the server saw of one more request."""
    await api.request("GET", "/version")
    return recorder.asked[-1].certificate[-1:], dict(recorder.asked[-1].identity).get("authorization", "")


async def test_a_certificate_replaced_on_disk_counts_at_once_and_a_half_replaced_one_does_no_harm(recorder, opened):
    folder = recorder.authority.folder
    user = {"client-certificate": "me.crt", "client-key": "me.key"}
    for name in ("old", "new"):
        recorder.authority.issue(name)
    for suffix in ("crt", "key"):
        (folder / f"old.{suffix}").rename(folder / f"me.{suffix}")
    api = opened(config(recorder, user))
    assert await seen(api, recorder) == (("commonName=old",), "")
    (folder / "new.crt").rename(folder / "me.crt")
    assert await seen(api, recorder) == (("commonName=old",), "")
    (folder / "new.key").rename(folder / "me.key")
    assert await seen(api, recorder) == (("commonName=new",), "")


async def test_what_old_certificates_needed_is_let_go(recorder, opened, monkeypatch):
    monkeypatch.setattr(transport, "RETIRED_S", 0.0)
    api = opened(config(recorder, {"client-certificate": "me.crt", "client-key": "me.key"}))
    for name in "abcd":
        recorder.authority.issue(name)
        for suffix in ("crt", "key"):
            (recorder.authority.folder / f"{name}.{suffix}").rename(recorder.authority.folder / f"me.{suffix}")
        assert await seen(api, recorder) == ((f"commonName={name}",), "")
    assert len(api.line._retired) == 1


async def test_an_authority_replaced_on_disk_counts_at_once(recorder, opened):
    api = opened(config(recorder, {"token": "a"}, **{"server": recorder.url, "certificate-authority": "mine.crt"}))
    mine = recorder.authority.folder / "mine.crt"
    with pytest.raises(KubeconfigError, match=r"mine\.crt: No such file"):
        await seen(api, recorder)
    mine.write_bytes(recorder.authority.path.read_bytes())
    assert (await seen(api, recorder))[1] == "Bearer a"


async def test_a_token_file_is_read_again_after_a_minute_and_after_a_refusal(recorder, opened, monkeypatch):
    token = recorder.authority.folder / "token"
    token.write_text("one")
    api = opened(config(recorder, {"tokenFile": "token"}))
    assert (await seen(api, recorder))[1] == "Bearer one"
    token.write_text("two")
    assert (await seen(api, recorder))[1] == "Bearer one"
    monkeypatch.setattr(auth, "_TOKEN_FILE_S", 0.0)
    assert (await seen(api, recorder))[1] == "Bearer two"
    monkeypatch.undo()
    token.write_text("three")
    recorder.accepts = {"three"}
    assert (await seen(api, recorder))[1] == "Bearer three"


def login(folder: Path, expires: float = 0.0) -> dict[str, Any]:
    """A plugin that gives `1`, `2`, and so on, and the expiry of the first line of a file."""
    status = {"token": "$(wc -l <asked | tr -d ' ')"}
    if expires:
        status["expirationTimestamp"] = datetime.fromtimestamp(expires, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    answer = json.dumps({"apiVersion": V1, "kind": "ExecCredential", "status": status}).replace('"', '\\"')
    (folder / "login").write_text(f'#!/bin/sh\ncd "{folder}"; echo x >>asked; echo "{answer}"\n')
    (folder / "login").chmod(0o755)
    return {"exec": {"apiVersion": V1, "command": "./login", "interactiveMode": "Never"}}


async def test_a_plugin_is_asked_again_after_a_refusal_once_a_request(recorder, opened):
    api = opened(config(recorder, login(recorder.authority.folder)))
    recorder.accepts = {"1"}
    assert [(await seen(api, recorder))[1] for _ in range(3)] == ["Bearer 1"] * 3
    recorder.accepts = {"2"}
    assert [(await seen(api, recorder))[1] for _ in range(3)] == ["Bearer 2"] * 3
    recorder.accepts = set()
    with pytest.raises(Unauthorized, match="'me' was not accepted"):
        await seen(api, recorder)
    assert (recorder.authority.folder / "asked").read_text().count("x") == 3


@pytest.mark.parametrize(("left_s", "again"), [(5, True), (3600, False)])
async def test_a_plugin_is_asked_again_when_its_token_ends(recorder, opened, left_s, again):
    api = opened(config(recorder, login(recorder.authority.folder, time.time() + left_s)))
    first, second = (await seen(api, recorder))[1], (await seen(api, recorder))[1]
    assert (first != second) == again


async def test_a_plugin_gives_a_certificate(recorder, opened):
    folder = recorder.authority.folder
    parts = {"clientCertificateData": "client.crt", "clientKeyData": "client.key"}
    status = {name: (folder / file).read_text() for name, file in parts.items()}
    (folder / "answer").write_text(json.dumps({"apiVersion": V1, "kind": "ExecCredential", "status": status}))
    plugin = {"apiVersion": V1, "command": "cat", "args": [str(folder / "answer")], "interactiveMode": "Never"}
    api = opened(config(recorder, {"exec": plugin}))
    assert await seen(api, recorder) == (("commonName=client",), "")


async def test_nobody_sends_nothing_and_plain_http_gets_no_credentials(recorder, opened):
    api = opened(config(recorder, {}))
    assert await seen(api, recorder) == ((), "")
    plain = opened(config(recorder, {"token": "abc"}, server=f"http://127.0.0.1:{recorder.plain_port}"))
    assert await seen(plain, recorder) == ((), "")
    recorder.accepts = {"abc"}
    with pytest.raises(Unauthorized, match="not encrypted, so no credentials are sent to it: use https://"):
        await seen(plain, recorder)


async def test_a_pod_impersonates_and_has_no_contexts(recorder, opened, tmp_path, monkeypatch):
    monkeypatch.setenv("KUBERNETES_SERVICE_HOST", "127.0.0.1")
    monkeypatch.setenv("KUBERNETES_SERVICE_PORT", str(recorder.port))
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.delenv("KUBECONFIG", raising=False)
    monkeypatch.setattr(in_cluster, "__defaults__", (tmp_path,))
    (tmp_path / "token").write_text("sa\n")
    await opened(Options(as_user="eve", as_groups=("g",))).request("GET", "/version")
    wanted = [("authorization", "Bearer sa"), ("impersonate-group", "g"), ("impersonate-user", "eve")]
    assert recorder.asked[-1].identity == wanted
    with pytest.raises(KubeconfigError, match="no context 'elsewhere'"):
        choose(Options(context="elsewhere"))


async def test_an_unverified_server_is_said_to_be_that(recorder, tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    options = config(recorder, {"as": "eve"}, **{"server": recorder.url, "insecure-skip-tls-verify": True})
    async with Session(options) as session:
        async for _ in session.follow():
            if session.status.insecure:
                break
        assert session.status.user == "eve"
    header = HeaderWidget()
    for insecure in (True, False):
        header.resize(80, 1)
        header.status = Status(context="c", state="live", insecure=insecure)
        assert ("TLS not verified" in header.lines(0.0)[0].text) == insecure


def elsewhere(options: Options, contexts: str) -> None:
    """Another terminal logs in anew, and adds a context that it makes the current one."""
    both = [{"name": name, "context": {"cluster": "c", "user": user}} for name, user in (("c", "me"), ("d", "them"))]
    text = yaml.safe_load(Path(options.kubeconfig).read_text())
    text["users"] = [{"name": "me", "user": {"token": "renewed"}}, {"name": "them", "user": {"token": "theirs"}}]
    text["contexts"] = [context for context in both if context["name"] in contexts]
    Path(options.kubeconfig).write_text(yaml.safe_dump({**text, "current-context": "d"}))


async def test_a_connection_stays_with_its_context_when_another_becomes_current(recorder, opened):
    options = config(recorder, {"token": "mine"})
    api = opened(options)
    assert (await seen(api, recorder))[1] == "Bearer mine"
    elsewhere(options, "cd")
    recorder.accepts = {"renewed", "theirs"}
    assert (await seen(api, recorder))[1] == "Bearer renewed"
    assert api.line.target.context == "c"
    elsewhere(options, "d")
    recorder.accepts = {"theirs"}
    with pytest.raises(KubeconfigError, match="no context 'c'"):
        await seen(api, recorder)
