"""Proxy: which proxy the environment names for a server, and which servers are this very machine."""

import ipaddress
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass


def proxy_for(server: str) -> str | None:
    """The proxy that the environment names for a server; never for this machine itself."""
    parts = urlsplit(server)
    host = parts.hostname or ""
    if loopback(host) or proxy_bypass(host):
        return None
    return getproxies().get(parts.scheme)


def loopback(host: str) -> bool:
    """The name or address of this very machine."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
