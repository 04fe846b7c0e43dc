"""What is answered beside resources: health, version, discovery, OpenAPI, and the list of all that."""

import msgspec
from aiohttp import web

from osconsole.embedded.api import answers
from osconsole.embedded.api.failures import Failure
from osconsole.embedded.api.kinds import discovery
from osconsole.embedded.api.kinds.registry import Registry
from osconsole.embedded.api.openapi.documents import Documents
from osconsole.embedded.api.protocol.negotiate import form
from osconsole.embedded.api.protocol.paths import Target
from osconsole.embedded.api.protocol.whole import TEXT, Whole

VERSION = {
    "major": "1",
    "minor": "33",
    "gitVersion": "v1.33.0+osconsole",
    "gitCommit": "",
    "gitTreeState": "",
    "buildDate": "1970-01-01T00:00:00Z",
    "goVersion": "",
    "compiler": "",
    "platform": "linux/amd64",
}
_HEALTH = ("/healthz", "/livez", "/readyz")
_CHECKS = ("ping", "log", "etcd")
# Whoever is known may read them.
PUBLIC = (*_HEALTH, "/version", "/version/")


class Pages:
    """Answers to every path that is not that of a resource. Most do not care about the method, as in the real one."""

    def __init__(self, registry: Registry) -> None:
        self._registry = registry
        self._documents = Documents(registry)

    def answer(self, request: web.BaseRequest, target: Target | None) -> Whole:
        """One page.

        Raises:
            Failure: 404, 405, 406.
        """
        path = request.path
        root, _, check = path.lstrip("/").partition("/")
        if f"/{root}" in _HEALTH and (path in _HEALTH or check in _CHECKS):
            return Whole((b"ok" if check else _health(root, request).encode()), media=TEXT)
        if path.startswith("/openapi/"):
            return self._documents.answer(request)
        if path == "/":
            return answers.value({"paths": self._paths()})
        if path.rstrip("/") == "/version":
            _only_read(request)
            return answers.value(VERSION)
        return self._discovery(request, target)

    def _paths(self) -> list[str]:
        found = ["/api", "/apis", "/openapi/v2", "/openapi/v3", "/version", *_HEALTH]
        found += [f"{path}/{check}" for path in _HEALTH for check in _CHECKS]
        for group, versions in self._registry.groups().items():
            root = f"/apis/{group}" if group else "/api"
            found += [root, *(f"{root}/{version}" for version in versions)]
        return sorted(set(found))

    def _discovery(self, request: web.BaseRequest, target: Target | None) -> Whole:
        registry, path = self._registry, request.path.rstrip("/")
        if path == "/api" or target is not None:
            _only_read(request)
        if path in ("/api", "/apis"):
            wanted = form(request.headers.get("Accept", ""))
            if wanted.shape == "APIGroupDiscoveryList":
                body = msgspec.json.encode(discovery.aggregated(registry, core=path == "/api"))
                return Whole(body, media=wanted.content_type)
            return answers.value(discovery.versions(request.host) if path == "/api" else discovery.groups(registry))
        if target is not None and target.version in registry.groups().get(target.group, ()):
            return answers.value(discovery.resources(registry, target.group, target.version))
        name = path.removeprefix("/apis/")
        if path.startswith("/apis/") and name in registry.groups():
            return answers.value({"kind": "APIGroup", "apiVersion": "v1", **discovery.group(registry, name)})
        return Whole(b"404 page not found\n", 404, TEXT)


def _only_read(request: web.BaseRequest) -> None:
    if request.method != "GET":
        raise Failure(405, "MethodNotAllowed", "the server does not allow this method on the requested resource", {})


def _health(root: str, request: web.BaseRequest) -> str:
    """`ok`, or (verbose) what was looked at."""
    if "verbose" not in request.query:
        return "ok"
    left_out = request.query.getall("exclude", [])
    lines = [f"[+]{one} excluded: ok" if one in left_out else f"[+]{one} ok" for one in _CHECKS]
    return "\n".join([*lines, f"{root} check passed\n"])
