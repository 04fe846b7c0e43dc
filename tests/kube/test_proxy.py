"""Which proxy the environment means, as Go reads it."""

import pytest

from osconsole.errors import KubeconfigError
from osconsole.kube.proxy import proxy_for


@pytest.fixture(autouse=True)
def _environment(monkeypatch):
    for name in ("http_proxy", "https_proxy", "no_proxy", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
    monkeypatch.setenv("HTTPS_PROXY", "http://p:3128")
    monkeypatch.setenv("NO_PROXY", "10.0.0.0/8,fd00::/8, .example.org,exact.net,192.0.2.7,x/y,192.0.2.9:6443")


@pytest.mark.parametrize(
    ("server", "proxy"),
    [
        ("https://203.0.113.5:6443", "http://p:3128"),
        ("https://10.1.2.3:6443", None),
        ("https://[fd00::1]:6443", None),
        ("https://[fe80::1]:6443", "http://p:3128"),
        ("https://api.example.org", None),
        ("https://exact.net", None),
        ("https://192.0.2.7", None),
        ("https://192.0.2.8", "http://p:3128"),
        ("https://192.0.2.9:6443", None),
        ("https://192.0.2.9:8443", "http://p:3128"),
        ("https://127.0.0.1:1", None),
        ("https://localhost:1", None),
        ("http://203.0.113.5", None),
    ],
)
def test_the_proxy_of_a_server(server, proxy):
    assert proxy_for(server) == proxy


def test_kinds_of_proxies(monkeypatch):
    monkeypatch.setenv("HTTPS_PROXY", "p:3128")
    assert proxy_for("https://203.0.113.5") == "http://p:3128"
    monkeypatch.setenv("HTTPS_PROXY", "socks5://p:1080")
    assert proxy_for("https://10.1.2.3") is None
    with pytest.raises(KubeconfigError, match=r"https_proxy is a socks5 proxy: only http"):
        proxy_for("https://203.0.113.5")
