"""Channels: the frames of `v4.channel.k8s.io` and `v5.channel.k8s.io`, and what the last one says. Pure.

A message is the number of a channel and bytes. v5 adds one that closes a channel, so that a command learns that its
input has ended; in v4 nobody can tell it.
"""

import re
from collections.abc import Iterator
from typing import Any

import msgspec

from osconsole.errors import ApiError, OsconsoleError
from osconsole.kube import wire

V5, V4 = "v5.channel.k8s.io", "v4.channel.k8s.io"
STDIN, STDOUT, STDERR, ERROR, RESIZE = range(5)
_CLOSE = 255
PIECE_BYTES = 32 * 1024  # of one message; a server's buffer is its own affair
_EXIT = "NonZeroExitCode"
_NO_PROGRAM = re.compile(r'exec: \\*"(?P<program>[^"\\]+)\\*": (executable file not found|stat .*no such file)')


def frames(channel: int, data: bytes) -> Iterator[bytes]:
    """The messages that carry bytes on a channel."""
    for start in range(0, len(data), PIECE_BYTES):
        yield bytes((channel,)) + data[start : start + PIECE_BYTES]


def close(channel: int) -> bytes:
    """The message of v5 that nothing more comes on a channel."""
    return bytes((_CLOSE, channel))


def size(columns: int, lines: int) -> bytes:
    """The message that the terminal has another size."""
    return bytes((RESIZE,)) + msgspec.json.encode({"Width": columns, "Height": lines})


def opened(message: bytes) -> tuple[int, bytes]:
    """(channel, bytes) of a message.

    Raises:
        ApiError: it is empty.
    """
    if not message:
        raise ApiError("the server sent a message without a channel: is a proxy in between that changes them?", 502)
    return message[0], message[1:]


def exit_code(body: bytes) -> int:
    """How the command ended, by the Status on the error channel.

    Raises:
        OsconsoleError: it could not be run, with the server's words.
    """
    try:
        status: Any = msgspec.json.decode(body)
    except msgspec.MsgspecError:
        status = None
    if not isinstance(status, dict):
        raise ApiError(_plain(body.decode("utf-8", errors="replace").strip()), 500)
    if status.get("status") == "Success":
        return 0
    if status.get("reason") == _EXIT:
        for cause in (status.get("details") or {}).get("causes") or ():
            if cause.get("reason") == "ExitCode" and str(cause.get("message", "")).isdigit():
                return int(cause["message"])
    raise _failure(body)


def _failure(body: bytes) -> OsconsoleError:
    found = wire.failure(body)
    if isinstance(found, ApiError):
        found.args = (_plain(str(found)),)
    return found


def _plain(said: str) -> str:
    """The words of a container runtime for what is most often the matter, in fewer."""
    if missing := _NO_PROGRAM.search(said):
        return f"there is no program '{missing['program']}' in that container"
    return said or "the server said that it failed, and not why"
