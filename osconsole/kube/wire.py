"""The envelopes of the Kubernetes API: Status, list pages, watch events, and cutting a stream into lines. Pure."""

from collections.abc import Iterator
from typing import Any, Literal

import msgspec

from osconsole.errors import ApiError, OsconsoleError, api_error

LINE_BYTES = 64 * 1024 * 1024  # no object is longer; etcd's own bound is 1.5 MB
_TOO_NEW = "ResourceVersionTooLarge"


class _Cause(msgspec.Struct, frozen=True):
    field: str = ""
    message: str = ""
    reason: str = ""


class _Details(msgspec.Struct, frozen=True, rename="camel"):
    causes: list[_Cause] | None = None
    retry_after_seconds: int = 0


class Status(msgspec.Struct, frozen=True):
    """A failure as the server words it."""

    kind: str = ""
    code: int = 0
    reason: str = ""
    message: str = ""
    details: _Details | None = None


class PageMetadata(msgspec.Struct, frozen=True, rename="camel"):
    """`metadata` of a list."""

    resource_version: str = ""
    remaining: str = msgspec.field(default="", name="continue")


class Page(msgspec.Struct, frozen=True):
    """One page of a list; the items stay bytes."""

    kind: str = ""
    metadata: PageMetadata = PageMetadata()
    items: list[msgspec.Raw] | None = None


class Event(msgspec.Struct, frozen=True, gc=False):
    """One line of a watch."""

    type: Literal["ADDED", "MODIFIED", "DELETED", "BOOKMARK", "ERROR"]
    object: msgspec.Raw


class _Meta(msgspec.Struct, frozen=True, rename="camel"):
    resource_version: str = ""
    annotations: dict[str, Any] | None = None


class Bookmark(msgspec.Struct, frozen=True):
    """The object of a BOOKMARK: only a version, and perhaps the end of the initial events."""

    metadata: _Meta

    @property
    def complete(self) -> bool:
        """The initial events of a streaming list have all been sent."""
        return (self.metadata.annotations or {}).get("k8s.io/initial-events-end") == "true"


_page = msgspec.json.Decoder(Page).decode
event = msgspec.json.Decoder(Event).decode
bookmark = msgspec.json.Decoder(Bookmark).decode
_status = msgspec.json.Decoder(Status).decode
_OF_OBJECTS = {b'{"type":"%b","object":' % said.encode(): said for said in ("MODIFIED", "ADDED", "DELETED")}


def page(body: bytes) -> Page:
    """A page of a list.

    Raises:
        ApiError: it is something else, as a proxy or a login page says it with code 200.
    """
    try:
        found = _page(body)
    except msgspec.MsgspecError:
        found = Page()
    if not found.kind.endswith("List"):
        said = body[:80].decode("utf-8", errors="replace")
        raise ApiError(
            f"the answer is not a list of Kubernetes but {said!r}: is a proxy or login page in between?", 502
        )
    return found


def split(line: bytes) -> tuple[str, bytes]:
    """Type and object of an event; in the form that servers use, the caller finds out whether the object is whole."""
    for head, said in _OF_OBJECTS.items():
        if line.startswith(head) and line.endswith(b"}"):
            return said, line[len(head) : -1]
    found = event(line)
    return found.type, bytes(found.object)


def failure(body: bytes, code: int = 0, retry_after: str = "") -> OsconsoleError:
    """The error for an answer that is not success, or for the object of an ERROR event."""
    try:
        status = _status(body)
    except msgspec.MsgspecError:
        status = Status()
    details = status.details or _Details()
    text = status.message or body[:300].decode("utf-8", errors="replace").strip() or f"the server answered {code}"
    delay_s = float(retry_after) if retry_after.isdigit() else float(details.retry_after_seconds)
    # A version that the server has not reached (it came back with an older store) is as little use as a forgotten one.
    ahead = any(cause.reason == _TOO_NEW for cause in details.causes or ()) or "Too large resource version" in text
    gone = status.reason in {"Expired", "Gone"} or ahead
    return api_error(
        410 if gone else (code or status.code or 500),
        status.reason,
        text,
        causes=tuple((cause.field, cause.message) for cause in details.causes or ()),
        retry_after_s=delay_s,
    )


class Lines:
    """Cuts chunks into lines; what has no newline yet waits for the next chunk."""

    def __init__(self) -> None:
        self._rest: list[bytes] = []
        self._length = 0

    def feed(self, chunk: bytes) -> Iterator[bytes]:
        """The lines that are complete with this chunk, without their newline, empty ones left out.

        Each is cut when it is asked for: what has just been copied is read fastest. Ask for all of them.

        Raises:
            ApiError: a line without end.
        """
        start = 0
        while (end := chunk.find(b"\n", start)) >= 0:
            line = chunk[start:end]
            start = end + 1
            if self._rest:
                line = b"".join((*self._rest, line))
                self._rest.clear()
                self._length = 0
            if line:
                yield line
        if start < len(chunk):
            self._rest.append(chunk[start:])
            self._length += len(chunk) - start
            if self._length > LINE_BYTES:
                raise ApiError(f"the server sent a line of more than {LINE_BYTES} bytes", 502)

    def rest(self) -> bytes:
        """What came after the last newline."""
        found = b"".join(self._rest)
        self._rest.clear()
        self._length = 0
        return found
