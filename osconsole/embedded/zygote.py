"""The process from which the members of a cluster are forked: it has imported what they have in common.

What is imported once is there once: members share its memory, and start sooner. It lives only while a cluster starts.
Its members are processes like any others, each in a session of its own; none outlives or notices another's end.

`python -m osconsole.embedded.zygote` is that process: a line for each member on stdin, its process id on stdout.
"""

import gc
import importlib
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import msgspec

from osconsole.errors import OsconsoleError

# What every member imports, and what all but the first do: nobody waits for the first one longer than it takes.
_SHARED = (
    *("argparse", "asyncio", "logging", "ssl", "aiohttp.web"),
    *("osconsole.documents", "osconsole.embedded.client", "osconsole.embedded.tlsmemory"),
)
_LATER = ("cryptography.x509", "cryptography.hazmat.primitives.serialization")


class Member(msgspec.Struct, frozen=True):
    """What to fork: the package `osconsole.embedded.NAME` with these arguments, its output appended to `log`."""

    name: str
    argv: tuple[str, ...]
    log: str


class Zygote:
    """The line to the process. Made by `hatching`."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self._process = process

    def fork(self, member: Member) -> int:
        """Start a member; its process id.

        Raises:
            OsconsoleError: the process to fork from has ended.
        """
        assert self._process.stdin
        assert self._process.stdout
        try:
            self._process.stdin.write(msgspec.json.encode(member) + b"\n")
            return int(self._process.stdout.readline())
        except (OSError, ValueError):
            raise OsconsoleError(f"the process that starts {member.name} has ended: see {member.log}") from None


@contextmanager
def hatching(directory: Path, environment: Mapping[str, str]) -> Iterator[Zygote]:
    """A process to fork members from, in a directory; it ends with the context, they do not."""
    log = directory / "logs" / "zygote.log"
    log.parent.mkdir(exist_ok=True, mode=0o700)
    argv = [sys.executable, "-P", "-m", __name__, "--dir", str(directory)]
    with log.open("ab") as err:
        process = subprocess.Popen(
            argv,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=err,
            bufsize=0,
            start_new_session=True,
            cwd=directory,
            env=environment,
        )
    with process:
        yield Zygote(process)


def main() -> None:
    """Fork what is asked for, until stdin ends."""
    # Collections would write to every object that is shared.
    gc.disable()
    _warm(_SHARED)
    # Unbuffered: a member inherits nothing that was read ahead.
    with open(0, "rb", buffering=0, closefd=False) as asked:
        while line := asked.readline():
            member = msgspec.json.decode(line, type=Member)
            pid = os.fork()
            if not pid:
                break
            os.write(1, f"{pid}\n".encode())
            _warm(_LATER)
        else:
            # Nothing here needs an orderly end, and somebody waits for it.
            os._exit(0)
    gc.enable()
    _become(member)


def _warm(modules: Sequence[str]) -> None:
    for name in modules:
        importlib.import_module(name)
    gc.freeze()


def _become(member: Member) -> None:
    """Be that member, as if started by `python -m`."""
    os.setsid()
    log = os.open(member.log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    nothing = os.open(os.devnull, os.O_RDONLY)
    for source, target in ((nothing, 0), (log, 1), (log, 2)):
        os.dup2(source, target)
    os.close(log)
    os.close(nothing)
    package = f"{__spec__.parent}.{member.name}"
    sys.argv = [package, *member.argv]
    _entitle(sys.argv)
    sys.exit(importlib.import_module(f"{package}.__main__").main())


def _entitle(argv: Sequence[str]) -> None:
    """Show in `ps` what this process is, with as many arguments as its first command line leaves room for."""
    try:
        fields = Path("/proc/self/stat").read_text().rpartition(")")[2].split()
        start, end = int(fields[45]), int(fields[46])
        shown = [word.encode() + b"\0" for word in argv]
        while sum(map(len, shown)) > end - start:
            shown.pop()
        with open("/proc/self/mem", "r+b", buffering=0) as memory:
            memory.seek(start)
            memory.write(b"".join(shown).ljust(end - start, b"\0"))
        Path("/proc/self/comm").write_text(argv[0].rpartition(".")[2])
    except (OSError, ValueError, IndexError):
        # A name for people only: a kernel that forbids it loses nothing else.
        return


if __name__ == "__main__":
    main()
