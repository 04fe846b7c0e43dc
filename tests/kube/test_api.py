"""Failures in words, warnings, and the verbs."""

import socket

import pytest
import yaml

from osconsole.documents import parse
from osconsole.errors import Conflict, Invalid, NotFound, Unreachable
from osconsole.kube import discovery
from osconsole.kube.api import Api
from osconsole.model.connection import Options
from osconsole.model.kinds import BY_KEY, key

CONFIGMAPS = BY_KEY[key("ConfigMap")]


def changed(ours, tmp_path, **cluster) -> Api:
    config = parse(ours.kubeconfig.read_text(), "k")
    for name, value in cluster.items():
        config["clusters"][0]["cluster"].pop(name.replace("_", "-"), None)
        if value is not None:
            config["clusters"][0]["cluster"][name.replace("_", "-")] = value
    path = tmp_path / "changed"
    path.write_text(yaml.safe_dump(config))
    return Api(Options(kubeconfig=str(path)))


@pytest.mark.parametrize(
    ("cluster", "said"),
    [
        ({"server": "https://127.0.0.1:1"}, "connection refused"),
        ({"server": "https://no.such.host.invalid:6443"}, "no such host"),
        ({"certificate_authority": None, "certificate_authority_data": None}, "unknown authority"),
        ({"proxy_url": "http://127.0.0.1:1"}, "proxy"),
        ({"tls_server_name": "elsewhere.example.org"}, "another name"),
    ],
)
async def test_trouble_is_told_in_words(server, tmp_path, cluster, said):
    api = changed(server, tmp_path, **cluster)
    with pytest.raises(Unreachable, match=said):
        await api.request("GET", "/version")
    assert said in str(api.line.failure)
    await api.close()


async def test_verification_can_be_skipped(server, tmp_path):
    values = {"certificate_authority": None, "certificate_authority_data": None, "insecure_skip_tls_verify": True}
    api = changed(server, tmp_path, **values)
    assert b"gitVersion" in await api.request("GET", "/version")
    await api.close()


async def test_a_server_that_hangs_does_not_hold_us(tmp_path, server, monkeypatch):
    monkeypatch.setattr("osconsole.kube.api.REQUEST_S", 0.5)
    with socket.create_server(("127.0.0.1", 0)) as silent:  # it listens, and nobody ever accepts
        api = changed(server, tmp_path, server=f"http://127.0.0.1:{silent.getsockname()[1]}")
        with pytest.raises(Unreachable, match="no answer in time"):
            await api.request("GET", "/version")
        await api.close()


async def test_verbs_and_their_refusals(api, namespace):
    path = CONFIGMAPS.path(namespace)
    body = {"metadata": {"name": "a"}, "data": {"x": "1"}}
    made = (await api.create(path, body)).object()
    with pytest.raises(Conflict):
        await api.create(path, body)
    with pytest.raises(Invalid) as error:
        await api.create(path, {"metadata": {"name": "Not A Name"}})
    assert error.value.code == 422
    assert any(field == "metadata.name" for field, _ in error.value.causes)
    tried = await api.patch(f"{path}/a", {"data": {"x": "2"}}, dry_run=True)
    assert tried.object()["data"] == {"x": "2"}
    assert (await api.get(CONFIGMAPS, namespace, "a"))["data"] == {"x": "1"}
    with pytest.raises(Conflict):
        await api.delete(f"{path}/a", uid="00000000-0000-0000-0000-000000000000")
    await api.delete(f"{path}/a", uid=made["metadata"]["uid"])
    with pytest.raises(NotFound):
        await api.get(CONFIGMAPS, namespace, "a")


async def test_warnings_are_kept(api, namespace):
    body = {"metadata": {"name": "a"}, "nosuch": 1}
    answer = await api.create(CONFIGMAPS.path(namespace), body, dry_run=True)
    assert any("nosuch" in warning for warning in answer.warnings)


async def test_discovery_knows_versions_verbs_and_subresources(api, monkeypatch):
    found = {entry.kind.key: entry for entry in (await discovery.served(api)).kinds}
    pods = found[key("Pod")]
    assert (pods.kind.plural, pods.kind.namespaced) == ("pods", True)
    assert {"list", "watch", "patch"} <= pods.verbs
    assert "log" in pods.subresources
    monkeypatch.setattr(discovery, "_AGGREGATED", "application/json")
    old = {entry.kind.key: entry for entry in (await discovery.served(api)).kinds}
    assert {k: e.kind for k, e in old.items()} == {k: e.kind for k, e in found.items()}
