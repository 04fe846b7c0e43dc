"""Journal: what was decided and done, one append-only file of JSON lines per context.

Each entry is one `write` on an O_APPEND descriptor followed by fsync, so that several consoles may write to one file.
Secret values never enter: data of Secrets and values under telling keys are masked. Reading is tolerant: a line that
was cut by a crash is left out.
"""

import getpass
import os
import re
import socket
import time
import uuid
from pathlib import Path
from typing import Any

import msgspec

from osconsole.errors import OsconsoleError
from osconsole.model.ref import Ref
from osconsole.settings import state_dir

MASK = "(hidden)"
_TELLING = re.compile(r"passw|secret$|token|private.?key|credential|authorization", re.IGNORECASE)


class Entry(msgspec.Struct, frozen=True, omit_defaults=True):
    """One line.

    Attributes:
        at: Unix seconds.
        user, login: of the operating system and of the cluster.
        origin: the SSH client's address, or this host's name.
        did: what was done, as a sentence.
        ref: the object that was written.
        before, after: its resourceVersion before and after.
        patch: what was sent, secrets masked; `was` the values that it replaced, by their paths.
        result: "begun", then "done" or why not; the last line with one `id` counts.
    """

    id: str
    at: float
    user: str
    login: str
    origin: str
    context: str
    did: str
    ref: Ref | None = None
    before: str = ""
    after: str = ""
    patch: Any = None
    was: dict[str, Any] = {}
    result: str = ""


def who() -> tuple[str, str]:
    """(user, origin) of this process, as an entry names them."""
    try:
        user = getpass.getuser()
    except (OSError, KeyError):
        user = str(os.getuid())
    return user, os.environ.get("SSH_CONNECTION", "").partition(" ")[0] or socket.gethostname()


def begun(did: str, ref: Ref, context: str, login: str, **rest: Any) -> Entry:
    """The entry of something that this process begins now; `rest` are more of its fields."""
    user, origin = who()
    return Entry(
        id=uuid.uuid4().hex[:12], at=time.time(), user=user, login=login, origin=origin, context=context, did=did,
        ref=ref, result="begun", **rest,
    )  # fmt: skip


def masked(value: Any, ref: Ref | None = None) -> Any:
    """The value without secrets: everything under `data`/`stringData` of a Secret, and values under telling keys."""
    if ref and ref.kind == "Secret" and isinstance(value, dict):
        value = {
            k: (dict.fromkeys(v, MASK) if k in {"data", "stringData"} and isinstance(v, dict) else v)
            for k, v in value.items()
        }
    return _masked(value)


def _masked(value: Any) -> Any:
    if isinstance(value, dict):
        return {
            k: MASK if isinstance(v, str) and v and _TELLING.search(str(k)) else _masked(v) for k, v in value.items()
        }
    if isinstance(value, list | tuple):
        return [_masked(v) for v in value]
    return value


def _fresh(handle: int) -> bytes:
    """What a new line must begin with: a newline, where a crash has left half a line."""
    size = os.fstat(handle).st_size
    return b"" if size == 0 or os.pread(handle, 1, size - 1) == b"\n" else b"\n"


class Journal:
    """The journal of one context."""

    def __init__(self, context: str, folder: Path | None = None) -> None:
        name = re.sub(r"[^A-Za-z0-9._@-]", "_", context) or "default"
        self.path = (folder or state_dir() / "journal") / f"{name}.jsonl"

    def write(self, entry: Entry) -> None:
        """Append one entry; it is on disk when this returns.

        Raises:
            OsconsoleError: it could not be written; nothing may be done that is not recorded.
        """
        safe = msgspec.structs.replace(entry, patch=masked(entry.patch, entry.ref), was=masked(entry.was))
        line = msgspec.json.encode(safe) + b"\n"
        try:
            self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            handle = os.open(self.path, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o600)
            try:
                line = _fresh(handle) + line
                written = os.write(handle, line)
                if written != len(line):
                    os.write(handle, b"\n")
                    raise OSError(28, "no space left")
                os.fsync(handle)
            finally:
                os.close(handle)
        except OSError as error:
            raise OsconsoleError(
                f"journal {self.path}: cannot be written: {error.strerror}: make room or mend its mode, then try again"
            ) from None

    def read(self, limit: int = 100) -> tuple[Entry, ...]:
        """The last entries, oldest first; an absent or unreadable file has none."""
        try:
            lines = self.path.read_bytes().splitlines()
        except OSError:
            return ()
        decoder = msgspec.json.Decoder(Entry)
        found: dict[str, Entry] = {}
        for line in reversed(lines):
            try:
                entry = decoder.decode(line)
            except msgspec.MsgspecError:
                continue
            if entry.id not in found and len(found) >= limit:
                break
            found.setdefault(entry.id, entry)
        return tuple(reversed(found.values()))
