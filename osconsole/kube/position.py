"""Position: how far a log was read, to go on there without loss and without repetition. Asks nobody.

The server takes up a log at whole seconds only, so a stream that is resumed repeats some lines: they are left out here.
That it repeats the last one that was read is also the proof that nothing between was dropped.
"""

import time
from calendar import timegm

SECOND_NS = 1_000_000_000


class Position:
    """The newest timestamp, and how many lines of just that moment were read.

    Attributes:
        gap: Unix seconds of the last line before a gap that the server left; 0 when there is none. The reader sets it
            back once it has told.
    """

    def __init__(self) -> None:
        self.last_ns = 0
        self.gap = 0.0
        self._second = ("", 0)
        self._count = 0
        self._skip = 0
        self._repeating = False  # the stream was resumed, and nothing newer has come yet
        self._proving = False

    def resume(self, *, same: bool = True) -> str:
        """`sinceTime` for the next request, "" before the first line. `same` False: of a new life of the container."""
        self._skip, self._repeating = self._count, True
        self._proving = same and bool(self.last_ns)
        if not self.last_ns:
            return ""
        return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(self.last_ns // SECOND_NS))

    def take(self, line: str) -> tuple[float, str] | None:
        """(Unix seconds, text) of a line; None when it was read before."""
        stamp, blank, text = line.partition(" ")
        at_ns = self._instant(stamp)
        if not at_ns:
            return 0.0, line
        if at_ns > self.last_ns:
            if self._proving:
                self.gap = self.last_ns / SECOND_NS
            self.last_ns, self._count, self._skip = at_ns, 1, 0
            self._repeating = self._proving = False
            return at_ns / SECOND_NS, text if blank else ""
        self._proving = False
        if at_ns < self.last_ns:
            # Two outputs of a container are stamped one beside the other: what is new may be a little older.
            return None if self._repeating else (at_ns / SECOND_NS, text if blank else "")
        if self._skip:
            self._skip -= 1
            return None
        self._count += 1
        return at_ns / SECOND_NS, text if blank else ""

    def _instant(self, stamp: str) -> int:
        """Nanoseconds of an RFC 3339 time in UTC; 0 when it is none."""
        whole, dot, rest = stamp.partition(".")
        whole, rest = whole.removesuffix("Z"), rest.removesuffix("Z")
        if len(whole) != 19 or (dot and not rest.isdigit()) or not stamp.endswith("Z"):
            return 0
        if whole != self._second[0]:
            try:
                self._second = (whole, timegm(time.strptime(whole, "%Y-%m-%dT%H:%M:%S")))
            except ValueError:
                return 0
        return self._second[1] * SECOND_NS + int(rest[:9].ljust(9, "0") or 0)
