"""Lines: one watch as batches of whole lines, and the silence that ends it. What a line means is the reflector's."""

import asyncio
import time
from collections.abc import AsyncGenerator, Callable, Iterator, Mapping
from contextlib import aclosing

from osconsole.errors import Unreachable
from osconsole.kube import wire
from osconsole.kube.api import Api


class Silent(Unreachable):
    """A watch that stands and brings nothing whole, not even bookmarks."""


async def lines(
    api: Api, path: str, query: Mapping[str, str | int], patience_s: Callable[[], tuple[float, float]]
) -> AsyncGenerator[Iterator[bytes], None]:
    """A batch of lines a chunk until the server ends the watch; the first, empty one says that it has accepted.

    Whoever reads a batch reads it to its end: nothing of an event waits here for the next one. `patience_s` gives how
    long any byte, and how long a whole line may take: what comes in drops is silence too.

    Raises:
        Unreachable: the line dropped. Silent: it is there, and brings nothing.
        ApiError: the server refused, or what answers is not the server.
    """
    cut, heard = wire.Lines(), 0.0
    async with aclosing(api.stream(path, query, silence_s=2 * patience_s()[1], expect="application/json")) as chunks:
        while True:
            byte_s, line_s = patience_s()
            left_s = max(0.0, min(byte_s, heard + line_s - time.monotonic()))
            try:
                # Until the server has accepted, the exchange has its own limit, and a plugin has another.
                async with asyncio.timeout(left_s if heard else None):
                    chunk = await anext(chunks, None)
            except TimeoutError as error:
                raise Silent(str(api.line.lost(error))) from None
            if chunk is None:
                return
            if not heard or b"\n" in chunk:
                heard = time.monotonic()
            found = cut.feed(chunk)
            del chunk  # it may hold a Secret, and the next one may be long in coming
            yield found
