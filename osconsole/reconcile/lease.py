"""A Lease: of several processes that could do something, one does it.

A holder that died on this same host is recognised by its process id, so that a restart after a kill need not wait for
the Lease to run out. Losing a Lease is an error of whoever holds it: it must stop.
"""

import asyncio
import math
import os
import socket
import time
import uuid
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

from osconsole.errors import ApiError, Conflict, NotFound, OsconsoleError, Refused, Unreachable
from osconsole.kube.api import Api
from osconsole.model.conditions import instant
from osconsole.model.kinds import BY_KEY, key

LIFE_S = 15
RENEW_S = 5.0
RETRY_S = 1.0


class Lease:
    """One Lease object; `holder` becomes known when it is taken."""

    def __init__(self, api: Api, namespace: str, name: str) -> None:
        self._api = api
        self._kind = BY_KEY[key("Lease")]
        self._namespace = namespace
        self._name = name
        self._me = f"{socket.gethostname()}_{os.getpid()}_{uuid.uuid4().hex[:8]}"
        self._seen: tuple[str, float] = ("", 0.0)  # renewTime as last read, and when we read it first
        self._renewed = -math.inf

    async def take(self) -> str:
        """Try once; "" when it is ours now, else who holds it."""
        begun = time.monotonic()
        holder = await self._try()
        if not holder:
            self._renewed = begun
        return holder

    async def sure(self) -> None:
        """Return while nobody else can hold it; after a time in which it could not be renewed that is asked anew.

        Raises:
            Refused: somebody else does. ApiError, Unreachable: it cannot be asked.
        """
        if time.monotonic() - self._renewed > LIFE_S and (holder := await self.take()):
            raise Refused(f"the Lease {self._name} in {self._namespace} was taken over by {holder}")

    async def _try(self) -> str:
        try:
            found = await self._api.get(self._kind, self._namespace, self._name)
        except NotFound:
            body = {
                "apiVersion": self._kind.api_version,
                "kind": "Lease",
                "metadata": {"name": self._name, "namespace": self._namespace},
                "spec": self._spec(),
            }
            try:
                await self._api.create(self._kind.path(self._namespace), body)
            except Conflict:
                return "another process"
            return ""
        holder = str((found.get("spec") or {}).get("holderIdentity") or "")
        if holder not in {"", self._me} and not self._expired(found) and not _dead(holder):
            return holder
        return "" if await self._write(found, self._spec()) else holder

    async def keep(self) -> None:
        """Renew it until cancelled.

        While it cannot be renewed, `sure` keeps its holder from writing.

        Raises:
            Refused: somebody else has it now.
        """
        while True:
            await asyncio.sleep(RENEW_S)
            with suppress(ApiError, Unreachable):
                if holder := await self.take():
                    raise Refused(f"the Lease {self._name} in {self._namespace} was taken over by {holder}")

    async def release(self) -> None:
        """Let the next one have it at once; weather is ignored, it runs out anyway."""
        try:
            found = await self._api.get(self._kind, self._namespace, self._name)
            if (found.get("spec") or {}).get("holderIdentity") == self._me:
                await self._write(found, {"holderIdentity": "", "leaseDurationSeconds": 1})
        except OsconsoleError:
            return

    async def _write(self, found: dict[str, Any], spec: dict[str, Any]) -> bool:
        meta = {"resourceVersion": found["metadata"]["resourceVersion"]}
        try:
            await self._api.patch(self._kind.path(self._namespace, self._name), {"metadata": meta, "spec": spec})
        except Conflict:
            return False
        return True

    def _spec(self) -> dict[str, Any]:
        now = datetime.now(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
        return {"holderIdentity": self._me, "leaseDurationSeconds": LIFE_S, "renewTime": now}

    def _expired(self, found: dict[str, Any]) -> bool:
        """Not renewed for its life, by our own clock; the holder's clock may be wrong."""
        spec = found.get("spec") or {}
        mark = str(spec.get("renewTime") or "")
        if mark != self._seen[0]:
            self._seen = (mark, time.monotonic())
        life_s = float(spec.get("leaseDurationSeconds") or LIFE_S)
        return time.monotonic() - self._seen[1] > life_s or time.time() - instant(mark) > 4 * life_s


def _dead(holder: str) -> bool:
    """Whether the holder was a process of this host that is no more."""
    host, _, rest = holder.partition("_")
    pid = rest.partition("_")[0]
    if host != socket.gethostname() or not pid.isdecimal():
        return False
    try:
        os.kill(int(pid), 0)
    except ProcessLookupError:
        return True
    except OSError:
        return False
    return False
