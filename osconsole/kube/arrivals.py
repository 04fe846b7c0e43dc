"""Arrivals: when it is worth asking the server anew what it serves, because a definition came, changed or went.

A watch on the definitions' metadata, not a poll; only where definitions may not be seen is it time that decides. What
an aggregated API server brings has no definition: it is found at the next occasion.
"""

import asyncio
import random
import time
from contextlib import aclosing

from osconsole.errors import ApiError, OsconsoleError
from osconsole.kube import wire
from osconsole.kube.api import SILENCE_S, Api
from osconsole.model.kinds import BY_KEY, key

UNSEEN_S = 300.0  # how often to ask where definitions may not be watched
_LIFE_S = 300
_METADATA = "application/json;as=PartialObjectMetadata{};g=meta.k8s.io;v=v1"
_PATH = BY_KEY[key("CustomResourceDefinition")].path()


async def mark(api: Api) -> str:
    """The version of the definitions now, "" where they may not be seen; ask for it before discovery."""
    try:
        answer = await api.request("GET", _PATH, query={"limit": 1}, accept=_METADATA.format("List"))
        return wire.page(answer).metadata.resource_version
    except OsconsoleError:
        return ""


async def after(api: Api, version: str) -> None:
    """Return as soon as a definition is other than at this version, or when that cannot be known any more."""
    while version:
        try:
            version = await _unchanged(api, version)
        except ApiError as error:
            if error.code not in {401, 403, 404, 405}:
                return  # forgotten, or weather: ask anew
            break
        except OsconsoleError:
            return
        if not version:
            return
    await asyncio.sleep(UNSEEN_S * (1 + random.random()))  # noqa: S311


async def _unchanged(api: Api, version: str) -> str:
    """One watch: the version up to which nothing has happened when it ended; "" as soon as something happens."""
    query: dict[str, str | int] = {
        "watch": "true",
        "resourceVersion": version,
        "allowWatchBookmarks": "true",
        "timeoutSeconds": _LIFE_S,
    }
    lines, began = wire.Lines(), time.monotonic()
    async with aclosing(api.stream(_PATH, query, silence_s=SILENCE_S, accept=_METADATA.format(""))) as chunks:
        async for chunk in chunks:
            for line in lines.feed(chunk):
                found = wire.event(line)
                if found.type == "ERROR":
                    raise wire.failure(bytes(found.object))
                if found.type != "BOOKMARK":
                    return ""
                version = wire.bookmark(found.object).metadata.resource_version
    if time.monotonic() - began < 1:
        raise ApiError("the server ends the watch of definitions at once", 500)
    return version
