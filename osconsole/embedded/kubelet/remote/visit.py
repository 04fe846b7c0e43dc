"""Visit: somebody far away and a command in a pod, until the command has ended or they have left."""

import asyncio
import contextlib
from typing import Any, Protocol

from osconsole.embedded.kubelet.remote.command import CannotStart, Command

_CHUNK_BYTES = 32 * 1024


class FarEnd(Protocol):
    """Whoever asked for the command, by whichever protocol."""

    async def listen(self, command: Command) -> None:
        """Hand on what they say, until they leave."""

    async def say(self, data: bytes, *, error: bool) -> None:
        """Send them output; returns when it has gone out, so that who reads slowly slows the command down."""

    async def over(self, status: dict[str, Any]) -> None:
        """Tell them how it ended, and end."""


async def attend(far: FarEnd, command: Command) -> None:
    """Both directions, to the end of either side."""
    async with asyncio.TaskGroup() as tasks:
        listening = tasks.create_task(_quiet(far.listen(command)))
        speaking = tasks.create_task(_speak(far, command))
        await asyncio.wait({listening, speaking}, return_when=asyncio.FIRST_COMPLETED)
        if not speaking.done():
            command.close()
        speaking.cancel()
        listening.cancel()


async def _speak(far: FarEnd, command: Command) -> None:
    """Its output, then how it ended."""
    with contextlib.suppress(ConnectionError):
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(_quiet(_copy(far, command.stdout, error=False)))
            if command.stderr is not None:
                tasks.create_task(_quiet(_copy(far, command.stderr, error=True)))
            ending = tasks.create_task(_status(command))
        await far.over(ending.result())


async def _quiet(work: Any) -> None:
    """They have left, or the command takes no more input: the other direction notices."""
    with contextlib.suppress(ConnectionError):
        await work


async def _copy(far: FarEnd, reader: asyncio.StreamReader, *, error: bool) -> None:
    while True:
        try:
            data = await reader.read(_CHUNK_BYTES)
        except OSError:
            return  # a terminal that nobody holds open any more reads as an error
        if not data:
            return
        await far.say(data, error=error)


async def _status(command: Command) -> dict[str, Any]:
    """The Status that goes over the error channel."""
    try:
        code = await command.ended()
    except CannotStart as error:
        said = f"error executing command in container: {error}"
        return {
            "metadata": {},
            "status": "Failure",
            "message": f"Internal error occurred: {said}",
            "reason": "InternalError",
            "details": {"causes": [{"message": said}]},
            "code": 500,
        }
    if code == 0:
        return {"metadata": {}, "status": "Success"}
    return {
        "metadata": {},
        "status": "Failure",
        "message": f"command terminated with non-zero exit code: exit status {code}",
        "reason": "NonZeroExitCode",
        "details": {"causes": [{"reason": "ExitCode", "message": str(code)}]},
    }


async def give(command: Command, data: bytes) -> None:
    """Hand input to a command; returns when it has taken it. One that reads no more gets none."""
    if command.stdin is None or command.stdin.is_closing():
        return
    with contextlib.suppress(ConnectionError):
        command.stdin.write(data)
        await command.stdin.drain()


def finish(command: Command) -> None:
    """Tell a command that its input has ended."""
    if command.stdin is not None:
        command.stdin.close()
