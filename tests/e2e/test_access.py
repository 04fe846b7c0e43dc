"""No kubeconfig, no server, no valid token, no rights: words and exit codes, never a traceback."""

import socket

import pytest

from osconsole import documents


@pytest.fixture
def kubeconfig(demo, tmp_path):
    """A copy of the cluster's kubeconfig with something replaced."""

    def replaced(old: str, new: str) -> str:
        path = tmp_path / "kubeconfig"
        text = demo.kubeconfig.read_text()
        assert old in text
        path.write_text(text.replace(old, new))
        return str(path)

    return replaced


def fails(demo, code: int, *argv: str) -> str:
    done = demo.osc(*argv)
    assert done.returncode == code, (argv, done.returncode, done.stdout, done.stderr)
    assert "Traceback" not in done.stdout + done.stderr
    assert done.stderr.startswith("osconsole: ")
    return done.stderr


def test_a_kubeconfig_that_is_missing_or_broken(demo, tmp_path):
    assert str(tmp_path / "none") in fails(demo, 3, "status", "--kubeconfig", str(tmp_path / "none"))
    (tmp_path / "broken").write_text("clusters: [\n")
    assert "broken" in fails(demo, 3, "status", "--kubeconfig", str(tmp_path / "broken"))
    assert "nosuch" in fails(demo, 3, "status", "--context", "nosuch")


def test_a_server_that_is_not_there(demo, kubeconfig):
    found = documents.parse(demo.kubeconfig.read_text(), "kubeconfig")["clusters"][0]["cluster"]["server"]
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"https://127.0.0.1:{free.getsockname()[1]}"
    assert address in fails(demo, 3, "status", "--kubeconfig", kubeconfig(found, address))
    assert address in fails(demo, 3, "scale", "keystoneapi/keystone", "2", "--kubeconfig", kubeconfig(found, address))


def test_a_token_that_is_not_accepted(demo, kubeconfig):
    token = documents.parse(demo.kubeconfig.read_text(), "kubeconfig")["users"][0]["user"]["token"]
    assert "log in" in fails(demo, 3, "status", "--kubeconfig", kubeconfig(token, "expired"))


def test_rights_that_do_not_reach(demo):
    fails(demo, 4, "status", "--as", "nobody")
    fails(demo, 4, "scale", "keystoneapi/keystone", "2", "-n", "openstack", "--as", "nobody", "--yes")
    fails(demo, 4, "deploy", "edpm-compute", "-n", "openstack", "--as", "nobody", "--yes")
