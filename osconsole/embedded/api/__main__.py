"""`python -m osconsole.embedded.api --dir DIR [--port N]`: serve until TERM."""

import argparse
import asyncio
import base64
import gc
import logging
import secrets
import signal
import socket
import ssl
import sys
from pathlib import Path

from osconsole.embedded import tlsmemory
from osconsole.embedded.api.access import tls
from osconsole.embedded.api.access.files import private
from osconsole.embedded.api.app import Front
from osconsole.embedded.api.bootstrap import bootstrap
from osconsole.embedded.api.server import Server
from osconsole.embedded.api.site import HOST, Site, listen
from osconsole.embedded.api.weather.faults import Faults, wanted
from osconsole.errors import OsconsoleError


def main() -> None:
    """Read the arguments, serve, exit 1 with a message when that cannot begin."""
    parser = argparse.ArgumentParser(prog="osconsole.embedded.api")
    parser.add_argument("--dir", type=Path, required=True)
    parser.add_argument("--port", type=int, default=0)
    options = parser.parse_args()
    logging.basicConfig(format="%(asctime)s %(levelname)s %(name)s: %(message)s", level=logging.INFO)
    # What is no HTTP is answered with 400; a traceback for each would only hide what is wrong here.
    logging.getLogger("aiohttp.server").setLevel(logging.CRITICAL)
    tlsmemory.keep_little()
    try:
        directory = options.dir.resolve()
        directory.mkdir(parents=True, exist_ok=True, mode=0o700)
        context = tls.context(directory)
        asyncio.run(serve(directory, listen(directory, options.port), context))
    except OsconsoleError as error:
        sys.exit(f"osconsole: {error}")


async def serve(directory: Path, listener: socket.socket, context: ssl.SSLContext) -> None:
    """Serve the cluster of a directory until TERM or INT."""
    token = _admin(directory)
    server = Server(directory)
    bootstrap(server)
    await server.store.committed()
    faults = Faults(server) if wanted() else None
    runner = Front(server, faults).runner()
    await runner.setup()
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    site = Site(runner, context, directory)
    if faults:
        faults.site = site
    await site.open(listener)
    _kubeconfig(directory, listener.getsockname()[1], token)
    # A request makes a thousand objects and hardly a cycle among them.
    gc.set_threshold(10_000, 20, 20)
    gc.freeze()
    await stop.wait()
    server.store.close()
    await runner.cleanup()


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
