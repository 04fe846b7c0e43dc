"""Initial: a streaming list while it comes in, and what its failure says of the server. Asks nobody.

A server that does not know streaming lists may refuse them, end them early, or go on for ever as an ordinary watch.
"""

import time
from collections.abc import Collection

from osconsole.errors import ApiError, OsconsoleError
from osconsole.kube.lines import Silent
from osconsole.model.ref import Ref
from osconsole.model.resource import Resource

INITIAL_S = 15.0  # how long a streaming list may bring nothing new before we believe that it will not end
_TRIES = 3  # a server that fails so often in a row may well fail at streaming lists only
_UNKNOWN = {400, 422}  # "sendInitialEvents is forbidden"
_OF_OTHERS = {401, 403, 404, 408, 410, 429}  # mean something of their own


class Unfinished(OsconsoleError):
    """A streaming list that did not say that it is complete."""


class Initial:
    """What has come so far of one streaming list."""

    def __init__(self) -> None:
        self._objects: dict[Ref, Resource] = {}
        self._grown_at = time.monotonic()

    @property
    def objects(self) -> Collection[Resource]:
        """All of them, once the server has said that they are all."""
        return self._objects.values()

    def put(self, found: Resource) -> None:
        """One more, or one that has changed meanwhile.

        Raises:
            Unfinished: only such as are known have come for long.
        """
        now = time.monotonic()
        if found.ref not in self._objects:
            self._grown_at = now
        elif now - self._grown_at > INITIAL_S:
            raise Unfinished("the streaming list does not end")
        self._objects[found.ref] = found

    def drop(self, ref: Ref) -> None:
        """One that is gone meanwhile."""
        self._objects.pop(ref, None)


def unknown(error: OsconsoleError) -> bool:
    """Whether a streaming list failed because this server has none."""
    return isinstance(error, Unfinished | Silent) or (isinstance(error, ApiError) and error.code in _UNKNOWN)


def doubtful(error: OsconsoleError, times: int) -> bool:
    """Whether pages are worth trying for this kind after a streaming list failed so many times in a row."""
    if not isinstance(error, ApiError) or error.code in _OF_OTHERS:
        return False
    return error.code < 500 or error.code == 501 or times >= _TRIES
