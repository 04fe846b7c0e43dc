"""The SSH server of one node: `python -m osconsole.embedded.nodes.server`, started by the node's owner.

It reads a `Start` as JSON from its input, serves on a listening socket that it inherits and says `ready`. At level 1 it
runs inside the node's namespaces; the socket still belongs to the host, so that the node needs no network for it.
With OpenSSH it only accepts and starts `sshd -i`; otherwise asyncssh serves commands and files.
"""

import asyncio
import os
import socket
import sys
from pathlib import Path
from typing import Any

import msgspec

from osconsole.embedded.nodes import processes, shell
from osconsole.embedded.nodes.spec import ROOT_DIRECTORY, NodeSpec

SWEEP_S = 2.0


class Start(msgspec.Struct, frozen=True):
    """What a server is told.

    Attributes:
        fd: number of the listening socket.
        host_key: the node's private key, as text.
        client_key: the public key of the one who may log in.
        private: a directory, not shared with anybody, for files that sshd wants.
        sshd: path of OpenSSH's server, "" for asyncssh.
    """

    spec: NodeSpec
    fd: int
    host_key: str
    client_key: str
    private: str
    sshd: str = ""


async def _serve_openssh(start: Start, listener: socket.socket) -> None:
    argv = [start.sshd, "-i", "-f", "/dev/null", "-e", *_sshd_options(start)]
    loop = asyncio.get_running_loop()
    listener.settimeout(0)
    _say_ready()
    async with asyncio.TaskGroup() as group:
        while True:
            connection, _ = await loop.sock_accept(listener)
            group.create_task(_one_sshd(argv, connection))


async def _one_sshd(argv: list[str], connection: socket.socket) -> None:
    connection.settimeout(None)
    with connection:
        process = await asyncio.create_subprocess_exec(
            *argv, stdin=connection.fileno(), stdout=connection.fileno(), start_new_session=True
        )
    await process.wait()


def _sshd_options(start: Start) -> list[str]:
    private = Path(start.private)
    private.mkdir(parents=True, exist_ok=True)
    host_key, authorized = private / "host_key", private / "authorized_keys"
    for path, text in ((host_key, start.host_key), (authorized, start.client_key)):
        path.touch(mode=0o600)
        path.write_text(text)
    environment = " ".join(f'{name}="{value}"' for name, value in sorted(os.environ.items()))
    options = {
        "HostKey": host_key,
        "AuthorizedKeysFile": authorized,
        "StrictModes": "no",
        "UsePAM": "no",
        "PasswordAuthentication": "no",
        "KbdInteractiveAuthentication": "no",
        "PermitRootLogin": "prohibit-password",
        "AllowUsers": start.spec.user,
        "PrintMotd": "no",
        "PrintLastLog": "no",
        "UseDNS": "no",
        "MaxSessions": "64",
        "LogLevel": "ERROR",
        "Subsystem": "sftp internal-sftp",
        "SetEnv": environment,
    }
    return [part for name, value in options.items() for part in ("-o", f"{name}={value}")]


async def _serve_asyncssh(start: Start, listener: socket.socket) -> None:
    import asyncssh  # a quarter of a second that OpenSSH's side does not pay

    client = asyncssh.import_public_key(start.client_key)

    class Door(asyncssh.SSHServer):  # type: ignore[misc]
        """Lets one user in, by one key."""

        def public_key_auth_supported(self) -> bool:
            return True

        def validate_public_key(self, username: str, key: Any) -> bool:
            return username == start.spec.user and key == client

    class Files(asyncssh.SFTPServer):  # type: ignore[misc]
        """Ends with an exit status, without which scp takes a copy for a failure."""

        def exit(self) -> None:
            self.channel.exit(0)

    server = await asyncssh.create_server(
        Door,
        sock=listener,
        server_host_keys=[asyncssh.import_private_key(start.host_key)],
        process_factory=shell.run,
        sftp_factory=Files,
        allow_scp=True,
        encoding=None,
        line_editor=False,
        agent_forwarding=False,
    )
    _say_ready()
    await server.wait_closed()


def _say_ready() -> None:
    os.write(1, b"ready\n")


async def _sweep() -> None:
    """At level 1 the node's first process collects orphans; a root directory has no such process."""
    seen: set[int] = set()
    while True:
        await asyncio.sleep(SWEEP_S)
        seen = processes.reap_adopted(seen)


async def _main(start: Start) -> None:
    listener = socket.socket(fileno=start.fd)
    async with asyncio.TaskGroup() as group:
        if start.spec.level == ROOT_DIRECTORY:
            group.create_task(_sweep())
        await (_serve_openssh if start.sshd else _serve_asyncssh)(start, listener)


def main() -> None:
    """Serve until killed."""
    processes.die_with_parent()
    start = msgspec.json.decode(sys.stdin.buffer.read(), type=Start)
    if start.spec.level == ROOT_DIRECTORY:
        processes.adopt_orphans()
    os.chdir(os.environ.get("HOME", "/"))
    os.umask(0o022)
    asyncio.run(_main(start))


if __name__ == "__main__":
    main()
