"""Kubernetes Events about what controllers and node agent do.

Best effort, as everywhere: repeated ones are counted up, and when the server is slow the surplus is dropped rather than
kept. Nothing may depend on an Event being there.
"""

import asyncio
import hashlib
import logging
import time
from collections import deque
from dataclasses import dataclass

from osconsole.embedded.client import Client, Object
from osconsole.embedded.clock import stamp
from osconsole.embedded.kinds import EVENT
from osconsole.errors import NotFound, OsconsoleError

_log = logging.getLogger(__name__)
_PENDING, _REMEMBERED = 1000, 2000


@dataclass(frozen=True, slots=True)
class _Event:
    about: Object
    kind: str
    reason: str
    message: str
    component: str
    host: str


class Recorder:
    """Takes Events at once (`note`) and writes them in `run`."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._pending: deque[_Event] = deque(maxlen=_PENDING)
        self._wake = asyncio.Event()
        self._counts: dict[str, tuple[str, int]] = {}

    def note(
        self, about: Object, reason: str, message: str, *, warning: bool = False, component: str = "", host: str = ""
    ) -> None:
        """Say that something happened to the object `about`."""
        kind = "Warning" if warning else "Normal"
        self._pending.append(_Event(about, kind, reason, message, component, host))
        self._wake.set()

    async def run(self) -> None:
        """Write what is noted, for ever."""
        while True:
            await self._wake.wait()
            while self._pending:
                event = self._pending.popleft()
                try:
                    await self._write(event)
                except OsconsoleError as error:
                    _log.debug("event %s: %s", event.reason, error)
            self._wake.clear()

    async def _write(self, event: _Event) -> None:
        meta = event.about["metadata"]
        seen = f"{meta.get('uid')} {event.reason} {event.message} {event.component}"
        key = hashlib.sha256(seen.encode()).hexdigest()
        namespace = meta.get("namespace") or "default"
        known = self._counts.pop(key, None)
        if known is not None:
            name, count = known[0], known[1] + 1
            try:
                await self._client.patch(EVENT, (namespace, name), {"count": count, "lastTimestamp": stamp()})
                self._counts[key] = (name, count)
                return
            except NotFound:
                pass
        name = f"{meta['name']}.{time.time_ns():x}"
        await self._client.create(EVENT, _body(event, name, namespace))
        self._counts[key] = (name, 1)
        while len(self._counts) > _REMEMBERED:
            del self._counts[next(iter(self._counts))]


def _body(event: _Event, name: str, namespace: str) -> Object:
    meta, at = event.about["metadata"], stamp()
    return {
        "metadata": {"name": name, "namespace": namespace},
        "involvedObject": {
            "apiVersion": event.about.get("apiVersion", "v1"),
            "kind": event.about.get("kind", ""),
            "name": meta["name"],
            "namespace": meta.get("namespace", ""),
            "uid": meta.get("uid", ""),
            "resourceVersion": meta.get("resourceVersion", ""),
        },
        "reason": event.reason,
        "message": event.message,
        "type": event.kind,
        "count": 1,
        "firstTimestamp": at,
        "lastTimestamp": at,
        "source": {"component": event.component, **({"host": event.host} if event.host else {})},
        "reportingComponent": event.component,
        "reportingInstance": event.host,
    }
