"""Ask the process that owns the nodes: list, off, on, freeze. One line of JSON each way over a unix socket."""

import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec

from osconsole.errors import OsconsoleError, Refused

SOCKET = "control"
TIMEOUT_S = 30.0


class Request(msgspec.Struct, frozen=True):
    """What to do: list, off, on or freeze; the name of a node except for list."""

    do: str
    name: str = ""


class NodeStatus(msgspec.Struct, frozen=True):
    """One node as its owner sees it; `state` is off, booting, running or frozen."""

    name: str
    state: str
    level: int
    server: str
    address: str
    port: int
    user: str
    root: str
    problem: str = ""


class Answer(msgspec.Struct, frozen=True):
    """All nodes after the request, or why it was not carried out."""

    nodes: tuple[NodeStatus, ...] = ()
    error: str = ""
    refused: bool = False


@contextmanager
def short_path(home: Path) -> Iterator[str]:
    """The socket's address by way of an open directory: a unix socket's name may have 107 bytes only."""
    directory = os.open(home, os.O_PATH | os.O_DIRECTORY)
    try:
        yield f"/proc/self/fd/{directory}/{SOCKET}"
    finally:
        os.close(directory)


def ask(home: Path, request: Request) -> tuple[NodeStatus, ...]:
    """Carry out a request; `home` is DIR/nodes.

    Raises:
        Refused: not possible in the node's state, or no such node.
        OsconsoleError: nobody owns nodes there, or it failed.
    """
    try:
        with short_path(home) as path, socket.socket(socket.AF_UNIX) as line:
            line.settimeout(TIMEOUT_S)
            line.connect(path)
            line.sendall(msgspec.json.encode(request) + b"\n")
            with line.makefile("rb") as reader:
                answer = msgspec.json.decode(reader.readline(), type=Answer)
    except (OSError, msgspec.MsgspecError) as error:
        raise OsconsoleError(f"{home}: nobody runs nodes here ({error}): start the cluster first") from None
    if answer.error:
        raise (Refused if answer.refused else OsconsoleError)(answer.error)
    return answer.nodes
