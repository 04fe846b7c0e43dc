"""`/openapi/v3`: the index of group versions and their documents, made when asked for and kept until types change."""

import msgspec
from aiohttp import web

from osconsole.embedded.api import answers, openapi
from osconsole.embedded.api.registry import Registry

_ROOT = "/openapi/v3"


class Documents:
    """Answers under /openapi/v3."""

    def __init__(self, registry: Registry) -> None:
        self._registry = registry
        self._made: dict[str, tuple[tuple[int, ...], bytes]] = {}
        self._index: tuple[int, bytes] = (-1, b"")

    def answer(self, request: web.Request) -> web.Response:
        """The index, or the document of one group version."""
        path = request.path.removeprefix(_ROOT).strip("/")
        if not path:
            return answers.raw(self._listed())
        known = self._paths()
        if path not in known:
            return web.Response(status=404, text="404 page not found\n")
        return answers.raw(self._document(path, *known[path]))

    def _paths(self) -> dict[str, tuple[str, str]]:
        """Group and version by path."""
        return {
            f"apis/{group}/{version}" if group else f"api/{version}": (group, version)
            for group, versions in self._registry.groups().items()
            for version in versions
        }

    def _listed(self) -> bytes:
        if self._index[0] != self._registry.revision:
            documents = {path: self._document(path, *where) for path, where in self._paths().items()}
            self._index = (self._registry.revision, msgspec.json.encode(openapi.index(documents)))
        return self._index[1]

    def _document(self, path: str, group: str, version: str) -> bytes:
        """Made anew only when one of its types is another one than before."""
        types = self._registry.of(group, version)
        stamp = tuple(id(kind) for kind in types)
        if path not in self._made or self._made[path][0] != stamp:
            self._made[path] = (stamp, msgspec.json.encode(openapi.document(types)))
        return self._made[path][1]
