"""Ports of process pods: which ones its processes listen on, and connections to them.

A process pod has no network of its own: its ports are this machine's. So that forwarding reaches the pod and nothing
else, only a port that one of its own processes listens on is its port.
"""

import asyncio
import contextlib
import os
from collections.abc import Iterator
from pathlib import Path

from osconsole.embedded.kubelet.podstatus import HOST_IP

_LISTEN = "0A"
_CHUNK_BYTES = 32 * 1024


class NotListening(Exception):
    """No process of the pod listens on the port."""


async def connect(root: Path, port: int) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """A connection to a port of the pod whose files are under `root`.

    Raises:
        NotListening: nothing of the pod listens there.
    """
    address = await asyncio.to_thread(_address, root, port)
    if not address:
        raise NotListening(f"failed to connect to localhost:{port} inside the pod: connection refused")
    try:
        return await asyncio.open_connection(address, port, limit=_CHUNK_BYTES)
    except OSError as error:
        raise NotListening(f"failed to connect to localhost:{port} inside the pod: {error.strerror}") from None


def _address(root: Path, port: int) -> str:
    """Where a process of the pod listens on a port: the loopback address to reach it by; "" for nowhere."""
    sockets = dict(_listening(port))
    for pid in _processes(root) if sockets else ():
        for handle in _handles(pid):
            if handle in sockets:
                return sockets[handle]
    return ""


def _listening(port: int) -> Iterator[tuple[str, str]]:
    """(`socket:[inode]`, address) of sockets that listen on a port."""
    for table, address in (("tcp", HOST_IP), ("tcp6", "::1")):
        try:
            lines = Path(f"/proc/net/{table}").read_text().splitlines()[1:]
        except OSError:
            continue
        for line in lines:
            fields = line.split()
            local, _, number = fields[1].rpartition(":")
            if fields[3] == _LISTEN and int(number, 16) == port:
                yield f"socket:[{fields[9]}]", HOST_IP if table == "tcp6" and not int(local, 16) else address


def _processes(root: Path) -> Iterator[int]:
    mark = b"OSCONSOLE_POD_ROOT=" + os.fsencode(root)
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                if mark in (entry / "environ").read_bytes().split(b"\0"):
                    yield int(entry.name)
            except OSError:
                continue


def _handles(pid: int) -> Iterator[str]:
    with contextlib.suppress(OSError):
        for entry in Path(f"/proc/{pid}/fd").iterdir():
            with contextlib.suppress(OSError):
                yield os.readlink(entry)
