"""Transport: one exchange with the API server: connection, TLS, identity, and whether the line stands.

It is the session of `kubernetes.aio`'s REST client (`rest`) with raw responses. What an answer means is `api`'s
business.
"""

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Protocol, TypeVar

import aiohttp
import msgspec
from multidict import CIMultiDict

from osconsole.errors import ApiError, KubeconfigError, Unauthorized, Unreachable
from osconsole.kube import rest, websocket, wire
from osconsole.kube.auth import Auth
from osconsole.kube.credentials import Credential
from osconsole.kube.keepalive import look_after
from osconsole.kube.material import Material
from osconsole.kube.target import Target
from osconsole.kube.trouble import of_keys, unreachable
from osconsole.model.connection import Options

AGENT = "osconsole"
DOUBT_S = 2.0  # an answer that takes longer is a reason to ask whether the server is there at all
RETIRED_S = 1800.0  # certificates that change by the hour must not leave a TLS context each; a log is taken up again
_NOTHING = (-1, None, None)
WEATHER = (aiohttp.ClientError, TimeoutError, OSError)


class Call(msgspec.Struct, frozen=True):
    """A request: `path` with its query, `body` a JSON value or None."""

    method: str
    path: str
    headers: Mapping[str, str]
    timeout: aiohttp.ClientTimeout
    body: Any = None


class _Answered(Protocol):
    """What came back."""

    @property
    def status(self) -> int:
        """Of HTTP."""

    def close(self) -> object:
        """It is not wanted."""


_A = TypeVar("_A", bound=_Answered)


class Transport:
    """Exchanges with the server of one context.

    Attributes:
        failure: why the last exchange got no answer; None when it got one.
        heard_at: when anything last came from the server, by the monotonic clock.
    """

    def __init__(self, options: Options) -> None:
        self.auth = Auth(options)
        self.failure: Unreachable | None = None
        self.heard_at = 0.0
        self._answers = asyncio.Event()
        self._trouble = asyncio.Event()
        self._client: Any = None
        self._material: Material | None = None
        self._known: tuple[int, object, object] = _NOTHING
        self._opening = asyncio.Lock()
        self._closed = False
        self._retired: list[tuple[float, Any]] = []  # since when, oldest first

    @property
    def target(self) -> Target:
        """The context in use, as the kubeconfig last said it."""
        return self.auth.target

    async def exchange(self, call: Call, limit_s: float) -> aiohttp.ClientResponse:
        """Send and wait, at most so long, for the response's headers; a 401 reads the kubeconfig anew, once.

        What a plugin takes is not counted: it has its own limit, and its own words when it hangs.

        Raises:
            Unreachable: no answer; Unauthorized and KubeconfigError are kinds of it.
            ApiError: the answer is a redirect.
        """
        return await self._heard(lambda: self._once(call, limit_s))

    async def upgrade(self, path: str, protocols: tuple[str, ...], limit_s: float) -> websocket.Socket:
        """Go over to a websocket that speaks one of the protocols; it is the caller's, who enters and leaves it.

        Raises:
            Unreachable: no answer.
            ApiError: the server answered, but with no.
        """
        found = await self._heard(lambda: self._dialled(path, protocols, limit_s))
        if isinstance(found, websocket.Refusal):
            raise wire.failure(found.body, found.status, found.retry_after)
        return found

    async def _heard(self, once: Callable[[], Awaitable[_A]]) -> _A:
        """What `once` brings, with one more try by another identity; how the line stands is noted."""
        doubt = asyncio.get_running_loop().call_later(DOUBT_S, self._trouble.set)
        try:
            response = await self._authorized(once)
        except WEATHER as error:
            raise self._dropped(error) from None
        except Unreachable as error:
            self._fail(error)
            raise
        except ApiError:
            self._answered()
            raise
        finally:
            doubt.cancel()
        self._answered()
        return response

    def _answered(self) -> None:
        self.failure = None
        self.heard_at = time.monotonic()
        self._answers.set()

    def _dropped(self, error: BaseException) -> Unreachable:
        """What to say of an exchange without an answer; where keys may be the matter, the kubeconfig is read anew."""
        ended = ""
        if of_keys(error):
            with contextlib.suppress(KubeconfigError):
                ended = self.auth.ended()
            self._reconsider()
        if not ended or isinstance(error, aiohttp.ClientConnectorCertificateError):
            return self.lost(error)
        found = Unauthorized(f"{self.target.cluster.server}: {ended}")
        self._fail(found)
        return found

    async def ready(self) -> None:
        """Load what a first exchange needs (a slow import, perhaps an exec plugin), without asking the server.

        Raises:
            KubeconfigError: there is no way to ask.
        """
        await self._connected(await self.auth.credential())

    async def answers(self, limit_s: float) -> bool:
        """Wait until some exchange gets an answer, at most so long; at once when the last one did."""
        try:
            async with asyncio.timeout(limit_s):
                await self._answers.wait()
        except TimeoutError:
            return False
        return True

    async def trouble(self) -> None:
        """Wait until some exchange fails for want of an answer, or is long without; at once if so since `settle`."""
        await self._trouble.wait()

    def settle(self) -> None:
        """Forget earlier trouble: somebody looks after it."""
        self._trouble.clear()

    def lost(self, error: BaseException) -> Unreachable:
        """Note that the line dropped, and say it for a person."""
        found = unreachable(error, self.target.cluster.server)
        self._fail(found)
        return found

    async def close(self) -> None:
        """End every connection; whoever still asks is told so, and no new one is opened."""
        self._closed = True
        clients = [client for _, client in (*self._retired, (0.0, self._client)) if client is not None]
        self._client, self._retired, self._material, self._known = None, [], None, _NOTHING
        for client in clients:
            await client.close()

    async def _authorized(self, once: Callable[[], Awaitable[_A]]) -> _A:
        generation = self.auth.generation
        response = await once()
        if response.status != 401:
            return response
        response.close()
        if generation == self.auth.generation:  # else another exchange has renewed meanwhile
            self.auth.renew()
        response = await once()
        if response.status != 401:
            return response
        response.close()
        raise Unauthorized(f"{self.target.cluster.server}: {self.auth.refused()}")

    async def _once(self, call: Call, limit_s: float) -> aiohttp.ClientResponse:
        own, client = await self._identified()
        async with asyncio.timeout(limit_s):
            answer = await client.request(
                call.method,
                self.target.cluster.server.rstrip("/") + call.path,
                headers=CIMultiDict([*call.headers.items(), *own]),
                body=call.body,
                _request_timeout=call.timeout,
            )
        response: aiohttp.ClientResponse = answer.response
        look_after(response)
        return response

    async def _dialled(
        self, path: str, protocols: tuple[str, ...], limit_s: float
    ) -> websocket.Socket | websocket.Refusal:
        own, client = await self._identified()
        async with asyncio.timeout(limit_s):
            return await websocket.dial(client, self.target.cluster.server.rstrip("/") + path, own, protocols)

    async def _identified(self) -> tuple[list[tuple[str, str]], Any]:
        """The headers that say who we are, and the client that shows the same: a plugin is asked once for both."""
        credential = await self.auth.credential()
        own = [("User-Agent", AGENT), *self.auth.headers(credential)]
        return own, await self._connected(credential)

    async def _connected(self, credential: Credential | None) -> Any:
        """The client for the present TLS material; running streams keep the one that they began with."""
        async with self._opening:
            if self._closed:
                raise Unreachable(f"the connection to {self.target.cluster.server} was closed")
            wanted = (self.auth.generation, credential, self.auth.stamp())
            if self._client is not None and self._known == wanted:
                return self._client
            try:
                material = self.auth.material(credential)
                fresh = await rest.client(material) if material != self._material else None
            except KubeconfigError:
                if self._client is not None and self._known[:2] == wanted[:2]:
                    return self._client  # the files are being replaced: one is there, the other not yet
                raise
            if fresh is not None:
                await self._retire(self._client)
                self._client, self._material = fresh, material
            self._known = wanted
            return self._client

    async def _retire(self, client: Any) -> None:
        """Leave a client to the streams that it carries; one that is older than any watch is closed."""
        now = time.monotonic()
        while self._retired and now - self._retired[0][0] > RETIRED_S:
            await self._retired.pop(0)[1].close()
        if client is not None:
            self._retired.append((now, client))

    def _reconsider(self) -> None:
        """The server shows another face: what the kubeconfig and its files say by now counts at the next try."""
        self._known = _NOTHING
        try:
            self.auth.reread()
        except KubeconfigError:
            return  # what we have is still the best that is known

    def _fail(self, error: Unreachable) -> None:
        self.failure = error
        self._answers.clear()
        self._trouble.set()
