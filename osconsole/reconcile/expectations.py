"""Own writes that have not come back by watch yet. Writing is not knowing: nobody decides on an object before that."""

import msgspec

from osconsole.model.ref import Ref
from osconsole.model.snapshot import Snapshot


class Written(msgspec.Struct, frozen=True):
    """What a write did to one object; `version` is "" when it was deleted."""

    ref: Ref
    version: str
    uid: str = ""


class Expectations:
    """Per object decided on, the writes to wait for and until when (monotonic seconds)."""

    def __init__(self, patience_s: float) -> None:
        self.patience_s = patience_s
        self._open: dict[Ref, tuple[float, tuple[Written, ...]]] = {}

    def expect(self, key: Ref, writes: tuple[Written, ...], now: float) -> None:
        """These writes were made for `key`."""
        if writes:
            self._open[key] = (now + self.patience_s, writes)

    def unseen(self, key: Ref, snapshot: Snapshot) -> tuple[Written, ...]:
        """The writes for `key` that the snapshot does not show yet."""
        if key not in self._open:
            return ()
        deadline, writes = self._open[key]
        left = tuple(w for w in writes if not seen(snapshot, w))
        if left:
            self._open[key] = (deadline, left)
        else:
            del self._open[key]
        return left

    def overdue(self, key: Ref, now: float) -> float:
        """Seconds past the deadline; negative while there is time."""
        return now - self._open[key][0] if key in self._open else 0.0

    def forget(self, key: Ref) -> None:
        """Wait for nothing any more."""
        self._open.pop(key, None)


def seen(snapshot: Snapshot, written: Written) -> bool:
    """Whether the snapshot is at least as new as the write."""
    found = snapshot.get(written.ref)
    if not written.version:
        return found is None or found.deleted > 0 or bool(written.uid and found.uid != written.uid)
    return found is not None and (found.version == written.version or newer(found.version, written.version))


def newer(version: str, than: str) -> bool:
    """Whether a resourceVersion is later. They are numbers in practice; others count as later when they differ."""
    if version.isdecimal() and than.isdecimal():
        return int(version) > int(than)
    return version != than
