"""SPDY/3.1 as Kubernetes still speaks it to kubelets: the frames, both ways. Pure but for the state of the compression.

Only what its clients use: streams that the client opens, data, ends, pings. No flow control windows: neither kubectl
nor the API server keeps any.
"""

import struct
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

_VERSION = 3
_SYN_STREAM, _SYN_REPLY, _RST_STREAM, _PING, _GOAWAY, _HEADERS = 1, 2, 3, 6, 7, 8
_FIN = 1
_FRAME_BYTES = 4 * 1024 * 1024  # no client sends more at once
_HEADER_BYTES = 64 * 1024
_NAMES = (
    "options head post put delete trace accept accept-charset accept-encoding accept-language accept-ranges age allow "
    "authorization cache-control connection content-base content-encoding content-language content-length "
    "content-location content-md5 content-range content-type date etag expect expires from host if-match "
    "if-modified-since if-none-match if-range if-unmodified-since last-modified location max-forwards pragma "
    "proxy-authenticate proxy-authorization range referer retry-after server te trailer transfer-encoding upgrade "
    "user-agent vary via warning www-authenticate method get status 200_OK version HTTP/1.1 url public set-cookie "
    "keep-alive origin"
)
_REST = (
    b"100101201202205206300302303304305306307402405406407408409410411412413414415416417502504505203 Non-Authoritative "
    b"Information204 No Content301 Moved Permanently400 Bad Request401 Unauthorized403 Forbidden404 Not Found500 "
    b"Internal Server Error501 Not Implemented503 Service UnavailableJan Feb Mar Apr May Jun Jul Aug Sept Oct Nov Dec "
    b"00:00:00 Mon, Tue, Wed, Thu, Fri, Sat, Sun, GMTchunked,text/html,image/png,image/jpg,image/gif,application/xml,"
    b"application/xhtml+xml,text/plain,text/javascript,publicprivatemax-age=gzip,deflate,sdchcharset=utf-8charset="
    b"iso-8859-1,utf-,*,enq=0."
)


def _prefixed(word: str) -> bytes:
    return struct.pack(">I", len(word)) + word.encode()


# What both ends of the compression know beforehand, as the protocol has it.
DICTIONARY = b"".join(_prefixed(name.replace("_", " ")) for name in _NAMES.split()) + _REST


class ProtocolError(Exception):
    """What came is no SPDY."""


@dataclass(frozen=True, slots=True)
class Opened:
    """The client opened a stream; names of headers are in lower case. `final`: it will send nothing on it."""

    stream: int
    headers: Mapping[str, str]
    final: bool


@dataclass(frozen=True, slots=True)
class Data:
    """Bytes of a stream. `final`: the last ones."""

    stream: int
    data: bytes
    final: bool


@dataclass(frozen=True, slots=True)
class Reset:
    """The client does not want the stream any more."""

    stream: int


@dataclass(frozen=True, slots=True)
class Ping:
    """To be sent back."""

    number: int


@dataclass(frozen=True, slots=True)
class Goodbye:
    """The client opens no more streams."""


Event = Opened | Data | Reset | Ping | Goodbye


class Reader:
    """Bytes to events."""

    def __init__(self) -> None:
        self._rest = bytearray()
        self._inflate = zlib.decompressobj(zdict=DICTIONARY)

    def feed(self, data: bytes) -> Iterator[Event]:
        """The events that are complete with these bytes.

        Raises:
            ProtocolError: it is no SPDY.
        """
        self._rest += data
        while len(self._rest) >= 8:
            head, flags_and_length = struct.unpack_from(">II", self._rest)
            flags, length = flags_and_length >> 24, flags_and_length & 0xFFFFFF
            if length > _FRAME_BYTES:
                raise ProtocolError(f"a frame of {length} bytes")
            if len(self._rest) < 8 + length:
                return
            body = bytes(self._rest[8 : 8 + length])
            del self._rest[: 8 + length]
            if not head >> 31:
                yield Data(head, body, bool(flags & _FIN))
            elif (event := self._control(head, flags, body)) is not None:
                yield event

    def _control(self, head: int, flags: int, body: bytes) -> Event | None:
        version, kind = head >> 16 & 0x7FFF, head & 0xFFFF
        if version != _VERSION:
            raise ProtocolError(f"version {version}")
        if len(body) < 4:
            raise ProtocolError(f"a control frame of kind {kind} with {len(body)} bytes")
        number = struct.unpack_from(">I", body)[0]
        stream = number & 0x7FFFFFFF
        match kind:
            case 1:
                return Opened(stream, self._headers(body[10:]), bool(flags & _FIN))
            case 3:
                return Reset(stream)
            case 6:
                return Ping(number)
            case 7:
                return Goodbye()
            case 8:
                self._headers(body[4:])  # the compression goes on through all of them
        return None

    def _headers(self, block: bytes) -> dict[str, str]:
        try:
            text = self._inflate.decompress(block, _HEADER_BYTES)
            if self._inflate.unconsumed_tail:
                raise ProtocolError("headers without end")
            (count,), at, words = struct.unpack_from(">I", text), 4, []
            for _ in range(2 * count):
                (length,) = struct.unpack_from(">I", text, at)
                words.append(text[at + 4 : at + 4 + length].decode("utf-8", errors="replace"))
                at += 4 + length
        except (zlib.error, struct.error) as error:
            raise ProtocolError(f"headers: {error}") from None
        return {name.lower(): value for name, value in zip(words[::2], words[1::2], strict=True)}


class Writer:
    """Frames that a server sends."""

    def __init__(self) -> None:
        self._deflate = zlib.compressobj(zdict=DICTIONARY)

    def reply(self, stream: int) -> bytes:
        """The stream is accepted."""
        block = self._deflate.compress(struct.pack(">I", 0)) + self._deflate.flush(zlib.Z_SYNC_FLUSH)
        return _control(_SYN_REPLY, struct.pack(">I", stream) + block)

    def data(self, stream: int, data: bytes, *, final: bool = False) -> bytes:
        """Bytes of a stream; at most 16 MB."""
        return struct.pack(">II", stream, (_FIN if final else 0) << 24 | len(data)) + data

    def reset(self, stream: int) -> bytes:
        """The stream is broken off (CANCEL)."""
        return _control(_RST_STREAM, struct.pack(">II", stream, 5))

    def ping(self, number: int) -> bytes:
        """The answer to a ping."""
        return _control(_PING, struct.pack(">I", number))

    def goodbye(self, last: int) -> bytes:
        """No more streams are accepted; `last` is the last one that was."""
        return _control(_GOAWAY, struct.pack(">II", last, 0))


def _control(kind: int, body: bytes) -> bytes:
    return struct.pack(">HHI", 0x8000 | _VERSION, kind, len(body)) + body
