"""`/openapi/v3`: the index of group versions and their documents, made when asked for and kept until types change."""

from aiohttp import web

from osconsole.embedded.api.registry import Registry


class Documents:
    """Answers under /openapi/v3."""

    def __init__(self, registry: Registry) -> None:
        self._registry = registry

    def answer(self, request: web.Request) -> web.Response:
        """The index, or the document of one group version."""
        return web.Response(status=404, text="404 page not found\n")
