"""One line of a container's log, as the session hands it to whoever shows it."""

import msgspec

from osconsole.model.ref import Ref


class LogLine(msgspec.Struct, frozen=True, gc=False):
    """A line, or a mark that the stream itself makes (`mark` True: container started, joined, lines dropped, ended).

    `at` is the server's timestamp in Unix seconds, 0 when it gave none; `text` is as the container wrote it.
    """

    pod: Ref
    container: str
    text: str
    at: float = 0.0
    mark: bool = False
