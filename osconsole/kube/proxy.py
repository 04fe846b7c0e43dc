"""Proxy: which proxy the environment names for a server, and which servers are this very machine."""

import contextlib
import ipaddress
from collections.abc import Iterator
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

from osconsole.errors import KubeconfigError


def proxy_for(server: str) -> str | None:
    """The proxy that the environment names for a server; never for this machine itself.

    Raises:
        KubeconfigError: it is of a kind that we cannot use.
    """
    parts = urlsplit(server)
    host = parts.hostname or ""
    proxies = getproxies()
    found = proxies.get(parts.scheme)
    if not found or loopback(host) or proxy_bypass(host) or _in_network(host, proxies.get("no", "")):
        return None
    if parts.port and proxy_bypass(f"{host}:{parts.port}"):
        return None
    scheme = urlsplit(found).scheme if "://" in found else "http"
    if scheme not in {"http", "https"}:
        name = f"{parts.scheme}_proxy"
        raise KubeconfigError(f"${name} is a {scheme} proxy: only http:// and https:// ones can be used: change it")
    return found if "://" in found else f"http://{found}"


def _in_network(host: str, exceptions: str) -> bool:
    """Whether NO_PROXY names a network (10.0.0.0/8) that an address is in; Go knows these, Python does not."""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return False
    return any(address in network for network in _networks(exceptions))


def _networks(exceptions: str) -> Iterator[ipaddress.IPv4Network | ipaddress.IPv6Network]:
    for part in exceptions.split(","):
        if "/" in part:
            with contextlib.suppress(ValueError):
                yield ipaddress.ip_network(part.strip(), strict=False)


def loopback(host: str) -> bool:
    """The name or address of this very machine."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
