"""Remote: what a person may have run in a container or reach of a pod, as values; and the terminal it is shown on."""

from collections.abc import AsyncGenerator
from typing import Protocol

import msgspec

from osconsole.model.ref import Ref

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
