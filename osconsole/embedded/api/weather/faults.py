"""Faults: an API server that misbehaves on request, so that clients can be tested against bad weather.

Only a server that was started with OSCONSOLE_FAULTS=1 has them, under /debug/osconsole/faults, for those whose rights
reach there (the administrator). docs/faults.md describes the interface.
"""

import asyncio
import base64
import importlib
import os
import tempfile
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path

import msgspec
from aiohttp import web

from osconsole.embedded.api import answers
from osconsole.embedded.api.access.identity import authenticate, impersonated
from osconsole.embedded.api.access.rbac import Ask
from osconsole.embedded.api.clock import CLOCK
from osconsole.embedded.api.failures import Failure, bad_request
from osconsole.embedded.api.protocol.options import flag
from osconsole.embedded.api.protocol.whole import Whole
from osconsole.embedded.api.server import Server
from osconsole.embedded.api.site import Site, listen
from osconsole.embedded.api.storage import ring
from osconsole.embedded.api.weather import misbehaviour
from osconsole.embedded.api.weather.misbehaviour import ANSWERS, LINES, Rule

VARIABLE = "OSCONSOLE_FAULTS"
PATH = "/debug/osconsole/faults"

Deed = Callable[[Rule, web.BaseRequest], Awaitable[dict[str, str]]]
Handler = Callable[[web.BaseRequest], Awaitable[web.StreamResponse]]


def wanted() -> bool:
    """Whether the environment asks for a server that can misbehave."""
    return os.environ.get(VARIABLE) == "1"


class Faults:
    """The rules in force, and what can be done to a server at once.

    Attributes:
        site: the server's port.
        counts: requests by verb since the start, to see what a client costs.
    """

    def __init__(self, server: Server) -> None:
        self.counts: Counter[str] = Counter()
        self.site: Site | None = None
        self._server = server
        self._rules: list[Rule] = []
        self._open: dict[int, web.BaseRequest] = {}
        server.stream = lambda headers: misbehaviour.Faulty(self.take, headers)

    def before(self, handler: Handler) -> Handler:
        """Stand between the server and its clients."""

        async def between(request: web.BaseRequest) -> web.StreamResponse:
            return await self._between(request, handler)

        return between

    def take(self, request: web.BaseRequest, kinds: frozenset[str]) -> Rule | None:
        """The rule that befalls this answer, or this line of one; it is used up by that."""
        for rule in self._rules:
            if rule.fault not in kinds or rule.path not in request.path or rule.verb not in ("", _verb(request)):
                continue
            if rule.fault == "continue" and "continue" not in request.query:
                continue
            if rule.skip:
                rule.skip -= 1
                continue
            if rule.times:
                rule.times -= 1
                if not rule.times:
                    self._rules.remove(rule)
            return rule
        return None

    async def _between(self, request: web.BaseRequest, handler: Handler) -> web.StreamResponse:
        if request.path == PATH:
            return await self._endpoint(request)
        self.counts[_verb(request)] += 1
        self._open[id(request)] = request
        try:
            return await self._answer(request, handler)
        finally:
            del self._open[id(request)]

    async def _answer(self, request: web.BaseRequest, handler: Handler) -> web.StreamResponse:
        streams = _verb(request) == "WATCH"
        rule = self.take(request, ANSWERS - LINES if streams else ANSWERS)
        if rule is None:
            return await handler(request)
        if rule.fault in ("status", "continue"):
            if rule.fault == "continue":
                rule = msgspec.structs.replace(rule, code=410)
            return answers.failure(misbehaviour.status(rule))
        if rule.fault == "html":
            return Whole(b"<html><body>Log in, please.</body></html>\n", media="text/html; charset=utf-8")
        if rule.fault == "stall":
            await asyncio.sleep(rule.seconds)
        answer = await handler(request)
        if not isinstance(answer, Whole):
            return answer
        if rule.fault == "loris":
            return await misbehaviour.dripped(request, answer, rule.seconds)
        return Whole(misbehaviour.mangled(answer.body, rule), answer.status, answer.media)

    async def _endpoint(self, request: web.BaseRequest) -> Whole:
        """GET says what is in force, POST adds a rule or does a deed, DELETE ends all rules."""
        if not self._may(request):
            return answers.failure(Failure(403, "Forbidden", f"forbidden: {PATH}", {}))
        if request.method == "DELETE":
            self._rules.clear()
        elif request.method == "POST":
            try:
                return await self._asked(request, await request.read())
            except Failure as error:
                return answers.failure(error)
        return answers.value({"rules": self._rules, "requests": self.counts, "open": len(self._open)})

    def _may(self, request: web.BaseRequest) -> bool:
        """Whoever asks, and whoever they speak for, must have the right."""
        ask, user = Ask(verb=request.method.lower(), path=PATH), authenticate(request, self._server.tokens)
        allows = self._server.rbac.allows
        return user is not None and allows(user, ask) and allows(impersonated(request) or user, ask)

    async def _asked(self, request: web.BaseRequest, body: bytes) -> Whole:
        deeds: Mapping[str, Deed] = {
            "cut-now": self._cut,
            "gone": self._gone,
            "certificate": self._certificate,
            "skew": self._skew,
            "ring": self._ring,
        }
        try:
            rule = msgspec.json.decode(body, type=Rule)
        except msgspec.MsgspecError as error:
            raise bad_request(f"not a fault: {error}") from None
        if deed := deeds.get(rule.fault):
            return answers.value(await deed(rule, request))
        if rule.fault not in ANSWERS | LINES:
            raise bad_request(f"no such fault: {rule.fault!r}: there are {sorted(ANSWERS | LINES | deeds.keys())}")
        self._rules.append(rule)
        return answers.value({})

    async def _cut(self, rule: Rule, own: web.BaseRequest) -> dict[str, str]:
        """End the connections of requests in progress; without a path and a verb, idle ones too."""
        if self.site is not None and not rule.path and not rule.verb:
            self.site.cut(keep=own.transport)
            return {}
        for request in list(self._open.values()):
            if rule.path in request.path and rule.verb in ("", _verb(request)):
                misbehaviour.abort(request)
        return {}

    async def _gone(self, rule: Rule, own: web.BaseRequest) -> dict[str, str]:
        """Nobody listens for so many seconds; the answer comes after that."""
        assert self.site is not None
        await self.site.close()
        self.site.cut(keep=own.transport)
        await asyncio.sleep(rule.seconds)
        await self.site.open(listen(self.site.directory, 0))
        return {}

    async def _certificate(self, rule: Rule, _: web.BaseRequest) -> dict[str, str]:
        """A certificate of another authority, which is answered; of its own again with code 0."""
        assert self.site is not None
        context, folder = self.site.context, self.site.directory
        if not rule.code:
            context.load_cert_chain(folder / "server.crt", folder / "server.key")
            return {}
        with tempfile.TemporaryDirectory(prefix="osconsole-faults-") as name:
            folder = Path(name)
            importlib.import_module("osconsole.embedded.api.access.certificates").make(folder)
            context.load_cert_chain(folder / "server.crt", folder / "server.key")
            return {"certificate-authority-data": base64.b64encode((folder / "ca.crt").read_bytes()).decode()}

    async def _skew(self, rule: Rule, _: web.BaseRequest) -> dict[str, str]:
        """The server's clock is ahead by so many seconds."""
        CLOCK.ahead_s = rule.seconds
        return {}

    async def _ring(self, rule: Rule, _: web.BaseRequest) -> dict[str, str]:
        """How many changes of a kind the server remembers."""
        ring.LENGTH = rule.code
        return {}


def _verb(request: web.BaseRequest) -> str:
    return "WATCH" if flag(request.query, "watch") else request.method
