"""Site: the port of a cluster, open or closed for a while. It stays the same, because kubeconfigs name it."""

import asyncio
import errno
import socket
import ssl
from pathlib import Path

from aiohttp import web

from osconsole.errors import OsconsoleError

HOST = "127.0.0.1"


class Site:
    """Where a server listens.

    Attributes:
        context: its TLS side; certificates that are loaded here count for new connections.
        directory: the cluster's.
    """

    def __init__(self, runner: web.ServerRunner, context: ssl.SSLContext, directory: Path) -> None:
        self.context = context
        self.directory = directory
        self._runner = runner
        self._site: web.SockSite | None = None

    async def open(self, listener: socket.socket) -> None:
        """Serve on a socket."""
        self._site = web.SockSite(self._runner, listener, ssl_context=self.context)
        await self._site.start()

    def cut(self, keep: asyncio.BaseTransport | None) -> None:
        """End every connection, idle ones too, but one."""
        server = self._runner.server
        for connection in list(server.connections) if server else ():
            transport = connection.transport
            if transport is not None and transport is not keep:
                transport.abort()

    async def close(self) -> None:
        """Accept nobody; connections that stand go on."""
        if self._site:
            await self._site.stop()
            self._site = None


def listen(directory: Path, port: int) -> socket.socket:
    """The socket on the cluster's port: the one asked for, else the one it had, else a free one.

    Raises:
        OsconsoleError: the port is taken.
    """
    kept = directory / "port"
    if not port and kept.exists():
        port = int(kept.read_text())
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((HOST, port))
    except OSError as error:
        if error.errno != errno.EADDRINUSE:
            raise
        raise OsconsoleError(
            f"port {port} on {HOST} is taken by another program, and the cluster in {directory} must keep it because "
            f"its kubeconfig names it: stop that program, or delete {kept} to move the cluster to a free port"
        ) from None
    listener.listen(512)
    kept.write_text(f"{listener.getsockname()[1]}\n")
    return listener
