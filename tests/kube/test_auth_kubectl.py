"""Who we are and whom we ask is what kubectl makes of the same kubeconfig; what it refuses, we refuse in words."""

import asyncio
import base64
import json
import os
import shutil
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from osconsole.errors import KubeconfigError, Unreachable
from osconsole.kube.api import Api
from osconsole.kube.kubeconfig import choose
from osconsole.model.connection import Options
from tests.kube.recorder import SERVER_NAME, Asked, Authority, Recorder, recording

V1 = "client.authentication.k8s.io/v1"
BETA = "client.authentication.k8s.io/v1beta1"
TELLS = "import json, os, base64; i = os.environ['KUBERNETES_EXEC_INFO']; print(json.dumps(dict(kind='ExecCredential', \
apiVersion=json.loads(i)['apiVersion'], status=dict(token=base64.b64encode(i.encode()).decode()))))"


def plugin(**status: str) -> str:
    return json.dumps({"kind": "ExecCredential", "apiVersion": V1, "status": status})


def runs(command: str = "echo", *args: str, version: str = V1, **more: Any) -> dict[str, Any]:
    return {"apiVersion": version, "command": command, "args": list(args), "interactiveMode": "Never", **more}


def b64(text: str | bytes) -> str:
    return base64.b64encode(text if isinstance(text, bytes) else text.encode()).decode()


def tells(**more: Any) -> dict[str, Any]:
    return runs("python3", "-c", TELLS, provideClusterInfo=True, **more)


# What is in the user, in the cluster, and what the server must see of it.
NULL: dict[str, Any] = {}  # becomes null; a None here leaves the field out
FILES = {"client-certificate": "client.crt", "client-key": "client.key"}
SAME: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "token": ({"token": "abc"}, {}),
    "token file": ({"tokenFile": "token"}, {}),
    "token file before token": ({"token": "abc", "tokenFile": "token"}, {}),
    "token beside a file that is not there": ({"token": "abc", "tokenFile": "gone"}, {}),
    "nothing said": (
        {"token": "abc", "as": None, "as-groups": None, "exec": None},
        {"tls-server-name": NULL, "proxy-url": NULL, "insecure-skip-tls-verify": NULL},
    ),
    "basic": ({"username": "joe", "password": "pa:ss wörd"}, {}),
    "user name only": ({"username": "joe"}, {}),
    "certificate files": (FILES, {}),
    "certificate and token": ({**FILES, "token": "abc"}, {}),
    "exec": ({"exec": runs("echo", plugin(token="secret"))}, {}),
    "exec beside the kubeconfig": ({"exec": runs("./login", "v1")}, {}),
    "exec with environment": ({"exec": tells(env=[{"name": "A", "value": "b"}])}, {}),
    "exec of the beta": ({"exec": tells(version=BETA)}, {}),
    "exec with a mode by default": ({"exec": {"apiVersion": BETA, "command": "./login", "args": ["v1beta1"]}}, {}),
    "exec and a token": ({"token": "abc", "exec": runs("echo", plugin(token="secret"))}, {}),
    "exec and basic": ({"username": "joe", "password": "x", "exec": runs("echo", plugin(token="secret"))}, {}),
    "exec that fails and a token": ({"token": "abc", "exec": runs("false")}, {}),
    "exec that fails and a token file": ({"tokenFile": "token", "exec": runs("false")}, {}),
    "exec and a certificate": ({**FILES, "exec": runs("echo", plugin(token="secret"))}, {}),
    "exec is told of the cluster": (
        {"exec": tells()},
        {
            "tls-server-name": SERVER_NAME,
            "disable-compression": True,
            "extensions": [{"name": "client.authentication.k8s.io/exec", "extension": {"audience": "x"}}],
        },
    ),
    "impersonates a user": ({"token": "abc", "as": "eve"}, {}),
    "impersonates all": (
        {
            "token": "abc",
            "as": "system:serviceaccount:a:b",
            "as-uid": "7",
            "as-groups": ["a", "b", "system:masters"],
            "as-user-extra": {"scopes": ["1", "2"], "example.org/Key": ["v"], "a%b!": ["ü"]},
        },
        {},
    ),
    "impersonates with keys that differ by case": (
        {"token": "abc", "as": "eve", "as-user-extra": {"Key": ["1"], "key": ["2"]}},
        {},
    ),
    "impersonates by certificate": ({**FILES, "as": "eve", "as-groups": ["g"]}, {}),
    "server name": ({"token": "abc"}, {"tls-server-name": SERVER_NAME}),
    "insecure": ({"token": "abc"}, {"certificate-authority": None, "insecure-skip-tls-verify": True}),
    "insecure with a certificate": (FILES, {"certificate-authority": None, "insecure-skip-tls-verify": True}),
    "proxy": ({"token": "abc"}, {"proxy-url": "http://127.0.0.1:PROXY"}),
    "proxy and server name": (FILES, {"proxy-url": "http://127.0.0.1:PROXY", "tls-server-name": SERVER_NAME}),
    "not encrypted": (
        {"token": "abc", "as": "eve"},
        {"certificate-authority": None, "server": "http://127.0.0.1:PLAIN"},
    ),
}

# What both refuse; a part of what we say.
REFUSED: dict[str, tuple[dict[str, Any], dict[str, Any], str]] = {
    "groups of nobody": ({"token": "a", "as-groups": ["g"]}, {}, "without 'as'"),
    "uid of nobody": ({"token": "a", "as-uid": "7"}, {}, "without 'as'"),
    "extra of nobody": ({"token": "a", "as-user-extra": {"k": ["v"]}}, {}, "without 'as'"),
    "two identities": ({"token": "a", "username": "b", "password": "c"}, {}, "both a token and a username"),
    "two identities by file": ({"tokenFile": "token", "username": "b", "password": "c"}, {}, "both a token"),
    "exec without a version": ({"exec": runs("echo", version="")}, {}, "apiVersion is nothing"),
    "exec of an old version": (
        {"exec": runs("echo", version="client.authentication.k8s.io/v1alpha1")},
        {},
        "v1alpha1': it must be",
    ),
    "exec without a mode": ({"exec": {"apiVersion": V1, "command": "true"}}, {}, "interactiveMode is missing"),
    "exec of a strange mode": ({"exec": runs("true", interactiveMode="Often")}, {}, "interactiveMode is 'Often'"),
    "exec for a terminal": ({"exec": runs("true", interactiveMode="Always")}, {}, "wants a terminal"),
    "exec without a command": ({"exec": runs("")}, {}, "without a command"),
    "exec with a nameless variable": ({"exec": runs("true", env=[{"name": "", "value": "x"}])}, {}, "nameless"),
    "exec and auth-provider": ({"exec": runs("true"), "auth-provider": {"name": "oidc"}}, {}, "both an exec"),
    "exec prints another version": ({"exec": runs("echo", plugin(token="a"), version=BETA)}, {}, f"of {V1}, not"),
    "exec prints nothing": ({"exec": runs("true")}, {}, "not an ExecCredential"),
    "exec prints no credential": ({"exec": runs("echo", plugin())}, {}, "neither a token nor a certificate"),
    "exec prints half a pair": ({"exec": runs("echo", plugin(clientCertificateData="x"))}, {}, "not both"),
    "exec prints a token and half a pair": (
        {"exec": runs("echo", plugin(token="a", clientKeyData="y"))},
        {},
        "not both",
    ),
    "exec prints a strange end": (
        {"exec": runs("echo", plugin(token="a", expirationTimestamp="tomorrow"))},
        {},
        "not an ExecCredential",
    ),
    "exec fails": ({"exec": runs("false")}, {}, "exit code 1"),
    "exec is not there": ({"exec": runs("no-such", installHint="dnf install it")}, {}, "not installed: dnf install it"),
    "gcp": ({"auth-provider": {"name": "gcp"}}, {}, "auth-provider 'gcp'"),
    "certificate without a key": ({"client-certificate": "client.crt"}, {}, "no key"),
    "certificate of no file": ({"client-certificate": "gone.crt", "client-key": "gone.key"}, {}, "No such file"),
    "certificate that is none": (
        {"client-certificate-data": b64("x"), "client-key-data": b64("y")},
        {},
        "cannot be used",
    ),
    "a token of two lines": ({"token": "abc\n"}, {}, "line break"),
    "another authority": ({"token": "a"}, {"certificate-authority": "other.crt"}, "certificate"),
    "no authority": ({"token": "a"}, {"certificate-authority": None}, "certificate"),
    "authority of no file": ({"token": "a"}, {"certificate-authority": "gone.crt"}, "No such file"),
    "another server name": ({"token": "a"}, {"tls-server-name": "evil.example.org"}, "certificate"),
    "insecure and an authority": ({"token": "a"}, {"insecure-skip-tls-verify": True}, "remove the former"),
    "an authority that is not base64": (
        {"token": "a"},
        {"certificate-authority": None, "certificate-authority-data": "!!!!"},
        "not base64",
    ),
    "an authority with something in between": (
        {"token": "a"},
        {"certificate-authority": None, "certificate-authority-data": "LS0t*LS0t"},
        "not base64",
    ),
    "an empty authority": ({"token": "a"}, {"certificate-authority": "empty"}, "is empty"),
    "key without a certificate": ({"client-key": "client.key"}, {}, "no certificate"),
    "a broken server": ({"token": "a"}, {"server": "https://[::1"}, "no https:// address"),
    "a broken proxy": ({"token": "a"}, {"proxy-url": "http://[x"}, "only http:// and https://"),
    "a strange proxy": ({"token": "a"}, {"proxy-url": "ftp://127.0.0.1:1"}, "only http:// and https://"),
}


@pytest.fixture
async def recorder(tmp_path: Path) -> AsyncIterator[Recorder]:
    async with recording(tmp_path) as found:
        (tmp_path / "token").write_text("from-file\n")
        (tmp_path / "empty").touch()
        (tmp_path / "login").write_text(f"#!/bin/sh\necho '{plugin(token='beside')}' | sed s#/v1#/$1#\n")
        (tmp_path / "login").chmod(0o755)
        yield found


def written(recorder: Recorder, user: dict[str, Any], cluster: dict[str, Any], name: str = "k") -> Path:
    """The kubeconfig, in the recorder's folder."""
    whole = {"server": recorder.url, "certificate-authority": "ca.crt", **cluster}
    config = {
        "current-context": "c",
        "clusters": [{"name": "c", "cluster": {k: v if v != {} else None for k, v in whole.items() if v is not None}}],
        "users": [{"name": "me", "user": user}],
        "contexts": [{"name": "c", "context": {"cluster": "c", "user": "me", "namespace": "openstack"}}],
    }
    path = recorder.authority.folder / name
    text = yaml.safe_dump(config, allow_unicode=True)
    path.write_text(text.replace("PROXY", str(recorder.proxy_port)).replace("PLAIN", str(recorder.plain_port)))
    return path


async def kubectl(config: str | Path, *argv: str) -> tuple[int, str, str]:
    if not shutil.which("kubectl"):
        pytest.skip("kubectl is not installed")
    env = {**os.environ, "KUBECONFIG": str(config), "HOME": "/nonexistent"}
    pipe = asyncio.subprocess.PIPE
    child = await asyncio.create_subprocess_exec(
        "kubectl", *argv, env=env, stdin=asyncio.subprocess.DEVNULL, stdout=pipe, stderr=pipe
    )
    async with asyncio.timeout(60):
        out, err = await child.communicate()
    return child.returncode or 0, out.decode(), err.decode()


async def ask(options: Options) -> None:
    api = Api(options)
    try:
        await api.request("GET", "/version")
    finally:
        await api.close()


def told(asked: Asked) -> Asked:
    """The same, with what a plugin was told in one spelling."""
    identity = dict(asked.identity).get("authorization", "")
    try:
        info = json.loads(base64.b64decode(identity.removeprefix("Bearer "), validate=True))
    except ValueError:
        return asked
    info["spec"]["cluster"] = {k: v for k, v in info["spec"].get("cluster", {}).items() if v is not None}
    asked.identity = [("told", json.dumps(info, sort_keys=True))]
    return asked


@pytest.mark.parametrize("case", SAME)
async def test_we_are_who_kubectl_is(recorder, case):
    config = written(recorder, *SAME[case])
    await ask(Options(kubeconfig=str(config)))
    ours, proxied = [told(asked) for asked in recorder.asked], list(recorder.proxied)
    assert len(ours) == 1
    recorder.asked.clear()
    recorder.proxied.clear()
    code, _, said = await kubectl(config, "get", "--raw", "/version")
    assert code == 0, said
    assert ours == [told(asked) for asked in recorder.asked][-1:]
    assert set(proxied) == set(recorder.proxied)


@pytest.mark.parametrize("case", REFUSED)
async def test_what_kubectl_refuses_we_refuse_in_words(recorder, case):
    user, cluster, words = REFUSED[case]
    Authority(recorder.authority.folder, "other")
    config = written(recorder, user, cluster)
    with pytest.raises(Unreachable, match=words):
        await ask(Options(kubeconfig=str(config)))
    assert recorder.asked == []
    code, _, _ = await kubectl(config, "get", "--raw", "/version")
    assert code != 0


@pytest.mark.parametrize(
    ("as_user", "as_groups"), [("eve", ()), ("eve", ("h", "i")), ("", ("h",))], ids=["user", "both", "groups"]
)
async def test_impersonation_by_option_is_kubectls(recorder, as_user, as_groups):
    user = {"token": "a", "as": "boss", "as-groups": ["g"], "as-uid": "7", "as-user-extra": {"k": ["v"]}}
    config = written(recorder, user, {})
    await ask(Options(kubeconfig=str(config), as_user=as_user, as_groups=as_groups))
    ours = recorder.asked.pop()
    flags = [f"--as={as_user}"] if as_user else []
    code, _, said = await kubectl(config, "get", "--raw", "/version", *flags, *(f"--as-group={g}" for g in as_groups))
    assert code == 0, said
    assert [asked.identity for asked in recorder.asked[-1:]] == [ours.identity]


@pytest.mark.parametrize("part", ["clusters", "users", "contexts"])
async def test_a_name_that_is_there_twice_is_refused(recorder, part):
    config = written(recorder, {"token": "a"}, {})
    text = yaml.safe_load(config.read_text())
    text[part] *= 2
    config.write_text(json.dumps(text))
    with pytest.raises(KubeconfigError, match="there twice"):
        choose(Options(kubeconfig=str(config)))
    code, _, _ = await kubectl(config, "get", "--raw", "/version")
    assert code != 0


@pytest.mark.parametrize("said", [{"apiVersion": "v2"}, {"apiVersion": "v1", "kind": "Pod"}], ids=str)
async def test_what_is_no_kubeconfig_is_refused(recorder, said):
    config = written(recorder, {"token": "a"}, {})
    config.write_text(yaml.safe_dump({**yaml.safe_load(config.read_text()), "kind": "Config", **said}))
    with pytest.raises(KubeconfigError, match="not Config of v1"):
        choose(Options(kubeconfig=str(config)))
    assert (await kubectl(config, "get", "--raw", "/version"))[0] != 0


async def test_a_plugin_is_found_by_our_own_path(recorder, monkeypatch):
    """What its environment says is for itself: another program of that name there must not be run."""
    theirs = recorder.authority.folder / "theirs"
    theirs.mkdir()
    for folder, token in ((recorder.authority.folder, "ours"), (theirs, "theirs")):
        (folder / "my-login").write_text(f"#!/bin/sh\necho '{plugin(token=token)}'\n")
        (folder / "my-login").chmod(0o755)
    monkeypatch.setenv("PATH", f"{recorder.authority.folder}:{os.environ['PATH']}")
    variable = {"name": "PATH", "value": f"{theirs}:{os.environ['PATH']}"}
    config = written(recorder, {"exec": runs("my-login", env=[variable])}, {})
    await ask(Options(kubeconfig=str(config)))
    assert (await kubectl(config, "get", "--raw", "/version"))[0] == 0
    assert {dict(asked.identity)["authorization"] for asked in recorder.asked} == {"Bearer ours"}
