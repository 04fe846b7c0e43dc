"""`python -m osconsole.embedded.api --dir DIR [--port N]`: serve until TERM."""

import argparse
import asyncio
import base64
import errno
import gc
import logging
import secrets
import signal
import socket
import ssl
import sys
from pathlib import Path

from aiohttp import web

from osconsole.embedded.api import tls
from osconsole.embedded.api.app import Front
from osconsole.embedded.api.bootstrap import bootstrap
from osconsole.embedded.api.files import private
from osconsole.embedded.api.server import Server
from osconsole.errors import OsconsoleError

HOST = "127.0.0.1"


def main() -> None:
    """Read the arguments, serve, exit 1 with a message when that cannot begin."""
    parser = argparse.ArgumentParser(prog="osconsole.embedded.api")
    parser.add_argument("--dir", type=Path, required=True)
    parser.add_argument("--port", type=int, default=0)
    options = parser.parse_args()
    logging.basicConfig(format="%(asctime)s %(levelname)s %(name)s: %(message)s", level=logging.INFO)
    try:
        directory = options.dir.resolve()
        directory.mkdir(parents=True, exist_ok=True, mode=0o700)
        context = tls.context(directory)
        asyncio.run(serve(directory, _listen(directory, options.port), context))
    except OsconsoleError as error:
        sys.exit(f"osconsole: {error}")


async def serve(directory: Path, listener: socket.socket, context: ssl.SSLContext) -> None:
    """Serve the cluster of a directory until TERM or INT."""
    token = _admin(directory)
    server = Server(directory)
    bootstrap(server)
    await server.store.committed()
    runner = web.AppRunner(Front(server).application(), access_log=None, shutdown_timeout=1.0, keepalive_timeout=300)
    await runner.setup()
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    await web.SockSite(runner, listener, ssl_context=context).start()
    _kubeconfig(directory, listener.getsockname()[1], token)
    gc.freeze()
    await stop.wait()
    server.store.close()
    await runner.cleanup()


def _listen(directory: Path, port: int) -> socket.socket:
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


def _admin(directory: Path) -> str:
    """The administrator's token; made at the first start."""
    path = directory / "tokens.csv"
    if not path.exists():
        private(path, f'{secrets.token_hex(24)},admin,admin,"system:masters"\n'.encode())
    return path.read_text().partition(",")[0]


def _kubeconfig(directory: Path, port: int, token: str) -> None:
    authority = base64.b64encode((directory / "ca.crt").read_bytes()).decode()
    text = f"""apiVersion: v1
kind: Config
current-context: embedded
clusters:
- name: embedded
  cluster:
    server: https://{HOST}:{port}
    certificate-authority-data: {authority}
users:
- name: admin
  user:
    token: {token}
contexts:
- name: embedded
  context:
    cluster: embedded
    user: admin
"""
    path = directory / "kubeconfig"
    if not path.exists() or path.read_text() != text:
        private(path, text.encode())


if __name__ == "__main__":
    main()
