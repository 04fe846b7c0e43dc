"""A mirror of one kind for tests, and the faults of a server that has them."""

import asyncio
from collections.abc import Callable
from contextlib import aclosing
from typing import Any

from osconsole.kube.api import Api
from osconsole.kube.reflector import changes
from osconsole.model.kinds import BY_KEY, Kind, key
from osconsole.model.snapshot import Freshness
from osconsole.store import Store

CONFIGMAPS = BY_KEY[key("ConfigMap")]
PATH = "/debug/osconsole/faults"


class Mirrored:
    """A store that a reflector fills; `said` is what its line was, in order and without repetition."""

    def __init__(self, api: Api, kind: Kind = CONFIGMAPS, namespace: str = "") -> None:
        self.store = Store()
        self.kind, self.namespace, self._api = kind, namespace, api
        self.said: list[Freshness] = []

    async def run(self) -> None:
        async with aclosing(changes(self._api, self.kind, self.namespace)) as batches:
            async for batch in batches:
                self.store.apply(batch)
                if not self.said or (self.line.state, self.line.why) != (self.said[-1].state, self.said[-1].why):
                    self.said.append(self.line)

    @property
    def line(self) -> Freshness:
        return self.store.snapshot.line(self.kind.key, self.namespace)

    def versions(self) -> dict[str, str]:
        return {r.ref.name: r.version for r in self.store.snapshot.all(self.kind.key, self.namespace)}

    async def until(self, true: Callable[[], Any], within_s: float = 20) -> None:
        async with asyncio.timeout(within_s):
            async for _ in self.store.follow(0.01):
                if true():
                    return

    async def agrees(self, within_s: float = 20) -> None:
        """The line is live, and the store is what the server has."""
        answer = await self._api.send("GET", self.kind.path(self.namespace))
        expected = {i["metadata"]["name"]: i["metadata"]["resourceVersion"] for i in answer.object()["items"]}
        await self.until(lambda: self.line.state == "live" and self.versions() == expected, within_s)


async def fault(api: Api, name: str, **rest: Any) -> dict[str, Any]:
    """Add a rule or do a deed: docs/faults.md."""
    return (await api.create(PATH, {"fault": name, **rest})).object()
