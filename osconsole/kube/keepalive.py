"""Keepalive: the kernel looks after connections, so that one whose other end has vanished is noticed."""

import socket

import aiohttp

# A line whose other end is gone without a word (a laptop that slept, a NAT that forgot) is noticed in half a minute.
_ALIVE = {"TCP_KEEPIDLE": 15, "TCP_KEEPINTVL": 5, "TCP_KEEPCNT": 3, "TCP_USER_TIMEOUT": 30_000}


def look_after(response: aiohttp.ClientResponse) -> None:
    """Have the kernel look after the connection; what this system does not know is left as it is."""
    transport = response.connection.transport if response.connection else None
    found = transport.get_extra_info("socket") if transport else None
    if found is None or found.family not in {socket.AF_INET, socket.AF_INET6}:
        return
    found.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for name, value in _ALIVE.items():
        if hasattr(socket, name):
            found.setsockopt(socket.IPPROTO_TCP, getattr(socket, name), value)
