"""`/openapi`: v3 as an index of group versions and their documents, v2 as one document.

Each is made when it is asked for, and kept until the types change.
"""

from collections.abc import Iterator

import msgspec
from aiohttp import web

from osconsole.embedded.api.failures import Failure
from osconsole.embedded.api.kinds.registry import Registry
from osconsole.embedded.api.openapi import v2 as swagger
from osconsole.embedded.api.openapi import v2_wire as swagger_wire
from osconsole.embedded.api.openapi import v3 as openapi
from osconsole.embedded.api.protocol.negotiate import JSON
from osconsole.embedded.api.protocol.whole import TEXT, Whole

_V2 = "/openapi/v2"
_V3 = "/openapi/v3"
# As client-go writes it, and as the server that answers does.
_WIRE = (swagger_wire.MEDIA, swagger_wire.MEDIA.replace("v2.v1", "v2@v1"))


class Documents:
    """Answers under /openapi."""

    def __init__(self, registry: Registry) -> None:
        self._registry = registry
        self._made: dict[str, tuple[tuple[int, ...], bytes]] = {}
        self._index: tuple[int, bytes] = (-1, b"")
        self._whole: dict[str, tuple[int, bytes]] = {}

    def answer(self, request: web.BaseRequest) -> Whole:
        """The index, the document of one group version, or that of all.

        Raises:
            Failure: 406.
        """
        if request.path.rstrip("/") == _V2:
            media = _v2_form(request.headers.get("Accept", ""))
            return Whole(self._v2(media), media=media)
        path = request.path.removeprefix(_V3).strip("/")
        if not path and request.path.startswith(_V3):
            return Whole(self._listed())
        known = self._paths()
        if path not in known:
            return Whole(b"404 page not found\n", 404, TEXT)
        document = self._document(path, *known[path])
        if (asked := request.query.get("hash")) and not (there := openapi.address(path, document)).endswith(
            f"={asked}"
        ):
            moved = Whole(b"", 301)
            moved.headers["Location"] = there
            return moved
        return Whole(document)

    def _paths(self) -> dict[str, tuple[str, str]]:
        """Group and version by path."""
        return {
            f"apis/{group}/{version}" if group else f"api/{version}": (group, version)
            for group, versions in self._registry.groups().items()
            for version in versions
        }

    def _documents(self) -> Iterator[tuple[str, bytes]]:
        for path, where in self._paths().items():
            yield path, self._document(path, *where)

    def _listed(self) -> bytes:
        if self._index[0] != self._registry.revision:
            self._index = (self._registry.revision, msgspec.json.encode(openapi.index(dict(self._documents()))))
        return self._index[1]

    def _document(self, path: str, group: str, version: str) -> bytes:
        """Made anew only when one of its types is another one than before."""
        types = self._registry.of(group, version)
        stamp = tuple(id(kind) for kind in types)
        if path not in self._made or self._made[path][0] != stamp:
            self._made[path] = (stamp, msgspec.json.encode(openapi.document(types)))
        return self._made[path][1]

    def _v2(self, media: str) -> bytes:
        revision, body = self._whole.get(media, (-1, b""))
        if revision != self._registry.revision:
            made = swagger.document(msgspec.json.decode(one) for _, one in self._documents())
            body = msgspec.json.encode(made) if media == JSON else swagger_wire.encode(made)
            self._whole[media] = (self._registry.revision, body)
        return body


def _v2_form(accept: str) -> str:
    """JSON, or gnostic's protobuf.

    Raises:
        Failure: 406, neither is wanted.
    """
    for offer in accept.split(","):
        media = offer.partition(";")[0].strip()
        if media in _WIRE:
            return swagger_wire.MEDIA
        if media in ("", JSON, "*/*", "application/*"):
            return JSON
    raise Failure(406, "NotAcceptable", f"406: Not Acceptable\n\nAvailable representations: {JSON}, {_WIRE[0]}", {})
