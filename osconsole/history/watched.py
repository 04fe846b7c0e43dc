"""Watched: when which kind was looked at by any console, so that a gap in the history is told as one."""

from collections.abc import Iterable

import msgspec

from osconsole.history.file import File
from osconsole.model.ref import KindKey

BEAT_S = 30.0  # a console that watches says so at least this often


class Span(msgspec.Struct, frozen=True, gc=False):
    """A stretch of time in which a kind in a namespace ("" for all) was watched."""

    kind: KindKey
    namespace: str
    since: float
    until: float


class Watched:
    """The spans of one context; `console` tells the consoles apart."""

    def __init__(self, file: File, context: str, console: str) -> None:
        self._file = file
        self._context = context
        self._console = console

    def add(self, spans: Iterable[Span]) -> None:
        """Keep spans; one that has grown replaces itself."""
        rows = [
            (self._console, self._context, "/".join(span.kind), span.namespace, span.since, span.until)
            for span in spans
        ]
        if rows:
            self._file.change(("insert or replace into watched values(?, ?, ?, ?, ?, ?)", rows))

    def at(self, moment: float) -> list[Span]:
        """Of every kind and namespace the span that reaches farthest among those that had begun."""
        query = """select kind, namespace, since, max(until) from watched
            where context = ? and since <= ? group by kind, namespace"""
        return [
            Span(KindKey(*kind.split("/", 1)), namespace, since, until)
            for kind, namespace, since, until in self._file.read(query, (self._context, moment))
        ]

    def prune(self, before: float) -> None:
        """Let go of what ended before a moment."""
        self._file.change(("delete from watched where until < ?", [(before,)]))
