"""Reads what an explanation would like to know: the end of a log, an object of a kind that is not watched."""

import asyncio
from collections.abc import Iterable
from contextlib import aclosing

from osconsole.errors import OsconsoleError
from osconsole.model.evidence import TAIL, Evidence, Fresh, LogTail, Want
from osconsole.session import Session

PATIENCE_S = 10.0  # for one answer
MOST = 4  # requests at a time
LINE = 4_000  # characters of a line that are kept


async def learn(session: Session, wants: Iterable[Want], known: Evidence) -> Evidence:
    """What was known, and what the wants are answered with. What cannot be read is among the refused, never raised."""
    logs, objects, refused = dict(known.logs), dict(known.objects), dict(known.refused)
    turns = asyncio.Semaphore(MOST)

    async def answer(want: Want) -> None:
        try:
            async with turns, asyncio.timeout(PATIENCE_S):
                match want:
                    case LogTail():
                        logs[want] = await _tail(session, want)
                    case Fresh(ref=ref):
                        objects[want] = await session.read(ref)
        except OsconsoleError as error:
            refused[want] = str(error)
        except TimeoutError:
            refused[want] = f"no answer within {PATIENCE_S:.0f} s"

    async with asyncio.TaskGroup() as tasks:
        for want in wants:
            if not known.has(want):
                tasks.create_task(answer(want), name="evidence")
    return Evidence(logs, objects, refused)


async def _tail(session: Session, want: LogTail) -> tuple[str, ...]:
    choice = {"follow": False, "tail": TAIL, "previous": want.previous, "container": want.container}
    async with aclosing(session.logs(want.pod, **choice)) as lines:
        return tuple([line.text[:LINE] async for line in lines if not line.mark][-TAIL:])
