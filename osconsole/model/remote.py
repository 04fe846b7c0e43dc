"""Remote: what a person may have run in a container or reach of a pod, as values; and the terminal it is shown on."""

import re
from collections.abc import AsyncGenerator
from typing import Protocol

import msgspec

from osconsole.errors import UsageError
from osconsole.model.ref import Ref

_PORTS = re.compile(r"(?:(?P<local>\d*):)?(?P<remote>\d+)")

# What a person gets who names no command: the better shell of the two that an image may have.
SHELL = ("/bin/sh", "-c", "TERM=${TERM:-xterm}; export TERM; command -v bash >/dev/null && exec bash || exec sh")


class Exec(msgspec.Struct, frozen=True):
    """One command in a container of a pod; no `argv` is a shell, no `container` the pod's default one.

    `stdin`: it gets what is typed or piped. `tty`: it gets a terminal, and its errors come among its output.
    """

    pod: Ref
    argv: tuple[str, ...] = SHELL
    container: str = ""
    stdin: bool = False
    tty: bool = False

    @property
    def words(self) -> str:
        """The command as a person reads it."""
        return "a shell" if self.argv == SHELL else " ".join(self.argv)


class Forward(msgspec.Struct, frozen=True):
    """A port of this machine that leads to a port of a pod; `local` 0 is any that is free."""

    pod: Ref
    local: int
    remote: int


def ports(text: str) -> tuple[int, int]:
    """(local, remote) of `8080` (the same on both sides), `8443:443`, `:443` (any free one here, 0).

    Raises:
        UsageError: it is none of these, or no port.
    """
    found = _PORTS.fullmatch(text)
    if not found:
        raise UsageError(f"'{text}' names no ports: write REMOTE or LOCAL:REMOTE, as in 8443:443")
    remote = int(found["remote"])
    local = remote if found["local"] is None else int(found["local"] or 0)
    if not 0 < remote < 2**16 or local >= 2**16:
        raise UsageError(f"'{text}': a port is a number from 1 to 65535")
    return local, remote


class Terminal(Protocol):
    """Where a command's input comes from and its output goes: a terminal, or pipes."""

    @property
    def left(self) -> bool:
        """The person has broken off, and waits for nothing any more."""

    async def read(self) -> bytes:
        """What was typed or piped; empty at its end."""

    async def write(self, data: bytes, *, error: bool = False) -> None:
        """Show output; returns when it has been taken, so that a slow terminal slows the command down."""

    def sizes(self) -> AsyncGenerator[tuple[int, int], None]:
        """(columns, lines), now and whenever they change; none where there is no terminal."""
