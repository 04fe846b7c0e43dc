"""Pulse: whether the API server answers. Asks nothing while it is heard.

After any sign of trouble it asks one small question until there is an answer, so that a line that drops is noticed in
seconds, and one failed request alone does not look like a lost cluster. That nothing comes on any watch is such a sign:
a server that hangs must not be called live because nobody asks it.
"""

import asyncio
import random
import time
from collections.abc import Callable
from contextlib import suppress

from osconsole.errors import ApiError, Unreachable
from osconsole.kube.api import Api

PROBE_S = 4.0
QUIET_S = 20.0  # bookmarks come about once a minute on each of many watches
_FIRST_S, _MOST_S = 0.4, 3.0


async def watch(api: Api, heard: Callable[[Unreachable | None], None]) -> None:
    """Call `heard` with the failure, or None when the server answers; for ever."""
    while True:
        await _until_answer(api, heard)
        heard(None)
        await _trouble(api)


async def _trouble(api: Api) -> None:
    """Wait for a failure, or for a silence."""
    while (left_s := QUIET_S + api.line.heard_at - time.monotonic()) > 0:
        with suppress(TimeoutError):
            async with asyncio.timeout(left_s):
                await api.line.trouble()
                return


async def _until_answer(api: Api, heard: Callable[[Unreachable | None], None]) -> None:
    delay_s = _FIRST_S
    while True:
        api.line.settle()
        try:
            await api.line.ready()
            async with asyncio.timeout(PROBE_S):
                await api.request("GET", "/version")
            return
        except ApiError:
            return  # an answer, whatever it says
        except Unreachable as error:
            heard(error)
        except TimeoutError:
            server = api.line.target.cluster.server
            heard(Unreachable(f"{server}: no answer in {PROBE_S:.0f} s: the server hangs, or the network does"))
        await asyncio.sleep(delay_s * (1 + random.random() / 2))  # noqa: S311
        delay_s = min(_MOST_S, delay_s * 2)
