"""Which server and user a kubeconfig means, and what is said when it means none."""

from pathlib import Path

import pytest

from osconsole.errors import KubeconfigError
from osconsole.kube.kubeconfig import Kubeconfig, choose, in_cluster, load
from osconsole.model.connection import Options

ONE = """
current-context: a
clusters: [{name: c, cluster: {server: "https://one:6443", certificate-authority: ca.crt, proxy-url: "http://p:1"}}]
users: [{name: u, user: {client-certificate: u.crt, client-key: /abs/u.key, as: boss, as-groups: [g]}}]
contexts:
- {name: a, context: {cluster: c, user: u, namespace: openstack}}
- {name: lost, context: {cluster: nowhere, user: u}}
- {name: nobody, context: {cluster: c, user: ghost}}
"""
TWO = """
current-context: b
clusters: [{name: c, cluster: {server: "https://two:6443"}}, {name: d, cluster: {server: "https://d:6443"}}]
users: [{name: t, user: {token: "123"}}]
contexts: [{name: b, context: {cluster: d, user: t}}]
"""


@pytest.fixture
def files(tmp_path: Path) -> list[Path]:
    found = [tmp_path / "x" / "one", tmp_path / "two"]
    found[0].parent.mkdir()
    for path, text in zip(found, (ONE, TWO), strict=True):
        path.write_text(text)
    return found


def test_the_first_file_wins_and_paths_belong_to_their_file(files):
    merged = Kubeconfig(files)
    assert merged.current == "a"
    target = merged.target()
    assert (target.cluster.server, target.namespace) == ("https://one:6443", "openstack")
    assert target.cluster.certificate_authority == str(files[0].parent / "ca.crt")
    assert target.user.client_certificate == str(files[0].parent / "u.crt")
    assert target.user.client_key == "/abs/u.key"
    assert merged.target("b").user.token == "123"
    assert {c.name: c.current for c in merged.contexts()} == {"a": True, "b": False, "lost": False, "nobody": False}


def test_the_environment_lists_files_and_missing_ones_do_not_matter(files, monkeypatch, tmp_path):
    monkeypatch.setenv("KUBECONFIG", f"{tmp_path / 'absent'}:{files[1]}")
    assert choose(Options()).cluster.server == "https://d:6443"


def test_impersonation_of_the_command_line_replaces_that_of_the_file(files):
    user = choose(Options(kubeconfig=str(files[0]), as_user="eve", as_groups=("h",))).user
    assert (user.as_, user.as_groups) == ("eve", ["h"])


@pytest.mark.parametrize(
    ("context", "said"),
    [("nope", "no context 'nope': known are a, lost, nobody"), ("lost", "'nowhere'"), ("nobody", "user 'ghost'")],
)
def test_what_is_missing_is_named(files, context, said):
    with pytest.raises(KubeconfigError, match=said) as error:
        choose(Options(kubeconfig=str(files[0]), context=context))
    assert str(files[0]) in str(error.value)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a: [", "not valid YAML"),
        ("clusters: 3", "clusters"),
        ("", "no current context"),
        ("current-context: 1", "mend"),
    ],
)
def test_broken_files_are_named(tmp_path, text, said):
    path = tmp_path / "config"
    path.write_text(text)
    with pytest.raises(KubeconfigError, match=said) as error:
        choose(Options(kubeconfig=str(path)))
    assert str(path) in str(error.value)


def test_no_kubeconfig_at_all(monkeypatch, tmp_path):
    monkeypatch.delenv("KUBECONFIG", raising=False)
    monkeypatch.delenv("KUBERNETES_SERVICE_HOST", raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    with pytest.raises(KubeconfigError, match="give --kubeconfig"):
        load(Options())
    with pytest.raises(KubeconfigError, match="check --kubeconfig"):
        load(Options(kubeconfig=str(tmp_path / "nope")))


def test_a_pod_uses_its_service_account(monkeypatch, tmp_path):
    monkeypatch.setenv("KUBERNETES_SERVICE_HOST", "fd00::1")
    monkeypatch.setenv("KUBERNETES_SERVICE_PORT", "443")
    assert in_cluster(tmp_path) is None
    (tmp_path / "token").write_text("t")
    (tmp_path / "namespace").write_text("openstack\n")
    found = in_cluster(tmp_path)
    assert (found.cluster.server, found.namespace) == ("https://[fd00::1]:443", "openstack")


@pytest.mark.parametrize(
    ("server", "said"),
    [
        ("one:6443", "server 'one:6443', which is no https:// address"),
        ("https://", "no https:// address"),
        ("https://one:99999", "no https:// address"),
        ("https://one/x?y=z", "no https:// address"),
        ("https://joe:hidden@one:6443", "names a user in its server address"),
    ],
)
def test_what_is_no_server_is_refused_and_a_password_not_shown(tmp_path, server, said):
    path = tmp_path / "config"
    path.write_text(ONE.replace("https://one:6443", server))
    with pytest.raises(KubeconfigError, match=said) as error:
        choose(Options(kubeconfig=str(path)))
    assert "hidden" not in str(error.value)
    assert "hidden" not in str(load(Options(kubeconfig=str(path))).contexts())
