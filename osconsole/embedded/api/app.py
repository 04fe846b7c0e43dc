"""From an HTTP request to its handler: who asks, what for, whether they may; every failure becomes a Status."""

import logging
import re

from aiohttp import web

from osconsole.embedded.api import answers
from osconsole.embedded.api.access.identity import User, authenticate, impersonated
from osconsole.embedded.api.access.rbac import Ask
from osconsole.embedded.api.failures import Failure, bad_request
from osconsole.embedded.api.kinds.naming import check_path_name
from osconsole.embedded.api.pages import PUBLIC, Pages
from osconsole.embedded.api.protocol.paths import Target, parse
from osconsole.embedded.api.protocol.whole import Whole
from osconsole.embedded.api.server import Call, Server
from osconsole.embedded.api.verbs.lists import Snapshots
from osconsole.embedded.api.verbs.resources import serve, verb
from osconsole.embedded.api.weather.faults import Faults

# As Go's server: selectors and tokens may be long.
_HEAD_BYTES = 1024 * 1024
_KEPT_S = 300.0
_LOOPBACK = re.compile(r"(127\.0\.0\.1|localhost|\[::1\])(:[0-9]+)?")

_log = logging.getLogger(__name__)


class Front:
    """The one handler of the HTTP server."""

    def __init__(self, server: Server, faults: Faults | None = None) -> None:
        self._server = server
        self._faults = faults
        self._snapshots = Snapshots()
        self._pages = Pages(server.registry)

    def runner(self) -> web.ServerRunner:
        """What serves HTTP with this, and nothing else, behind it."""
        handler = self._faults.before(self.handle) if self._faults else self.handle
        server = web.Server(
            handler,
            access_log=None,
            keepalive_timeout=_KEPT_S,
            max_line_size=_HEAD_BYTES,
            max_field_size=_HEAD_BYTES,
        )
        return web.ServerRunner(server, shutdown_timeout=1.0)

    async def handle(self, request: web.BaseRequest) -> web.StreamResponse:
        """Answer one request; what goes wrong is a Status."""
        try:
            return await self._answer(request)
        except Failure as error:
            return answers.failure(error, request.get("warnings", ()))
        except ConnectionError:
            raise
        except RecursionError:
            return answers.failure(bad_request("the object is nested too deeply for this server"))
        except Exception as error:
            _log.exception("%s %s", request.method, request.path)
            text = f"Internal error occurred: {type(error).__name__}: {error}"
            return answers.failure(Failure(500, "InternalError", text, {"causes": [{"message": str(error)}]}))

    async def _answer(self, request: web.BaseRequest) -> web.StreamResponse:
        if not _LOOPBACK.fullmatch(request.host):
            raise Failure(403, "Forbidden", f"the Host header must name loopback, it is {request.host!r}", {})
        user = self._user(request)
        target = parse(request.path)
        if target is None or not target.plural:
            return self._path(request, user, target)
        kind = self._server.registry.find(target.group, target.version, target.plural)
        action = verb(request.method, target.name, request.query)
        ask = Ask(
            verb=action,
            group=target.group,
            version=target.version,
            resource=target.plural,
            subresource=target.subresource,
            namespace=target.name if target.plural == "namespaces" and not target.group else target.namespace,
            name=target.name,
        )
        if not self._server.rbac.allows(user, ask):
            raise _denied(target, ask, user)
        if kind is None or (target.subresource and target.subresource not in kind.subresources):
            raise _missing()
        check_path_name(target.name)
        if kind.namespaced != bool(target.namespace) and (
            target.name or action not in ("list", "watch", "deletecollection")
        ):
            raise _missing()
        return await serve(Call(self._server, request, user, kind, target), action, self._snapshots)

    def _user(self, request: web.BaseRequest) -> User:
        """Who asks, or whom they may speak for.

        Raises:
            Failure: 401, 403.
        """
        user = authenticate(request, self._server.tokens, self._server.accounts)
        if user is None:
            raise Failure(401, "Unauthorized", "Unauthorized")
        wanted = impersonated(request)
        if wanted is None:
            return user
        asks = [("users", wanted.name), *(("groups", g) for g in request.headers.getall("Impersonate-Group", []))]
        for resource, name in asks:
            ask = Ask(verb="impersonate", resource=resource, name=name)
            if not self._server.rbac.allows(user, ask):
                text = f'{resource} "{name}" is forbidden: {ask.words(user.name)}'
                raise Failure(403, "Forbidden", text, {"name": name, "kind": resource})
        return wanted

    def _path(self, request: web.BaseRequest, user: User, target: Target | None) -> Whole:
        """Whatever is not a resource."""
        path = request.path
        if path not in PUBLIC:
            ask = Ask(verb=request.method.lower(), path=path)
            if not self._server.rbac.allows(user, ask):
                raise Failure(403, "Forbidden", f"forbidden: {ask.words(user.name)}", {})
        return self._pages.answer(request, target)


def _missing() -> Failure:
    return Failure(404, "NotFound", "the server could not find the requested resource", {})


def _denied(target: Target, ask: Ask, user: User) -> Failure:
    resource = f"{target.plural}.{target.group}" if target.group else target.plural
    what = f'{resource} "{target.name}"' if target.name else resource
    found = {"name": target.name} if target.name else {}
    if target.group:
        found["group"] = target.group
    found["kind"] = target.plural
    return Failure(403, "Forbidden", f"{what} is forbidden: {ask.words(user.name)}", found)
